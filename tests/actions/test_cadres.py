"""Cadres: a list of them is loaded whole or not at all; accounts follow; numbers out of reach stay untouched."""

import datetime
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from ledger.actions import cadres
from ledger.actions.audit import SYSTEM
from ledger.actions.cadres import load_cadres, plan_cadres
from ledger.importing.cadres import read_cadres
from ledger.models import AuditRow, Cadre, Organisation
from ledger.queries.postings import manageable_cadres
from ledger.rules.lists import ListRefused
from ledger.rules.permissions import Permission
from tests.world import World

HEAD = "place,cadre_no,cadre_name,cadre_unit,cadre_phone,township_code\n"
ROWS = "x,K001,单田芳,村镇建设办,13800001111,350626102\nx,K002,欧阳海,新办公室,,350626102\n"


def load(text: str, **reach: Any) -> cadres.CadrePlan:
    return load_cadres(by=SYSTEM, lines=read_cadres(text.encode()), file_name="干部.csv", **reach)


def reach_of(world: World, key: str) -> dict[str, Any]:
    user = world.users[key]
    from ledger.models import Township

    townships = Township.objects.visible_to(user, Permission.MANAGE_CADRES)
    mine = manageable_cadres(user, Permission.MANAGE_CADRES)
    return {
        "townships": list(townships.values_list("pk", flat=True)),
        "cadres": list(mine.values_list("pk", flat=True)),
    }


def test_a_list_makes_cadres_and_the_units_they_name(world: World) -> None:
    plan = load(HEAD + ROWS)
    assert (len(plan.new), len(plan.changed), plan.organisations) == (2, 0, [(world.township, "新办公室")])
    made = Cadre.objects.get(cadre_no="K001")
    assert (made.pinyin, made.initials, made.organisation) == (
        "shan tianfang", "stf dtf", world.organisations["村镇建设办"],
    )  # fmt: skip
    assert Organisation.objects.filter(name="新办公室", township=world.township).count() == 1
    row = AuditRow.objects.get(verb="cadre.loaded")
    assert row.detail == {"file": "干部.csv", "new": 2, "changed": 0, "organisations": 1}


def test_loaded_again_it_changes_nothing(world: World) -> None:
    load(HEAD + ROWS)
    before = AuditRow.objects.count()
    plan = load(HEAD + ROWS)
    assert (len(plan.new), len(plan.changed), plan.unchanged) == (0, 0, 2)
    assert AuditRow.objects.count() == before


def test_phone_unit_and_name_are_updated_and_the_account_follows(world: World) -> None:
    cadre = world.cadre("village_cadre@城垵")
    text = f"{HEAD}x,{cadre.cadre_no.lower()},新名字,纪委,13900009999,350626102\n"
    plan = load(text)
    assert [sorted(planned.changes) for planned in plan.changed] == [["name", "phone", "unit"]]
    cadre.refresh_from_db()
    assert (cadre.name, cadre.phone, cadre.organisation) == ("新名字", "13900009999", world.organisations["纪委"])
    assert (cadre.user.name, cadre.user.mobile) == ("新名字", "13900009999")  # type: ignore[union-attr]


def test_an_empty_cell_changes_nothing(world: World) -> None:
    cadre = world.cadre("village_cadre@城垵")
    assert load(f"{HEAD}x,{cadre.cadre_no},{cadre.name},,,350626102\n").unchanged == 1


def test_a_mobile_of_another_account_loads_nothing(world: World) -> None:
    first, second = world.cadre("village_cadre@城垵"), world.cadre("village_official@城垵")
    load(f"{HEAD}x,{first.cadre_no},{first.name},,13900009999,350626102\n")
    with pytest.raises(ListRefused) as refusal:
        load(f"{HEAD}x,K009,新人,,,350626102\nx,{second.cadre_no},{second.name},,13900009999,350626102\n")
    assert refusal.value.faults[0].line == 3
    assert not Cadre.objects.filter(cadre_no="K009").exists()
    second.refresh_from_db()
    assert second.phone != "13900009999"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("x,,甲,,,350626102", "工号"),
        ("x,K1,,,,350626102", "姓名"),
        ("x,K1,甲,,123,350626102", "手机"),
        ("x,K1,甲,,,350626999", "350626999"),
        ("x,K1,甲,,,", "乡镇代码"),
        ("x," + "9" * 21 + ",甲,,,350626102", "20"),
    ],
)
def test_a_bad_line_is_named_and_nothing_is_loaded(world: World, line: str, said: str) -> None:
    before = Cadre.objects.count()
    with pytest.raises(ListRefused) as refusal:
        load(f"{HEAD}x,K000,好人,,,350626102\n{line}\n")
    assert [fault.line for fault in refusal.value.faults] == [3]
    assert said in refusal.value.sentences()[0]
    assert Cadre.objects.count() == before


def test_a_number_twice_is_refused(world: World) -> None:
    with pytest.raises(ListRefused):
        load(f"{HEAD}x,K1,甲,,,350626102\nx,k1,乙,,,350626102\n")


@pytest.mark.parametrize("key", ["household_cadre@前楼", "county_desk", "county_admin", "township_leader@前楼"])
def test_a_township_admin_cannot_pull_somebody_in_by_number(world: World, key: str) -> None:
    """Whoever moved a person into the own township could then take over the account."""
    victim = world.cadre(key)
    lines = read_cadres(f"{HEAD}x,{victim.cadre_no},夺名,,,350626102\n".encode())
    with pytest.raises(ListRefused):
        plan_cadres(lines, **reach_of(world, "township_admin"))
    victim.refresh_from_db()
    assert victim.name != "夺名"


def test_a_township_admin_names_no_other_township(world: World) -> None:
    lines = read_cadres(f"{HEAD}x,K1,甲,,,350626103\n".encode())
    with pytest.raises(ListRefused) as outside:
        plan_cadres(lines, **reach_of(world, "township_admin"))
    nowhere = read_cadres(f"{HEAD}x,K1,甲,,,350626999\n".encode())
    with pytest.raises(ListRefused) as missing:
        plan_cadres(nowhere, **reach_of(world, "township_admin"))
    assert outside.value.sentences()[0].replace("350626103", "") == missing.value.sentences()[0].replace(
        "350626999", ""
    )


def test_a_cadre_leaves_only_with_empty_hands(world: World) -> None:
    cadre, admin = world.cadre("household_cadre@城垵"), world.users["township_admin"]
    with pytest.raises(ValidationError):
        cadres.edit(by=admin, cadre=cadre, values={"left_on": datetime.date(2026, 1, 1)}, seen=None)
    cadre.postings.update(end_on=datetime.date(2025, 2, 1))
    with pytest.raises(ValidationError):
        cadres.edit(by=admin, cadre=cadre, values={"left_on": datetime.date(2026, 1, 1)}, seen=None)
    cadre.households.update(cadre=world.cadre("household_cadre@马銮"))
    cadres.edit(by=admin, cadre=cadre, values={"left_on": datetime.date(2026, 1, 1)}, seen=None)
    cadre.user.refresh_from_db()  # type: ignore[union-attr]
    assert not cadre.user.is_active  # type: ignore[union-attr]
    assert set(AuditRow.objects.values_list("verb", flat=True)) == {"cadre.changed", "account.closed"}
