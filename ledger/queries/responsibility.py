"""责任链: who answers for an issue, from the county's leader down to its handler, on the day that counts."""

import datetime
from dataclasses import dataclass, replace

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ledger.models import Assignment, Cadre, Issue, LinkKind, Posting, VillageLink
from ledger.rules.days import local_day, local_today
from ledger.rules.issues import UNFINISHED_STATES
from ledger.rules.permissions import Role


@dataclass(frozen=True)
class Responsible:
    """One place of the chain; nobody in it is a gap that is shown."""

    label: Promise | str
    people: list[Cadre]
    unit: str = ""
    stands_aside: bool = False
    """Somebody holds the place, but the complaint is about them."""


@dataclass(frozen=True)
class Chain:
    """The chain as of a day: today for what is open, the day of the resolving for what is resolved."""

    day: datetime.date
    is_today: bool
    places: list[Responsible]


def responsibility(issue: Issue) -> Chain:
    """Two queries, three with a household, whoever stands in the chain."""
    day = day_that_counts(issue)
    village = issue.village
    links = _by_kind(day, village.pk)
    posted = _by_role(day, village.pk, village.district_id)
    village_cadres = _once([*links.get(LinkKind.VILLAGE_CADRE, []), *posted.get(Role.VILLAGE_CADRE, [])])
    places = [
        Responsible(_("County leader"), links.get(LinkKind.COUNTY_LEADER, [])),
        Responsible(_("Township leader"), links.get(LinkKind.TOWNSHIP_LEADER, [])),
    ]
    if village.district_id is not None:
        places.append(Responsible(_("District secretary"), posted.get(Role.DISTRICT_SECRETARY, [])))
    places.append(Responsible(_("Village-contact cadre"), village_cadres))
    if issue.household_id is not None:
        places.append(Responsible(_("Household cadre"), _of_household(day, issue.household_id)))
    handler = issue.resolved_by if issue.resolved_at is not None and issue.resolved_by is not None else issue.handler
    unit = issue.lead_organisation.name if issue.lead_organisation is not None else ""
    places.append(Responsible(_("handler"), [handler] if handler is not None else [], unit))
    return Chain(day, day == local_today(), [_aside(place, issue.about_cadre_id) for place in places])


def _aside(place: Responsible, about: int | None) -> Responsible:
    """Whom a complaint is about answers for none of it."""
    left = [person for person in place.people if person.pk != about]
    return place if len(left) == len(place.people) else replace(place, people=left, stands_aside=True)


def day_that_counts(issue: Issue) -> datetime.date:
    """Today while it is open; else the day it was resolved, or closed with its master."""
    if issue.resolved_at is not None:
        return local_day(issue.resolved_at)
    if issue.closed_at is not None and issue.state not in UNFINISHED_STATES:
        return local_day(issue.closed_at)
    return local_today()


def _by_kind(day: datetime.date, village: int) -> dict[str, list[Cadre]]:
    kinds = (LinkKind.COUNTY_LEADER, LinkKind.TOWNSHIP_LEADER, LinkKind.VILLAGE_CADRE)
    rows = VillageLink.objects.open_on(day).filter(village_id=village, kind__in=kinds)
    found: dict[str, list[Cadre]] = {}
    for link in rows.select_related("cadre__organisation").order_by("start_on", "pk"):
        found.setdefault(link.kind, []).append(link.cadre)
    return found


def _by_role(day: datetime.date, village: int, district: int | None) -> dict[str, list[Cadre]]:
    held = Posting.objects.open_on(day).filter(role=Role.VILLAGE_CADRE, village_id=village)
    if district is not None:
        held = held | Posting.objects.open_on(day).filter(role=Role.DISTRICT_SECRETARY, district_id=district)
    found: dict[str, list[Cadre]] = {}
    for posting in held.select_related("cadre__organisation").order_by("start_on", "pk"):
        found.setdefault(posting.role, []).append(posting.cadre)
    return found


def _of_household(day: datetime.date, household: int) -> list[Cadre]:
    rows = Assignment.objects.open_on(day).filter(household_id=household)
    return [row.cadre for row in rows.select_related("cadre__organisation").order_by("start_on", "pk")]


def _once(cadres: list[Cadre]) -> list[Cadre]:
    return list({cadre.pk: cadre for cadre in cadres}.values())
