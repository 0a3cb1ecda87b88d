"""Finding a household: by beginnings, by any part of the address, by a full number and never by part of one."""

import pytest

from ledger.models import Household, Resident
from ledger.queries.household_search import number_token, search_q
from tests.world import World


@pytest.fixture
def home(world: World) -> Household:
    household = world.households["城垵"][0]
    Household.objects.filter(pk=household.pk).update(
        head_name="单小红", pinyin="shan xiaohong", initials="sxh dxh", code="QL-007", address="下寮村道南侧12号"
    )
    Resident.objects.create(
        household=household, township=world.township, name="欧阳阿妹", pinyin="ouyang amei", initials="oyam"
    )
    return household


def found(text: str) -> set[int]:
    return set(Household.objects.filter(search_q(text)).values_list("pk", flat=True))


@pytest.mark.parametrize(
    "text",
    ["单", "单小红", " 单 小红 ", "sxh", "DXH", "sx", "shan", "shanxiaoh", "QL-007", "ql-0", "道南侧", "欧阳", "oya",
     "ouyangamei", "ｓｘｈ"],
)  # fmt: skip
def test_found_by(home: Household, text: str) -> None:
    assert found(text) == {home.pk}


@pytest.mark.parametrize("text", ["小红", "xh", "07", "%", "_", "'", "hong", "\x00", "\ud800"])
def test_not_found_by(home: Household, text: str) -> None:
    assert home.pk not in found(text)


def test_numbers_only_in_full(world: World, home: Household) -> None:
    head = home.residents.get(relation="head")
    assert found(head.id_no) == {home.pk}
    assert found(f" {head.phone[:3]} {head.phone[3:]}") == {home.pk}
    for part in (head.id_no[:17], head.id_no[6:14], head.id_no[-4:], head.phone[:7], head.phone[-4:]):
        assert home.pk not in found(part)
    head.left_on = "2026-01-01"
    head.save()
    assert found(head.phone) == set()


def test_a_token_says_nothing_of_its_number(home: Household) -> None:
    head = home.residents.get(relation="head")
    token = number_token(head.id_no)
    assert len(token) == 32
    assert head.id_no[:6] not in token
    assert number_token("单小红") == ""
    assert number_token(head.id_no[:17]) == ""
