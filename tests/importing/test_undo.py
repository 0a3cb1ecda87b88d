"""Undoing: what an import made goes, what it changed is put back, and what somebody has built on stays."""

from typing import Any

import pytest

from ledger.actions import assignments, corrections, households, residents
from ledger.importing import undo
from ledger.importing.batches import apply_batch, create_batch, plan_batch, request_apply
from ledger.importing.undo import request_undo, undo_batch
from ledger.importing.undo_check import Left, check_undo
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
from ledger.rules import keyring
from ledger.rules.days import local_day, local_today
from ledger.rules.households import HouseholdStatus, Relation
from ledger.rules.pinyin import pinyin_key
from tests.importing.test_plan import existing, members, row
from tests.importing.workbooks import GOOD_ID, HEADINGS, OTHER_ID, THIRD_ID, book, roster, saved
from tests.world import World, make_issue, make_visit

CHANGING = {"version", "updated_at", "pinyin", "initials"}
"""Grows with every change; and the world of the tests spells nobody's name."""


def ledger() -> dict[str, list[Any]]:
    """All that an import may touch, numbers opened; versions and moments may grow."""
    tables = (Household, Resident, Assignment, HouseholdCode, StatusPeriod, Group)
    found = {
        table.__name__: [
            {name: value for name, value in one.items() if name not in CHANGING}
            for one in table.objects.order_by("pk").values()
        ]
        for table in tables
    }
    pairs = Household.types.through.objects.order_by("household", "householdtype")
    return found | {"types": list(pairs.values_list("household_id", "householdtype_id"))}


def applied(world: World, data: bytes) -> ImportBatch:
    admin = world.users["township_admin"]
    batch = create_batch(by=admin, townships=[world.township], file_name="名册.xlsx", data=data)
    plan_batch(batch.pk)
    batch.refresh_from_db()
    assert request_apply(by=admin, batch=batch, version=batch.version)
    apply_batch(batch.pk)
    batch.refresh_from_db()
    assert batch.state == BatchState.APPLIED
    return batch


def undone(world: World, batch: ImportBatch) -> ImportBatch:
    batch.refresh_from_db()
    digest = check_undo(batch).digest()
    assert request_undo(by=world.users["township_admin"], batch=batch, version=batch.version, digest=digest)
    undo_batch(batch.pk)
    batch.refresh_from_db()
    return batch


def everything_at_once(world: World) -> bytes:
    """New households with members, and all that a row may change of an old one."""
    new_cadre = world.cadre("household_cadre@马銮")
    changed = existing(world) | {
        "户编号": "NEW1", "村民组": "第七组", "手机号": "13800001234", "人口数": 6, "户类型": "低保户",
        "挂户干部工号": new_cadre.cadre_no,
    }  # fmt: skip
    known = world.households["城垵"][1]
    renamed = existing(world, 2) | {"户主姓名": "改名"}
    return saved(book(
        ("户", [HEADINGS, row(身份证号="", 挂户干部工号=new_cadre.cadre_no),
               row(户编号="", 户主姓名="新人", 身份证号=""), row(**changed), row(**renamed)]),
        members(["A001", "李彩阿", "李彩阿", "户主", GOOD_ID], ["A001", "李彩阿", "王芳", "妻", OTHER_ID],
                [known.code, "", "王强", "长子", THIRD_ID]),
    ))  # fmt: skip


def test_all_is_as_it_was(world: World) -> None:
    before = ledger()
    batch = applied(world, everything_at_once(world))
    assert (batch.counts["created"], batch.counts["updated"]) == (5, 2)
    assert ledger() != before
    batch = undone(world, batch)
    assert (batch.state, batch.error_code) == (BatchState.UNDONE, "")
    assert ledger() == before
    spelt = Household.objects.get(pk=world.households["城垵"][1].pk)
    assert spelt.pinyin == pinyin_key(spelt.head_name) == spelt.residents.get().pinyin
    assert batch.counts["undone"] == {"removed": 2, "members": 1, "restored": 2, "left": 0}
    assert not ImportRow.objects.exclude(left_because="").exists()


def test_numbers_are_put_back_and_their_indexes(world: World) -> None:
    household = world.households["城垵"][0]
    head = household.residents.get()
    batch = applied(world, roster(row(**existing(world) | {"身份证号": GOOD_ID, "手机号": "13800001234"})))
    assert household.residents.get().id_no == GOOD_ID
    undone(world, batch)
    again = household.residents.get()
    for name in ("id_no", "id_index", "phone", "phone_index", "birth_on", "gender", "name", "relation_text"):
        assert getattr(again, name) == getattr(head, name), name


def test_after_undoing_the_same_file_comes_in_again(world: World) -> None:
    data = everything_at_once(world)
    undone(world, applied(world, data))
    batch = applied(world, data)
    assert (batch.counts["created"], batch.counts["updated"], batch.counts["refused"]) == (5, 2, 0)
    assert undone(world, batch).state == BatchState.UNDONE


def test_two_imports_are_undone_the_later_first(world: World) -> None:
    before = ledger()
    first = applied(world, roster(row(), row(**existing(world) | {"人口数": 7, "手机号": "13800001234"})))
    between = ledger()
    second = applied(world, roster(row(人口数=9, 手机号="13800009999"), row(**existing(world) | {"人口数": 8})))
    assert check_undo(first).left == {Left.LATER: 2}
    undone(world, second)
    assert ledger() == between
    undone(world, first)
    assert ledger() == before


def built_on(world: World, how: str, household: Household) -> None:
    admin, cadre = world.users["township_admin"], world.cadre("household_cadre@城垵")
    if how == "visit":
        make_visit(household, cadre)
    elif how == "attended":
        make_visit(world.households["城垵"][2], cadre).other_households.add(household)
    elif how == "issue":
        make_issue(household, cadre, 900)
    elif how == "sensitive":
        make_issue(household, cadre, 900, is_sensitive=True)
    elif how == "correction":
        corrections.propose(
            by=world.users["household_cadre@城垵"], household=household, data={"address": "新址"}, reason=""
        )
    elif how == "cadre":
        assignments.assign(by=admin, household=household, cadre=world.cadre("household_cadre@马銮"))
    elif how == "edit":
        households.edit_household(by=admin, household=household, version=household.version, data={"address": "新址"})
    elif how == "status":
        households.change_status(
            by=admin, household=household, version=household.version, status=HouseholdStatus.AWAY,
            on=local_day(household.created_at), reason="",
        )  # fmt: skip
    elif how == "member":
        residents.add_resident(by=admin, household=household, data={"name": "婴儿", "relation": Relation.CHILD})
    elif how == "head":
        head = household.residents.get(relation=Relation.HEAD)
        residents.edit_resident(by=admin, resident=head, version=head.version, data={"phone": "13700001111"})
    elif how == "import":
        applied(world, roster(row(人口数=9)))


WHY = {
    "visit": Left.WORK, "attended": Left.WORK, "issue": Left.WORK, "sensitive": Left.WORK,
    "correction": Left.CORRECTION, "cadre": Left.ASSIGNED, "edit": Left.EDITED, "status": Left.EDITED,
    "member": Left.EDITED, "head": Left.EDITED, "import": Left.LATER,
}  # fmt: skip


@pytest.mark.parametrize("how", WHY)
def test_a_new_household_that_somebody_built_on_stays(world: World, how: str) -> None:
    batch = applied(world, roster(row(), row(户编号="A2", 户主姓名="王芳", 身份证号=OTHER_ID)))
    built_on(world, how, Household.objects.get(code="A001", village=world.villages["城垵"]))
    held = [one for one in ledger()["Household"] if one["code"] == "A001"]
    batch = undone(world, batch)
    assert batch.counts["undone"] == {"removed": 1, "members": 0, "restored": 0, "left": 1}
    assert [one for one in ledger()["Household"] if one["code"] == "A001"] == held
    assert not Household.objects.filter(code="A2").exists()
    assert list(ImportRow.objects.filter(batch=batch).values_list("left_because", flat=True)) == [WHY[how], ""]


@pytest.mark.parametrize("how", ["visit", "issue", "cadre", "edit", "head"])
def test_a_changed_household_that_somebody_built_on_stays(world: World, how: str) -> None:
    cadre = world.cadre("village_cadre@城垵")
    changed = existing(world) | {"人口数": 7, "手机号": "13800001234", "挂户干部工号": cadre.cadre_no}
    batch = applied(world, roster(row(**changed), row(**existing(world, 2) | {"人口数": 8})))
    built_on(world, how, Household.objects.get(pk=world.households["城垵"][0].pk))
    batch = undone(world, batch)
    assert batch.counts["undone"] == {"removed": 0, "members": 0, "restored": 1, "left": 1}
    assert Household.objects.get(pk=world.households["城垵"][0].pk).population == 7
    assert ImportRow.objects.exclude(left_because="").get(batch=batch).left_because == WHY[how]


def test_what_was_there_before_the_import_keeps_no_row(world: World) -> None:
    household = world.households["城垵"][0]
    make_visit(household, world.cadre("household_cadre@城垵"))
    before = ledger()
    undone(world, applied(world, roster(row(**existing(world) | {"人口数": 7}))))
    assert ledger() == before


def test_a_code_that_another_household_took_stays(world: World) -> None:
    batch = applied(world, roster(row(**existing(world) | {"户编号": "NEW1"})))
    old = world.households["城垵"][0].code
    other = Household.objects.get(pk=world.households["城垵"][1].pk)
    households.edit_household(
        by=world.users["township_admin"], household=other, version=other.version, data={"code": old}
    )
    assert check_undo(batch).left == {Left.TAKEN: 1}
    undone(world, batch)
    assert Household.objects.get(pk=world.households["城垵"][0].pk).code == "NEW1"


def test_a_former_cadre_who_left_is_not_given_the_household_back(world: World) -> None:
    new, old = world.cadre("village_cadre@城垵"), world.cadre("household_cadre@城垵")
    batch = applied(world, roster(row(**existing(world) | {"挂户干部工号": new.cadre_no})))
    type(old).objects.filter(pk=old.pk).update(left_on="2026-01-01")
    assert check_undo(batch).left == {Left.CADRE_LEFT: 1}


def test_what_changed_since_it_was_looked_at_undoes_nothing(world: World) -> None:
    batch = applied(world, roster(row(), row(户编号="A2", 户主姓名="王芳", 身份证号=OTHER_ID)))
    digest = check_undo(batch).digest()
    make_visit(Household.objects.get(code="A001", village=world.villages["城垵"]), world.cadre("household_cadre@城垵"))
    before = ledger()
    assert request_undo(by=world.users["township_admin"], batch=batch, version=batch.version, digest=digest)
    undo_batch(batch.pk)
    batch.refresh_from_db()
    assert (batch.state, batch.error_code, batch.undone_by) == (BatchState.APPLIED, "undo_stale", None)
    assert ledger() == before


def test_by_one_of_two_and_once(world: World) -> None:
    batch = applied(world, roster(row()))
    digest = check_undo(batch).digest()
    assert request_undo(by=world.users["township_admin"], batch=batch, version=batch.version, digest=digest)
    assert not request_undo(by=world.users["county_admin"], batch=batch, version=batch.version, digest=digest)
    undo_batch(batch.pk)
    undo_batch(batch.pk)
    batch.refresh_from_db()
    assert (batch.state, batch.undone_by) == (BatchState.UNDONE, world.users["township_admin"])
    said = AuditRow.objects.get(verb="import.undone")
    assert (said.object_id, said.detail["removed"], said.detail["left"]) == (batch.pk, 1, 0)
    assert GOOD_ID not in str(said.detail)


def test_a_failure_in_the_middle_undoes_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    batch = applied(world, everything_at_once(world))
    before = ledger()

    def fail(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr(undo.planner, "after_bulk_write", fail)
    batch = undone(world, batch)
    assert (batch.state, batch.error_code) == (BatchState.APPLIED, "undo_failed")
    assert ledger() == before


@pytest.mark.parametrize("count", [1, 30])
def test_looking_asks_the_same_number_of_questions(world: World, count: int, django_assert_num_queries: Any) -> None:
    rows = [row(户编号=f"C{n}", 身份证号="", 户主姓名=f"甲{n}") for n in range(count)]
    batch = applied(world, roster(*rows, row(**existing(world) | {"人口数": 7})))
    with django_assert_num_queries(14):
        check_undo(batch)


def test_what_would_be_undone_is_told_without_opening_a_value(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A county's roster has tens of thousands of sealed rows; only those of older imports are opened."""
    cadre, other = world.cadre("household_cadre"), world.cadre("household_cadre@马銮")
    numbers = (cadre.cadre_no, cadre.cadre_no, "")
    homes = [
        row(户编号=f"NEW{n}", 身份证号="", 户主姓名=f"新户{'甲乙丙'[n]}", 挂户干部工号=number)
        for n, number in enumerate(numbers)
    ]
    batch = applied(world, roster(*homes))
    new = {home.code: home.pk for home in Household.objects.filter(code__startswith="NEW")}
    moved = Household.objects.get(pk=new["NEW1"])
    Assignment.objects.filter(household=moved).update(end_on=local_today(), cadre=other)
    wanted = {new["NEW0"]: "", new["NEW1"]: Left.ASSIGNED, new["NEW2"]: ""}
    rows = ImportRow.objects.filter(batch=batch, household__in=new.values())
    assert dict(rows.values_list("household_id", "versions")) == {
        new["NEW0"]: {"cadre": cadre.pk}, new["NEW1"]: {"cadre": cadre.pk}, new["NEW2"]: {"cadre": None},
    }  # fmt: skip

    def told() -> dict[int | None, str]:
        return {one.household: one.left for one in check_undo(batch).rows}

    with monkeypatch.context() as sealed:
        sealed.setattr(keyring, "decrypt", lambda *_given: pytest.fail("A value was opened."))
        assert told() == wanted
    rows.update(versions=None)
    assert told() == wanted
