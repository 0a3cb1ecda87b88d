"""代管: who stands in for an absent cadre, from a day until a day. Scope reads it by itself (``models/scope.py``)."""

import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from ledger.models.cadres import Cadre
from ledger.models.dated import Dated, DatedQuerySet, ends_after_start
from ledger.models.scope import Scope, ScopedQuerySet
from ledger.rules.permissions import Permission


class SubstitutionQuerySet(DatedQuerySet, ScopedQuerySet):
    pass


class Substitution(Dated):
    """One person for one absent cadre; it begins and ends by its days, or earlier by hand."""

    absent = models.ForeignKey(Cadre, models.PROTECT, related_name="substitutions", verbose_name=_("absent"))
    substitute = models.ForeignKey(Cadre, models.PROTECT, related_name="standing_in", verbose_name=_("substitute"))
    reason = models.CharField(_("reason"), max_length=100)
    appointed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("by"))
    appointed_at = models.DateTimeField(_("at"))

    PERSONAL = "reason"
    NOT_PERSONAL = "start_on end_on absent substitute appointed_by appointed_at"

    objects = SubstitutionQuerySet.as_manager()

    class Meta:
        ordering = ["-start_on", "-pk"]
        verbose_name = _("substitution")
        constraints = [
            ends_after_start("substitution"),
            models.CheckConstraint(name="substitution_of_another", condition=~Q(absent=F("substitute"))),
            models.CheckConstraint(name="substitution_has_an_end", condition=Q(end_on__isnull=False)),
        ]
        indexes = [models.Index(fields=["substitute", "end_on"], name="substitution_now")]

    def __str__(self) -> str:
        return f"{self.absent} · {self.substitute}"

    @property
    def last_on(self) -> datetime.date:
        """The last day on which it holds."""
        return self.end_on - datetime.timedelta(days=1)

    @staticmethod
    def scope_condition(scope: Scope, permission: Permission) -> Q:
        """One's own on either side; those of the cadres whose postings one sees to."""
        managed = Cadre._base_manager.filter(
            Q(county_id__in=scope.ids("county", Permission.MANAGE_POSTINGS))
            | Q(township_id__in=scope.ids("township", Permission.MANAGE_POSTINGS))
        )
        condition = Q(absent__in=managed)
        if scope.cadre_id is not None and permission == Permission.VIEW:
            condition |= Q(absent_id=scope.cadre_id) | Q(substitute_id=scope.cadre_id)
        return condition
