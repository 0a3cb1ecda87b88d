"""Applying: all rows or none, everything beside the household kept, the second time nothing."""

import json
from typing import Any

import pytest

from ledger.importing import batches
from ledger.importing.batches import OutOfScope, apply_batch, create_batch, kept_file, plan_batch, request_apply
from ledger.importing.kept_files import folder
from ledger.importing.plan import Outcome
from ledger.models import (
    Assignment,
    AuditRow,
    BatchState,
    Group,
    Household,
    HouseholdCode,
    ImportBatch,
    ImportRow,
    Resident,
    StatusPeriod,
)
from ledger.rules.days import local_today
from ledger.rules.households import Gender, Relation
from tests.importing.test_plan import ROW, codes, existing, members, row, take_in
from tests.importing.workbooks import GOOD_ID, HEADINGS, OTHER_ID, THIRD_ID, book, roster, saved
from tests.world import World

TABLES = (Household, Resident, Assignment, HouseholdCode, StatusPeriod, Group, ImportRow)


def everything() -> list[list[Any]]:
    return [list(table.objects.order_by("pk").values()) for table in TABLES]


def test_a_new_household_with_all_that_belongs_to_it(world: World) -> None:
    cadre = world.cadre("household_cadre@城垵")
    headings = [*HEADINGS, "家庭住址", "备注", "登记日期", "挂户时间"]
    data = roster([*row(挂户干部工号=cadre.cadre_no, 村民组="第七组"), "下里101号", "独居", "2019.3.5", "2024-05-01"],
                  headings=headings)  # fmt: skip
    batches.import_at_once(by="system", townships=[world.township], file_name="名册.xlsx", data=data)
    household = Household.objects.get(code="A001", village=world.villages["城垵"])
    assert (household.head_name, household.pinyin, household.initials) == ("李彩阿", "li caia", "lca lce")
    assert (household.population, household.address, household.remark) == (2, "下里101号", "独居")
    assert (household.group.number, household.cadre, household.version) == (7, cadre, 1)
    assert household.registered_on.isoformat() == "2019-03-05"
    assert [kind.name for kind in household.types.all()] == ["一般户"]
    assert household.codes.get().code == "A001"
    assert household.status_periods.get().status == "active"
    assert household.assignments.get().start_on.isoformat() == "2024-05-01"
    head = household.residents.get()
    assert (head.relation, head.name, head.id_no, head.phone) == (Relation.HEAD, "李彩阿", GOOD_ID, "19900001585")
    assert (head.birth_on.isoformat(), head.gender, head.township) == ("1961-04-03", Gender.FEMALE, world.township)


def test_the_second_time_changes_nothing(world: World) -> None:
    rows = [row(), row(户编号="", 身份证号="", 户主姓名="新人"), row(户编号="A3", 身份证号=OTHER_ID, 户主姓名="第三")]
    take_in(world, *rows)
    before = everything()[:-1]
    again = take_in(world, *rows)
    assert {planned.outcome for planned in again.rows} == {Outcome.UNCHANGED}
    assert everything()[:-1] == before


def test_the_database_looks_at_its_tables_only_when_something_was_written(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[str] = []
    monkeypatch.setattr(batches.planner, "after_bulk_write", lambda: looks.append("look"))
    take_in(world, row())
    assert looks == ["look"]
    take_in(world, row())
    assert looks == ["look"]


def people(*rows: list[Any]) -> bytes:
    """A list of people that is the only sheet: each row says whose household it belongs to."""
    headings = ["村", "村民组", "户编号", "户主", "姓名", "与户主关系", "身份证号", "人口数"]
    return saved(book(("人口台账", [headings, *(["城垵村", "1组", *cells] for cells in rows)])))


def test_a_list_of_people_alone_brings_the_households_of_its_heads(world: World) -> None:
    data = people(
        ["A1", "李彩阿", "李彩阿", "户主", GOOD_ID, 2], ["A1", "李彩阿", "王芳", "妻", OTHER_ID, ""],
        ["A2", "陈玉", "陈玉", "户主", THIRD_ID, 1], ["A3", "别人", "赵四", "户主", "", ""],
    )  # fmt: skip

    def take() -> Any:
        return batches.import_at_once(by="system", townships=[world.township], file_name="人口.xlsx", data=data)

    plan = take()
    assert [(p.row.row, p.outcome, codes(p)) for p in plan.rows] == [
        (2, Outcome.CREATED, []), (4, Outcome.CREATED, []), (5, Outcome.REFUSED, ["id_missing", "head_differs"]),
        (3, Outcome.CREATED, []),
    ]  # fmt: skip
    first = Household.objects.get(code="A1", village=world.villages["城垵"])
    assert (first.head_name, first.group.number, first.population) == ("李彩阿", 1, 2)
    assert sorted(first.residents.values_list("name", "relation_text")) == [("李彩阿", "户主"), ("王芳", "妻")]
    assert not Household.objects.filter(code="A3").exists()
    before = everything()[:-1]
    assert [p.outcome for p in take().rows if p.row.row != 5] == [Outcome.UNCHANGED] * 3
    assert everything()[:-1] == before


def test_an_update_keeps_what_the_roster_does_not_say(world: World) -> None:
    household = world.households["城垵"][0]
    new_cadre = world.cadre("household_cadre@马銮")
    old_phone = household.residents.get().phone
    take_in(world, row(**existing(world) | {"人口数": 5, "手机号": "13800001234", "挂户干部工号": new_cadre.cadre_no}))
    fresh = Household.objects.get(pk=household.pk)
    assert (fresh.population, fresh.address, fresh.cadre, fresh.version) == (5, household.address, new_cadre, 2)
    assert household.residents.get().phone == "13800001234"
    assert list(household.assignments.values_list("cadre__name", "end_on")) == [
        (world.cadre("household_cadre@城垵").name, local_today()), (new_cadre.name, None),
    ]  # fmt: skip
    kept = ImportRow.objects.get(household=household)
    assert json.loads(kept.values) == {"population": 5, "phone": "13800001234", "cadre": new_cadre.pk}
    assert json.loads(kept.before)["phone"] == old_phone


def test_two_households_that_swapped_codes_are_held(world: World) -> None:
    first, second = existing(world, 1), existing(world, 2)
    one, two = row(**first | {"户编号": second["户编号"]}), row(**second | {"户编号": first["户编号"]})
    plan = take_in(world, one, two)
    assert [planned.outcome for planned in plan.households] == [Outcome.REFUSED, Outcome.REFUSED]


def test_a_new_code_is_dated(world: World) -> None:
    household = world.households["城垵"][0]
    take_in(world, row(**existing(world) | {"户编号": "NEW1"}))
    assert list(household.codes.order_by("start_on").values_list("code", "end_on")) == [
        (household.code, local_today()), ("NEW1", None),
    ]  # fmt: skip


def test_generated_codes_count_on_in_the_village(world: World) -> None:
    take_in(world, row(户编号="", 户主姓名="甲"))
    take_in(world, row(户编号="", 户主姓名="乙", 身份证号=OTHER_ID))
    generated = Household.objects.filter(code_is_generated=True).order_by("pk")
    assert list(generated.values_list("code", flat=True)) == ["自编0001", "自编0002"]


def test_members_come_with_their_household(world: World) -> None:
    known = world.households["城垵"][0]
    data = saved(book(("户", [HEADINGS, row(身份证号="")]), members(
        ["A001", "李彩阿", "李彩阿", "户主", GOOD_ID], ["A001", "李彩阿", "王芳", "妻", OTHER_ID],
        [known.code, "", "王强", "长子", THIRD_ID],
    )))  # fmt: skip

    def bring() -> batches.RosterPlan:
        return batches.import_at_once(by="system", townships=[world.township], file_name="a.xlsx", data=data)

    bring()
    made = Household.objects.get(code="A001", village=world.villages["城垵"])
    assert list(made.residents.order_by("pk").values_list("name", "relation", "relation_text")) == [
        ("李彩阿", "head", "户主"), ("王芳", "spouse", "妻"),
    ]  # fmt: skip
    assert made.residents.get(relation="head").id_no == GOOD_ID
    assert known.residents.get(name="王强").relation == Relation.CHILD
    assert {planned.outcome for planned in bring().rows} == {Outcome.UNCHANGED}


def test_one_audit_row_names_the_batch(world: World) -> None:
    take_in(world, row(), row(户编号="A2", 身份证号="320206199906019011"))
    said = AuditRow.objects.get(verb="import.applied")
    batch = ImportBatch.objects.get()
    assert (said.object_id, said.township_id, said.actor) == (batch.pk, world.township.pk, "system")
    assert (said.detail["created"], said.detail["refused"]) == (1, 1)
    assert GOOD_ID not in json.dumps(said.detail)
    assert (batch.state, batch.counts["created"], batch.stored_as) == (BatchState.APPLIED, 1, "")


def test_what_is_kept_of_rows_is_sealed(world: World) -> None:
    from django.db import connection

    take_in(world, row())
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM ledger_importrow")
        assert GOOD_ID not in str(cursor.fetchall())


def hand_in(world: World, *rows: list[Any]) -> ImportBatch:
    batch = create_batch(
        by=world.users["township_admin"], townships=[world.township], file_name="名册.xlsx", data=roster(*rows)
    )
    plan_batch(batch.pk)
    return ImportBatch.objects.get(pk=batch.pk)


def test_an_upload_is_kept_sealed(world: World) -> None:
    batch = create_batch(by=world.users["township_admin"], townships=[], file_name="../../a.xlsx", data="王芳".encode())
    stored = folder() / batch.stored_as
    assert batch.file_name == "a.xlsx"
    assert "王芳".encode() not in stored.read_bytes()
    assert kept_file(batch) == "王芳".encode()


def test_planned_then_applied_by_one_of_two(world: World) -> None:
    batch = hand_in(world, row())
    assert (batch.state, batch.counts["created"], Household.objects.filter(code="A001").count()) == ("planned", 1, 0)
    admin, other = world.users["township_admin"], world.users["county_admin"]
    assert request_apply(by=admin, batch=batch, version=batch.version)
    assert not request_apply(by=other, batch=batch, version=batch.version)
    apply_batch(batch.pk)
    apply_batch(batch.pk)
    batch.refresh_from_db()
    assert (batch.state, batch.applied_by) == (BatchState.APPLIED, admin)
    assert Household.objects.filter(code="A001").count() == 1
    assert AuditRow.objects.filter(verb="import.applied").count() == 1


def test_a_plan_that_is_no_longer_true_is_shown_again(world: World) -> None:
    batch = hand_in(world, row())
    take_in(world, row(人口数=9))
    before = everything()[:-1]
    assert request_apply(by=world.users["township_admin"], batch=batch, version=batch.version)
    apply_batch(batch.pk)
    batch.refresh_from_db()
    assert (batch.state, batch.error_code, batch.applied_by) == (BatchState.PLANNED, "stale", None)
    assert batch.counts["updated"] == 1
    assert everything()[:-1] == before


def test_a_failure_in_the_middle_leaves_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    batch = hand_in(world, row(), row(户编号="A2", 身份证号=OTHER_ID))
    before = everything()

    def fail(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError

    assert request_apply(by=world.users["township_admin"], batch=batch, version=batch.version)
    monkeypatch.setattr(batches.planner, "after_bulk_write", fail)  # the last of all that is written
    apply_batch(batch.pk)
    batch.refresh_from_db()
    assert (batch.state, batch.error_code) == (BatchState.FAILED, "failed")
    assert everything() == before


def test_what_lies_outside_the_importers_scope_rolls_all_back(world: World) -> None:
    before = everything()
    with pytest.raises(OutOfScope):
        batches.import_at_once(
            by=world.users["township_admin@前楼"], townships=[world.township], file_name="a.xlsx", data=roster(row())
        )
    assert everything() == before


def test_a_file_that_is_refused_says_why(world: World) -> None:
    batch = create_batch(
        by=world.users["township_admin"], townships=[world.township], file_name="a.xlsx", data=roster()
    )
    plan_batch(batch.pk)
    batch.refresh_from_db()
    assert (batch.state, batch.error_code) == (BatchState.REFUSED, "no_data_rows")


def test_every_row_is_read(world: World) -> None:
    assert set(ROW) == set(HEADINGS)
