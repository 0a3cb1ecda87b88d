"""消息: the one writer. A step's notices are rows of its own transaction, so that none is lost and none is early."""

import datetime
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone

from ledger.actions.actors import acting_cadre_id
from ledger.actions.audit import record
from ledger.models import Cadre, County, Issue, IssueStep, KeptEntry, Notice, NoticeChoice
from ledger.queries.notice_people import People, Place, Told, meant, supporting_of, told
from ledger.rules.issue_steps import Step
from ledger.rules.notices import FIXED, Audience, NoticeRule, Sort, rings_at_night, step_rules
from ledger.rules.permissions import Level

BATCH = 500
Key = tuple[int, int | None, str, str]
"""(cadre, issue, sort, mark): what is said once."""
Had = tuple[int | None, int | None]
"""Who had an issue: a cadre, or a unit for which nobody had accepted it."""
NOBODY: Had = (None, None)
HANDLING = (Step.ASSIGN, Step.ACCEPT, Step.RESOLVE)


def tell(step: IssueStep) -> None:
    """Tell whom a step concerns: called where the step is written, in its transaction; three more queries at most.

    Who took it has seen what they had been told of the matter before.
    """
    if step.by_id is not None:
        unread = Notice.objects.filter(cadre_id=step.by_id, issue_id=step.issue_id, read_at__isnull=True)
        unread.update(read_at=step.at)
    tell_all([step])


def tell_many(steps: Sequence[IssueStep]) -> None:
    """The same for the steps of one bulk act, which one person took; a few queries for each county."""
    if not steps:
        return
    by = steps[0].by_id
    if by is not None:
        unread = Notice.objects.filter(cadre_id=by, issue__in=[step.issue_id for step in steps], read_at__isnull=True)
        unread.update(read_at=steps[0].at)
    for county in {step.issue.township.county_id for step in steps}:
        tell_all([step for step in steps if step.issue.township.county_id == county])


def tell_all(steps: Sequence[IssueStep]) -> int:
    """The same for steps of one county, written together; reads the village, township and county of each issue."""
    ruled = [(step, rule) for step in steps for rule in _rules(step)]
    if not ruled:
        return 0
    issues = list({step.pk: step.issue for step, _rule in ruled}.values())
    last = _last_handlers([step for step, rule in ruled if Audience.LAST_HANDLER in rule.to])
    closing = [step.issue_id for step, rule in ruled if Audience.SUPPORTERS in rule.to]
    supporting = supporting_of(closing) if closing else {}
    named = [issue.lead_organisation_id for issue in issues] + [unit for _cadre, unit in last.values()]
    named += [unit for step in steps for unit in _named(step)] + [unit for many in supporting.values() for unit in many]
    people = People.around({Place.of(issue.village) for issue in issues}, {unit for unit in named if unit is not None})
    people.supporting = supporting
    wanted = {
        (step.pk, rule.sort): _cadres(step, rule, people, last.get(step.issue_id, NOBODY)) for step, rule in ruled
    }
    county = issues[0].township.county
    able = told({cadre for cadres in wanted.values() for cadre in cadres}, county)
    if covered := {cadre: one.covered_by for cadre, one in able.items() if one.covered_by is not None}:
        able |= told(covered.values(), county)
        for step, rule in ruled:
            standing_in = {covered[cadre] for cadre in wanted[step.pk, rule.sort] & covered.keys()}
            wanted[step.pk, rule.sort] |= standing_in - {step.by_id, step.issue.about_cadre_id}
    made = [
        notice(cadre, able[cadre], step.at, sort=rule.sort, mark=str(step.pk), issue=step.issue, step=step)
        for step, rule in ruled
        for cadre in sorted(wanted[step.pk, rule.sort])
        if cadre in able and (rule.sort in FIXED or rule.sort not in able[cadre].muted)
    ]
    Notice.objects.bulk_create(made, batch_size=BATCH)
    return len(made)


def tell_desk(entry: KeptEntry, *, sender: int | None) -> None:
    """Tell the desk that decides about a kept entry (never its sender), and who stands in for them today."""
    village = entry.household.village if entry.household is not None else entry.village
    if village is not None:
        place, level = Place.of(village), Level.VILLAGE
    elif entry.county_id is not None:
        place = Place(0, None, entry.township_id or 0, entry.county_id)
        level = Level.TOWNSHIP if entry.township_id else Level.COUNTY
    else:
        return
    keepers = People.around({place}, ()).desk(place, level, without=sender)[1]
    county = County.objects.get(pk=place.county)
    able = told(keepers, county)
    able |= told({one.covered_by for one in able.values() if one.covered_by not in {None, sender}}, county)
    made = [notice(cadre, able[cadre], entry.kept_at, sort=Sort.KEPT_ENTRY, mark=str(entry.pk)) for cadre in able]
    Notice.objects.bulk_create(made)


def tell_sender(entry: KeptEntry, *, by: Any, at: datetime.datetime) -> None:
    """Tell who sent a kept entry that somebody else has decided it; what, is read when the notice is."""
    sender = getattr(entry.user, "cadre", None)
    if sender is None or entry.user_id == by.pk:
        return
    able = told({sender.pk}, sender.county)
    made = [
        notice(cadre, person, at, sort=Sort.ENTRY_DECIDED, mark=str(entry.pk))
        for cadre, person in able.items()
        if cadre == sender.pk and Sort.ENTRY_DECIDED not in person.muted
    ]
    Notice.objects.bulk_create(made)


def notice(
    cadre: int, person: Told, at: datetime.datetime, *, sort: str, mark: str, issue: Issue | None = None,
    step: IssueStep | None = None,
) -> Notice:  # fmt: skip
    """One notice, not stored; when it arises in the person's quiet hours it rings in the morning."""
    at_once = issue is not None and rings_at_night(issue.urgency)
    rings = at if at_once else person.hours.rings_at(at)
    return Notice(cadre_id=cadre, issue=issue, step=step, sort=sort, mark=mark, at=at, rings_at=rings)


def _rules(step: IssueStep) -> list[NoticeRule]:
    answer = str(step.data.get("answer") or "")
    return step_rules(step.step, before=step.from_state, after=step.to_state, answer=answer)


def _named(step: IssueStep) -> list[int]:
    """The units that the step named as supporting; those of a sensitive matter stand outside its circle."""
    return [] if step.issue.is_sensitive else list(step.data.get("supporting", ()))


def _cadres(step: IssueStep, rule: NoticeRule, people: People, last: Had) -> set[int]:
    """Whom the step is told: never who took it, nor who it was taken for, nor whom the matter is about."""
    issue = step.issue
    place = Place.of(issue.village)
    found = {each for audience in rule.to for each in meant(audience, issue, people, place)}
    if Audience.NAMED in rule.to:
        found |= {cadre for unit in _named(step) for cadre in people.handlers(unit, without=None)}
    # Who once had a sensitive matter stands outside its circle by now.
    if Audience.LAST_HANDLER in rule.to and not issue.is_sensitive:
        cadre, unit = last
        found |= {cadre} if cadre is not None else set(people.handlers(unit, without=None) if unit is not None else ())
    if rule.sort == Sort.TAKEN:  # who is given it anew, alone or with their unit, is told that and no more
        found -= set(meant(Audience.HANDLER, issue, people, place))
    return found - {step.by_id, step.acting_for_id, issue.about_cadre_id}


def _last_handlers(steps: Sequence[IssueStep]) -> dict[int, Had]:
    """Issue → who accepted or resolved it last before the step, or to whom it was given and did not accept it."""
    if not steps:
        return {}
    until = {step.issue_id: step.pk for step in steps}
    moves = IssueStep.objects.filter(issue__in=list(until), step__in=HANDLING).order_by("pk")
    found: dict[int, Had] = {}
    for pk, issue, step, by, cadre, unit in moves.values_list(
        "pk", "issue_id", "step", "by_id", "to_cadre_id", "to_organisation_id"
    ):
        if pk < until[issue]:
            found[issue] = (cadre, unit) if step == Step.ASSIGN else (by, None)
    return found


def read(*, by: Any, notices: Iterable[int] | None = None) -> int:
    """Mark one's own notices as read (None: all that the list shows); others' are left alone. How many were unread."""
    unread = Notice.objects.visible_to(by).filter(read_at__isnull=True)
    which = unread if notices is None else unread.filter(pk__in=list(notices))
    return int(which.update(read_at=timezone.now()))


@transaction.atomic
def choose(*, by: Any, values: dict[str, Any]) -> NoticeChoice:
    """Keep which sorts the person does not want (``muted``) and the quiet hours; recorded: why one was not told."""
    cadre = Cadre.objects.get(pk=acting_cadre_id(by))
    muted = sorted(set(values["muted"]) - FIXED)
    changed = {**values, "muted": muted}
    row, _made = NoticeChoice.objects.get_or_create(cadre=cadre)
    if all(getattr(row, name) == value for name, value in changed.items()):
        return row
    NoticeChoice.objects.filter(pk=row.pk).update(**changed)
    record(verb="notice.chosen", by=by, obj=cadre, detail={"muted": muted, "quiet": values["quiet"]})
    row.refresh_from_db()
    return row
