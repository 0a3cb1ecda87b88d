"""享受政策: which allowances and subsidies a household receives, since when, until when, how much, by whose list."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from ledger.models.geography import County
from ledger.models.households import Household, Named
from ledger.models.scope import ScopedQuerySet
from ledger.rules.benefits import LONGEST_AMOUNT, LONGEST_SOURCE


class BenefitKind(Named):
    """A kind of the county's list (低保金, 高龄津贴…)."""

    county = models.ForeignKey(County, models.PROTECT, related_name="benefit_kinds", verbose_name=_("county"))

    NOT_PERSONAL = "county name name_en sort_order is_active"
    SCOPED_THROUGH = "county"

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["sort_order", "pk"]
        verbose_name = _("kind of benefit")
        constraints = [models.UniqueConstraint(fields=["county", "name"], name="benefit_kind_unique")]


class HouseholdBenefit(models.Model):
    """One benefit of a household. ``end_on`` is the first day without it; none, it goes on."""

    household = models.ForeignKey(
        Household, models.CASCADE, related_name="benefits", verbose_name=_("household"), db_index=False
    )
    kind = models.ForeignKey(BenefitKind, models.PROTECT, related_name="benefits", verbose_name=_("benefit"))
    start_on = models.DateField(_("received since"), null=True, blank=True)
    end_on = models.DateField(_("no longer from"), null=True, blank=True)
    amount = models.CharField(_("how much"), max_length=LONGEST_AMOUNT, blank=True)
    source = models.CharField(_("by whose list"), max_length=LONGEST_SOURCE, blank=True)

    PERSONAL = "amount source"
    NOT_PERSONAL = "household kind start_on end_on"
    SCOPED_THROUGH = "household"

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["household", "kind__sort_order", "pk"]
        verbose_name = _("benefit of a household")
        constraints = [
            models.CheckConstraint(
                name="household_benefit_ends_after_start",
                condition=Q(start_on__isnull=True) | Q(end_on__isnull=True) | Q(end_on__gt=F("start_on")),
            )
        ]
        indexes = [models.Index(fields=["household", "kind"], name="household_benefit")]
