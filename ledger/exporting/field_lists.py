"""Lists of the field work: visits, wishes, corrections, enterprises. In Chinese, masked as on their pages."""

from typing import Any

from django.db.models import Count, Max

from ledger.exporting import cells
from ledger.exporting.tables import Column, Row, Table
from ledger.models import Correction, CorrectionState, Issue, Visit, WishClaim
from ledger.queries.corrections import lines
from ledger.rules.issue_numbers import printed_number
from ledger.rules.issues import State
from ledger.rules.visits import MeetingForm, VisitKind, VisitResult


def visit_list(user: Any) -> Table:
    """走访记录: a visit a row, with the numbers of the matters it raised that the reader may see."""
    kinds, forms, results = (cells.words_of(each) for each in (VisitKind, MeetingForm, VisitResult))

    def prepare(rows: list[Row]) -> None:
        _add_to_visits(rows, user)

    return Table(
        sheet="走访记录", title="走访记录", measure="次", prepare=prepare,
        columns=(
            cells.day("日期", "occurred_on"),
            Column("方式", 9, lambda row: forms.get(row["meeting_form"]) or kinds.get(row["kind"], ""),
                   ("kind", "meeting_form"), centred=True),
            cells.place(),
            Column("走访对象", 10, lambda row: row["household__head_name"] or row["enterprise__name"] or row["place"],
                   ("household__head_name", "enterprise__name", "place"), centred=True),
            cells.text("走访人", 8, "lead__name"),
            Column("同行人员", 11, lambda row: row["companions"]),
            cells.word("结果", 7, "result", results),
            cells.number("见面人数", 6, "people_met", summed=True),
            cells.number("征求意见", 6, "opinions_heard", summed=True),
            Column("主题", 11, lambda row: row["topics"]),
            cells.long_text("走访内容", 30, "content"),
            cells.long_text("承诺事项", 13, "promise"),
            Column("事项编号", 13, lambda row: row["numbers"]),
            Column("备注", 9, lambda row: "作废" if row["voided_at"] else "", ("voided_at",), centred=True),
        ),
    )  # fmt: skip


def _add_to_visits(rows: list[Row], user: Any) -> None:
    keys = [row["pk"] for row in rows]
    joined = Visit.companions.through._base_manager.filter(visit__in=keys).order_by("pk")
    companions = cells.joined(joined.values_list("visit_id", "cadre__name"))
    about = Visit.topics.through._base_manager.filter(visit__in=keys).order_by("topic__sort_order", "pk")
    topics = cells.joined(about.values_list("visit_id", "topic__name"))
    raised = Issue.objects.visible_to(user).filter(visit__in=keys, is_sensitive=False).order_by("pk")
    numbers = cells.joined(
        (visit, printed_number(number, year, serial))
        for visit, number, year, serial in raised.values_list("visit_id", "number", "year", "serial")
    )
    for row in rows:
        key = row["pk"]
        row["companions"], row["topics"] = companions.get(key, ""), topics.get(key, "")
        row["numbers"] = numbers.get(key, "")


def wish_list(user: Any) -> Table:
    """微心愿: a wish a row, with who claimed it last."""
    states = cells.words_of(State)
    return Table(
        sheet="微心愿", title="微心愿清单", measure="件", prepare=_add_claims,
        columns=(
            Column("编号", 11, lambda row: printed_number(row["number"], row["year"], row["serial"]),
                   ("number", "year", "serial"), centred=True),
            cells.day("征集日期", "registered_at"),
            cells.place(),
            Column("许愿人", 8, lambda row: row["raised_by_name"] or row["household__head_name"],
                   ("raised_by_name", "household__head_name"), centred=True),
            cells.long_text("心愿", 26, "title"),
            Column("认领人", 12, lambda row: row["claimed_by"], centred=True),
            Column("认领日期", 9.5, lambda row: cells.iso(row["claimed_at"]), centred=True),
            cells.word("状态", 8, "state", states),
            cells.day("办结日期", "resolved_at"),
            cells.long_text("结果", 22, "result_text"),
            Column("备注", 9, lambda row: ""),
        ),
    )  # fmt: skip


def _add_claims(rows: list[Row]) -> None:
    claims = WishClaim._base_manager.filter(issue__in=[row["pk"] for row in rows]).order_by("pk")
    last = {
        issue: (cadre or unit, at)
        for issue, cadre, unit, at in claims.values_list("issue_id", "cadre__name", "organisation__name", "claimed_at")
    }
    for row in rows:
        row["claimed_by"], row["claimed_at"] = last.get(row["pk"], ("", None))


def correction_list(user: Any) -> Table:
    """信息更正: what was proposed, old and new, and what was decided."""
    states = cells.words_of(CorrectionState)
    return Table(
        sheet="信息更正", title="信息更正清单", measure="条", prepare=_add_changes,
        columns=(
            cells.moment("提出时间", "proposed_at"),
            cells.place(prefix="household__"),
            cells.text("户主", 8, "household__head_name"),
            cells.text("家庭成员", 8, "resident__name"),
            Column("更正内容", 34, lambda row: row["changes"]),
            cells.long_text("理由", 18, "reason"),
            cells.text("提出人", 8, "proposed_by__name"),
            cells.word("状态", 9, "state", states),
            cells.day("处理日期", "decided_at"),
            cells.long_text("答复", 16, "answer"),
            Column("备注", 8, lambda row: ""),
        ),
    )  # fmt: skip


def _add_changes(rows: list[Row]) -> None:
    """Old and new as the page says them: numbers masked."""
    found = Correction.objects.select_related("household__village", "resident").prefetch_related("household__types")
    whole = found.in_bulk([row["pk"] for row in rows])
    for row in rows:
        said = [f"{line.label}：{line.old or '（空）'} → {line.new or '（空）'}" for line in lines(whole[row["pk"]])]
        row["changes"] = "；".join(said)


def enterprise_list(user: Any) -> Table:
    """企业: where it is, whom one asks for, how often and when it was visited last."""
    return Table(
        sheet="企业", title="企业名册", measure="家", prepare=_add_to_enterprises,
        columns=(
            cells.text("乡镇", 12, "village__township__name"), cells.text("村(社区)", 14, "village__name"),
            cells.text("企业名称", 28, "name"), cells.text("联系人", 10, "contact"),
            cells.text("责任单位", 16, "organisation__name"),
            Column("走访次数", 8, lambda row: row["times"], centred=True, summed=True),
            Column("最近走访", 9.5, lambda row: cells.iso(row["last_on"]), centred=True),
            Column("备注", 10, lambda row: "" if row["is_active"] else "已停用", ("is_active",), centred=True),
        ),
    )  # fmt: skip


def _add_to_enterprises(rows: list[Row]) -> None:
    stand = Visit._base_manager.filter(enterprise__in=[row["pk"] for row in rows], voided_at__isnull=True).order_by()
    sums = stand.values_list("enterprise_id").annotate(n=Count("pk"), last=Max("occurred_on"))
    found = {pk: (n, last) for pk, n, last in sums}
    for row in rows:
        row["times"], row["last_on"] = found.get(row["pk"], (0, None))
