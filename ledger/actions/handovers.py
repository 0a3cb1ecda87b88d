"""工作交接: everything somebody has in hand goes to others in one transaction, under one audit row.

Locks are taken in the order in which steps of issues take them: the cadre, the issues, their households.
"""

import datetime
from collections import Counter
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from ledger.actions import accounts, assignments, cadres, notices, postings
from ledger.actions.audit import record
from ledger.actions.issue_moves import Effect, Move
from ledger.actions.issue_writing import StaleIssue, write_step
from ledger.models import (
    Cadre,
    FollowUp,
    HandOver,
    HandOverRow,
    Household,
    Issue,
    IssueStep,
    MeetingDraft,
    Notice,
    Posting,
    WishClaim,
)
from ledger.models.scope import scope_of
from ledger.queries.handovers import Holding, Successors, holding
from ledger.queries.notice_people import told
from ledger.queries.postings import current
from ledger.rules.days import local_today
from ledger.rules.handovers import After, Handed
from ledger.rules.issue_steps import Step
from ledger.rules.notices import Sort


class StaleHandOver(Exception):
    """Something came or went since the form was opened."""


@transaction.atomic
def hand_over(
    *, by: Any, cadre: Cadre, seen: str, on: datetime.date, to: dict[str, dict[int, int]], reason: str = "",
    posting: Posting | None = None, after: str = After.NOTHING,
) -> HandOver:  # fmt: skip
    """Give what the cadre has in hand to others: ``to`` says for ``household``, ``issue`` and ``follow_up`` which row
    goes to which cadre (ids); then end the posting, close the account, or both as ``after`` says.

    ``seen`` is the fingerprint of what the form showed (``Holding.seen``). Raises StaleHandOver when it is another by
    now, ValidationError for a row without a successor, a successor out of reach, a day ahead, and for whatever keeps
    a posting or an account from ending.
    """
    cadre = Cadre.objects.select_for_update(of=("self",)).select_related("county", "township").get(pk=cadre.pk)
    held = holding(by, cadre, posting)
    if held.seen != seen:
        raise StaleHandOver
    if on > local_today():
        raise ValidationError({"on": _("The day lies ahead: enter the change on the day it happens.")})
    people = _fitting(by, held, to)
    made = HandOver.objects.create(
        cadre=cadre, county_id=cadre.county_id, township_id=cadre.township_id, on=on, reason=reason, after=after,
        made_by=by, made_at=timezone.now(),
    )  # fmt: skip
    steps = [_give_issue(by, made, held, issue, people[to["issue"][issue.pk]]) for issue in held.issues]
    _give_follow_ups(held, to["follow_up"])
    _give_households(by, made, held, to["household"])
    drafts = _give_drafts(held, to, people, after)
    HandOverRow.objects.bulk_create(_rows(made, held, to))
    record(
        verb="handover.made", by=by, obj=made, label=cadre.name,
        detail={
            "households": len(held.households), "issues": len(held.issues), "on": on.isoformat(), "reason": reason,
            "batch": made.pk, **({"drafts": drafts} if drafts else {}),
        },
    )  # fmt: skip
    notices.tell_many(steps)
    _tell(made, set(to["household"].values()))
    _finish(by, cadre, posting, after, on)
    return made


def _fitting(by: Any, held: Holding, to: dict[str, dict[int, int]]) -> dict[int, Cadre]:
    """Each row has somebody, and somebody who can take it: the cadres by id."""
    people = Successors(by, held)
    wanted = {
        "household": [each.pk for each in held.households], "issue": [each.pk for each in held.issues],
        "follow_up": [each.pk for each in held.follow_ups],
    }  # fmt: skip
    if any(set(to[kind]) != set(ids) for kind, ids in wanted.items()):
        raise StaleHandOver
    named = {pk for rows in to.values() for pk in rows.values()}
    if not named <= people.people.keys():
        raise ValidationError(_("Choose somebody of the township who is in service."), code="out_of_reach")
    able = people.able | set(to["household"].values())
    for issue in held.issues:
        successor = to["issue"][issue.pk]
        if successor == issue.about_cadre_id or successor not in able:
            name = people.people[successor].name
            message = _("%(name)s can't take over matter %(number)s: choose somebody else for it.")
            raise ValidationError(message % {"name": name, "number": issue.printed_number}, code="unfit")
    for household in held.households:
        place = people.people[to["household"][household.pk]].township_id
        if place not in {None, household.village.township_id}:
            name = people.people[to["household"][household.pk]].name
            raise ValidationError(_("%(cadre)s works in another township.") % {"cadre": name}, code="elsewhere")
    return people.people


def _give_issue(by: Any, made: HandOver, held: Holding, issue: Issue, to: Cadre) -> IssueStep:
    """The matter stays where it stands: only who handles it is another. A claimed wish is claimed by them."""
    now = made.made_at
    move = Move(issue, Step.ASSIGN, _cadre_of(by), now, {"text": made.reason})
    effect = Effect({"handler": to}, {"to_cadre": to, "due_on": issue.due_on, "data": _marks(made)}, state=issue.state)
    claim = held.claims.get(issue.pk)
    try:
        step = write_step(move, effect, by=by, audited=False)
    except StaleIssue as stale:
        raise StaleHandOver from stale
    if claim is not None:
        WishClaim.objects.create(
            issue=issue, cadre=to, donor=claim.donor, claimed_at=now, claimed_by=_cadre_of(by) or to
        )
    return step


def _marks(made: HandOver) -> dict[str, Any]:
    """What the step of a matter keeps of the hand-over: which one, whose, of which day."""
    return {"hand_over": made.pk, "former": made.cadre.name, "on": made.on.isoformat()}


def _give_follow_ups(held: Holding, to: dict[int, int]) -> None:
    for follow_up in held.follow_ups:
        still = FollowUp.objects.filter(pk=follow_up.pk, planned_by=held.cadre, done_on__isnull=True)
        if still.update(planned_by_id=to[follow_up.pk]) != 1:
            raise StaleHandOver


def _give_households(by: Any, made: HandOver, held: Holding, to: dict[int, int]) -> None:
    changes = assignments.assign_many(by=by, pairs=to.items(), on=made.on, batch=made, reason=made.reason)
    if any(change.before != held.cadre.pk for change in changes) or len(changes) != len(to):
        raise StaleHandOver  # somebody gave one of them away while this waited


def _give_drafts(
    held: Holding, to: dict[str, dict[int, int]], people: dict[int, Cadre], after: str
) -> int:  # fmt: skip
    """Of who can't sign in any more the drafts of meetings go to whoever takes over most and can; how many did.

    They stay their author's while the account stays open, and where nobody who could finish them takes anything over.
    """
    if after not in {After.ACCOUNT, After.LEAVES}:
        return 0
    taken = Counter(pk for rows in to.values() for pk in rows.values() if people[pk].user_id is not None)
    if not taken:
        return 0
    heir = max(taken, key=lambda pk: (taken[pk], -pk))
    drafts = MeetingDraft.objects.filter(pk__in=[each.pk for each in held.drafts], cadre=held.cadre, visit=None)
    return int(drafts.update(cadre=heir))


def _rows(made: HandOver, held: Holding, to: dict[str, dict[int, int]]) -> list[HandOverRow]:
    def row(kind: str, to_cadre: int, **what: Any) -> HandOverRow:
        return HandOverRow(handover=made, kind=kind, to_cadre_id=to_cadre, **what)

    rows = [row(Handed.HOUSEHOLD, to["household"][each.pk], household=each) for each in held.households]
    for issue in held.issues:
        kind = Handed.WISH if issue.pk in held.claims else Handed.ISSUE
        rows.append(row(kind, to["issue"][issue.pk], issue=issue, day=issue.due_on))
    for visit in held.promises:
        household: Household | None = visit.household
        if household is not None:
            to_cadre = to["household"][household.pk]
            rows.append(row(Handed.PROMISE, to_cadre, household=household, day=visit.follow_up_on))
    for planned in held.follow_ups:
        rows.append(row(Handed.FOLLOW_UP, to["follow_up"][planned.pk], issue=planned.issue, day=planned.planned_on))
    return rows


def _tell(made: HandOver, cadres_: set[int]) -> None:
    """Who has new households is told so; matters have notices of their own."""
    able = told(cadres_, made.county)
    Notice.objects.bulk_create(
        notices.notice(cadre, able[cadre], made.made_at, sort=Sort.HANDED_OVER, mark=str(made.pk))
        for cadre in sorted(able)
    )


def _finish(by: Any, cadre: Cadre, posting: Posting | None, after: str, on: datetime.date) -> None:
    """What was asked to follow, by the acts that do it alone too: each refuses as it always does."""
    if after == After.POSTING and posting is not None:
        postings.end(by=by, posting=posting, end_on=on)
    if after == After.LEAVES:
        for each in current().filter(cadre=cadre).order_by("pk"):
            postings.end(by=by, posting=each, end_on=on)
        cadres.edit(by=by, cadre=cadre, values={"left_on": on}, seen=None)
    if after == After.ACCOUNT and cadre.user_id is not None:
        accounts.set_active(by=by, cadre=cadre, active=False)


def _cadre_of(by: Any) -> Cadre | None:
    return by.cadre if scope_of(by).cadre_id is not None else None
