"""专题 as workbooks: the campaigns, the progress of one by village, its households with what is open. In Chinese."""

from typing import Any

from django.db.models import Count

from ledger.exporting import cells
from ledger.exporting.tables import Column, Row, Table
from ledger.models import Campaign, CampaignPoint, CampaignVillage, Household
from ledger.queries.campaigns import at_end, left_of, progress
from ledger.rules.campaigns import Reach

BY_VILLAGE = ("village__township__sort_order", "village__sort_order", "village__code", "pk")


def campaign_list(user: Any) -> Table:
    """专题: a campaign a row, with its points."""
    return Table(
        sheet="专题", title="专题一览", measure="项", prepare=_add_to_campaigns,
        columns=(
            cells.text("专题", 18, "name"), cells.long_text("目的", 24, "purpose"),
            Column("发起", 10, lambda row: row["township__name"] or row["county__name"],
                   ("township__name", "county__name"), centred=True),
            cells.day("开始", "start_on"), cells.day("截止", "last_on"),
            Column("村数", 6, lambda row: row["villages"], centred=True),
            Column("要点", 36, lambda row: row["points"]),
            Column("备注", 9, lambda row: "提前结束" if row["ended_at"] else "", ("ended_at",), centred=True),
        ),
    )  # fmt: skip


def _add_to_campaigns(rows: list[Row]) -> None:
    keys = [row["pk"] for row in rows]
    points = cells.joined(
        CampaignPoint._base_manager.filter(campaign__in=keys).order_by("sort_order", "pk").values_list(
            "campaign_id", "text"), "；",
    )  # fmt: skip
    places = CampaignVillage._base_manager.filter(campaign__in=keys).order_by().values_list("campaign_id")
    villages = dict(places.annotate(n=Count("pk")))
    for row in rows:
        row["points"], row["villages"] = points.get(row["pk"], ""), villages.get(row["pk"], 0)


def progress_list(user: Any, campaign: Campaign | None) -> Table:
    """专题进度: a village a row, with the figures of its page."""

    def prepare(rows: list[Row]) -> None:
        found = {}
        if campaign is not None:
            homes = at_end(campaign, Household.objects.visible_to(user))
            here = homes.filter(at_village__in=[row["village_id"] for row in rows])
            found = {line.key: line for line in progress(campaign, here, "village")}
        for row in rows:
            line = found.get(f"village-{row['village_id']}")
            row["counts"] = line.counts if line is not None else {}
            row["share"] = f"{line.share}%" if line is not None else ""

    def figure(heading: str, reach: str) -> Column:
        return Column(heading, 9, lambda row: row["counts"].get(reach, 0), centred=True, summed=True)

    return Table(
        sheet="专题进度", title=f"{campaign.name if campaign is not None else '专题'}进度表", measure="个",
        prepare=prepare,
        columns=(
            cells.text("乡镇", 12, "village__township__name"), cells.text("管区", 11, "village__district__name"),
            Column("村(社区)", 13, lambda row: row["village__name"], ("village__name", "village_id"), centred=True),
            figure("应走访户", Reach.MEANT), figure("已走访户", Reach.REACHED), figure("全部完成户", Reach.DONE),
            figure("未完成户", Reach.OPEN), Column("完成率", 8, lambda row: row["share"], centred=True),
            Column("备注", 14, lambda row: ""),
        ),
    )  # fmt: skip


def household_list(user: Any, campaign: Campaign | None) -> Table:
    """专题农户: a household a row, with the points that are open there."""

    def prepare(rows: list[Row]) -> None:
        left = left_of(campaign, [row["pk"] for row in rows]) if campaign is not None else {}
        for row in rows:
            row["left"] = "；".join(left.get(row["pk"], ()))

    return Table(
        sheet="专题农户", title=f"{campaign.name if campaign is not None else '专题'}农户清单", measure="户",
        prepare=prepare,
        columns=(
            cells.place(), cells.text("户编号", 15, "code"), cells.text("户主", 9, "head_name"),
            cells.long_text("住址", 20, "address"), cells.text("包户干部", 9, "cadre__name"),
            cells.text("干部电话", 12.5, "cadre__phone"),
            Column("未完成的要点", 38, lambda row: row["left"]),
            Column("完成", 6, lambda row: "" if row["left"] else "是", centred=True),
            Column("备注", 14, lambda row: ""),
        ),
    )  # fmt: skip


def nothing(user: Any) -> Table:
    """These two are of one campaign: see ``table_of`` of their entries."""
    raise LookupError("A campaign is wanted.")
