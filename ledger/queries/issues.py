"""What desks, lists and pages ask of issues. Everything here is narrowed to who asks."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.functional import Promise

from ledger.models import Cadre, County, Issue, Resident
from ledger.models.issue_scope import capacities, capacities_of_one, handled_by, supported_by
from ledger.models.scope import NOTHING, may, scope_of
from ledger.queries.calendar import Calendar, calendar_of
from ledger.rules.cleaning import is_storable
from ledger.rules.days import local_day, local_today
from ledger.rules.households import Relation
from ledger.rules.issue_steps import (
    EVIDENCE_IS_FROM,
    PHONE_IS_FOR,
    STEPS,
    Capacity,
    Standing,
    Step,
    StepRule,
    misfit,
    refusal,
    who_may,
)
from ledger.rules.issues import UNFINISHED_STATES
from ledger.rules.permissions import Permission
from ledger.rules.pinyin import search_key

LISTED = ("village", "group", "category__parent", "household", "handler", "lead_organisation", "registered_by")
"""What a row of a list prints, fetched with it."""
LONGEST = 60


def calendar_for(user: Any) -> Calendar:
    """The calendar of the county in which the user serves; the official one without a county."""
    county = County.objects.filter(cadres=scope_of(user).cadre_id).first() if scope_of(user).cadre_id else None
    return calendar_of(county) if county is not None else Calendar(local_today())


def raised_by(user: Any) -> Q:
    """Issues the user registered."""
    cadre_id = scope_of(user).cadre_id
    return Q(registered_by_id=cadre_id) if cadre_id is not None else NOTHING


def handled(user: Any) -> Q:
    """Issues given to the user, or to an organisation for which the user accepts."""
    return handled_by(scope_of(user))


def supported(user: Any) -> Q:
    """Issues that the user's organisation supports, while another unit leads."""
    return supported_by(scope_of(user))


def supporting_count(user: Any) -> int:
    """How many unfinished issues the user's organisations support; no query for who handles for none."""
    if not scope_of(user).ids("organisation", Permission.HANDLE_ISSUE):
        return 0
    return int(Issue.objects.visible_to(user).filter(supported(user), state__in=UNFINISHED_STATES).count())


def waited_days(issue: Issue) -> int:
    """Days the villager has waited: from registration to the resolving, or the close with its master (design.md 5)."""
    ended = issue.resolved_at or issue.closed_at
    end = local_day(ended) if ended is not None else local_today()
    return max((end - local_day(issue.registered_at)).days, 0)


@dataclass(frozen=True)
class Offer:
    """A step as it stands for somebody: ``refusal`` is None when it may be taken, else the sentence why not."""

    rule: StepRule
    refusal: Promise | str | None

    @property
    def step(self) -> Step:
        """Its name."""
        return self.rule.step


def step_offers(user: Any, issue: Issue, standing: Standing | None = None) -> list[Offer]:
    """The steps that fit the issue and concern the user, taken from the one table in its order.

    A step that would be theirs but is refused comes with the reason (the resolver may not call back; a close
    waits for the call-back); a step that is somebody else's altogether, or has no meaning now, is left out. What its
    handler may not (void it, decide on its extension) is said to a handler who has the desk, too.
    ``standing``: with what ``standing_of`` reads for a single page; a list is content with the row's own.
    """
    held = capacities_of_one(user, issue) if standing is not None else capacities(user, issue)
    standing = standing or issue.standing
    return [
        Offer(rule, refusal(step, standing, held))
        for step, rule in STEPS.items()
        if issue.state in rule.sources
        and held & (rule.who | rule.never & {Capacity.RESOLVER} | who_may(step, standing))
        and misfit(step, standing) is None
    ]


def allowed_steps(user: Any, issue: Issue) -> list[StepRule]:
    """The steps the user may take now, by the row alone: what buttons a list shows."""
    return [offer.rule for offer in step_offers(user, issue) if offer.refusal is None]


def may_see_phone(user: Any, issue: Issue) -> bool:
    """Whether the full phone of who raised it may be shown: to its handler, who has the reveal permission here,
    or the cadre of the household; and whoever typed it in may read it again."""
    held = capacities(user, issue)
    if held & PHONE_IS_FOR or may(user, Permission.REVEAL, issue):
        return True
    if issue.household is not None and may(user, Permission.CALL_OWN, issue.household):
        return True
    return Capacity.REGISTRANT in held and bool(issue.raised_by_phone)


def phone_of(issue: Issue) -> str:
    """The full number of who raised it: as typed, else that of the household's head. Mask it before it is shown."""
    if issue.raised_by_phone or issue.household_id is None:
        return str(issue.raised_by_phone)
    head = Resident.objects.filter(household_id=issue.household_id, relation=Relation.HEAD, left_on__isnull=True)
    return str(head.values_list("phone", flat=True).first() or "")


def may_add_evidence(user: Any, issue: Issue) -> bool:
    """Whether the user may add photos and PDFs now."""
    return issue.state in UNFINISHED_STATES and bool(capacities(user, issue) & EVIDENCE_IS_FROM)


def cadres_found(cadres: QuerySet[Cadre], text: str, most: int) -> Sequence[Cadre]:
    """The cadres a typed text may mean, by pinyin, at most so many: name, initials, number, unit."""
    typed = text.strip()[:LONGEST]
    if not is_storable(typed):
        return []
    if typed:
        key = search_key(typed)
        condition = Q(name__contains=typed) | Q(cadre_no__iexact=typed) | Q(organisation__name__contains=typed)
        if key and key.isascii():
            condition |= Q(initials__startswith=key) | Q(initials__contains=f" {key}")
        cadres = cadres.filter(condition)
    return list(cadres.select_related("organisation").order_by("pinyin", "pk")[:most])
