"""专题: for some weeks the households of some villages, perhaps of some types, are asked or shown a few points."""

import datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from ledger.models.geography import County, Township, Village
from ledger.models.households import Household, HouseholdType
from ledger.models.scope import Scope, ScopedQuerySet
from ledger.models.visits import Visit
from ledger.rules.campaigns import LONGEST_POINT, LONGEST_TEXT, Answer
from ledger.rules.permissions import Permission


class Campaign(models.Model):
    """A township's, or the county's where ``township`` is none. Its villages are named, also where it is of all."""

    county = models.ForeignKey(County, models.PROTECT, related_name="campaigns", verbose_name=_("county"))
    township = models.ForeignKey(
        Township, models.PROTECT, related_name="campaigns", verbose_name=_("township"), null=True, blank=True
    )
    name = models.CharField(pgettext_lazy("campaign", "name"), max_length=40)
    purpose = models.TextField(_("what for"), blank=True)
    start_on = models.DateField(_("from"))
    last_on = models.DateField(_("last day"))
    villages = models.ManyToManyField(
        Village, through="CampaignVillage", related_name="campaigns", verbose_name=_("villages")
    )
    all_villages = models.BooleanField(_("all villages"), default=False)
    types = models.ManyToManyField(
        HouseholdType, related_name="campaigns", verbose_name=_("household types"), blank=True
    )
    """Households of one of these; none named, all households."""
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("by"))
    made_at = models.DateTimeField(_("at"))
    told_at = models.DateTimeField(null=True, blank=True)
    """When its cadres were told that it runs."""
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("ended by"), null=True, blank=True
    )
    """Who ended it before its time; ``last_on`` is then the day on which they did."""
    version = models.PositiveIntegerField(default=1)

    NOT_PERSONAL = (
        "county township name purpose start_on last_on villages all_villages types made_by made_at told_at ended_at "
        "ended_by version"
    )

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["-last_on", "-pk"]
        verbose_name = _("campaign")
        constraints = [
            models.CheckConstraint(name="campaign_ends_after_start", condition=Q(last_on__gte=F("start_on"))),
            models.CheckConstraint(
                name="campaign_ended_pair",
                condition=Q(ended_at__isnull=True, ended_by__isnull=True)
                | Q(ended_at__isnull=False, ended_by__isnull=False),
            ),
        ]
        indexes = [models.Index(fields=["last_on"], name="campaign_last_day")]

    def __str__(self) -> str:
        return self.name

    @property
    def place(self) -> Any:
        """Whose it is."""
        return self.township or self.county

    def is_over(self, day: datetime.date) -> bool:
        """Whether its last day has passed, or somebody ended it."""
        return self.ended_at is not None or self.last_on < day

    def runs_on(self, day: datetime.date) -> bool:
        """Whether it runs on that day."""
        return not self.is_over(day) and self.start_on <= day

    @staticmethod
    def scope_condition(scope: Scope, permission: Permission) -> Q:
        """Read by who serves in one of its villages or has households there; run by whose area it is."""
        if permission == Permission.RUN_CAMPAIGNS:
            own = Q(township_id__in=scope.ids("township", permission))
            return own | Q(county_id__in=scope.ids("county", permission))
        wide = scope.by_territory()
        there = Q(village__in=Village._base_manager.filter(Village.scope_condition(wide, permission)))
        homes = Household._base_manager.filter(scope.own_households("cadre_id")).order_by()
        there |= Q(village__in=homes.values("village_id"))
        return Q(pk__in=CampaignVillage._base_manager.filter(there).values("campaign_id"))


class CampaignVillage(models.Model):
    """One village of a campaign."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="places", verbose_name=_("campaign"))
    village = models.ForeignKey(Village, models.PROTECT, related_name="+", verbose_name=_("village"))

    NOT_PERSONAL = "campaign village"
    SCOPED_THROUGH = "village"

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["campaign", "village__township__sort_order", "village__sort_order", "village__code"]
        verbose_name = _("village of a campaign")
        constraints = [models.UniqueConstraint(fields=["campaign", "village"], name="campaign_village_once")]


class CampaignPoint(models.Model):
    """One thing to be asked or done at each household."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="points", verbose_name=_("campaign"))
    text = models.CharField(_("point"), max_length=LONGEST_POINT)
    sort_order = models.PositiveSmallIntegerField(default=0)

    NOT_PERSONAL = "campaign text sort_order"
    SCOPED_THROUGH = "campaign"

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["campaign", "sort_order", "pk"]
        verbose_name = _("point of a campaign")
        constraints = [models.UniqueConstraint(fields=["campaign", "text"], name="campaign_point_once")]

    def __str__(self) -> str:
        return self.text


class CampaignTick(models.Model):
    """What a visit says of a point: part of the visit, corrected with it, and gone for nothing where it is void."""

    visit = models.ForeignKey(Visit, models.CASCADE, related_name="ticks", verbose_name=_("visit"))
    household = models.ForeignKey(
        Household, models.CASCADE, related_name="ticks", verbose_name=_("household"), db_index=False
    )
    """The visit's, kept beside it for the figures."""
    point = models.ForeignKey(CampaignPoint, models.PROTECT, related_name="ticks", verbose_name=_("point"))
    answer = models.CharField(_("answer"), max_length=8, choices=Answer)
    text = models.CharField(_("remark"), max_length=LONGEST_TEXT, blank=True)

    PERSONAL = "text"
    NOT_PERSONAL = "visit household point answer"
    SCOPED_THROUGH = "visit"

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["visit", "point__sort_order", "pk"]
        verbose_name = _("point of a visit")
        constraints = [models.UniqueConstraint(fields=["visit", "point"], name="campaign_tick_once")]
        indexes = [models.Index(fields=["household", "point"], name="campaign_tick_household")]
