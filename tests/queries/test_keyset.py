"""Pages by cursor: every row once, in order, in both directions, whatever the cursor says."""

import pytest

from ledger.models import Household
from ledger.queries.households import NEED_ORDER, PLACE_ORDER, by_need
from ledger.queries.keyset import keyset_page
from ledger.rules.days import local_today
from tests.world import World, make_household


@pytest.fixture
def households(world: World) -> list[Household]:
    made = [make_household(world.villages["城垵"], n) for n in range(10, 20)]
    Household.objects.filter(pk__in=[h.pk for h in made[:4]]).update(last_met_on=local_today(), pinyin="same")
    return list(Household.objects.order_by(*PLACE_ORDER))


def test_forwards_and_back_again(households: list[Household]) -> None:
    seen, cursor, pages = [], "", []
    while True:
        page = keyset_page(Household.objects.all(), order=PLACE_ORDER, after=cursor, size=4)
        seen += page.rows
        pages.append(page.rows)
        if not page.next:
            break
        cursor = page.next
    assert seen == households
    back = keyset_page(Household.objects.all(), order=PLACE_ORDER, before=page.previous, size=4)
    assert back.rows == pages[-2]
    first = keyset_page(Household.objects.all(), order=PLACE_ORDER, size=4)
    assert (first.previous, first.rows) == ("", pages[0])


def test_never_met_comes_first_and_downwards_works_too(households: list[Household]) -> None:
    rows = by_need(Household.objects.all())
    found = []
    cursor = ""
    for _page in range(9):
        page = keyset_page(rows, order=NEED_ORDER, after=cursor, size=3)
        found += page.rows
        cursor = page.next
        if not cursor:
            break
    assert found == list(rows)
    assert [h.last_met_on is None for h in found] == [True] * (len(found) - 4) + [False] * 4
    down = keyset_page(Household.objects.all(), order=("-id",), size=5)
    assert [h.pk for h in down.rows] == sorted((h.pk for h in households), reverse=True)[:5]


@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "é",
        "W10",
        "WzFd",
        "W251bGwsMSwyXQ",
        "a" * 600,
        "eyJhIjoxfQ",
        "WyJ4IiwieSIsInoiXQ",
        "W0luZmluaXR5LCJ4IixJbmZpbml0eV0",
        "WzFlNDAwLCJ4IiwxXQ",
    ],
)
def test_a_cursor_that_makes_no_sense_shows_the_first_page(households: list[Household], cursor: str) -> None:
    assert keyset_page(Household.objects.all(), order=PLACE_ORDER, after=cursor, size=3).rows == households[:3]
