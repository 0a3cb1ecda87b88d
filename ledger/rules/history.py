"""The words of earlier ledgers: what the tables of an office's past say, and what each word means here (issue C, 7)."""

from enum import StrEnum

from ledger.rules.cadre_lists import Rank
from ledger.rules.households import HouseholdStatus
from ledger.rules.issues import Answer, Outcome, State, Urgency
from ledger.rules.visits import MeetingForm, VisitKind, VisitResult


class Table(StrEnum):
    """The tables of the past, in the order in which they are brought in: each names things of those before it."""

    VILLAGES = "villages"
    UNITS = "units"
    CADRES = "cadres"
    ENTERPRISES = "enterprises"
    HOUSEHOLDS = "households"
    EVENTS = "events"
    ISSUES = "issues"


class PastState(StrEnum):
    """How far a matter had come in the earlier ledger."""

    OPEN = "open"
    IN_PROGRESS = "in_progress"
    RESOLVED = "resolved"
    CLOSED = "closed"


SETTLED = frozenset({PastState.RESOLVED, PastState.CLOSED})

_M = VisitKind.MEETING
EVENT_KINDS: dict[str, tuple[VisitKind, str]] = {
    "household_visit": (VisitKind.HOUSEHOLD, ""), "heart_talk": (VisitKind.TALK, ""),
    "symposium": (_M, MeetingForm.SYMPOSIUM), "enterprise_visit": (VisitKind.ENTERPRISE, ""),
    "入户走访": (VisitKind.HOUSEHOLD, ""), "入户": (VisitKind.HOUSEHOLD, ""), "走访": (VisitKind.HOUSEHOLD, ""),
    "电话联系": (VisitKind.PHONE, ""), "夜访": (VisitKind.NIGHT, ""), "来访接待": (VisitKind.RECEPTION, ""),
    "窗口值班": (VisitKind.DUTY, ""), "谈心谈话": (VisitKind.TALK, ""), "谈心": (VisitKind.TALK, ""),
    "会议": (_M, ""), "座谈会": (_M, MeetingForm.SYMPOSIUM), "院坝会": (_M, MeetingForm.COURTYARD),
    "宣教会": (_M, MeetingForm.TEACHING), "评议会": (_M, MeetingForm.REVIEW), "联谊会": (_M, MeetingForm.SOCIAL),
    "恳谈会": (_M, MeetingForm.FRANK_TALK), "夜学": (_M, MeetingForm.NIGHT_SCHOOL),
    "企业走访": (VisitKind.ENTERPRISE, ""), "现场办公": (VisitKind.ON_SITE, ""), "蹲点": (VisitKind.STAY, ""),
    "巡查": (VisitKind.PATROL, ""), "矛盾调解": (VisitKind.MEDIATION, ""), "帮办代办": (VisitKind.ERRAND, ""),
    "为民服务": (VisitKind.SERVICE, ""),
}  # fmt: skip
"""Word of the table → kind of visit and form of meeting (terms.md 1)."""

RESULTS: dict[str, VisitResult] = {
    "": VisitResult.MET, "见面": VisitResult.MET, "未遇": VisitResult.ABSENT, "外出": VisitResult.AWAY,
    "已搬离": VisitResult.MOVED, "谢绝": VisitResult.DECLINED, **{str(result): result for result in VisitResult},
}  # fmt: skip
"""An earlier ledger that says nothing wrote down those who were met."""

STATES: dict[str, PastState] = {
    **{str(state): state for state in PastState},
    "待交办": PastState.OPEN, "待签收": PastState.OPEN, "未办": PastState.OPEN, "未办结": PastState.OPEN,
    "办理中": PastState.IN_PROGRESS, "在办": PastState.IN_PROGRESS, "办结": PastState.RESOLVED,
    "已办结": PastState.RESOLVED, "待回访": PastState.RESOLVED, "销号": PastState.CLOSED, "已销号": PastState.CLOSED,
}  # fmt: skip

URGENCIES: dict[str, Urgency] = {
    "": Urgency.NORMAL, "normal": Urgency.NORMAL, "一般": Urgency.NORMAL, "urgent": Urgency.URGENT,
    "紧急": Urgency.URGENT, "life": Urgency.LIFE, "危及安全": Urgency.LIFE, "特急": Urgency.LIFE,
    "long_term": Urgency.LONG, "long": Urgency.LONG, "长期": Urgency.LONG,
}  # fmt: skip

ANSWERS: dict[str, str] = {
    "": "", "未评价": "", "满意": Answer.SATISFIED, "基本满意": Answer.ACCEPTABLE, "不满意": Answer.DISSATISFIED,
}  # fmt: skip

OUTCOMES: dict[str, str] = {
    "": "", "解决到位": Outcome.SOLVED, "解释到位": Outcome.EXPLAINED, "帮扶到位": Outcome.ASSISTED,
    "依法处理": Outcome.LAWFUL_CHANNEL, "导入法定途径": Outcome.LAWFUL_CHANNEL,
}  # fmt: skip

RANKS: dict[str, str] = {
    "": "", **{str(rank): rank for rank in Rank}, "领导": Rank.LEADER, "班子成员": Rank.LEADER,
    "领导班子成员": Rank.LEADER, "部门负责人": Rank.DEPARTMENT_HEAD, "中层": Rank.DEPARTMENT_HEAD,
    "中层干部": Rank.DEPARTMENT_HEAD, "成员": Rank.MEMBER, "一般干部": Rank.MEMBER, "工作人员": Rank.MEMBER,
}  # fmt: skip

HOUSEHOLD_STATUSES: dict[str, HouseholdStatus] = {
    "": HouseholdStatus.ACTIVE, **{str(status): status for status in HouseholdStatus},
    "常住": HouseholdStatus.ACTIVE, "在册": HouseholdStatus.ACTIVE, "全家外出": HouseholdStatus.AWAY,
    "外出": HouseholdStatus.AWAY, "空户": HouseholdStatus.VACANT, "空挂": HouseholdStatus.VACANT,
    "并户": HouseholdStatus.MERGED, "已并户": HouseholdStatus.MERGED, "迁出": HouseholdStatus.MOVED,
    "已迁出": HouseholdStatus.MOVED, "销户": HouseholdStatus.CLOSED, "已销户": HouseholdStatus.CLOSED,
}  # fmt: skip

TRUTHS: dict[str, bool] = {
    "": False, "0": False, "否": False, "false": False, "1": True, "是": True, "作废": True, "true": True,
}  # fmt: skip


def state_of(past: PastState, *, has_handler: bool) -> State:
    """The state here: an open matter is registered, or assigned when somebody has it (issue C, point 7)."""
    if past == PastState.OPEN:
        return State.ASSIGNED if has_handler else State.REGISTERED
    return {
        PastState.IN_PROGRESS: State.IN_PROGRESS, PastState.RESOLVED: State.RESOLVED, PastState.CLOSED: State.CLOSED,
    }[past]  # fmt: skip
