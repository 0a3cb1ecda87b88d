"""包村表 and 包户表 as the offices print them (terms.md 2). In Chinese in both faces; residents' phones are masked."""

from typing import Any

from django.db.models import Count, Q, Sum
from django.utils import translation

from ledger.exporting.issue_ledger import CHINESE
from ledger.exporting.tables import Cell, Column, Row, Table
from ledger.models import Assignment, Group, Household, HouseholdType, Resident
from ledger.queries.village_people import Person, VillagePeople, people_of
from ledger.rules.days import local_today
from ledger.rules.households import COUNTED_STATUSES, ORDINARY_TYPE, HouseholdStatus, Relation
from ledger.rules.masking import mask_phone, scrub

LONGEST_REMARK = 200


def village_register() -> Table:
    """包村表: a village a row, who stands for it and what it holds."""
    return Table(
        sheet="包村表", title="包村表", measure="个", prepare=_add_village_facts,
        columns=(
            Column("管区", 9, lambda row: row["district__name"], ("district__name",), centred=True),
            Column("村(社区)", 10, lambda row: row["name"], ("name",), centred=True),
            *_named("县挂钩领导", "county_leaders", "职务", "title"),
            Column("县挂村单位", 13, lambda row: "、".join(_people(row).county_units)),
            *_named("乡镇挂点领导", "township_leaders", "职务", "title"),
            *_named("包村干部", "cadres", "电话", "phone"),
            *_named("村支书", "secretaries", "电话", "phone"),
            Column("小组数", 6.5, lambda row: row["groups"], centred=True, summed=True),
            Column("户数", 6.5, lambda row: row["households"], centred=True, summed=True),
            Column("人口", 6.5, lambda row: row["population"], centred=True, summed=True),
            Column("包户干部数", 7, lambda row: row["cadres_count"], centred=True),
            Column("备注", 8, lambda row: ""),
        ),
    )  # fmt: skip


def _named(over: str, who: str, second: str, field: str) -> tuple[Column, Column]:
    """姓名 and one more fact of some people, line by line in the same order."""

    def lines(row: Row, name: str) -> Cell:
        return "\n".join(str(getattr(person, name)) for person in _listed(_people(row), who))

    width = 11.5 if field == "phone" else 11
    return (
        Column("姓名", 7.5, lambda row: lines(row, "name"), over=over, centred=True),
        Column(second, width, lambda row: lines(row, field), over=over, centred=True),
    )


def _people(row: Row) -> VillagePeople:
    people: VillagePeople = row["people"]
    return people


def _listed(people: VillagePeople, who: str) -> list[Person]:
    if who == "secretaries":
        return [people.secretary] if people.secretary is not None else []
    found: list[Person] = getattr(people, who)
    return found


def _add_village_facts(rows: list[Row]) -> None:
    """People, groups, and what is counted of the households that live there or are away."""
    keys = [row["pk"] for row in rows]
    people = people_of(keys, local_today())
    there = Household._base_manager.filter(village__in=keys, status__in=COUNTED_STATUSES).order_by()
    counts = {
        row["village_id"]: row
        for row in there.values("village_id").annotate(
            households=Count("pk"), population=Sum("population"), cadres_count=Count("cadre", distinct=True),
        )
    }  # fmt: skip
    groups = dict(
        Group._base_manager.filter(village__in=keys).order_by().values_list("village_id").annotate(n=Count("pk"))
    )
    for row in rows:
        found: Any = counts.get(row["pk"], {})
        row["people"], row["groups"] = people[row["pk"]], groups.get(row["pk"], 0)
        for name in ("households", "population", "cadres_count"):
            row[name] = found.get(name) or 0


def household_register() -> Table:
    """包户表: a sheet a village, a household a row."""
    with translation.override(CHINESE):
        statuses = {str(each): str(each.label) for each in HouseholdStatus}
    return Table(
        sheet="包户表", title="包户表", measure="户", prepare=_add_household_facts,
        sheet_of=lambda row: str(row["village__name"]),
        columns=(
            Column("村民小组", 8, _group, ("group__name", "group__number"), centred=True),
            Column("户编号", 14, lambda row: row["code"], ("code",), centred=True),
            Column("户主", 8, lambda row: row["head_name"], ("head_name", "village__name"), centred=True),
            Column("人口", 5.5, lambda row: row["population"], ("population",), centred=True, summed=True),
            Column("住址", 20, lambda row: row["address"], ("address",)),
            Column("联系电话", 12.5, lambda row: row["phone"], centred=True),
            Column("户类型", 14, lambda row: row["types"]),
            Column("姓名", 8, lambda row: row["cadre__name"], ("cadre__name",), over="挂户干部", centred=True),
            Column("单位职务", 14, _office, ("cadre__organisation__name", "cadre__title"), over="挂户干部"),
            Column("电话", 12, lambda row: row["cadre__phone"], ("cadre__phone",), over="挂户干部", centred=True),
            Column("挂户时间", 9.5, lambda row: row["since"], centred=True),
            Column("最近走访", 9.5, lambda row: _iso(row["last_met_on"]), ("last_met_on",), centred=True),
            Column("备注", 12, lambda row: _remarks(row, statuses), ("status", "remark")),
        ),
    )  # fmt: skip


def _group(row: Row) -> Cell:
    return row["group__name"] or (f"{row['group__number']}组" if row["group__number"] is not None else "")


def _office(row: Row) -> Cell:
    return "".join(part for part in (row["cadre__organisation__name"], row["cadre__title"]) if part)


def _remarks(row: Row, statuses: dict[str, str]) -> Cell:
    standing = statuses[row["status"]] if row["status"] != HouseholdStatus.ACTIVE else ""
    return "；".join(part for part in (standing, scrub(row["remark"][:LONGEST_REMARK])) if part)


def _iso(day: Any) -> str:
    return day.isoformat() if day is not None else ""


def _add_household_facts(rows: list[Row]) -> None:
    """The head's phone, masked; the types; since when the cadre looks after it. Three questions a chunk."""
    keys = [row["pk"] for row in rows]
    phones = Resident._base_manager.filter(household__in=keys, left_on__isnull=True, relation=Relation.HEAD)
    heads = {household: mask_phone(phone) for household, phone in phones.values_list("household_id", "phone")}
    types: dict[int, list[str]] = {}
    named = HouseholdType.households.through._base_manager.filter(household__in=keys)
    for household, name in named.order_by("householdtype__sort_order", "pk").values_list(
        "household_id", "householdtype__name"
    ):
        types.setdefault(household, []).append(name)
    since = dict(
        Assignment._base_manager.filter(Q(end_on__isnull=True), household__in=keys)
        .values_list("household_id", "start_on")
    )  # fmt: skip
    for row in rows:
        held = types.get(row["pk"], [])
        row["types"] = "、".join([name for name in held if name != ORDINARY_TYPE] or held)
        row["phone"] = heads.get(row["pk"], "")
        row["since"] = _iso(since.get(row["pk"]))
