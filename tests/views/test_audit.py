"""The trail: of one's own territory, in words, without what is sensitive."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from ledger.actions.audit import SYSTEM, record
from tests.world import World

SignIn = Callable[[str], Client]


@pytest.fixture
def trail(world: World) -> World:
    record(verb="household.changed", by=world.users["township_admin"], obj=world.households["城垵"][0])
    record(verb="household.changed", by=world.users["township_admin@前楼"], obj=world.households["前楼"][0])
    record(verb="household.changed", by=SYSTEM, obj=world.households["六龙"][0])
    record(verb="division.loaded", by=SYSTEM, obj=world.county, detail={"file": "区划.csv", "new": 3})
    for key in ("城垵", "城垵-sensitive"):
        issue = world.issues[key]
        record(verb="issue.register", by=world.users["household_cadre@城垵"], obj=issue, label=issue.number)
    return world


def labels(client: Client, **query: str) -> list[str]:
    return [row["label"] for row in client.get(reverse("audit_list"), query).context["rows"]]


def test_each_admin_reads_their_own_territory(trail: World, sign_in: SignIn) -> None:
    own, issue = trail.households["城垵"][0].head_name, trail.issues["城垵"].number
    there = trail.households["前楼"][0].head_name
    assert labels(sign_in("township_admin")) == [issue, own]
    assert labels(sign_in("township_admin@前楼")) == [there]
    assert labels(sign_in("county_admin")) == [issue, trail.county.name, there, own]


def test_nobody_else_reads_it(trail: World, sign_in: SignIn) -> None:
    for key in ("township_leader", "county_leader", "inspector", "county_desk", "household_cadre", "nobody"):
        assert sign_in(key).get(reverse("audit_list")).status_code == 403, key


def test_sensitive_issues_leave_no_row(trail: World, sign_in: SignIn) -> None:
    body = sign_in("county_admin").get(reverse("audit_list")).content.decode()
    assert trail.issues["城垵-sensitive"].number not in body


def test_filters_narrow_it(trail: World, sign_in: SignIn) -> None:
    client = sign_in("county_admin")
    own = trail.households["城垵"][0]
    assert labels(client, household=str(own.pk)) == [trail.issues["城垵"].number, own.head_name]
    assert labels(client, household=str(trail.households["六龙"][0].pk)) == []
    assert labels(client, group="setup") == [trail.county.name]
    assert labels(client, q=own.head_name) == [own.head_name]
    assert labels(client, until="2020-01-01") == []


@pytest.mark.parametrize(
    "query",
    [
        {"since": "0001-01-01"}, {"until": "9999-12-31"}, {"since": "x"}, {"after": "²"}, {"before": "9" * 30},
        {"household": "9" * 40}, {"household": "-1"}, {"group": "nothing"}, {"q": "\x00"},
    ],
)  # fmt: skip
def test_any_filter_is_answered(trail: World, sign_in: SignIn, query: dict[str, str]) -> None:
    assert sign_in("county_admin").get(reverse("audit_list"), query).status_code == 200


def test_rows_are_words(trail: World, sign_in: SignIn) -> None:
    body = sign_in("county_admin").get(reverse("audit_list")).content.decode()
    assert "导入区划" in body
    assert "系统" in body
    assert "division.loaded" not in body
    assert ">system<" not in body


def test_pages_follow_each_other_without_gap(world: World, sign_in: SignIn) -> None:
    for number in range(120):
        record(verb="household.changed", by=SYSTEM, obj=world.township, label=f"第{number}行")
    client = sign_in("township_admin")
    seen, after = [], ""
    while after is not None:
        context = client.get(reverse("audit_list"), {"after": after} if after else {}).context
        seen += [row["label"] for row in context["rows"]]
        after = context["after"]
    assert seen == [f"第{number}行" for number in reversed(range(120))]
    back = client.get(reverse("audit_list"), {"before": context["before"]}).context
    assert [row["label"] for row in back["rows"]] == seen[50:100]
