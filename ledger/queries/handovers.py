"""工作交接: what somebody has in hand, and who could take it over. Everything is narrowed to who asks."""

import hashlib
from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ledger.models import (
    Cadre,
    FollowUp,
    HandOver,
    HandOverRow,
    Household,
    Issue,
    KeptEntry,
    MeetingDraft,
    Posting,
    Visit,
    WishClaim,
)
from ledger.queries.allocation import houses_lying
from ledger.queries.issue_desks import who_could_handle
from ledger.queries.postings import current, issues_lost
from ledger.rules.days import local_today
from ledger.rules.handovers import Handed, House, Person, Proposed, propose
from ledger.rules.households import COUNTED_STATUSES, HouseholdStatus
from ledger.rules.issues import UNFINISHED_STATES
from ledger.rules.permissions import DESK_ROLES, Permission, Role

PRESENT = (*COUNTED_STATUSES, HouseholdStatus.VACANT)
SHORT = 12
"""People offered in a row; all others by the choice for everything."""


@dataclass
class Holding:
    """What a cadre has in hand, as far as who asks may see it."""

    cadre: Cadre
    posting: Posting | None = None
    households: list[Household] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)
    promises: list[Visit] = field(default_factory=list)
    follow_ups: list[FollowUp] = field(default_factory=list)
    claims: dict[int, WishClaim] = field(default_factory=dict)
    """Issue → the open claim of a wish."""
    desks: list[tuple[Posting, int, str]] = field(default_factory=list)
    """A desk they hold, how many matters lie on it, who else holds it (empty: it passes to the next one up)."""
    kept: int = 0
    """Forms sent twice that wait for their sender's decision."""
    drafts: list[MeetingDraft] = field(default_factory=list)
    """Meetings that are being recorded; what they say is their author's alone."""
    is_more: bool = False
    """Whether they handle what the one who asks may not see."""

    def __bool__(self) -> bool:
        return bool(self.households or self.issues or self.follow_ups)

    @property
    def seen(self) -> str:
        """A fingerprint: two that differ hold different things."""
        said = [
            *(f"h{each.pk}" for each in self.households),
            *(f"i{each.pk}.{each.version}" for each in self.issues),
            *(f"f{each.pk}" for each in self.follow_ups),
        ]
        return hashlib.sha256(",".join(sorted(said)).encode()).hexdigest()[:32]


def holding(user: Any, cadre: Cadre, posting: Posting | None = None) -> Holding:
    """Everything they have; with a posting, what would be without an owner when it ends. A fixed number of queries."""
    whole = posting is None or not current().filter(cadre=cadre).exclude(pk=posting.pk).exists()
    found = Holding(cadre, posting)
    households = Household.objects.visible_to(user, Permission.ASSIGN_HOUSEHOLDS).filter(
        cadre=cadre, status__in=PRESENT
    )
    if posting is not None and posting.role == Role.HOUSEHOLD_CADRE:
        households = households.filter(village=posting.village_id)
    if whole or (posting is not None and posting.role == Role.HOUSEHOLD_CADRE):
        order = ("village__sort_order", "village", "group__number", "house_order", "code")
        found.households = list(households.select_related("village__township", "group").order_by(*order))
    in_hand: QuerySet[Issue] = Issue.objects.filter(handler=cadre, state__in=UNFINISHED_STATES)
    if not whole and posting is not None:
        in_hand = issues_lost(posting)
    seen = in_hand.filter(pk__in=Issue.objects.visible_to(user).values("pk"))
    names = ("township__county", "village__township", "category__parent", "household", "handler", "lead_organisation",
             "group")  # fmt: skip
    found.issues = list(seen.select_related(*names).order_by(F("due_on").asc(nulls_last=True), "pk"))
    found.is_more = in_hand.count() > len(found.issues)
    found.promises = _promises(user, found.households)
    found.claims = {
        claim.issue_id: claim for claim in WishClaim.objects.filter(cadre=cadre, ended_at=None, issue__in=found.issues)
    }
    planned = FollowUp.objects.filter(planned_by=cadre, done_on__isnull=True)
    planned = planned.filter(issue__in=Issue.objects.visible_to(user)).select_related("issue__village", "issue__group")
    found.follow_ups = list(planned.order_by("planned_on", "pk")) if whole else []
    if cadre.user_id is not None:
        waiting = KeptEntry.objects.filter(user=cadre.user_id, discarded_at__isnull=True)
        found.kept = waiting.exclude(KeptEntry.saved()).count()
    drafts = MeetingDraft.objects.filter(cadre=cadre, visit__isnull=True).select_related("village")
    found.drafts = list(drafts.order_by("occurred_on", "pk"))
    found.desks = _desks(cadre, posting)
    return found


def holds_unseen(user: Any, cadre: Cadre) -> bool:
    """Whether the cadre handles an unfinished matter that the one who asks may not see."""
    in_hand = Issue.objects.filter(handler=cadre, state__in=UNFINISHED_STATES)
    return in_hand.exclude(pk__in=Issue.objects.visible_to(user).values("pk")).exists()


def _promises(user: Any, households: list[Household]) -> list[Visit]:
    """Follow-ups promised at these households that no later visit has settled."""
    if not households:
        return []
    rows = Visit.objects.visible_to(user).filter(
        household__in=[each.pk for each in households], voided_at__isnull=True, follow_up_on__isnull=False,
        household__last_visit_on__lte=F("occurred_on"),
    )  # fmt: skip
    return list(rows.select_related("household__village", "household__group").order_by("follow_up_on", "pk"))


def _desks(cadre: Cadre, posting: Posting | None) -> list[tuple[Posting, int, str]]:
    found = []
    held = Posting.objects.open_on(local_today()).filter(cadre=cadre).with_names()
    for each in held if posting is None else [posting]:
        level = next((level for level, roles in DESK_ROLES.items() if each.role in roles), None)
        if level is None:
            continue
        over = {f"{level}_id": getattr(each, f"{level}_id")}
        path = {"village": "village_id", "district": "village__district_id", "township": "township_id",
                "county": "township__county_id"}[level]  # fmt: skip
        lying = Issue.objects.filter(level=level, state__in=UNFINISHED_STATES, is_sensitive=False)
        others = Posting.objects.open_on(local_today()).filter(role__in=DESK_ROLES[level], **over)
        names = others.filter(cadre__left_on__isnull=True).exclude(cadre=cadre).values_list("cadre__name", flat=True)
        found.append((each, lying.filter(**{path: over[f"{level}_id"]}).count(), "、".join(names[:3])))
    return found


class Successors:
    """Who could take over what a holding has, and who is proposed for each row."""

    def __init__(self, user: Any, held: Holding) -> None:
        self.held = held
        townships = {each.village.township_id for each in held.households}
        townships |= {each.township_id for each in held.issues}
        townships |= {held.cadre.township_id} if held.cadre.township_id else set()
        self._townships = townships
        own = Q(township__in=townships) | Q(township__isnull=True, county=held.cadre.county_id)
        rows = Cadre.objects.visible_to(user, Permission.ASSIGN_HOUSEHOLDS).filter(own, left_on__isnull=True)
        rows = rows.filter(Q(user__isnull=True) | Q(user__is_active=True)).exclude(pk=held.cadre.pk)
        self.people: dict[int, Cadre] = {
            cadre.pk: cadre for cadre in rows.select_related("organisation").order_by("pinyin", "pk")
        }
        able = who_could_handle(Q(pk__in=list(self.people)))
        self.able = frozenset(able.values_list("pk", flat=True))
        """Those who could open a matter given to them."""

    @cached_property
    def persons(self) -> dict[int, Person]:
        """The same with their loads and places, in two queries."""
        found = {pk: Person(pk) for pk in self.people}
        villages: dict[int, set[int]] = {pk: set() for pk in found}
        owned = Household.objects.filter(
            cadre__in=found, status__in=COUNTED_STATUSES, village__township__in=self._townships
        )
        for cadre, village, group in owned.values_list("cadre_id", "village_id", "group_id"):
            person = found[cadre]
            person.load += 1
            person.groups[village, group] += 1
            villages[cadre].add(village)
        posted = Posting.objects.open_on(local_today()).filter(
            cadre__in=found, village__isnull=False, role__in=[Role.HOUSEHOLD_CADRE, Role.VILLAGE_CADRE]
        )
        for cadre, village in posted.values_list("cadre_id", "village_id"):
            villages[cadre].add(village)
        for pk, person in found.items():
            person.villages = frozenset(villages[pk])
        return found

    @cached_property
    def reasons(self) -> dict[int, Proposed]:
        """Household → who is proposed and why: cadres who have a part in household work before everybody else."""
        county = self.held.cadre.county
        at_work = [person for person in self.persons.values() if person.villages] or list(self.persons.values())
        houses = [House(each.pk, each.village_id, each.group_id) for each in self.held.households]
        villages = {each.village_id for each in self.held.households}
        roads = houses_lying(villages, local_today()) if villages else {}
        lying = {village: [(house.key, house.cadre) for house in road] for village, road in roads.items()}
        return propose(houses, at_work, county.list_most, lying)

    @cached_property
    def proposed(self) -> dict[int, int]:
        """Household → who is proposed."""
        return {household: each.pk for household, each in self.reasons.items()}

    def for_issue(self, issue: Issue) -> int | None:
        """The new cadre of its household, else who is nearest to its village; of a unit's matter somebody there.

        Who has no account can look after households, but not work on a matter: only where nobody else can be proposed.
        """
        fitting = [pk for pk in self.able if pk != issue.about_cadre_id]
        taken = self.proposed.get(issue.household_id or 0)
        unit = issue.lead_organisation_id
        if unit is not None:
            inside = [pk for pk in fitting if self.people[pk].organisation_id == unit]
            return min(inside or fitting, key=lambda pk: (self.people[pk].user_id is None, pk), default=None)
        if taken is not None and taken != issue.about_cadre_id and self.people[taken].user_id is not None:
            return taken
        persons, people = self.persons, self.people
        return min(
            fitting, default=None,
            key=lambda pk: (
                people[pk].user_id is None, issue.village_id not in persons[pk].villages, persons[pk].load, pk
            ),
        )  # fmt: skip

    def why_for_issue(self, issue: Issue, chosen: int | None) -> str:
        """Why ``for_issue`` proposes whom it proposes, in words."""
        if chosen is None:
            return ""
        if issue.lead_organisation_id is not None:
            same = self.people[chosen].organisation_id == issue.lead_organisation_id
            return _("works in the unit in charge") if same else _("nobody of the unit in charge could take it")
        if chosen == self.proposed.get(issue.household_id or 0):
            return _("takes over the household")
        near = _("the same village") if issue.village_id in self.persons[chosen].villages else _("the least loaded")
        load = self.persons[chosen].load
        return f"{near} · {ngettext('has %(n)s household', 'has %(n)s households', load) % {'n': load}}"

    def for_follow_ups(self) -> int | None:
        """Who makes the visits that were planned: whoever takes most of the rest."""
        taken = Counter([*self.proposed.values(), *(pk for each in self.held.issues if (pk := self.for_issue(each)))])
        return taken.most_common(1)[0][0] if taken else min(self.able, default=None)

    def offered(self, village: int, first: int | None) -> list[int]:
        """Whom a row offers: the proposed one, those of the village, then the least loaded."""
        persons = self.persons
        near = sorted(persons, key=lambda pk: (village not in persons[pk].villages, not persons[pk].villages,
                                               persons[pk].load, pk))  # fmt: skip
        return list(dict.fromkeys([*([first] if first in persons else []), *near]))[:SHORT]


def rows_of(handover: HandOver) -> list[HandOverRow]:
    """Its rows with everything that the page and the paper print."""
    rows = handover.rows.select_related(
        "household__village", "household__group", "issue__village", "issue__group", "issue__township",
        "to_cadre__organisation",
    )  # fmt: skip
    order = {kind: place for place, kind in enumerate(Handed.values)}
    return sorted(rows.order_by("pk"), key=lambda row: order[row.kind])
