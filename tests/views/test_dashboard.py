"""工作看板: every number opens a list with exactly the rows it counted, whoever asks, and never a row too many."""

import datetime
import html
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from ledger.models import Exclusion, Household, Issue
from ledger.rules.days import day_start, local_today
from ledger.rules.issues import CloseBasis, IssueKind, State
from tests.world import World, make_household, make_issue

SignIn = Callable[[str], Client]
LINK = re.compile(r'<a\b[^>]*\bhref="([^"]+)"[^>]*>(.*?)</a>', re.DOTALL)
FIGURE = re.compile(r'<div class="card fig">.*?</a>', re.DOTALL)
NUMBER = re.compile(r"[\d,]+")
ROW = re.compile(r"/(?:households|issues)/(\d+)/$")
LEADING = {
    "village_cadre": {"城垵"},
    "district_secretary": {"城垵", "马銮"},
    "township_leader": {"城垵", "马銮", "东沈"},
    "township_desk": {"城垵", "马銮", "东沈"},
    "inspector": {"城垵", "马銮", "东沈"},
    "county_leader": {"城垵", "马銮", "东沈", "前楼"},
    "county_desk": {"城垵", "马銮", "东沈", "前楼"},
}


@pytest.fixture
def busy(world: World) -> World:
    """Each village with households of every band and status, and issues of every count, ordinary and sensitive."""
    today = local_today()
    month = day_start(today.replace(day=1))
    serial = 1000
    for key, village in world.villages.items():
        cadre = world.cadre(f"household_cadre@{key}")
        for order, days in enumerate((0, 30, 31, 60, 61, 90, 91, 400), start=10):
            make_household(village, order, cadre, last_met_on=today - datetime.timedelta(days=days))
        make_household(village, 20, last_met_on=today, status="away")
        make_household(village, 21, last_met_on=today, status="vacant")
        make_household(village, 22, status="moved")
        Exclusion.objects.create(
            household=make_household(village, 23, cadre, last_met_on=today), reason="长期住院",
            approved_by=world.users["township_leader"], approved_at=timezone.now(), start_on=today,
        )  # fmt: skip
        closed = {"state": State.CLOSED, "close_basis": CloseBasis.CALLED_BACK, "handler": cadre}
        for sensitive in ({}, {"is_sensitive": True, "kind": IssueKind.EARLY_SIGN}):
            for fields in (
                {"state": State.IN_PROGRESS, "handler": cadre, "due_on": today},
                {"state": State.IN_PROGRESS, "handler": cadre, "due_on": today - datetime.timedelta(days=1)},
                {"state": State.ASSIGNED, "handler": cadre, "due_on": today - datetime.timedelta(days=3)},
                {"state": State.RESOLVED, "handler": cadre, "due_on": today - datetime.timedelta(days=3)},
                {**closed, "closed_at": month},
                {**closed, "closed_at": month - datetime.timedelta(seconds=1)},
            ):
                serial += 1
                make_issue(world.households[key][0], cadre, serial, **{**fields, **sensitive})
    return world


def page(client: Client, url: str) -> str:
    response = client.get(html.unescape(url))
    assert response.status_code == 200, url
    return str(response.content.decode())


def main_of(text: str) -> str:
    return text[text.index("<main") : text.index("</main>")]


def opened(client: Client, url: str) -> set[int]:
    """The ids of all rows of a list, page after page."""
    found: set[int] = set()
    base, following = html.unescape(url).partition("?")[0], url
    while following:
        links = LINK.findall(main_of(page(client, following)))
        found |= {int(hit[1]) for href, _text in links if (hit := ROW.search(href))}
        further = [href for href, text in links if text.strip() == "下一页"]
        following = base + html.unescape(further[0]) if further else ""
    return found


def figures(text: str) -> dict[str, str]:
    """The address under each of the six figures, by what it counts."""
    found = {}
    for block in FIGURE.findall(main_of(text)):
        url = LINK.findall(block)[0][0]
        found[re.findall(r"(?:count|band|covered)=\w+", url)[0]] = url
    return found


def numbers(text: str) -> list[tuple[int, str]]:
    """The numbers of the table that open a list, with their address."""
    cells = re.findall(r'<td class="num">\s*<a\b[^>]*href="([^"]+)"[^>]*>\s*([\d,]+)\s*</a>', text)
    return [(int(number.replace(",", "")), url) for url, number in cells]


def expected(world: World, keys: set[str]) -> dict[str, set[int]]:
    """By hand, from the rows that ``busy`` and the world made."""
    today = local_today()
    villages = [world.villages[key] for key in keys]
    homes = Household.objects.filter(village__in=villages, status__in=("active", "away"), exclusions=None)
    plain = Issue.objects.filter(village__in=villages, is_sensitive=False)
    is_open = plain.filter(state__in=("registered", "assigned", "in_progress", "deferred"))
    met = homes.filter(last_met_on__gte=today - datetime.timedelta(days=90))
    rows: dict[str, Any] = {
        "covered=no": homes.exclude(pk__in=met),
        "band=never": homes.filter(last_met_on=None),
        "count=open": is_open,
        "count=overdue": is_open.filter(due_on__lt=today),
        "count=call_back": plain.filter(state="resolved"),
        "count=closed": plain.filter(state="closed", closed_at__gte=day_start(today.replace(day=1))),
    }
    return {name: set(found.values_list("pk", flat=True)) for name, found in rows.items()}


@pytest.mark.parametrize("key", LEADING)
def test_each_figure_opens_its_rows(busy: World, sign_in: SignIn, key: str) -> None:
    client = sign_in(key)
    text = page(client, reverse("dashboard"))
    wanted = expected(busy, LEADING[key])
    # Per village: 3 of the world and 8 + 1 counted here; 3 + 2 of them not met; one open of the world and three here.
    assert {name: len(rows) for name, rows in wanted.items()} == {
        name: each * len(LEADING[key])
        for name, each in (("covered=no", 5), ("band=never", 3), ("count=open", 4), ("count=overdue", 2),
                           ("count=call_back", 1), ("count=closed", 1))
    }  # fmt: skip
    assert {name: opened(client, url) for name, url in figures(text).items()} == wanted
    printed = [re.sub(r"<[^>]+>", " ", block) for block in FIGURE.findall(main_of(text))]
    for block, rows in zip(printed[1:], list(wanted.values())[1:], strict=True):
        assert str(len(rows)) in NUMBER.findall(block)


@pytest.mark.parametrize("key", ["district_secretary", "township_leader", "county_leader", "inspector"])
def test_each_number_of_the_table_opens_so_many_rows(busy: World, sign_in: SignIn, key: str) -> None:
    client = sign_in(key)
    cells = numbers(page(client, reverse("dashboard")))
    # households, never, without cadre, open, overdue, to call back, closed: none of them is 0 in a busy village
    assert len(cells) == 7 * len(LEADING[key])
    assert [(url, len(opened(client, url))) for _number, url in cells] == [(url, number) for number, url in cells]


def test_the_headings_lead_down_and_the_crumbs_up_again(busy: World, sign_in: SignIn) -> None:
    client = sign_in("county_leader")
    here = reverse("dashboard")
    county, township, district, village = (
        f"{here}?area={level}-{place.pk}"
        for level, place in (("county", busy.county), ("township", busy.township), ("district", busy.east),
                             ("village", busy.villages["城垵"]))
    )  # fmt: skip

    def areas(url: str) -> set[str]:
        return {href for href, _text in LINK.findall(page(client, url)) if href.startswith(f"{here}?")}

    assert {township, district, village} <= areas(here)
    assert {district, village, county} <= areas(township)
    assert township not in areas(township)
    assert {village, township, county} <= areas(district)
    assert {district, township, county} <= areas(village)


def test_another_area_does_not_exist(busy: World, sign_in: SignIn) -> None:
    for key, area in (
        ("district_secretary", f"district-{busy.west.pk}"), ("district_secretary", f"township-{busy.township.pk}"),
        ("township_leader", f"township-{busy.other_township.pk}"), ("county_leader", f"county-{busy.other_county.pk}"),
        ("inspector", "village-x"),
    ):  # fmt: skip
        assert sign_in(key).get(reverse("dashboard"), {"area": area}).status_code == 404
    # Neither do its rows, when the address of a number is written by hand.
    leader = sign_in("township_leader")
    far = f"township-{busy.other_township.pk}"
    assert opened(leader, f"{reverse('issue_list')}?area={far}&count=open") == set()
    assert opened(leader, f"{reverse('household_list')}?area={far}&counted=1") == set()
    inspector = sign_in("inspector")
    sensitive = set(Issue.objects.filter(is_sensitive=True).values_list("pk", flat=True))
    assert not opened(inspector, f"{reverse('issue_list')}?area=township-{busy.township.pk}") & sensitive


def test_who_only_reads_finds_nothing_to_change(busy: World, sign_in: SignIn) -> None:
    client = sign_in("inspector")
    issue, home = busy.issues["城垵"], busy.households["城垵"][0]
    for url in (
        reverse("dashboard"), reverse("issue_list"), reverse("issue_detail", args=[issue.pk]),
        reverse("household_list"), reverse("household_detail", args=[home.pk]),
        reverse("visit_list"), reverse("visit_detail", args=[busy.visits["城垵"].pk]),
    ):  # fmt: skip
        main = main_of(page(client, url))
        # A search is posted, so that no number stands in an address; it changes nothing.
        assert [
            form for form in re.findall(r'<form[^>]*method="post"[^>]*>', main) if 'role="search"' not in form
        ] == []
        assert [href for href, _text in LINK.findall(main) if re.search(r"/(new|edit|assign|evidence)/", href)] == []
        assert "btn-primary" not in main, url
