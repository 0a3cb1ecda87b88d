"""办理经过: the steps of an issue as sentences, in the order they happened."""

import datetime
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.formats import date_format, localize
from django.utils.functional import Promise
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ledger.models import Issue, IssueStep
from ledger.queries.issue_step_words import VERBS, day_of, more_facts
from ledger.rules.issue_steps import Step
from ledger.rules.issues import UNREACHABLE_TRIES, Answer, CloseBasis, Outcome

LOOK = {
    Step.REGISTER: ("edit", "brand"), Step.ASSIGN: ("send", "calm"), Step.ACCEPT: ("check", "calm"),
    Step.RETURN: ("undo", "due"), Step.PROGRESS: ("speech", "calm"), Step.RESOLVE: ("check-circle", "done"),
    Step.CALL_BACK: ("phone", "calm"), Step.CLOSE: ("lock", "done"), Step.REOPEN: ("history", "due"),
    Step.REQUEST_EXTENSION: ("clock", "due"), Step.GRANT_EXTENSION: ("clock", "calm"),
    Step.REFUSE_EXTENSION: ("clock", "late"), Step.INSTRUCT: ("flag", "due"), Step.SUPERVISE: ("eye", "late"),
    Step.RELEASE: ("eye", "calm"), Step.ESCALATE: ("upload", "due"), Step.SEND_DOWN: ("down", "calm"),
    Step.DEFER: ("clock", "due"), Step.RESUME: ("check", "calm"), Step.RECLASSIFY: ("edit", "plain"),
    Step.MERGE: ("swap", "plain"), Step.VOID: ("cross", "plain"),
    Step.REMIND: ("bell", "due"), Step.WITHDRAW: ("undo", "due"),
}  # fmt: skip
"""Step → icon and colour."""
CLAIM_WORDS: dict[str, Promise | str] = {
    Step.ASSIGN: gettext_lazy("Claimed by %(who)s"), Step.RETURN: gettext_lazy("Given back to the pool"),
}  # fmt: skip
"""What a step is called when a wish was claimed or given back by it."""


@dataclass(frozen=True)
class Line:
    """One step as it is shown."""

    icon: str
    state: str
    title: str
    at: str
    who: str
    text: str


def steps_of(issue: Issue) -> QuerySet[IssueStep]:
    """The steps with everything a line prints, in one query."""
    steps: QuerySet[IssueStep] = issue.steps.select_related(
        "by__organisation", "acting_for", "to_cadre", "to_organisation"
    ).order_by("pk")
    return steps


def line_of(step: IssueStep) -> Line:
    """One step in words."""
    icon, state = LOOK.get(Step(step.step), ("history", "plain"))
    if step.data.get("answer") == Answer.DISSATISFIED:
        state = "late"
    return Line(icon, state, _title(step), moment_words(step), who_words(step), step.text)


def _title(step: IssueStep) -> str:
    parts = [_verb(step), *_facts(step)]
    return " · ".join(part for part in parts if part)


def _verb(step: IssueStep) -> str:
    to = step.to_organisation or step.to_cadre
    if step.data.get("claim") and step.step in CLAIM_WORDS:
        return str(CLAIM_WORDS[step.step]) % {"who": to}
    if step.step == Step.ASSIGN and to is not None:
        if step.data.get("hand_over"):
            return _handed_over(step, to)
        if step.data.get("outside"):
            return _("Handed on to %(who)s") % {"who": to}
        return _("Assigned to %(who)s") % {"who": to}
    if step.step == Step.RESOLVE and step.data.get("on_spot"):
        return _("Settled on the spot")
    if step.step in VERBS:
        return VERBS[step.step](step)
    return str(Step(step.step).label)


def _handed_over(step: IssueStep, to: Any) -> str:
    """From whom to whom, by the hand-over of which day; steps of earlier versions name only the receiver."""
    if not step.data.get("former"):
        return _("Handed over to %(who)s") % {"who": to}
    day = day_of(datetime.date.fromisoformat(step.data["on"]), step)
    return _("Handed over from %(former)s to %(who)s in the hand-over of %(day)s") % {
        "former": step.data["former"], "who": to, "day": day,
    }  # fmt: skip


def _facts(step: IssueStep) -> list[str]:
    data: dict[str, Any] = step.data
    facts = [str(Outcome(each).label) for each in data.get("outcomes", ()) if each in Outcome.values]
    if step.step == Step.CALL_BACK and data.get("answer") in Answer.values:
        answer = str(Answer(data["answer"]).label)
        tries = _("try %(n)s of %(most)s") % {"n": data.get("tries", 0), "most": UNREACHABLE_TRIES}
        facts.append(f"{answer} ({tries})" if data["answer"] == Answer.UNREACHABLE else answer)
    if step.step == Step.CLOSE and not data.get("number") and data.get("basis") in CloseBasis.values:
        facts.append(str(CloseBasis(data["basis"]).label))
    if step.step == Step.RESOLVE and data.get("in_time") is False:
        facts.append(_("past the due date"))
    if step.step == Step.ASSIGN and step.due_on is not None:
        facts.append(_("due %(day)s") % {"day": day_of(step.due_on, step)})
    if data.get("supporting_names"):
        facts.append(_("supported by %(units)s") % {"units": "、".join(data["supporting_names"])})
    if step.step == Step.REOPEN and not data.get("number"):
        facts.append(_("round %(n)s") % {"n": localize(step.round)})
    return [*facts, *more_facts(step)]


def moment_words(step: IssueStep) -> str:
    """When; of a step out of an earlier ledger only the day is known, or not even that."""
    if step.data.get("imported"):
        known = step.data.get("day_known", True)
        return date_format(localtime(step.at), "DATE_FORMAT") if known else _("day not known")
    return date_format(localtime(step.at), "DATETIME_FORMAT")


def who_words(step: IssueStep) -> str:
    if step.by is None:
        return _("from the earlier ledger") if step.data.get("imported") else _("by the system")
    unit = step.by.organisation.name if step.by.organisation is not None else ""
    parts = [step.by.name, unit, step.by.title]
    if step.acting_for is not None:
        parts.append(_("for %(who)s") % {"who": step.acting_for})
    return " · ".join(part for part in parts if part)
