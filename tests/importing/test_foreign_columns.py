"""Columns that name a row: one of elsewhere is said in the words for one that nobody has (villages apart)."""

from typing import Any

import pytest

from ledger.actions.cadres import plan_cadres
from ledger.importing.cadres import read_cadres
from ledger.importing.plan import Planned
from ledger.models import Cadre, Organisation, Township
from ledger.queries.postings import manageable_cadres
from ledger.rules.households import Relation
from ledger.rules.lists import ListRefused
from ledger.rules.permissions import Permission
from tests.importing.test_plan import planned, row
from tests.importing.workbooks import HEADINGS, THIRD_ID
from tests.world import World

NOBODY = "ZZ99999"


def said(one: Planned, value: str) -> tuple[Any, ...]:
    """All that the uploader is told of a row, without the value itself."""
    told = [(str(f.code), str(f.sentence).replace(value, "#")) for f in one.row.findings]
    changes = {name: tuple(str(v).replace(value, "#") for v in pair) for name, pair in one.changes.items()}
    return one.outcome, one.household, one.resident, one.cadre, told, changes


def foreign(world: World, column: str, place: str) -> tuple[str, str]:
    """A value of elsewhere for that column, and one that nobody has."""
    household = world.households[place][0]
    head = household.residents.get(relation=Relation.HEAD)
    return {
        "户编号": (household.code, "9" * len(household.code)),
        "身份证号": (head.id_no, THIRD_ID),
        "手机号": (head.phone, "13999999999"),
        "户主姓名": (household.head_name, "从未有过"),
        "挂户干部工号": (world.cadre(f"household_cadre@{place}").cadre_no, NOBODY),
        "户类型": ("外县户类型", "没有的类型"),
        "村民组": ("9组", "8组"),
    }[column]


@pytest.mark.parametrize("place", ["前楼", "六龙"])
@pytest.mark.parametrize("column", [heading for heading in HEADINGS if heading not in {"村", "人口数"}])
def test_a_roster_of_one_township_learns_nothing_of_others(world: World, column: str, place: str) -> None:
    there, nowhere = foreign(world, column, place)
    (met,), (missing,) = (planned(world, row(**{column: value})) for value in (there, nowhere))
    # Beginning of the number: what the number says of its holder's birth is no secret of the ledger.
    if column in {"身份证号", "手机号"}:
        assert said(met, there)[:4] == said(missing, nowhere)[:4]
        assert [code for code, _s in said(met, there)[4]] == [code for code, _s in said(missing, nowhere)[4]]
        return
    assert said(met, there) == said(missing, nowhere)


def test_of_a_village_it_may_be_said_that_it_lies_elsewhere(world: World) -> None:
    (met,) = planned(world, row(村="前楼村"))
    (missing,) = planned(world, row(村="无此村"))
    assert met.outcome == missing.outcome == "refused"
    assert met.household is None


@pytest.mark.parametrize("column", ["township_code", "cadre_unit", "cadre_phone"])
def test_a_list_of_cadres_learns_nothing_of_other_townships(world: World, column: str) -> None:
    unit = Organisation.objects.create(county=world.county, township=world.other_township, name="前楼水利站")
    there = {
        "township_code": world.far_township.code, "cadre_unit": unit.name,
        "cadre_phone": world.cadre("township_desk@前楼").phone,
    }[column]  # fmt: skip
    nowhere = {"township_code": "999999999", "cadre_unit": "无此水利站", "cadre_phone": "13700000000"}[column]
    assert _list_said(world, column, there) == _list_said(world, column, nowhere)


def _list_said(world: World, column: str, value: str) -> Any:
    user = world.users["township_admin"]
    cells = {
        "place": "x", "cadre_no": "K001", "cadre_name": "单田芳", "cadre_unit": "村镇建设办",
        "cadre_phone": "13800001111", "township_code": world.township.code, column: value,
    }  # fmt: skip
    data = ",".join(cells) + "\n" + ",".join(cells.values()) + "\n"
    townships = Township.objects.visible_to(user, Permission.MANAGE_CADRES).values_list("pk", flat=True)
    mine = manageable_cadres(user, Permission.MANAGE_CADRES).values_list("pk", flat=True)
    try:
        plan = plan_cadres(read_cadres(data.encode()), townships=list(townships), cadres=list(mine))
    except ListRefused as refused:
        return [(fault.line, str(fault.text).replace(value, "#")) for fault in refused.faults]
    return len(plan.new), len(plan.changed), [(str(t), name.replace(value, "#")) for t, name in plan.organisations]


def test_a_taken_cadre_number_is_the_named_exception(world: World) -> None:
    """Numbers of cadres are unique in the county and one signs in with them: that one is taken must be said.

    Nothing else is: not whose it is, nor where they serve.
    """
    taken = Cadre.objects.get(user=world.users["township_desk@前楼"])
    ((_line, text),) = _list_said(world, "cadre_no", taken.cadre_no)
    assert taken.name not in text
    assert "前楼" not in text
