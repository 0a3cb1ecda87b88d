"""销号台账: the ledger of issues as the offices print it (terms.md 2). In Chinese in both faces, like every paper."""

import datetime
from typing import Any

from django.utils import translation

from ledger.exporting.tables import Cell, Column, Row, Table
from ledger.models import IssueStep, LinkKind, VillageLink
from ledger.rules.days import local_day, local_today
from ledger.rules.issue_numbers import printed_number
from ledger.rules.issue_steps import Step
from ledger.rules.issues import DUE_STATES, UNFINISHED_STATES, Answer, Outcome, Source, State
from ledger.rules.masking import scrub

CHINESE = "zh-hans"
TOLD = (Step.PROGRESS, Step.RETURN)
"""Steps whose words say how far it is, where nothing is resolved yet."""
RESOLVED, CLOSED, UNDER_WAY, OVERDUE = "办结", "销号", "办理中", "超期"
LONGEST = 1_000
"""Characters of one cell; nobody prints more, and the page of the matter has it all."""


def issue_ledger() -> Table:
    """The table of today: what counts as overdue, and which leader is tied to which village."""
    with translation.override(CHINESE):
        labels = {kind: {str(each): str(each.label) for each in kind} for kind in (State, Source, Answer, Outcome)}
    today, leaders = local_today(), _leaders()
    return Table(
        sheet="销号台账", title="民情事项销号台账", measure="件", columns=_columns(labels, leaders, today),
        prepare=_add_progress, tally=lambda row: _counts(row, today),
        totals=(RESOLVED, CLOSED, UNDER_WAY, OVERDUE),
    )  # fmt: skip


def _columns(
    labels: dict[Any, dict[str, str]], leaders: dict[int, str], today: datetime.date
) -> tuple[Column, ...]:  # fmt: skip
    state, source, answer, outcome = (labels[kind] for kind in (State, Source, Answer, Outcome))
    return (
        Column("编号", 9.5, _number, ("number", "year", "serial"), centred=True),
        _day("登记日期", "registered_at"),
        Column("来源", 7.5, lambda row: source.get(row["source"], ""), ("source",), centred=True),
        Column("村组", 8.5, _place, ("village__name", "group__name", "group__number")),
        Column("反映人", 7.5, lambda row: row["raised_by_name"] or row["household__head_name"],
               ("raised_by_name", "household__head_name"), centred=True),
        Column("类别", 8.5, lambda row: _joined("·", row["category__parent__name"], row["category__name"]),
               ("category__parent__name", "category__name")),
        Column("内容", 23, _content, ("title", "text")),
        _text("包户干部", 7.5, "household__cadre__name"),
        Column("承办单位", 9, lambda row: row["lead_organisation__name"] or row["handler__organisation__name"],
               ("lead_organisation__name", "handler__organisation__name")),
        _text("责任人", 7.5, "handler__name"),
        Column("包案领导", 7.5, lambda row: row["supervised_by__name"] or leaders.get(row["village_id"]),
               ("supervised_by__name", "village_id"), centred=True),
        Column("措施及进展", 23, lambda row: _cut(row["result_text"] or row["progress"]), ("result_text",)),
        Column("时限", 9, lambda row: _iso(row["due_on"]), ("due_on",), centred=True),
        _day("办结日期", "resolved_at"),
        Column("结果", 8.5, lambda row: "、".join(outcome[each] for each in row["outcomes"] if each in outcome),
               ("outcomes",), centred=True),
        _day("回访日期", "called_back_at"),
        Column("满意度", 7.5, lambda row: answer.get(row["answer"], ""), ("answer",), centred=True),
        _day("销号日期", "closed_at"),
        Column("状态", 7.5, lambda row: state.get(row["state"], ""), ("state",), centred=True),
        Column("备注", 10, lambda row: _remarks(row, today),
               ("earlier_number", "round", "is_supervised", "is_sensitive", "due_on", "state")),
    )  # fmt: skip


def _text(heading: str, width: float, name: str) -> Column:
    return Column(heading, width, lambda row: row[name], (name,), centred=True)


def _day(heading: str, name: str) -> Column:
    return Column(heading, 9, lambda row: _local(row[name]), (name,), centred=True)


def _local(moment: datetime.datetime | None) -> str:
    return local_day(moment).isoformat() if moment is not None else ""


def _iso(day: datetime.date | None) -> str:
    return day.isoformat() if day is not None else ""


def _joined(between: str, *parts: str | None) -> str:
    return between.join(part for part in parts if part)


def _number(row: Row) -> Cell:
    return printed_number(row["number"], row["year"], row["serial"])


def _place(row: Row) -> Cell:
    group = row["group__name"] or (f"{row['group__number']}组" if row["group__number"] is not None else "")
    return f"{row['village__name']}{group}"


def _content(row: Row) -> Cell:
    title, text = row["title"], row["text"]
    return _cut(text if text.startswith(title) else _joined("。", title, text))


def _cut(text: str) -> str:
    """Free text with the numbers in it masked, of a length that can be printed."""
    return scrub(text[:LONGEST]) + ("…" if len(text) > LONGEST else "")


def _remarks(row: Row, today: datetime.date) -> Cell:
    earlier = f"原编号 {row['earlier_number']}" if row["earlier_number"] else ""
    again = f"第 {row['round']} 轮办理" if row["round"] > 1 else ""
    return _joined(
        "；", "督办" if row["is_supervised"] else "", "超期" if _is_overdue(row, today) else "", again, earlier,
        "限知情范围" if row["is_sensitive"] else "",
    )  # fmt: skip


def _is_overdue(row: Row, today: datetime.date) -> bool:
    return row["state"] in DUE_STATES and row["due_on"] is not None and row["due_on"] < today


def _counts(row: Row, today: datetime.date) -> tuple[str, ...]:
    """Under which words of the totals it counts: resolved and struck off are both told of a closed one."""
    told: list[str] = []
    if row["state"] in {State.RESOLVED, State.CLOSED}:
        told.append(RESOLVED)
    if row["state"] == State.CLOSED:
        told.append(CLOSED)
    if row["state"] in UNFINISHED_STATES - {State.RESOLVED}:
        told.append(UNDER_WAY)
    if _is_overdue(row, today):
        told.append(OVERDUE)
    return tuple(told)


def _leaders() -> dict[int, str]:
    """Village → the township leaders tied to it today."""
    links = VillageLink.objects.open_on(local_today()).filter(kind=LinkKind.TOWNSHIP_LEADER)
    found: dict[int, str] = {}
    for village, name in links.order_by("pk").values_list("village_id", "cadre__name"):
        found[village] = _joined("、", found.get(village), name)
    return found


def _add_progress(rows: list[Row]) -> None:
    """The last words of the handler, for what is not resolved yet."""
    waiting = {row["pk"]: row for row in rows if not row["result_text"]}
    for row in rows:
        row["progress"] = ""
    steps = IssueStep.objects.filter(issue__in=list(waiting), step__in=TOLD).order_by("pk")
    for issue, text in steps.values_list("issue_id", "text"):
        waiting[issue]["progress"] = text
