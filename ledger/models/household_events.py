"""户的变动: split, merge, move, change of status: dated, with the reason, and what reversing a wrong entry needs."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ledger.models.geography import Village
from ledger.models.households import Household
from ledger.models.scope import ScopedQuerySet
from ledger.rules.household_events import EventKind


class HouseholdEvent(models.Model):
    """What happened. ``kept`` holds the ids and plain values of before; a reversed one stays on record."""

    household = models.ForeignKey(Household, models.CASCADE, related_name="events", verbose_name=_("household"))
    kind = models.CharField(_("what happened"), max_length=8, choices=EventKind)
    on = models.DateField(_("on"))
    reason = models.CharField(_("reason"), max_length=200)
    other = models.ForeignKey(
        Household, models.SET_NULL, related_name="events_of_others", verbose_name=_("other household"), null=True
    )
    """The one split off, or the one it became part of."""
    village = models.ForeignKey(
        Village, models.PROTECT, related_name="+", verbose_name=_("earlier village"), null=True
    )  # fmt: skip
    kept = models.JSONField(default=dict)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("by"), null=True)
    at = models.DateTimeField(_("at"))
    reversed_at = models.DateTimeField(_("reversed at"), null=True)
    reversed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("reversed by"), null=True
    )

    PERSONAL = "reason kept"
    NOT_PERSONAL = "household kind on other village by at reversed_at reversed_by"
    SCOPED_THROUGH = "household"

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name = _("household event")
        indexes = [models.Index(fields=["household", "at"], name="household_event_at")]
        constraints = [
            models.CheckConstraint(
                name="household_event_reversed_pair",
                condition=Q(reversed_at__isnull=True, reversed_by__isnull=True)
                | Q(reversed_at__isnull=False, reversed_by__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return str(self.get_kind_display())
