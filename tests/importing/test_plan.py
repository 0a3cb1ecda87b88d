"""The plan: every row matched, compared and explained, in a fixed number of queries; nothing written."""

import datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ledger.importing.batches import import_at_once
from ledger.importing.glance import Glance
from ledger.importing.plan import Outcome, Planned
from ledger.importing.roster import RosterPlan, plan_roster, read_roster
from ledger.models import Assignment, AuditRow, Cadre, Household, ImportBatch, Resident
from ledger.rules.households import Relation
from ledger.rules.identity import make_id_number
from tests.importing.workbooks import GOOD_ID, HEADINGS, OTHER_ID, THIRD_ID, book, roster, saved
from tests.world import World

ROW = dict(zip(HEADINGS, ["城垵村", "1组", "A001", "李彩阿", GOOD_ID, "19900001585", 2, "一般户", ""], strict=True))


def row(**changes: Any) -> list[Any]:
    """A good row of 城垵; keys are the headings."""
    return list((ROW | changes).values())


def planned(world: World, *rows: list[Any]) -> list[Planned]:
    return plan_of(world, roster(*rows)).households


def plan_of(world: World, data: bytes) -> RosterPlan:
    return plan_roster(read_roster(data), [world.township])


def take_in(world: World, *rows: list[Any]) -> RosterPlan:
    return import_at_once(by="system", townships=[world.township], file_name="名册.xlsx", data=roster(*rows))


def codes(one: Planned) -> list[str]:
    return [str(finding.code) for finding in one.row.findings]


def existing(world: World, order: int = 1) -> dict[str, Any]:
    """The cells that say of a household of 城垵 what the ledger has."""
    household = world.households["城垵"][order - 1]
    head = household.residents.get(relation=Relation.HEAD)
    return {
        "户编号": household.code, "户主姓名": household.head_name, "身份证号": head.id_no, "手机号": head.phone,
        "村民组": f"{household.group.number}组", "人口数": 3, "户类型": "",
    }  # fmt: skip


def test_a_new_household(world: World) -> None:
    (one,) = planned(world, row())
    assert (one.outcome, one.household, codes(one)) == (Outcome.CREATED, None, [])


def test_the_same_again_is_unchanged(world: World) -> None:
    (one,) = planned(world, row(**existing(world)))
    assert (one.outcome, one.changes) == (Outcome.UNCHANGED, {})


def test_what_differs_is_an_update_with_old_and_new(world: World) -> None:
    cadre = world.cadre("household_cadre@马銮")
    changed = {"户类型": "低保户", "人口数": 4, "手机号": "13800001234", "挂户干部工号": cadre.cadre_no}
    (one,) = planned(world, row(**existing(world) | changed))
    assert one.outcome == Outcome.UPDATED
    assert one.changes == {
        "population": (3, 4), "hh_type": ((), ("低保户",)), "phone": ("", "138****1234"),
        "cadre": (world.cadre("household_cadre@城垵").pk, cadre.pk),
    }  # fmt: skip


def test_a_glance_sees_what_a_closer_look_sees(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Unchanged rows are found column by column; row by row the plan is the same, to the last field."""
    cadre = world.cadre("household_cadre@城垵")
    same, other, third = (existing(world, order) for order in (1, 2, 3))
    data = roster(
        row(**same), row(**other | {"挂户干部工号": cadre.cadre_no}), row(**same),  # the third claims the first's
        row(**third | {"挂户干部工号": "GB404"}), row(**third | {"手机号": "13800001234", "户编号": "B9"}),
        row(**other | {"人口数": 9, "户编号": "自编0001"}), row(), row(户编号="A2", 身份证号="", 户主姓名="无号"),
    )  # fmt: skip

    def told(plan: RosterPlan) -> list[Any]:
        return [
            (one.outcome, one.household, one.resident, one.cadre, one.changes, one.id_index, one.phone_index,
             one.row.row, one.row.fields, one.row.findings, one.stored)
            for one in plan.households
        ]  # fmt: skip

    seen = plan_of(world, data)
    assert [one.outcome for one in seen.households[:2]] == [Outcome.UNCHANGED, Outcome.UNCHANGED]
    monkeypatch.setattr(Glance, "_same", lambda self, now: [None] * self.count)
    looked_at = plan_of(world, data)
    assert told(seen) == told(looked_at)
    assert (seen.digest(), seen.counts) == (looked_at.digest(), looked_at.counts)


def test_an_empty_cell_changes_nothing(world: World) -> None:
    (one,) = planned(world, row(**existing(world) | {"手机号": "", "人口数": "", "身份证号": ""}))
    assert (one.outcome, codes(one)) == (Outcome.UNCHANGED, ["id_missing"])


def test_without_a_code_the_head_is_found_by_the_id_number(world: World) -> None:
    (one,) = planned(world, row(**existing(world) | {"户编号": ""}))
    assert (one.outcome, one.household) == (Outcome.UNCHANGED, world.households["城垵"][0].pk)


def test_a_new_code_for_a_known_head_dates_the_code(world: World) -> None:
    (one,) = planned(world, row(**existing(world) | {"户编号": "NEW1"}))
    assert one.changes == {"hh_no": (world.households["城垵"][0].code, "NEW1")}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"户主姓名": "别人", "身份证号": OTHER_ID}, "code_conflict"),
        ({"户主姓名": "别人", "身份证号": ""}, "code_conflict"),
    ],
)
def test_a_code_of_another_head_is_held(world: World, changes: dict[str, Any], code: str) -> None:
    (one,) = planned(world, row(**existing(world) | changes))
    assert (one.outcome, code in codes(one)) == (Outcome.REFUSED, True)


def test_another_name_with_the_same_numbers_is_told(world: World) -> None:
    (one,) = planned(world, row(**existing(world) | {"户主姓名": "改名"}))
    assert (one.outcome, codes(one)) == (Outcome.UPDATED, ["head_changed"])


def test_an_id_number_of_another_village_is_held(world: World) -> None:
    here = existing(world)
    (one,) = planned(world, row(**here | {"村": "马銮村", "户编号": "M9"}))
    assert (one.outcome, codes(one)) == (Outcome.REFUSED, ["id_elsewhere"])


def test_the_same_head_without_numbers_is_held(world: World) -> None:
    same = {**existing(world), "户编号": "", "身份证号": ""}
    (one,) = planned(world, row(**same))
    assert (one.outcome, codes(one)) == (Outcome.REFUSED, ["id_missing", "possible_duplicate"])


def test_two_rows_of_one_head_without_numbers_are_one_and_a_doubt(world: World) -> None:
    bare = {"户编号": "", "身份证号": "", "户主姓名": "新人"}
    first, second = planned(world, row(**bare), row(**bare))
    assert (first.outcome, second.outcome) == (Outcome.CREATED, Outcome.REFUSED)
    assert codes(second) == ["id_missing", "possible_duplicate"]


@pytest.mark.parametrize(
    ("number", "name", "code"),
    [
        ("X999", "", "cadre_unknown"),
        ("", "查无此人", "cadre_unknown"),
        ("own", "别人", "cadre_mismatch"),
        ("other township", "", "cadre_unknown"),
    ],
)
def test_a_cadre_in_doubt_is_told_and_left_out(world: World, number: str, name: str, code: str) -> None:
    numbers = {"own": "household_cadre@城垵", "other township": "household_cadre@前楼"}
    given = world.cadre(numbers[number]).cadre_no if number in numbers else number
    headings = [*HEADINGS, "挂户干部姓名"]
    (one,) = plan_of(world, roster([*row(挂户干部工号=given), name], headings=headings)).households
    assert (one.outcome, one.cadre, codes(one)) == (Outcome.CREATED, None, [code])


def test_two_cadres_of_one_name_are_ambiguous(world: World) -> None:
    for number in ("T1", "T2"):
        Cadre.objects.create(county=world.county, township=world.township, cadre_no=number, name="同名")
    headings = [*HEADINGS, "挂户干部姓名"]
    (one,) = plan_of(world, roster([*row(), "同名"], headings=headings)).households
    assert (one.cadre, codes(one)) == (None, ["cadre_ambiguous"])


def test_villages_outside_the_scope_are_refused(world: World) -> None:
    elsewhere, far = planned(world, row(村="前楼村"), row(村="六龙村", 户编号="2", 身份证号=OTHER_ID))
    assert (codes(elsewhere), codes(far)) == (["village_out_of_scope"], ["village_unknown"])


def test_a_generated_code_is_not_taken_from_a_roster(world: World) -> None:
    (one,) = planned(world, row(户编号="自编0001"))
    assert (one.outcome, codes(one)) == (Outcome.CREATED, ["hh_no_generated"])


def members(*rows: list[Any]) -> tuple[str, list[list[Any]]]:
    return "家庭成员", [["户编号", "户主姓名", "姓名", "与户主关系", "身份证号"], *rows]


def test_members_belong_to_households_of_the_file_or_the_ledger(world: World) -> None:
    known = world.households["城垵"][0].code
    plan = plan_of(world, saved(book(("户", [HEADINGS, row()]), members(
        ["A001", "李彩阿", "李彩阿", "户主", GOOD_ID], ["A001", "李彩阿", "王芳", "妻", OTHER_ID],
        [known, "", "王强", "长子", THIRD_ID], ["X", "", "某人", "妻", ""], ["A001", "", "别人", "户主", ""],
    ))))  # fmt: skip
    assert [(p.outcome, codes(p)) for p in plan.members] == [
        (Outcome.CREATED, []), (Outcome.CREATED, []), (Outcome.CREATED, []),
        (Outcome.REFUSED, ["id_missing", "household_unknown"]), (Outcome.REFUSED, ["id_missing", "head_differs"]),
    ]  # fmt: skip


def test_a_file_of_members_alone(world: World) -> None:
    known = world.households["东沈"][0].code
    _name, rows = members([known, "", "王强", "长子", THIRD_ID])
    (one,) = plan_of(world, saved(book(("家庭成员", rows)))).members
    assert (one.outcome, one.household) == (Outcome.CREATED, world.households["东沈"][0].pk)


def test_the_number_of_queries_does_not_grow(world: World) -> None:
    def count(rows: list[list[Any]]) -> int:
        read = read_roster(roster(*rows))
        with CaptureQueriesContext(
            connection,
        ) as asked:
            plan_roster(read, [world.township])
        return len(asked)

    one, nobodys = count([row()]), count([row(身份证号="")])
    born = datetime.date(1960, 1, 1)
    many = count(
        [row(户编号=f"C{n}", 身份证号=make_id_number("350626", born, n), 户主姓名=f"户主甲{n}") for n in range(300)]
    )
    # One asks for the stage of a rotation of the index keys, one for whose the new ID numbers are; the types of
    # households are asked apart.
    assert (one, many, nobodys) == (10, 10, 9)


def test_a_plan_writes_nothing(world: World) -> None:
    before = [m.objects.count() for m in (Household, Resident, Assignment, ImportBatch, AuditRow)]
    planned(world, row(), row(**existing(world) | {"人口数": 9}))
    assert [m.objects.count() for m in (Household, Resident, Assignment, ImportBatch, AuditRow)] == before
