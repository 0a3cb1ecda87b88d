"""Units where nobody would see what is given to them."""

from ledger.forms.picks import unit_picks
from ledger.models import Posting
from ledger.queries.issue_desks import unstaffed
from ledger.rules.days import local_today
from tests.world import World


def test_units_without_a_handler_are_named(world: World) -> None:
    office, police = world.organisations["村镇建设办"], world.organisations["派出所"]
    assert unstaffed([office, police]) == {police.pk}
    Posting.objects.filter(organisation=office).update(end_on=local_today())
    assert unstaffed([office, police]) == {office.pk, police.pk}


def test_the_choice_says_so_before_anything_is_given(world: World) -> None:
    office, police = world.organisations["村镇建设办"], world.organisations["派出所"]
    rows = dict(unit_picks([office, police], {office.pk: "常用"}))
    assert rows[f"u{office.pk}"].mark == "常用"
    assert "没人签收" not in rows[f"u{office.pk}"].note
    assert "没人签收" in rows[f"u{police.pk}"].note
