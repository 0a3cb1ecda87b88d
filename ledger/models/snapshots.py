"""报送快照: a statistics table as it was reported, kept as it was."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ledger.models.geography import County, District, Township, Village
from ledger.models.scope import Scope, ScopedQuerySet
from ledger.rules.permissions import Permission


class SnapshotQuerySet(ScopedQuerySet):
    def update(self, **kwargs: Any) -> int:
        raise TypeError("What was reported stays as it was reported.")

    def delete(self) -> Any:
        raise TypeError("What was reported stays as it was reported.")


class StatisticsSnapshot(models.Model):
    """The table of one area (county, township, district or village: the lowest that is set), under a name.

    ``lines`` holds ``[name, key, period, total]`` of each unit as ``queries/statistics.Line`` has them, the whole last.
    It can't be saved again nor deleted.
    """

    county = models.ForeignKey(County, models.PROTECT, related_name="+", verbose_name=_("county"))
    township = models.ForeignKey(
        Township, models.PROTECT, related_name="+", verbose_name=_("township"), null=True, blank=True
    )
    district = models.ForeignKey(
        District, models.PROTECT, related_name="+", verbose_name=_("district"), null=True, blank=True
    )
    village = models.ForeignKey(
        Village, models.PROTECT, related_name="+", verbose_name=_("village"), null=True, blank=True
    )
    area = models.CharField(_("area"), max_length=30)
    """The key of the area in an address: ``township-3``."""
    name = models.CharField(_("name of the report"), max_length=40)
    since = models.DateField(_("from"))
    until = models.DateField(_("as of"))
    by_village = models.BooleanField(_("by village"), default=False)
    lines = models.JSONField(default=list)
    made_at = models.DateTimeField(_("frozen at"), auto_now_add=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("frozen by"))

    NOT_PERSONAL = "county township district village area name since until by_village lines made_at made_by"

    objects = SnapshotQuerySet.as_manager()

    class Meta:
        ordering = ["-until", "-pk"]
        verbose_name = _("snapshot")
        constraints = [models.UniqueConstraint(fields=["area", "name"], name="snapshot_name_unique")]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk is not None and not self._state.adding:
            raise TypeError("What was reported stays as it was reported.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> Any:
        raise TypeError("What was reported stays as it was reported.")

    @property
    def place(self) -> Any:
        """The area itself."""
        return self.village or self.district or self.township or self.county

    @staticmethod
    def scope_condition(scope: Scope, permission: Permission) -> Q:
        """Whoever may see the area's figures sees what was reported of them."""
        return (
            Q(county_id__in=scope.ids("county", permission))
            | Q(township_id__in=scope.ids("township", permission))
            | Q(district_id__in=scope.ids("district", permission))
            | Q(village_id__in=scope.ids("village", permission))
        )
