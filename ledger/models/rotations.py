"""轮流挂钩: a unit goes from group to group of some villages, a month or two at each, until all have been reached."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ledger.models.cadres import Organisation
from ledger.models.dated import Dated, DatedQuerySet, ends_after_start
from ledger.models.geography import Group
from ledger.models.scope import ScopedQuerySet


class Rotation(models.Model):
    """The plan of one unit; one that is stopped keeps the stops it has made."""

    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="rotations", verbose_name=_("organisation")
    )
    months = models.PositiveSmallIntegerField(_("months at each group"), default=1)
    start_on = models.DateField(_("from"))
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("by"))
    made_at = models.DateTimeField(_("at"))
    stopped_on = models.DateField(_("stopped on"), null=True)

    NOT_PERSONAL = "organisation months start_on made_by made_at stopped_on"
    SCOPED_THROUGH = "organisation"

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["organisation", "-start_on"]
        verbose_name = _("rotation")
        constraints = [
            models.UniqueConstraint(
                fields=["organisation"], name="rotation_one_running", condition=Q(stopped_on__isnull=True)
            ),
            models.CheckConstraint(name="rotation_months", condition=Q(months__gte=1, months__lte=2)),
        ]

    def __str__(self) -> str:
        return str(self.organisation)


class RotationStopQuerySet(DatedQuerySet, ScopedQuerySet):
    pass


class RotationStop(Dated):
    """One group and the days it is the unit's."""

    rotation = models.ForeignKey(Rotation, models.CASCADE, related_name="stops", verbose_name=_("rotation"))
    group = models.ForeignKey(Group, models.PROTECT, related_name="rotation_stops", verbose_name=_("group"))

    NOT_PERSONAL = "start_on end_on rotation group"
    SCOPED_THROUGH = "rotation"

    objects = RotationStopQuerySet.as_manager()

    class Meta:
        ordering = ["rotation", "start_on"]
        verbose_name = _("stop of a rotation")
        constraints = [
            ends_after_start("rotation_stop"),
            models.UniqueConstraint(fields=["rotation", "group"], name="rotation_stop_once"),
        ]
        indexes = [models.Index(fields=["group", "end_on"], name="rotation_stop_of_group")]
