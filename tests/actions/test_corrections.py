"""A cadre proposes, the township admin decides, the household changes or gets an answer."""

import datetime

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, transaction

from ledger.actions.corrections import AlreadyDecided, accept, propose, refuse
from ledger.models import AuditRow, Correction, Household, Resident
from ledger.queries.corrections import lines
from ledger.rules.days import local_today
from tests.world import World


def proposed(world: World, data: dict, resident: Resident | None = None) -> Correction:
    return propose(
        by=world.users["household_cadre"], household=world.households["城垵"][0], data=data, reason="上门时核实",
        resident=resident,
    )  # fmt: skip


def test_an_accepted_change_of_the_household(world: World) -> None:
    household = world.households["城垵"][0]
    kind = world.county.household_types.get(name="低保户")
    correction = proposed(world, {"address": "上里2号", "types": [kind], "status": "away"})
    assert Household.objects.get(pk=household.pk).address == household.address

    accept(by=world.users["township_admin"], correction=correction)

    after = Household.objects.get(pk=household.pk)
    assert (after.address, after.status, list(after.types.all())) == ("上里2号", "away", [kind])
    stored = Correction.objects.get(pk=correction.pk)
    assert (stored.state, stored.decided_by) == ("accepted", world.users["township_admin"])
    assert set(AuditRow.objects.values_list("verb", flat=True)) == {
        "correction.proposed", "correction.accepted", "household.changed", "household.status_changed",
    }  # fmt: skip


def test_an_accepted_change_of_a_member(world: World) -> None:
    head = world.households["城垵"][0].residents.get()
    correction = proposed(world, {"phone": "13700001111", "birth_on": datetime.date(1970, 1, 2)}, head)
    accept(by=world.users["township_admin"], correction=correction)
    assert Resident.objects.get(pk=head.pk).phone == "13700001111"


def test_an_accepted_new_member_and_one_who_left(world: World) -> None:
    household, admin = world.households["城垵"][0], world.users["township_admin"]
    accept(by=admin, correction=proposed(world, {"name": "林小宝", "relation": "grandchild"}))
    baby = household.residents.get(name="林小宝")
    accept(by=admin, correction=proposed(world, {"left_on": local_today()}, baby))
    assert Resident.objects.get(pk=baby.pk).left_on == local_today()


def test_a_refused_one_changes_nothing_and_is_answered(world: World) -> None:
    household = world.households["城垵"][0]
    correction = proposed(world, {"address": "上里2号"})
    refuse(by=world.users["township_admin"], correction=correction, answer="以户口本为准")
    stored = Correction.objects.get(pk=correction.pk)
    assert (stored.state, stored.answer) == ("refused", "以户口本为准")
    assert Household.objects.get(pk=household.pk).address == household.address


def test_decided_once(world: World) -> None:
    correction = proposed(world, {"address": "上里2号"})
    refuse(by=world.users["township_admin"], correction=correction, answer="不符")
    with pytest.raises(AlreadyDecided), transaction.atomic():
        accept(by=world.users["township_admin"], correction=correction)
    assert Household.objects.get(pk=world.households["城垵"][0].pk).address != "上里2号"


def test_one_that_no_longer_fits_stays_undecided(world: World) -> None:
    known = world.households["马銮"][0].residents.get()
    head = world.households["城垵"][0].residents.get()
    correction = proposed(world, {"id_no": known.id_no}, head)
    with pytest.raises(ValidationError):
        accept(by=world.users["township_admin"], correction=correction)
    assert Correction.objects.get(pk=correction.pk).state == "pending"


def test_nothing_new_is_nothing_to_propose(world: World) -> None:
    with pytest.raises(ValidationError):
        proposed(world, {})
    assert not Correction.objects.exists()


def test_what_is_proposed_is_sealed_and_read_masked(world: World) -> None:
    correction = proposed(world, {"phone": "13700001111"}, world.households["城垵"][0].residents.get())
    with connection.cursor() as cursor:
        cursor.execute("SELECT proposed FROM ledger_correction WHERE id = %s", [correction.pk])
        assert "13700001111" not in cursor.fetchone()[0]
    (line,) = lines(Correction.objects.get(pk=correction.pk))
    assert line.new == "137****1111"
    assert line.old.startswith("139****")
    assert "13700001111" not in str(list(AuditRow.objects.values("label", "detail")))
