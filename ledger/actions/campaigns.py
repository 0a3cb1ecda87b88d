"""专题: begin one, change it, end it early, take away one that nobody worked on, tell its cadres that it runs."""

import datetime
from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from ledger.actions.audit import record
from ledger.actions.notices import BATCH, notice
from ledger.actions.versions import update_version
from ledger.models import (
    Campaign,
    CampaignPoint,
    CampaignTick,
    CampaignVillage,
    County,
    Household,
    HouseholdType,
    Notice,
    Posting,
    Township,
    Village,
)
from ledger.queries.campaigns import is_worked_on, meant_q
from ledger.queries.notice_people import SERVING, told
from ledger.rules.days import local_today
from ledger.rules.notices import Sort
from ledger.rules.permissions import Role

ROW = ("name", "purpose", "start_on", "last_on", "all_villages")


@transaction.atomic
def begin(
    *, by: Any, place: County | Township, data: dict[str, Any], villages: Sequence[Village],
    types: Sequence[HouseholdType], points: Sequence[str],
) -> Campaign:  # fmt: skip
    """Make one; who is meant is told at once where it runs today, else on its first day by the daily run."""
    _refuse_past(data["last_on"])
    township = place if isinstance(place, Township) else None
    county = place.county if isinstance(place, Township) else place
    made: Campaign = Campaign.objects.create(
        county=county, township=township, made_by=by, made_at=timezone.now(), **{name: data[name] for name in ROW}
    )
    made.types.set(types)
    _write_villages(made, villages)
    _write_points(made, points)
    record(verb="campaign.begun", by=by, obj=made, detail=_detail(made, villages))
    tell_started(made)
    return made


@transaction.atomic
def change(
    *, by: Any, campaign: Campaign, version: int, data: dict[str, Any], villages: Sequence[Village],
    types: Sequence[HouseholdType], points: Sequence[str],
) -> Campaign:  # fmt: skip
    """Write it anew; a point that a visit has answered stays as it is worded.

    Raises StaleEdit when somebody was faster, ValidationError for one that is over or a point that must stay.
    """
    before = Campaign.objects.get(pk=campaign.pk)
    if before.is_over(local_today()):
        raise ValidationError(_("This campaign is over: it stays as it was."), code="over")
    _refuse_past(data["last_on"])
    if data["start_on"] != before.start_on and is_worked_on(before):
        message = _("There are visits with its points already: the first day stays.")
        raise ValidationError({"start_on": message}, code="worked_on")
    update_version(
        Campaign.objects.filter(ended_at__isnull=True), pk=before.pk, version=version,
        **{name: data[name] for name in ROW},
    )  # fmt: skip
    after = Campaign.objects.select_related("township__county", "county").get(pk=before.pk)
    after.types.set(types)
    _write_villages(after, villages)
    _write_points(after, points)
    record(verb="campaign.changed", by=by, obj=after, detail=_detail(after, villages))
    tell_started(after)
    return after


@transaction.atomic
def end(*, by: Any, campaign: Campaign) -> bool:
    """It ends now, before its last day; False where it was over or had not begun."""
    today = local_today()
    running = Campaign.objects.filter(pk=campaign.pk, ended_at__isnull=True, start_on__lte=today, last_on__gte=today)
    if running.update(ended_at=timezone.now(), ended_by=by, last_on=today) != 1:
        return False
    detail = {"start_on": campaign.start_on.isoformat(), "end_on": today.isoformat()}
    record(verb="campaign.ended", by=by, obj=campaign, detail=detail)
    return True


@transaction.atomic
def remove(*, by: Any, campaign: Campaign) -> bool:
    """Take it away with its notices. False where a visit says something of its points: that is ended, never removed."""
    found = Campaign.objects.select_for_update(of=("self",)).select_related("township__county", "county")
    held = found.filter(pk=campaign.pk).first()
    if held is None or is_worked_on(held):
        return False
    record(verb="campaign.removed", by=by, obj=held)
    Notice.objects.filter(sort=Sort.CAMPAIGN, mark=str(held.pk)).delete()
    held.delete()
    return True


def tell_started(campaign: Campaign) -> int:
    """Tell, once each, whose households are meant and who keeps the desks of its villages; nobody before it runs."""
    today, now = local_today(), timezone.now()
    if not campaign.runs_on(today):
        return 0
    homes = Household.objects.filter(meant_q(campaign.pk), cadre__isnull=False).order_by()
    villages = campaign.places.order_by().values("village")
    desks = Posting.objects.open_on(today).filter(SERVING, role=Role.VILLAGE_CADRE, village__in=villages)
    meant = {*homes.values_list("cadre_id", flat=True).distinct(), *desks.values_list("cadre_id", flat=True)}
    able = told(meant, campaign.county)
    mark = str(campaign.pk)
    heard = set(Notice.objects.filter(sort=Sort.CAMPAIGN, mark=mark).values_list("cadre_id", flat=True))
    wanted = [one for one in sorted(able) if one not in heard and Sort.CAMPAIGN not in able[one].muted]
    made = [notice(cadre, able[cadre], now, sort=Sort.CAMPAIGN, mark=mark) for cadre in wanted]
    Notice.objects.bulk_create(made, batch_size=BATCH, ignore_conflicts=True)
    Campaign.objects.filter(pk=campaign.pk, told_at__isnull=True).update(told_at=now)
    return len(made)


@transaction.atomic
def tell_of_the_day(county: County) -> int:
    """The daily run: those that began and of which nobody was told yet."""
    today = local_today()
    new = Campaign.objects.filter(county=county, told_at__isnull=True, start_on__lte=today, last_on__gte=today)
    return sum(tell_started(campaign) for campaign in new.select_related("county").order_by("pk"))


def _refuse_past(last_on: datetime.date) -> None:
    if last_on < local_today():
        raise ValidationError({"last_on": _("The last day has passed already.")}, code="past")


def _write_villages(campaign: Campaign, villages: Sequence[Village]) -> None:
    wanted = {village.pk for village in villages}
    campaign.places.exclude(village__in=wanted).delete()
    there = set(campaign.places.order_by().values_list("village_id", flat=True))
    rows = [CampaignVillage(campaign=campaign, village_id=pk) for pk in sorted(wanted - there)]
    CampaignVillage.objects.bulk_create(rows)


def _write_points(campaign: Campaign, points: Sequence[str]) -> None:
    """Those named stay or come, in this order; the others go, unless a visit says something of one."""
    there = {point.text: point for point in campaign.points.all()}
    gone = [point.pk for text, point in there.items() if text not in points]
    answered = CampaignTick.objects.filter(point__in=gone).order_by("point").values_list("point__text", flat=True)
    if kept := list(answered.distinct()):
        values = {"points": "、".join(kept)}
        message = _("Visits say something of “%(points)s” already: this line stays as it is.") % values
        raise ValidationError({"points": message}, code="answered")
    CampaignPoint.objects.filter(pk__in=gone).delete()
    new = [
        CampaignPoint(campaign=campaign, text=text, sort_order=at)
        for at, text in enumerate(points)
        if text not in there
    ]
    CampaignPoint.objects.bulk_create(new)
    moved = [there[text] for at, text in enumerate(points) if text in there and there[text].sort_order != at]
    for point in moved:
        point.sort_order = list(points).index(point.text)
    CampaignPoint.objects.bulk_update(moved, ["sort_order"])


def _detail(campaign: Campaign, villages: Sequence[Village]) -> dict[str, Any]:
    return {
        "start_on": campaign.start_on.isoformat(), "end_on": campaign.last_on.isoformat(), "villages": len(villages),
    }  # fmt: skip
