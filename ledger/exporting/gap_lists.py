"""漏项清单 as workbooks, one for each section: what nobody is responsible for. In Chinese."""

from typing import Any

from django.db.models import Count, QuerySet

from ledger.exporting import cells
from ledger.exporting.tables import Column, Row, Table
from ledger.models import Household, Village
from ledger.queries.gaps import COUNTED
from ledger.rules.gaps import Gap
from ledger.rules.issue_numbers import printed_number
from ledger.rules.issues import State

NOTE = Column("备注", 12, lambda row: "")


def gap_list(gap: str, villages: QuerySet[Village]) -> Table:
    """The section of these villages."""
    columns, measure = COLUMNS[gap]

    def prepare(rows: list[Row]) -> None:
        if gap == Gap.OVERLOADED:
            there = Household._base_manager.filter(COUNTED, village__in=villages, cadre__in=[row["pk"] for row in rows])
            loads = dict(there.order_by().values_list("cadre_id").annotate(n=Count("pk")))
            for row in rows:
                row["load"] = loads.get(row["pk"], 0)

    return Table(
        sheet="漏项清单", title=f"漏项清单（{Gap(gap).label}）", measure=measure, columns=columns, prepare=prepare
    )


def nothing(user: Any) -> Table:
    """Its look depends on the section: see ``table_of`` of its entry."""
    raise LookupError("A section is wanted.")


def _states(row: Row) -> str:
    return str(State(row["state"]).label)


_PERSON = (
    cells.text("干部", 9, "name"), cells.text("乡镇", 12, "township__name"),
    cells.text("单位", 18, "organisation__name"), cells.text("职务", 12, "title"), cells.text("手机", 12.5, "phone"),
)  # fmt: skip
COLUMNS: dict[str, tuple[tuple[Column, ...], str]] = {
    Gap.HOUSEHOLDS: ((
        cells.place(), cells.text("户编号", 15, "code"), cells.text("户主", 9, "head_name"),
        cells.long_text("住址", 22, "address"), cells.text("原包户干部（已离任）", 14, "cadre__name"), NOTE,
    ), "户"),
    Gap.ISSUES: ((
        Column("编号", 13, lambda row: printed_number(row["number"], row["year"], row["serial"]),
               ("number", "year", "serial"), centred=True),
        cells.place(),
        Column("事项", 26, lambda row: "（不公开事项）" if row["is_sensitive"] else cells.cut(row["title"]),
               ("title", "is_sensitive")),
        Column("状态", 10, _states, ("state",), centred=True),
        Column("承办人（单位）", 16, lambda row: row["handler__name"] or row["lead_organisation__name"] or "",
               ("handler__name", "lead_organisation__name"), centred=True),
        cells.day("时限", "due_on"), NOTE,
    ), "件"),
    Gap.VILLAGES: ((
        cells.text("乡镇", 14, "township__name"), cells.text("管区", 14, "district__name"),
        cells.text("村(社区)", 16, "name"), NOTE,
    ), "个"),
    Gap.OVERLOADED: ((*_PERSON, Column("联系户", 8, lambda row: row["load"], centred=True, summed=True), NOTE), "人"),
    Gap.IDLE: ((*_PERSON, NOTE), "人"),
}  # fmt: skip
