"""The words of the steps that carry facts of their own: which desk, until when, into which matter."""

import datetime
from collections.abc import Callable
from typing import Any

from django.utils.formats import date_format, localize
from django.utils.timezone import localtime
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from ledger.models import IssueStep
from ledger.rules.issue_steps import Step, words_of
from ledger.rules.issues import IssueKind
from ledger.rules.permissions import Level


def day_of(day: datetime.date, step: IssueStep) -> str:
    """The date given, with its year when that is not the year of the step."""
    same_year = day.year == localtime(step.at).year
    return date_format(day, "MONTH_DAY_FORMAT" if same_year else "DATE_FORMAT")


def _level(step: IssueStep) -> str:
    level = step.data.get("level", "")
    return str(Level(level).label) if level in Level.values else ""


def _escalated(step: IssueStep) -> str:
    return _("Escalated to the desk: %(level)s") % {"level": _level(step)}


def _sent_down(step: IssueStep) -> str:
    return _("Sent down to the desk: %(level)s") % {"level": _level(step)}


def _instructed(step: IssueStep) -> str:
    """As the leader's own, whoever entered it."""
    leader = step.acting_for or step.by
    return _("Instruction by %(who)s") % {"who": leader.name} if leader is not None else str(Step.INSTRUCT.label)


def _merged(step: IssueStep) -> str:
    """On the one that was merged, and on its master."""
    number = step.data.get("number", "")
    if "merged" in step.data:
        return _("%(number)s was merged into this matter") % {"number": number}
    return _("Merged into %(number)s") % {"number": number}


def _closed(step: IssueStep) -> str:
    number = step.data.get("number")
    return _("Struck off together with %(number)s") % {"number": number} if number else str(Step.CLOSE.label)


def _reopened(step: IssueStep) -> str:
    number = step.data.get("number")
    return (
        _("%(number)s was reopened: it waits with it again") % {"number": number} if number else str(Step.REOPEN.label)
    )


def _deferral(step: IssueStep) -> str:
    """Put off, or put off again after a review."""
    return str(words_of(Step.DEFER, step.from_state)[0])


def _progressed(step: IssueStep) -> str:
    unit = step.data.get("unit")
    return _("Progress of %(unit)s in support") % {"unit": unit} if unit else str(Step.PROGRESS.label)


VERBS: dict[str, Callable[[IssueStep], str]] = {
    Step.PROGRESS: _progressed,
    Step.ESCALATE: _escalated,
    Step.SEND_DOWN: _sent_down,
    Step.INSTRUCT: _instructed,
    Step.MERGE: _merged,
    Step.CLOSE: _closed,
    Step.REOPEN: _reopened,
    Step.DEFER: _deferral,
}
"""Step → its sentence, where the step's own name says too little."""


def more_facts(step: IssueStep) -> list[str]:
    """What else the step carries, each in a few words."""
    found = FACTS.get(step.step)
    return [fact for fact in found(step) if fact] if found is not None else []


def _date(name: str) -> Callable[[IssueStep], list[str]]:
    def facts(step: IssueStep) -> list[str]:
        if step.due_on is None:
            return []
        day = {"day": day_of(step.due_on, step)}
        words = {
            "until": _("until %(day)s"), "due": _("due %(day)s"), "stays": _("due as before, %(day)s"),
            "triage": _("to be assigned by %(day)s"), "report": _("first report by %(day)s"),
        }  # fmt: skip
        return [words[name] % day]

    return facts


def _requested(step: IssueStep) -> list[str]:
    level = _level(step)
    return [*_date("until")(step), _("decided by the desk: %(level)s") % {"level": level} if level else ""]


def _instruction(step: IssueStep) -> list[str]:
    on = _iso(step.data.get("on"))
    entered = _("entered by the desk") if step.acting_for is not None else ""
    return [date_format(on, "DATE_FORMAT") if on is not None and on != localtime(step.at).date() else "", entered]


def _deferred(step: IssueStep) -> list[str]:
    review = _iso(step.data.get("review_on"))
    return [*_date("until")(step), _("next review %(day)s") % {"day": day_of(review, step)} if review else ""]


def _resumed(step: IssueStep) -> list[str]:
    days = step.data.get("paused")
    still = ngettext("stood still for %(n)s working day", "stood still for %(n)s working days", days or 0)
    return [*_date("due")(step), still % {"n": localize(days)} if isinstance(days, int) else ""]


def _supervised(step: IssueStep) -> list[str]:
    days = step.data.get("every")
    every = ngettext("progress every day", "progress every %(n)s days", days or 0)
    return [every % {"n": localize(days)} if isinstance(days, int) else "", *_date("report")(step)]


def _reclassified(step: IssueStep) -> list[str]:
    kinds = [str(IssueKind(each).label) for each in step.data.get("kinds", ()) if each in IssueKind.values]
    categories = [_named(each) for each in step.data.get("categories", ())]
    changed = [f"{pair[0]} → {pair[1]}" for pair in (kinds, categories) if len(pair) == 2 and pair[0] != pair[1]]
    to_desk = step.from_state != step.to_state
    return [*changed, *_date("triage" if to_desk else "due")(step)]


def _named(names: Any) -> str:
    """A category's name in the language of the page."""
    chinese, english = [*names, ""][:2]
    return str(english if english and (get_language() or "").startswith("en") else chinese)


def _iso(value: Any) -> datetime.date | None:
    return datetime.date.fromisoformat(value) if isinstance(value, str) and value else None


FACTS: dict[str, Callable[[IssueStep], list[str]]] = {
    Step.ESCALATE: _date("triage"),
    Step.SEND_DOWN: _date("triage"),
    Step.REQUEST_EXTENSION: _requested,
    Step.GRANT_EXTENSION: _date("due"),
    Step.REFUSE_EXTENSION: _date("stays"),
    Step.INSTRUCT: _instruction,
    Step.SUPERVISE: _supervised,
    Step.DEFER: _deferred,
    Step.RESUME: _resumed,
    Step.RECLASSIFY: _reclassified,
}
