"""Who stands in for whom, who handed over, what happened to two households, which unit goes from group to group."""

import datetime

from django.db.models import Count

from ledger.actions.handovers import hand_over
from ledger.actions.household_events import move, split
from ledger.actions.rotations import plan
from ledger.actions.substitutions import appoint
from ledger.demonstration.accounts import NUMBERS
from ledger.demonstration.places import Town
from ledger.demonstration.rounds import arrange_rounds
from ledger.models import Cadre, Household, Organisation, Village
from ledger.models.scope import forget_scope
from ledger.queries.handovers import Successors, holding
from ledger.rules.days import local_today
from ledger.rules.households import HouseholdStatus, Relation
from ledger.rules.permissions import Role

WEEK = datetime.timedelta(days=7)


def arrange_duties(town: Town) -> None:
    """All of it by the acts of the product, as the township's administrator would have done it."""
    admin = Cadre.objects.select_related("user").get(cadre_no=NUMBERS[Role.TOWNSHIP_ADMIN]).user
    shown = set(NUMBERS.values())
    colleagues = Cadre.objects.filter(township=town.township, postings__role=Role.HOUSEHOLD_CADRE, left_on=None)
    busy = colleagues.exclude(cadre_no__in=shown).annotate(load=Count("households", distinct=True)).order_by("-pk")
    people = list(busy.filter(load__gte=3)[:6])
    if len(people) < 6:
        return
    _on_leave(admin, people)
    _hand_over(admin, people[4])
    _events(admin, people[5])
    units = Organisation.objects.filter(township=town.township, name__endswith="农业服务中心")
    villages = list(Village.objects.filter(township=town.township, groups__isnull=False).distinct()[:1])
    if units and villages:
        plan(by=admin, organisation=units[0], villages=villages, months=1, start_on=local_today() - 18 * WEEK)
    arrange_rounds(town, admin)
    forget_scope(admin)


def _on_leave(admin: object, people: list[Cadre]) -> None:
    """One stands in today, one will."""
    today = local_today()
    for number, (start, days, reason) in enumerate(((today, 5, "年休假"), (today + WEEK, 10, "赴县委党校学习"))):
        absent, substitute = people[2 * number], people[2 * number + 1]
        appoint(by=admin, absent=absent, substitute=substitute, start_on=start, reason=reason,
                last_on=start + datetime.timedelta(days=days))  # fmt: skip


def _hand_over(admin: object, cadre: Cadre) -> None:
    held = holding(admin, cadre)
    people = Successors(admin, held)
    issues = {issue.pk: people.for_issue(issue) for issue in held.issues}
    follow_up = people.for_follow_ups()
    if not all(issues.values()) or (held.follow_ups and follow_up is None):
        return
    hand_over(
        by=admin, cadre=cadre, seen=held.seen, on=local_today(), reason="借调县里工作",
        to={
            "household": dict(people.proposed), "issue": {pk: int(to or 0) for pk, to in issues.items()},
            "follow_up": {each.pk: int(follow_up or 0) for each in held.follow_ups},
        },
    )  # fmt: skip


def _events(admin: object, cadre: Cadre) -> None:
    """A son's family on its own; a household that moved to the next village with its cadre."""
    homes = Household.objects.filter(cadre=cadre, status=HouseholdStatus.ACTIVE).select_related("village__township")
    today = local_today()
    for home in homes.order_by("pk"):
        son = home.residents.filter(left_on=None, relation=Relation.CHILD).first()
        if son is not None:
            split(by=admin, household=home, version=home.version, on=today, reason="儿子成家，另立一户", head=son,
                  members=[], group=home.group, address=home.address)  # fmt: skip
            break
    moving = homes.order_by("-pk").first()
    if moving is None:
        return
    there = Village.objects.filter(township=moving.village.township_id).exclude(pk=moving.village_id).first()
    if there is not None:
        move(by=admin, household=moving, version=moving.version, village=there, on=today, reason="搬入安置区",
             group=there.groups.first(), cadre=cadre)  # fmt: skip
