"""What a step needs from the database before it may take effect: who is in reach, which desk it goes to."""

from collections.abc import Callable, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from ledger.models import Cadre, Category, Extension, Issue, Organisation
from ledger.models.issue_scope import capacities
from ledger.models.scope import scope_of
from ledger.queries.issue_desks import (
    assignable_cadres,
    assignable_units,
    desks_above,
    desks_below,
    held_levels,
    lowest_desk,
)
from ledger.queries.issue_standing import leaders_over, possible_masters
from ledger.rules.days import local_day
from ledger.rules.issue_steps import Capacity, Step
from ledger.rules.issues import MAY_BE_SENSITIVE, IssueKind, must_be_sensitive
from ledger.rules.permissions import LEVEL_RANK, Level, Permission

Said = dict[str, Any]


def prepare(by: Any, issue: Issue, step: str, data: Said) -> Said:
    """The data of a step, checked against what the user reaches and completed by what follows from the issue."""
    check = CHECKS.get(step)
    return {**data, **check(by, issue, data)} if check is not None else data


def _assign(by: Any, issue: Issue, data: Said) -> Said:
    """Lead and supporting units lie within the desk's reach; the lead is somebody else's business outside it."""
    to = data.get("assignee")
    units = assignable_units(by, issue)
    chosen = [*data.get("supporting", ()), *([to] if isinstance(to, Organisation) else [])]
    reached = units.filter(pk__in=[unit.pk for unit in chosen]).count() == len({unit.pk for unit in chosen})
    if isinstance(to, Cadre):
        reached = reached and assignable_cadres(by, issue).filter(pk=to.pk).exists()
    if not reached:
        raise ValidationError({"assignee": _("Choose somebody within reach of your desk.")})
    if issue.is_sensitive and data.get("supporting"):
        raise ValidationError({"supporting": _("A sensitive matter stays with its handler: nobody supports it.")})
    return {}


def _progress(by: Any, issue: Issue, data: Said) -> Said:
    """What a supporting unit reports is marked as theirs: it is no answer of the unit in charge to its supervisor."""
    if Capacity.HANDLER in capacities(by, issue):
        return {"for_unit": None}
    named = issue.supporting.filter(pk__in=scope_of(by).ids("organisation", Permission.HANDLE_ISSUE))
    return {"for_unit": named.order_by("pk").first()}


def _escalate(by: Any, issue: Issue, data: Said) -> Said:
    return _level(data, desks_above(issue, _held(issue)))


def _send_down(by: Any, issue: Issue, data: Said) -> Said:
    return _level(data, desks_below(issue, _held(issue)))


def _level(data: Said, possible: Sequence[str]) -> Said:
    """The desk that was chosen, else the next one that somebody holds."""
    level = str(data.get("level") or (possible[0] if possible else ""))
    if level not in possible:
        raise ValidationError({"level": _("Choose a desk that somebody holds.")})
    return {"level": level}


def _held(issue: Issue) -> list[str]:
    return held_levels(issue.village, without_id=issue.about_cadre_id)


def _request_extension(by: Any, issue: Issue, data: Said) -> Said:
    """The first extension of a round is for the desk in charge, a further one for the desk above it."""
    granted = Extension.objects.filter(issue=issue, round=issue.round, is_granted=True).exists()
    above = desks_above(issue, _held(issue)) if granted else []
    return {"level": above[0] if above else str(issue.level)}


def _instruct(by: Any, issue: Issue, data: Said) -> Said:
    """A leader speaks for themselves; the desk names the leader, who leads over the place."""
    leader, leaders = data.get("leader"), leaders_over(by, issue)
    if leader is None and Capacity.LEADER in capacities(by, issue):
        leader = leaders.filter(user=by).first()
    if leader is not None and not leaders.filter(pk=leader.pk).exists():
        raise ValidationError({"leader": _("Choose a leader of this place.")})
    return {"leader": leader}


def _merge(by: Any, issue: Issue, data: Said) -> Said:
    """Both rows are locked, in one order for everybody: two merges of the same pair never wait for each other."""
    master = data.get("master")
    if master is None:
        return {}
    list(Issue.objects.select_for_update().filter(pk__in={issue.pk, master.pk}).order_by("pk").values_list("pk"))
    found = possible_masters(by, issue).select_related("township__county", "village__township", "household")
    stored = found.filter(pk=master.pk).first()
    if stored is None:
        raise ValidationError(
            {"master": _("Choose an open matter of the same township, of the same circle, that is not merged itself.")}
        )
    return {"master": stored}


def _resume(by: Any, issue: Issue, data: Said) -> Said:
    """The day of an extension granted while it was deferred: whoever granted it saw the pause so far."""
    granted = Extension.objects.filter(issue=issue, round=issue.round, is_granted=True).order_by("-pk").first()
    decided = local_day(granted.decided_at) if granted is not None and granted.decided_at is not None else None
    during = decided is not None and issue.deferred_on is not None and decided >= issue.deferred_on
    return {"granted_on": decided if during else None}


def _reclassify(by: Any, issue: Issue, data: Said) -> Said:
    """``level`` is set when it changes desks: what is for the discipline office lies no lower than the township."""
    kind, category = str(data.get("kind") or ""), data.get("category")
    if kind not in IssueKind.values or not isinstance(category, Category):
        return {"level": None}
    if category.county_id != issue.township.county_id or not category.is_active:
        raise ValidationError({"category": _("Choose a category of the county.")})
    if issue.about_cadre_id is not None and kind != IssueKind.COMPLAINT:
        raise ValidationError({"kind": _("A complaint about a person stays one: it would come before their eyes.")})
    sensitive = must_be_sensitive(kind, restricted=category.restricts)
    sensitive = sensitive or (issue.is_sensitive and kind in MAY_BE_SENSITIVE)
    if sensitive != issue.is_sensitive and issue.merged_issues.exists():
        raise ValidationError({"kind": _("Other matters are merged into this one: it stays in the circle it is in.")})
    becomes_complaint = kind == IssueKind.COMPLAINT and issue.kind != IssueKind.COMPLAINT
    is_low = LEVEL_RANK[Level(issue.level)] < LEVEL_RANK[Level.TOWNSHIP]
    if not becomes_complaint and not (category.restricts and is_low):
        return {"level": None}
    about = data.get("about_cadre") if becomes_complaint else None
    at_least = Level.TOWNSHIP if is_low else Level(issue.level)
    return {"level": lowest_desk(issue.village, at_least=at_least, without=about)}


CHECKS: dict[str, Callable[[Any, Issue, Said], Said]] = {
    Step.ASSIGN: _assign,
    Step.PROGRESS: _progress,
    Step.ESCALATE: _escalate,
    Step.SEND_DOWN: _send_down,
    Step.REQUEST_EXTENSION: _request_extension,
    Step.INSTRUCT: _instruct,
    Step.MERGE: _merge,
    Step.RESUME: _resume,
    Step.RECLASSIFY: _reclassify,
}
