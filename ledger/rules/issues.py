"""The issue ledger as data: states, kinds, sources, outcomes, answers (design.md 5); the steps are beside it."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class State(TextChoices):
    """Where an issue stands."""

    REGISTERED = "registered", _("To be assigned")
    ASSIGNED = "assigned", _("To be accepted")
    IN_PROGRESS = "in_progress", _("In progress")
    DEFERRED = "deferred", _("Deferred, kept on the list")
    RESOLVED = "resolved", _("To be called back")
    CLOSED = "closed", _("Struck off")
    MERGED = "merged", _("Merged")
    VOID = "void", _("Void (wrong entry)")


OPEN_STATES = frozenset({State.REGISTERED, State.ASSIGNED, State.IN_PROGRESS, State.DEFERRED})
UNFINISHED_STATES = OPEN_STATES | {State.RESOLVED}
DUE_STATES = frozenset({State.REGISTERED, State.ASSIGNED, State.IN_PROGRESS})
"""States in which a due date can pass: on a desk only one that came with imported history."""
HANDED_STATES = frozenset({State.ASSIGNED, State.IN_PROGRESS})
"""States whose due date runs: a deferred issue is not overdue, a resolved one was judged when it was resolved."""
STATE_COLOURS = {
    State.REGISTERED: "due", State.ASSIGNED: "due", State.IN_PROGRESS: "calm", State.DEFERRED: "plain",
    State.RESOLVED: "calm", State.CLOSED: "done", State.MERGED: "plain", State.VOID: "plain",
}  # fmt: skip


class IssueKind(TextChoices):
    """What a villager wants (terms.md 1)."""

    REQUEST = "request", _("Request")
    SUGGESTION = "suggestion", _("Suggestion")
    ENQUIRY = "enquiry", _("Enquiry")
    COMPLAINT = "complaint", _("Complaint")
    DISPUTE = "dispute", _("Dispute")
    WISH = "wish", _("Small wish")
    EARLY_SIGN = "early_sign", _("Early sign")


ALWAYS_SENSITIVE = frozenset({IssueKind.COMPLAINT, IssueKind.EARLY_SIGN})
MAY_BE_SENSITIVE = ALWAYS_SENSITIVE | {IssueKind.DISPUTE}


class Source(TextChoices):
    """How the issue reached us (terms.md 1)."""

    VISIT = "visit", _("Household visit")
    MEETING = "meeting", _("Meeting")
    PHONE = "phone", _("Telephone")
    RECEPTION = "reception", _("Came to the office")
    HOTLINE = "hotline", _("Handed on by 12345")
    SUPERIOR = "superior", _("Given from above")
    GRID = "grid", _("Reported by the grid")
    LEADER = "leader", _("Leader's reception")
    SCAN = "scan", _("Scanned card")
    IMPORTED = "imported", _("Imported history")


class Urgency(TextChoices):
    """How soon it has to be settled (terms.md 3); how many days that is, ``rules/issue_limits.py`` says."""

    LIFE = "life", _("Danger to life: the same day")
    URGENT = "urgent", _("Urgent")
    NORMAL = "normal", _("Normal")
    LONG = "long", _("Long-term")


def must_be_sensitive(kind: str, *, restricted: bool) -> bool:
    """Whether the issue is kept to its circle whatever was ticked: by its kind, or its category is restricted."""
    return kind in ALWAYS_SENSITIVE or restricted


def counts_as_open(state: str, *, sensitive: bool) -> bool:
    """Whether it counts in a household's ``open_issues``. Sensitive ones never do: a figure would betray them."""
    return state in OPEN_STATES and not sensitive


class Outcome(TextChoices):
    """How it ended; more than one may hold (terms.md 1)."""

    SOLVED = "solved", _("Solved")
    EXPLAINED = "explained", _("Explained")
    ASSISTED = "assisted", _("Helped")
    LAWFUL_CHANNEL = "lawful_channel", _("Led to the lawful channel")
    ADOPTED = "adopted", _("Adopted")
    PARTLY_ADOPTED = "partly_adopted", _("Partly adopted")
    NOT_ADOPTED = "not_adopted", _("Not adopted for now")
    FULFILLED = "fulfilled", _("Fulfilled")
    NOT_FULFILLED = "not_fulfilled", _("Could not be fulfilled")
    MEDIATED = "mediated", _("Mediated")
    REFERRED = "referred", _("Referred to court")
    DEFUSED = "defused", _("Defused")
    BECAME_DISPUTE = "became_dispute", _("Became a dispute")


_USUAL = (Outcome.SOLVED, Outcome.EXPLAINED, Outcome.ASSISTED, Outcome.LAWFUL_CHANNEL)
OUTCOMES_BY_KIND: dict[str, tuple[str, ...]] = {
    IssueKind.REQUEST: _USUAL,
    IssueKind.ENQUIRY: _USUAL,
    IssueKind.COMPLAINT: _USUAL,
    IssueKind.SUGGESTION: (Outcome.ADOPTED, Outcome.PARTLY_ADOPTED, Outcome.NOT_ADOPTED, Outcome.EXPLAINED),
    IssueKind.WISH: (Outcome.FULFILLED, Outcome.ASSISTED, Outcome.NOT_FULFILLED, Outcome.EXPLAINED),
    IssueKind.DISPUTE: (Outcome.MEDIATED, Outcome.REFERRED, Outcome.EXPLAINED, Outcome.LAWFUL_CHANNEL),
    IssueKind.EARLY_SIGN: (Outcome.DEFUSED, Outcome.BECAME_DISPUTE, Outcome.EXPLAINED, Outcome.ASSISTED),
}


class Answer(TextChoices):
    """What the household said when called back."""

    SATISFIED = "satisfied", _("Satisfied")
    ACCEPTABLE = "acceptable", _("Acceptable")
    DISSATISFIED = "dissatisfied", _("Dissatisfied")
    UNREACHABLE = "unreachable", _("Unreachable")
    ON_SITE = "on_site", _("Checked on site")


FINAL_ANSWERS = frozenset({Answer.SATISFIED, Answer.ACCEPTABLE, Answer.DISSATISFIED, Answer.ON_SITE})
"""Answers that stand for their round: a second call can't wash a dissatisfied one away (design.md 5)."""

UNREACHABLE_TRIES = 3
"""Tries, each on another local day, before an unreachable household counts as called back (design.md 5)."""


def answers_for(*, public_works: bool, anonymous: bool) -> tuple[Answer, ...]:
    """What a call-back may record: a check on site stands for an answer only in public works, or where nobody is
    named who could be asked (design.md 5)."""
    return tuple(each for each in Answer if each != Answer.ON_SITE or public_works or anonymous)


class CloseBasis(TextChoices):
    """Why a closed issue is closed; a constraint ties it to the state (design.md 5)."""

    CALLED_BACK = "called_back", _("Called back")
    UNREACHABLE = "unreachable", _("Unreachable after three tries")
    SAMPLED = "sampled", _("On the spot, sampled")
    WITH_MASTER = "with_master", _("Closed with its master")
    IMPORTED = "imported", _("Imported as closed")
