"""Campaigns of the demonstration: two that run, one that is over, one of the county that is still ahead."""

import datetime
import random
from dataclasses import dataclass

from ledger.actions.campaigns import begin
from ledger.demonstration.accounts import NUMBERS
from ledger.demonstration.places import DEMONSTRATION_VILLAGE, Town
from ledger.models import Cadre, Campaign, CampaignTick, County, Household, HouseholdType, Township, Village, Visit
from ledger.queries.campaigns import meant_q
from ledger.rules.campaigns import Answer
from ledger.rules.permissions import Role
from ledger.rules.visits import VisitResult

DAY = datetime.timedelta(days=1)


@dataclass(frozen=True)
class Told:
    """One campaign: from and until as days from today; what it says."""

    name: str
    purpose: str
    days: tuple[int, int]
    points: tuple[str, ...]
    types: tuple[str, ...] = ()
    only: str = ""
    """The name of its one village; of all where empty."""
    role: str = Role.TOWNSHIP_DESK
    answered: float = 0.0
    """How often a visit of its days says something of a point."""


CAMPAIGNS = (
    Told("城乡居民医保缴费提醒", "集中缴费期内逐户提醒，不漏一户，不代收现金。", (-20, 25),
         ("核对家中参保人数", "发放缴费明白卡", "帮助不会用手机的缴费"), answered=0.82),
    Told("独居老人冬季安全走访", "天冷前看一遍用火、用电和取暖。", (-8, 12), ("查看用火用电", "留下应急联系电话"),
         types=("独居老人户", "特困户", "低保户", "残疾人户"), only=DEMONSTRATION_VILLAGE, answered=0.9),
    Told("防汛转移对象核对", "核对名单、转移路线和联系人。", (-75, -45), ("告知转移路线和安置点", "核对联系电话"),
         answered=0.97),
    Told("岁末困难群众走访慰问", "摸清过冬困难，慰问物资由民政统一发放。", (14, 45), ("了解过冬困难", "告知慰问安排"),
         types=("低保户", "特困户", "监测户", "大病户"), role=Role.COUNTY_DESK),
)  # fmt: skip
REMARKS = ("", "", "", "", "家里四口都在名单上", "孩子在外地参保", "子女代缴", "已当面讲清", "线路已请电工看过")


def begin_campaigns(rng: random.Random, town: Town, today: datetime.date) -> None:
    """By the desks that keep the accounts; what the visits of their days said of the points."""
    desks = {cadre.cadre_no: cadre.user for cadre in Cadre.objects.filter(cadre_no__in=NUMBERS.values())}
    for told in CAMPAIGNS:
        county = told.role == Role.COUNTY_DESK
        _begin(rng, told, desks[NUMBERS[told.role]], town.township.county if county else town.township, today)


def _begin(rng: random.Random, told: Told, desk: object, place: County | Township, today: datetime.date) -> None:
    here = {"township__county": place} if isinstance(place, County) else {"township": place}
    villages = list(Village.objects.filter(**here).filter(**({"name": told.only} if told.only else {})))
    county = place if isinstance(place, County) else place.county
    first, last = (today + days * DAY for days in told.days)
    past = last < today
    made = begin(
        by=desk, place=place, villages=villages, points=told.points,
        types=list(HouseholdType.objects.filter(county=county, name__in=told.types)),
        data={"name": told.name, "purpose": told.purpose, "start_on": today + DAY if past else first,
              "last_on": today + DAY if past else last, "all_villages": not told.only},
    )  # fmt: skip
    if past:
        Campaign.objects.filter(pk=made.pk).update(start_on=first, last_on=last)
    if told.answered:
        _answer(rng, told, made, (first, min(last, today)))


def _answer(rng: random.Random, told: Told, made: Campaign, days: tuple[datetime.date, datetime.date]) -> None:
    """Each household by its first visit of those days that met somebody."""
    meant = Household.objects.filter(meant_q(made.pk))
    met = Visit.objects.filter(household__in=meant, occurred_on__range=days, result=VisitResult.MET, voided_at=None)
    points, seen, ticks = list(made.points.all()), set(), []
    for visit, household in met.order_by("occurred_on", "pk").values_list("pk", "household_id"):
        if household in seen:
            continue
        seen.add(household)
        for point in points:
            if rng.random() < told.answered:
                answer = Answer.DONE if rng.random() < 0.9 else Answer.NOT_APPLICABLE
                ticks.append(CampaignTick(visit_id=visit, household_id=household, point=point, answer=answer,
                                          text=rng.choice(REMARKS)))  # fmt: skip
    CampaignTick.objects.bulk_create(ticks)
