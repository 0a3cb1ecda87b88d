"""Households and members: codes and statuses dated, the head kept beside the household, edits that lose nothing."""

import datetime

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction

from ledger.actions.households import change_status, create_household, edit_household
from ledger.actions.residents import add_resident, edit_resident, leave
from ledger.actions.versions import StaleEdit
from ledger.models import Assignment, AuditRow, Household, HouseholdCode, Resident, StatusPeriod
from ledger.models.fields import id_index
from ledger.rules.days import local_today
from ledger.rules.households import Gender, Relation
from ledger.rules.identity import make_id_number
from tests.world import START, World

ID = make_id_number("350626", datetime.date(1980, 5, 6), 123)
PHONE = "13812345678"
HEAD = {"name": "单小红", "gender": "", "id_no": ID, "phone": PHONE}


def create(world: World, **data: object) -> Household:
    return create_household(
        by=world.users["township_admin"], village=world.villages["城垵"], data={"address": "下里9号", **data}, head=HEAD
    )


def open_codes(household: Household) -> list[tuple[str, bool]]:
    rows = HouseholdCode.objects.filter(household=household).order_by("pk")
    return [(row.code, row.end_on is None) for row in rows]


def test_a_new_household_with_its_head(world: World) -> None:
    types = list(world.county.household_types.filter(name="低保户"))
    household = create(world, code="QL-9", population=4, types=types)

    head = household.residents.get()
    assert (head.relation, head.id_no, head.phone, head.township) == (Relation.HEAD, ID, PHONE, world.township)
    assert (head.birth_on, head.gender) == (datetime.date(1980, 5, 6), Gender.MALE)
    assert (household.head_name, household.pinyin, household.initials[:3]) == ("单小红", "shan xiaohong", "sxh")
    assert (household.population, household.code_is_generated) == (4, False)
    assert list(household.types.all()) == types
    assert open_codes(household) == [("QL-9", True)]
    period = StatusPeriod.objects.get(household=household)
    assert (period.status, period.start_on, period.end_on) == ("active", local_today(), None)
    verbs = AuditRow.objects.filter(household_id=household.pk).order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == ["household.created", "resident.added"]
    trail = str(list(AuditRow.objects.values("label", "detail")))
    assert ID not in trail
    assert PHONE not in trail


def test_personal_numbers_are_not_stored_in_the_clear(world: World) -> None:
    from django.db import connection

    household = create(world)
    with connection.cursor() as cursor:
        cursor.execute("SELECT id_no, phone, id_index FROM ledger_resident WHERE household_id = %s", [household.pk])
        id_no, phone, index = cursor.fetchone()
    assert ID not in id_no
    assert PHONE not in phone
    assert index == id_index(ID)


def test_generated_codes_count_up_and_are_never_given_twice(world: World) -> None:
    first = create(world)
    assert (first.code, first.code_is_generated) == ("自编0001", True)
    edit_household(by=world.users["township_admin"], household=first, version=first.version, data={"code": "A1"})
    recoded = Household.objects.get(pk=first.pk)
    assert (recoded.code, recoded.code_is_generated) == ("A1", False)
    assert open_codes(first) == [("自编0001", False), ("A1", True)]

    Resident.objects.filter(household=first).update(id_index="")
    assert create(world).code == "自编0002"


@pytest.mark.parametrize("code", ["自编0009", "自编 甲"])
def test_a_typed_code_never_looks_like_a_generated_one(world: World, code: str) -> None:
    with pytest.raises(ValidationError):
        create(world, code=code)


def test_a_taken_code_is_refused_with_the_name_of_its_household(world: World) -> None:
    taken = world.households["城垵"][0]
    with pytest.raises(ValidationError) as refused, transaction.atomic():
        create(world, code=taken.code)
    assert taken.head_name in str(refused.value)
    assert Household.objects.filter(village=taken.village).count() == 3


def test_the_same_code_may_exist_in_another_village(world: World) -> None:
    taken = world.households["马銮"][0]
    made = create(world, code=taken.code)
    assert set(Household.objects.filter(code=taken.code)) == {taken, made}
    assert made.village == world.villages["城垵"]


def test_an_edit_keeps_old_and_new_and_moves_the_version(world: World) -> None:
    household = world.households["城垵"][0]
    after = edit_household(
        by=world.users["township_admin"], household=household, version=1, data={"address": "新址1号", "population": 3}
    )
    assert (after.address, after.version) == ("新址1号", 2)
    row = AuditRow.objects.get(verb="household.changed")
    assert row.detail == {"changes": {"address": ["城垵下里1号", "新址1号"]}}


def test_the_slower_of_two_edits_is_told_and_changes_nothing(world: World) -> None:
    household, admin = world.households["城垵"][0], world.users["township_admin"]
    edit_household(by=admin, household=household, version=1, data={"address": "先存的"})
    with pytest.raises(StaleEdit) as stale, transaction.atomic():
        edit_household(by=admin, household=household, version=1, data={"address": "后存的"})
    assert stale.value.current.address == "先存的"
    assert Household.objects.get(pk=household.pk).address == "先存的"
    assert AuditRow.objects.count() == 1


def test_a_status_is_dated_and_one_that_is_gone_ends_the_assignment(world: World) -> None:
    household, admin, day = world.households["城垵"][0], world.users["township_admin"], local_today()
    after = change_status(by=admin, household=household, version=1, status="moved", on=day, reason="全家迁往厦门")

    rows = StatusPeriod.objects.filter(household=household).order_by("pk")
    assert [(r.status, r.start_on, r.end_on, r.reason) for r in rows] == [
        ("active", START, day, ""),
        ("moved", day, None, "全家迁往厦门"),
    ]
    assert (after.status, after.cadre) == ("moved", None)
    assert not Assignment.objects.open().filter(household=household).exists()


@pytest.mark.parametrize("days", [1, -5000])
def test_a_status_begins_neither_ahead_nor_before_the_present_one(world: World, days: int) -> None:
    household, day = world.households["城垵"][0], local_today() + datetime.timedelta(days=days)
    with pytest.raises(ValidationError), transaction.atomic():
        change_status(
            by=world.users["township_admin"], household=household, version=1, status="away", on=day, reason="x"
        )
    assert Household.objects.get(pk=household.pk).status == "active"


def test_a_new_head_makes_the_earlier_one_a_member(world: World) -> None:
    household, admin = world.households["城垵"][0], world.users["township_admin"]
    old = household.residents.get()
    new = add_resident(by=admin, household=household, data={"name": "曾小明", "relation": Relation.CHILD})
    edit_resident(by=admin, resident=new, version=new.version, data={"relation": Relation.HEAD})

    assert Resident.objects.get(pk=old.pk).relation == Relation.OTHER
    beside = Household.objects.get(pk=household.pk)
    assert (beside.head_name, beside.pinyin, beside.population) == ("曾小明", "zeng xiaoming", 3)


def test_a_head_neither_leaves_nor_steps_down_alone(world: World) -> None:
    head, admin = world.households["城垵"][0].residents.get(), world.users["township_admin"]
    with pytest.raises(ValidationError), transaction.atomic():
        edit_resident(by=admin, resident=head, version=1, data={"relation": Relation.PARENT})
    with pytest.raises(ValidationError), transaction.atomic():
        leave(by=admin, resident=head, version=1, on=local_today(), reason="去世")
    assert Resident.objects.get(pk=head.pk).relation == Relation.HEAD


def test_who_leaves_stays_on_record_and_counts_no_more(world: World) -> None:
    household, admin = world.households["城垵"][0], world.users["township_admin"]
    member = add_resident(by=admin, household=household, data={"name": "林阿妹", "relation": "child", "id_no": ID})
    leave(by=admin, resident=member, version=1, on=local_today(), reason="出嫁")
    assert Resident.objects.get(pk=member.pk).left_on == local_today()
    assert Household.objects.get(pk=household.pk).population == 2
    # Her number is free for the household she joined.
    add_resident(by=admin, household=world.households["马銮"][0], data={"name": "林阿妹", "id_no": ID})


def test_one_id_number_belongs_to_one_current_member_of_a_township(world: World) -> None:
    admin = world.users["township_admin"]
    known = world.households["城垵"][0].residents.get()
    with pytest.raises(ValidationError) as refused, transaction.atomic():
        add_resident(by=admin, household=world.households["马銮"][0], data={"name": "某人", "id_no": known.id_no})
    assert known.name in str(refused.value)
    assert known.id_no not in str(refused.value)
    # In another township it is not this township's business.
    add_resident(by=admin, household=world.households["前楼"][0], data={"name": "某人", "id_no": known.id_no})


def test_a_stale_edit_of_a_member_changes_nothing(world: World) -> None:
    member, admin = world.households["城垵"][0].residents.get(), world.users["township_admin"]
    edit_resident(by=admin, resident=member, version=1, data={"phone": "13900000001"})
    with pytest.raises(StaleEdit), transaction.atomic():
        edit_resident(by=admin, resident=member, version=1, data={"phone": "13900000002"})
    assert Resident.objects.get(pk=member.pk).phone == "13900000001"
    detail = AuditRow.objects.get(verb="resident.changed").detail["changes"]
    assert detail["phone"][1] == "139****0001"
