"""Bulk acts of a desk: what would be changed before it is done, and afterwards what became of each row."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, F, QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from ledger.models import AuditRow, BatchOutcome, BulkState, Cadre, Issue, IssueBatch, IssueBatchRow, Organisation
from ledger.models.issue_scope import capacities
from ledger.rules.days import local_today
from ledger.rules.issue_steps import Step, refusal
from ledger.rules.issues import State

READ_FOR_STEPS = (
    "township__county", "village__township", "category__parent", "household", "group", "handler", "lead_organisation",
)  # fmt: skip
"""What the steps read of an issue, and what its row prints."""
STANDS_STILL = datetime.timedelta(minutes=2)
"""A part of a long act takes seconds."""
REMINDED = _("Reminded today already.")
NOT_DEFERRED = _("It is not deferred: there is no review to put off.")
SENSITIVE = _("It is sensitive: open it and assign it by itself, so that it reaches only whom it is for.")


def kept_out(step: str, issue: Issue) -> Promise | None:
    """Why a bulk act leaves out a matter on which the step could be taken by itself; None for nearly all."""
    if step == Step.DEFER and issue.state != State.DEFERRED:
        return NOT_DEFERRED
    return SENSITIVE if step == Step.ASSIGN and issue.is_sensitive else None


@dataclass
class Plan:
    """What a bulk act would do: rows it would change, and those it can't, each with the sentence why."""

    possible: list[Issue] = field(default_factory=list)
    left: list[tuple[Issue, Promise | str]] = field(default_factory=list)

    @property
    def chosen(self) -> str:
        """The rows with the version each was seen in: ``12:3 15:1``."""
        return " ".join(f"{issue.pk}:{issue.version}" for issue in self.possible)

    @property
    def given_already(self) -> int:
        """How many of them somebody has on the desk already."""
        return sum(issue.state != State.REGISTERED for issue in self.possible)


def plan_of(user: Any, step: str, issues: Sequence[Issue]) -> Plan:
    """Ask the one table for each row whether this person may take the step on it now (no query)."""
    plan, today = Plan(), local_today()
    for issue in issues:
        why = refusal(step, issue.standing, capacities(user, issue))
        if why is None and step == Step.REMIND and issue.reminded_on == today:
            why = REMINDED
        why = why or kept_out(step, issue)
        if why is None:
            plan.possible.append(issue)
        else:
            plan.left.append((issue, why))
    return plan


CHANGED = (BatchOutcome.DONE, BatchOutcome.TAKEN_BACK, BatchOutcome.GOING_BACK)
LEFT = (BatchOutcome.MOVED, BatchOutcome.REFUSED)


def rows_of(user: Any, batch: IssueBatch, outcomes: Sequence[str]) -> QuerySet[IssueBatchRow]:
    """The rows whose issue the user still sees, in the order of the ledger."""
    seen = Issue.objects.visible_to(user).filter(pk__in=batch.rows.values("issue"))
    rows: QuerySet[IssueBatchRow] = batch.rows.filter(issue__in=seen, outcome__in=outcomes)
    rows = rows.select_related(*(f"issue__{name}" for name in READ_FOR_STEPS))
    return rows.order_by("issue__year", "issue__serial", "issue__pk")


def reasons_of(user: Any, batch: IssueBatch) -> list[tuple[str, int]]:
    """Why rows stayed as they were, the commonest first; ``""`` for those that somebody else had moved."""
    counted = rows_of(user, batch, LEFT).select_related(None).order_by().values_list("why").annotate(n=Count("pk"))
    return [(why, n) for why, n in counted.order_by("-n", "why")]


def progress_of(batch: IssueBatch) -> dict[str, int]:
    """How many rows of a long act have had their turn (``value``), of how many (``max``)."""
    total = batch.rows.filter(outcome__in=CHANGED) if batch.taken_back_at else batch.rows
    waiting = batch.rows.filter(outcome__in=[BatchOutcome.WAITING, BatchOutcome.GOING_BACK]).count()
    most = total.count()
    return {"value": most - waiting, "max": most}


def stands_since(batch: IssueBatch) -> datetime.datetime | None:
    """Since when no part of a long act was done, where that is longer than a part takes: its worker was killed.

    Each part leaves its row on the trail, as the beginning does.
    """
    parts = AuditRow.objects.filter(verb="issue.bulk", object_type="issuebatch", object_id=batch.pk)
    last: datetime.datetime | None = parts.order_by("-pk").values_list("at", flat=True).first()
    return last if last is not None and timezone.now() - last > STANDS_STILL else None


def may_be_taken_back(user: Any, batch: IssueBatch) -> list[IssueBatchRow]:
    """What was given by this batch out of the desk's own hands, and was neither accepted nor moved since. Nothing of
    one that was taken back once, is not over, or was no assignment."""
    if batch.step != Step.ASSIGN or batch.taken_back_at is not None or batch.state != BulkState.DONE:
        return []
    untouched = rows_of(user, batch, [BatchOutcome.DONE]).filter(issue__version=F("version"))
    return [
        row
        for row in untouched
        if row.old.get("state") == State.REGISTERED
        and refusal(Step.WITHDRAW, row.issue.standing, capacities(user, row.issue)) is None
    ]


def said_words(batch: IssueBatch) -> list[tuple[str, str]]:
    """What the form of the batch said: label and value, for people."""
    said: dict[str, Any] = batch.said
    words = [
        (gettext("Given to"), _name_of(str(said.get("assignee") or ""))),
        (gettext("Due"), _day_of(said.get("due_on"))),
        (gettext("Next review"), _day_of(said.get("review_on"))),
        (gettext("Said"), str(said.get("text") or "")),
    ]
    return [(label, value) for label, value in words if value]


def _name_of(key: str) -> str:
    model: Any = Cadre if key.startswith("c") else Organisation
    return str(model.objects.filter(pk=key[1:]).first() or "") if key[1:].isdigit() else ""


def _day_of(value: Any) -> str:
    return date_format(datetime.date.fromisoformat(value), "DATE_FORMAT") if value else ""


def reminder_texts(issues: Sequence[Issue]) -> list[tuple[str, str]]:
    """Handler → the text to paste into a chat group: numbers and dates, nothing of a person who raised something."""
    today = local_today()
    by_handler: dict[str, list[Issue]] = {}
    for issue in issues:
        by_handler.setdefault(str(issue.lead_organisation or issue.handler or ""), []).append(issue)
    texts = []
    for handler, theirs in sorted(by_handler.items()):
        late = sum(issue.due_on is not None and issue.due_on < today for issue in theirs)
        count = ngettext("%(n)s matter waits for you", "%(n)s matters wait for you", len(theirs)) % {"n": len(theirs)}
        overdue = ngettext(", %(n)s of them overdue", ", %(n)s of them overdue", late) % {"n": late} if late else ""
        lines = [f"{issue.printed_number} {issue.village}{_due_words(issue)}" for issue in theirs[:MOST_NAMED]]
        if len(theirs) > MOST_NAMED:
            lines.append(gettext("… and %(n)s more in the ledger") % {"n": len(theirs) - MOST_NAMED})
        head = gettext("%(who)s: %(count)s%(overdue)s.") % {"who": handler, "count": count, "overdue": overdue}
        ask = gettext("Please deal with them in the Village Ledger and report how far they are.")
        texts.append((handler, "\n".join([head, *lines, ask])))
    return texts


MOST_NAMED = 20
"""Numbers in one chat message."""


def _due_words(issue: Issue) -> str:
    if issue.due_on is None:
        return ""
    return gettext(", due %(day)s") % {"day": date_format(issue.due_on, "MONTH_DAY_FORMAT")}
