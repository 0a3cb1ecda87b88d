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

from ledger.models import Exclusion, Household, Issue, Visit
from ledger.rules.days import day_start, local_today
from ledger.rules.issues import CloseBasis, IssueKind, State
from tests.world import World, make_household, make_issue

SignIn = Callable[[str], Client]
LINK = re.compile(r'<a\b[^>]*\bhref="([^"]+)"[^>]*>(.*?)</a>', re.DOTALL)
FIGURE = re.compile(r'<div class="card fig">.*?</details>', re.DOTALL)
NUMBER = re.compile(r"[\d,]+")
ROW = re.compile(r"/(?:households|issues|visits)/(\d+)/$")
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
    """The address under each figure, by what it counts."""
    found = {}
    for block in FIGURE.findall(main_of(text)):
        url = LINK.findall(block)[0][0]
        found[re.findall(r"figure=(\w+)", url)[0]] = url
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
    ended = plain.filter(state__in=("resolved", "closed"))
    rows: dict[str, Any] = {
        "unvisited": homes.exclude(pk__in=met),
        "never": homes.filter(last_met_on=None),
        "without_cadre": homes.filter(cadre=None),
        "household_visits": Visit.objects.filter(village__in=villages, kind="household"),
        "collected": plain, "pending": is_open, "overdue": is_open.filter(due_on__lt=today),
        "call_back": plain.filter(state="resolved"), "supervised": is_open.filter(is_supervised=True),
        "in_time": ended.none(), "answered": ended.none(),
        "contained_village": plain.filter(state="closed", closed_at__gte=day_start(today.replace(day=1))),
    }  # fmt: skip
    return {name: set(found.values_list("pk", flat=True)) for name, found in rows.items()}


@pytest.mark.parametrize("key", LEADING)
def test_each_figure_opens_its_rows(busy: World, sign_in: SignIn, key: str) -> None:
    client = sign_in(key)
    text = page(client, reverse("dashboard"))
    wanted = expected(busy, LEADING[key])
    # Per village: 3 of the world and 8 + 1 counted here; 3 + 2 of them not met; one open of the world and three here.
    assert {name: len(rows) for name, rows in wanted.items()} == {
        name: each * len(LEADING[key])
        for name, each in (("unvisited", 5), ("never", 3), ("without_cadre", 2), ("household_visits", 1),
                           ("collected", 7), ("pending", 4), ("overdue", 2), ("call_back", 1), ("supervised", 0),
                           ("in_time", 0), ("answered", 0), ("contained_village", 1))
    }  # fmt: skip
    assert {name: opened(client, url) for name, url in figures(text).items()} == wanted
    printed = {re.findall(r"figure=(\w+)", block)[0]: re.sub(r"<[^>]+>", " ", block) for block in FIGURE.findall(text)}
    for name in wanted.keys() - {"unvisited", "in_time", "answered", "contained_village"}:
        assert str(len(wanted[name])) in NUMBER.findall(printed[name]), name


@pytest.mark.parametrize("key", ["district_secretary", "township_leader", "county_leader", "inspector"])
def test_each_number_of_the_table_opens_so_many_rows(busy: World, sign_in: SignIn, key: str) -> None:
    client = sign_in(key)
    cells = numbers(page(client, reverse("dashboard")))
    rows = [(number, url) for number, url in cells if "figure=visit_people" not in url]
    # People are added up over visits; every other number is one of rows.
    assert len(rows) > 7 * (2 if key == "county_leader" else len(LEADING[key]))
    for number, url in rows:
        assert len(opened(client, url)) == number, url


def fractions(text: str) -> list[tuple[str, list[tuple[int, str]]]]:
    """What is divided, a list of numbers with the addresses of their rows, of each ratio in a tile or a cell."""
    found = re.findall(r'(?:<small class="fraction">|<span class="of"><span>)(.*?)</(?:small|span)>', text, re.DOTALL)
    return [
        (re.sub(r"<[^>]+>", "", each).strip(), [(int(n.replace(",", "")), url) for url, n in LINK.findall(each)])
        for each in found if "/" in re.sub(r"<[^>]+>", "", each)
    ]  # fmt: skip


@pytest.mark.parametrize("period", ["", "?period=custom&from=2026-01-01&to=2026-01-31"])
def test_a_ratio_opens_what_it_divides(busy: World, sign_in: SignIn, period: str) -> None:
    client = sign_in("district_secretary")
    found = fractions(page(client, reverse("dashboard") + period))
    opening = [each for _said, cells in found for each in cells]
    assert opening
    for n, url in opening:
        assert len(opened(client, url)) == n, url
    if not period:
        # Three tiles (nobody answered), then coverage and on time of each of two villages.
        told = [said for said, _cells in found]
        assert told == ["14 / 24", "0 / 0 + 4", "2 / 2", *["7 / 12"] * 2, *["0 / 0 + 2"] * 2]


PAST = {"period": "custom", "from": "2026-01-01", "to": "2026-01-31"}


@pytest.mark.parametrize("period", [{"period": "year"}, {"period": "quarter"}, PAST])
def test_a_period_is_kept_by_every_link(busy: World, sign_in: SignIn, period: dict[str, str]) -> None:
    client = sign_in("township_leader")
    asked = "&".join(f"{name}={value}" for name, value in period.items())
    text = page(client, f"{reverse('dashboard')}?{asked}")
    areas = [html.unescape(href) for href, _text in LINK.findall(main_of(text)) if "area=village" in href
             and href.startswith(reverse("dashboard"))]  # fmt: skip
    assert areas
    assert all(asked in href for href in areas)
    for number, url in numbers(text)[:12]:
        if "visit_people" not in url:
            assert len(opened(client, url)) == number, url


@pytest.mark.parametrize(
    "period",
    [{"period": "custom", "from": "2026-05-01", "to": "2026-04-01"}, {"period": "custom", "to": "2999-01-01"},
     {"period": "custom", "from": "x"}, {"period": "week"}],
)  # fmt: skip
def test_a_period_that_is_none_shows_this_month(world: World, sign_in: SignIn, period: dict[str, str]) -> None:
    response = sign_in("township_leader").get(reverse("dashboard"), period)
    assert response.status_code == 200
    assert f'value="{local_today():%Y-%m-%d}"' not in response.content.decode()
    assert response.context["window"].first == local_today().replace(day=1)


def test_a_village_names_its_cadres_without_a_rank(busy: World, sign_in: SignIn) -> None:
    village = busy.villages["城垵"]
    text = page(sign_in("village_cadre"), f"{reverse('dashboard')}?area=village-{village.pk}")
    assert "按姓名排列，不排名" in text
    client = sign_in("village_cadre")
    cells = [(n, url) for n, url in numbers(text) if "cadre=" in url]
    assert cells
    assert [(url, len(opened(client, url))) for _n, url in cells] == [(url, n) for n, url in cells]
    assert any("covered=yes" in url for _n, url in cells)


def test_an_earlier_period_tells_no_number_of_today(busy: World, sign_in: SignIn) -> None:
    """Gaps and sensitive matters are counted as they are now, so they stand beside the figures of now only."""
    client, here = sign_in("township_leader"), reverse("dashboard")
    now = page(client, here)
    assert 'href="/gaps/?area=' in now
    assert re.search(r"另有敏感事项 \d+ 件", now)
    then = page(client, f"{here}?period=custom&from=2026-01-01&to=2026-01-31")
    assert 'href="/gaps/?area=' not in then
    assert not re.search(r"另有敏感事项 \d+ 件", then)
    assert "敏感事项另行统计" in then


def test_rows_of_no_figure_are_none(world: World, sign_in: SignIn) -> None:
    client = sign_in("township_leader")
    for name in ("household_list", "issue_list", "visit_list"):
        for asked in ("figure=nothing&until=2026-01-01", "figure=events&until=x", "figure=x"):
            assert opened(client, f"{reverse(name)}?{asked}") == set()


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

    assert {township} <= areas(here)
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
