"""How a household's place is worded."""

import pytest

from ledger.models import Group, Household, Village
from ledger.templatetags.households import home_address


@pytest.mark.parametrize(
    ("address", "words"),
    [("石桥村4组90号", "石桥村4组90号"), ("上埔90号", "石桥村 4 组 · 上埔90号"), ("", "石桥村 4 组")],
)
def test_the_place_is_not_said_twice(address: str, words: str) -> None:
    household = Household(village=Village(name="石桥村"), group=Group(name="4 组"), address=address)
    assert home_address(household) == words
