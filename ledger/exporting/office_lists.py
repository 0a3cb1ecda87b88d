"""Lists of the office as workbooks: cadres, organisations, guides, hand-overs, substitutes, the trail. In Chinese."""

import datetime
from typing import Any

from django.db.models import Count

from ledger.exporting import cells
from ledger.exporting.tables import Column, Row, Table
from ledger.models import Cadre, HandOverRow, Household, OrganisationKind
from ledger.queries.postings import current
from ledger.rules.audit import detail_lines, verb_label
from ledger.rules.cadre_lists import Rank
from ledger.rules.days import local_today
from ledger.rules.handovers import After, Handed

ONE_DAY = datetime.timedelta(days=1)
BEGUN, AHEAD = "代管中", "未开始"
ACTORS = {"system": "系统", "visitor": "未登录"}


def cadre_list(user: Any) -> Table:
    """干部名册: unit, roles and number of households of each."""
    ranks = cells.words_of(Rank)
    return Table(
        sheet="干部名册", title="干部名册", measure="人", prepare=_add_to_cadres,
        columns=(
            cells.text("工号", 9, "cadre_no"), cells.text("姓名", 8, "name"),
            cells.text("单位", 16, "organisation__name"), cells.text("职务", 11, "title"),
            cells.word("职级", 11, "rank", ranks), cells.text("手机", 12.5, "phone"),
            Column("任职", 30, lambda row: row["roles"]),
            Column("联系户", 7, lambda row: row["households"], centred=True, summed=True),
            Column("账号", 8, _account, ("user_id", "user__is_active"), centred=True),
            Column("备注", 12, lambda row: f"{cells.iso(row['left_on'])} 离任" if row["left_on"] else "", ("left_on",)),
        ),
    )  # fmt: skip


def _account(row: Row) -> str:
    if row["user_id"] is None:
        return "未开通"
    return "使用中" if row["user__is_active"] else "已停用"


def _add_to_cadres(rows: list[Row]) -> None:
    keys = [row["pk"] for row in rows]
    held = current().with_names().filter(cadre__in=keys).order_by("start_on", "pk")
    roles = cells.joined((posting.cadre_id, f"{posting.get_role_display()}（{posting.territory}）") for posting in held)
    counts = dict(
        Household._base_manager.filter(cadre__in=keys).order_by().values_list("cadre_id").annotate(n=Count("pk"))
    )
    for row in rows:
        row["roles"], row["households"] = roles.get(row["pk"], ""), counts.get(row["pk"], 0)


def organisation_list(user: Any) -> Table:
    """单位名册."""
    kinds = cells.words_of(OrganisationKind)
    return Table(
        sheet="单位名册", title="单位名册", measure="个", prepare=_add_to_organisations,
        columns=(
            cells.text("单位", 22, "name"), cells.word("类别", 12, "kind", kinds),
            Column("所属", 20, lambda row: row["village__name"] or row["township__name"] or row["county__name"],
                   ("village__name", "township__name", "county__name"), centred=True),
            Column("干部数", 8, lambda row: row["cadres"], centred=True, summed=True),
            Column("受理投诉举报", 12, lambda row: "是" if row["is_discipline"] else "", ("is_discipline",)),
            Column("备注", 14, lambda row: "" if row["is_active"] else "已停用", ("is_active",)),
        ),
    )  # fmt: skip


def _add_to_organisations(rows: list[Row]) -> None:
    there = Cadre._base_manager.filter(organisation__in=[row["pk"] for row in rows], left_on__isnull=True).order_by()
    counts = dict(there.values_list("organisation_id").annotate(n=Count("pk")))
    for row in rows:
        row["cadres"] = counts.get(row["pk"], 0)


def guide_list(user: Any) -> Table:
    """办事指南."""
    return Table(
        sheet="办事指南", title="办事指南一览", measure="项",
        columns=(
            cells.text("事项", 16, "title"), cells.long_text("办理对象", 18, "audience"),
            cells.long_text("所需材料", 28, "materials"), cells.long_text("办理流程", 28, "steps"),
            cells.long_text("办理地点", 14, "place"), cells.text("电话", 13, "phone"),
            cells.text("办理时限", 11, "time_needed"), cells.text("收费", 9, "fee"),
            Column("发布单位", 10, lambda row: row["township__name"] or row["county__name"],
                   ("township__name", "county__name"), centred=True),
            cells.day("更新日期", "updated_on"),
            Column("备注", 10, _guide_remark, ("is_active", "is_example")),
        ),
    )  # fmt: skip


def _guide_remark(row: Row) -> str:
    return "；".join(
        said for said, holds in (("已停用", not row["is_active"]), ("示例，未核对", row["is_example"])) if holds
    )


def audit_list(user: Any) -> Table:
    """操作记录: who did what; never a full number, as the trail itself."""
    return Table(
        sheet="操作记录", title="操作记录", measure="条",
        columns=(
            cells.moment("时间", "at"),
            Column("操作人", 10, lambda row: row["actor"] if row["user_id"] else ACTORS.get(row["actor"], row["actor"]),
                   ("actor", "user_id"), centred=True),
            cells.text("代谁操作", 9, "acting_for"),
            Column("操作", 20, lambda row: str(verb_label(row["verb"])), ("verb",)),
            Column("对象", 22, lambda row: row["label"], ("label",)),
            Column("详情", 46, _details, ("detail",)),
            Column("备注", 8, lambda row: ""),
        ),
    )  # fmt: skip


def _details(row: Row) -> str:
    return "；".join(f"{label} {said}" for label, said in detail_lines(row["detail"], row["verb"]))


def handover_list(user: Any) -> Table:
    """工作交接: who handed over how much to whom."""
    after = cells.words_of(After)
    return Table(
        sheet="工作交接", title="工作交接一览", measure="次", prepare=_add_to_handovers,
        columns=(
            cells.day("交接日期", "on"), cells.text("移交人", 9, "cadre__name"),
            cells.text("单位", 16, "cadre__organisation__name"),
            Column("移交户数", 8, lambda row: row["homes"], centred=True, summed=True),
            Column("移交事项", 8, lambda row: row["matters"], centred=True, summed=True),
            Column("接收人", 26, lambda row: row["people"]), cells.long_text("原因", 20, "reason"),
            cells.word("移交后", 10, "after", after), cells.text("经办人", 9, "made_by__name"),
            Column("备注", 12, lambda row: ""),
        ),
    )  # fmt: skip


def _add_to_handovers(rows: list[Row]) -> None:
    handed = HandOverRow._base_manager.filter(handover__in=[row["pk"] for row in rows]).order_by()
    homes, matters = (
        dict(handed.filter(kind__in=kinds).values_list("handover_id").annotate(n=Count("pk")))
        for kinds in ((Handed.HOUSEHOLD,), (Handed.ISSUE, Handed.WISH))
    )
    people = cells.joined(handed.order_by("to_cadre__pinyin").values_list("handover_id", "to_cadre__name").distinct())
    for row in rows:
        row["homes"], row["matters"] = homes.get(row["pk"], 0), matters.get(row["pk"], 0)
        row["people"] = people.get(row["pk"], "")


def substitution_list(user: Any) -> Table:
    """请假代管: who stands in for whom, now and soon."""
    today = local_today()
    return Table(
        sheet="请假代管", title="请假代管一览", measure="人次",
        columns=(
            cells.text("离岗人", 9, "absent__name"), cells.text("单位", 16, "absent__organisation__name"),
            cells.text("代管人", 9, "substitute__name"),
            cells.text("代管人单位", 16, "substitute__organisation__name"), cells.day("开始", "start_on"),
            Column("截止", 9.5, lambda row: cells.iso(row["end_on"] - ONE_DAY), ("end_on",), centred=True),
            cells.long_text("原因", 20, "reason"),
            Column("状态", 8, lambda row: AHEAD if row["start_on"] > today else BEGUN, ("start_on",), centred=True),
            Column("备注", 12, lambda row: ""),
        ),
    )  # fmt: skip
