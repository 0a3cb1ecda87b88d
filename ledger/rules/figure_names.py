"""How the document of ``manage.py figures`` names kinds, states, answers and outcomes, in every language alike."""

from ledger.rules.issues import Answer, Outcome, State
from ledger.rules.visits import VisitKind

EVENT_NAMES = {
    VisitKind.HOUSEHOLD: "household_visit", VisitKind.NIGHT: "household_visit", VisitKind.TALK: "heart_talk",
    VisitKind.MEETING: "symposium", VisitKind.ENTERPRISE: "enterprise_visit",
}  # fmt: skip
STATE_NAMES = {
    State.REGISTERED: "open", State.ASSIGNED: "open", State.IN_PROGRESS: "in_progress", State.DEFERRED: "deferred",
    State.RESOLVED: "resolved", State.CLOSED: "closed",
}  # fmt: skip
ANSWER_NAMES = {
    "": "未评价", Answer.SATISFIED: "满意", Answer.ACCEPTABLE: "基本满意", Answer.DISSATISFIED: "不满意",
    Answer.UNREACHABLE: "联系不上", Answer.ON_SITE: "现场核查",
}  # fmt: skip
OUTCOME_NAMES = {
    Outcome.SOLVED: "解决到位", Outcome.EXPLAINED: "解释到位", Outcome.ASSISTED: "帮扶到位",
    Outcome.LAWFUL_CHANNEL: "依法处理",
}  # fmt: skip
"""Words of the offices' own tables, whatever the language of who asks."""
