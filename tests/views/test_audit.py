"""The trail: of one's own territory, in words, without what is sensitive."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from ledger.actions.accounts import record_sign_in
from ledger.actions.audit import SYSTEM, record
from ledger.models import AuditRow, Cadre
from ledger.queries.household_search import number_token
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
    # Of the readings of before, those in its own county.
    assert labels(sign_in("county_admin")) == ["", "", issue, trail.county.name, there, own]


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
    assert labels(client, group="household", q=own.head_name) == [own.head_name]
    assert labels(client, until="2020-01-01") == []


def test_reading_the_trail_is_on_it(trail: World, sign_in: SignIn) -> None:
    client, own = sign_in("township_admin"), trail.households["城垵"][0]
    before = AuditRow.objects.count()
    client.get(reverse("audit_list"))
    client.get(reverse("audit_list"), {"household": own.pk, "reads": "on"})
    client.get(reverse("audit_list"), {"account": trail.cadre("village_cadre").pk})
    client.get(reverse("audit_list"), {"household": trail.households["六龙"][0].pk})
    made = AuditRow.objects.order_by("pk")[before:]
    home = trail.township.pk
    assert [(row.verb, row.object_type, row.object_id, row.township_id) for row in made] == [
        ("audit.read", "", None, home),
        ("audit.read", "household", own.pk, home),
        ("audit.read", "cadre", trail.cadre("village_cadre").pk, home),
        ("audit.read", "", None, home),
    ]
    assert {row.user_id for row in made} == {trail.users["township_admin"].pk}


def test_who_looked_at_a_household(trail: World, sign_in: SignIn) -> None:
    own, resident = trail.households["城垵"][0], trail.households["城垵"][0].residents.get()
    other = trail.households["城垵"][1].residents.get()
    sign_in("household_cadre").post(reverse("household_call", args=[own.pk]))
    for looked in (resident, other):
        sent = {"field": "id_no", "reason": "核对"}
        assert sign_in("village_cadre").post(reverse("resident_reveal", args=[looked.pk]), sent).status_code == 200
    sign_in("village_cadre").get(reverse("household_list"), {"number": number_token(resident.id_no)})
    sign_in("village_cadre").get(reverse("household_detail", args=[own.pk]))
    client = sign_in("township_admin")
    page = client.get(reverse("audit_list"), {"household": own.pk, "reads": "on"})
    assert [str(row["verb"]) for row in page.context["rows"]] == ["按完整号码查找", "查看完整号码", "拨打农户电话"]
    body = page.content.decode()
    assert "谁查阅过这一户" in body
    assert resident.id_no not in body
    # Of another household nobody looked, and the page says what that means.
    empty = client.get(reverse("audit_list"), {"household": trail.households["城垵"][2].pk, "reads": "on"})
    assert (empty.context["rows"], "没有人查阅" in empty.content.decode()) == ([], True)


def test_what_an_account_did(trail: World, sign_in: SignIn) -> None:
    """All of one account, and who failed to sign in with it; nothing of anybody else, nothing outside the area."""
    cadre, user = trail.cadre("household_cadre@城垵"), trail.users["household_cadre@城垵"]
    record(verb="visit.logged", by=user, obj=trail.visits["前楼"], label="在外镇")
    record_sign_in("sign_in_failed", user=user, username=user.username, request=None)
    record_sign_in("signed_in", user=trail.users["village_cadre"], username="", request=None)
    client = sign_in("township_admin")
    page = client.get(reverse("audit_list"), {"account": cadre.pk})
    assert [(str(row["verb"]), row["label"]) for row in page.context["rows"]] == [
        ("登录失败", cadre.name), ("登记事项", trail.issues["城垵"].number)
    ]  # fmt: skip
    assert "该账号的操作记录" in page.content.decode()
    assert "在外镇" in labels(sign_in("county_admin"), account=str(cadre.pk))


def test_an_account_out_of_scope_is_as_one_that_is_not_there(trail: World, sign_in: SignIn) -> None:
    """Not even what it did here is found by it: a foreign number tells no name."""
    far = trail.cadre("village_cadre@六龙")
    record(verb="visit.logged", by=trail.users["village_cadre@六龙"], obj=trail.visits["城垵"])
    client = sign_in("township_admin")
    pages = [client.get(reverse("audit_list"), {"account": pk}) for pk in (far.pk, 987654321)]
    assert [page.context["rows"] for page in pages] == [[], []]
    assert [page.context["about"].account for page in pages] == [None, None]
    assert far.name not in pages[0].content.decode()
    nobody = Cadre.objects.create(county=trail.county, township=trail.township, cadre_no="K1", name="康美无账号")
    assert client.get(reverse("audit_list"), {"account": nobody.pk}).context["rows"] == []


def test_the_links_lead_to_what_may_be_seen(trail: World, sign_in: SignIn) -> None:
    record(verb="visit.logged", by=trail.users["county_desk"], obj=trail.visits["城垵"])
    rows = sign_in("township_admin").get(reverse("audit_list")).context["rows"]
    own = trail.households["城垵"][0].pk
    accounts = [None, trail.cadre("household_cadre@城垵").pk, trail.cadre("township_admin").pk]
    assert [(row["account"], row["household"]) for row in rows] == [(pk, own) for pk in accounts]


@pytest.mark.parametrize("rows", [1, 30])
def test_a_page_asks_as_often_for_one_row_as_for_many(
    world: World, sign_in: SignIn, rows: int, django_assert_num_queries: Any
) -> None:
    for number in range(rows):
        place = world.households["城垵"][number % 3]
        record(verb="resident.revealed", by=world.users["village_cadre"], obj=place, label=f"第{number}行")
    client = sign_in("township_admin")
    client.get(reverse("audit_list"))
    with django_assert_num_queries(12):
        client.get(reverse("audit_list"), {"household": world.households["城垵"][0].pk, "reads": "on"})


def test_links_on_the_household_s_and_the_cadre_s_page(world: World, sign_in: SignIn) -> None:
    own, cadre = world.households["城垵"][0], world.cadre("household_cadre")
    looked = f"{reverse('audit_list')}?household={own.pk}&amp;reads=on"
    did = f"{reverse('audit_list')}?account={cadre.pk}"
    admin = sign_in("township_admin")
    assert looked in admin.get(reverse("household_detail", args=[own.pk])).content.decode()
    assert did in admin.get(reverse("cadre_detail", args=[cadre.pk])).content.decode()
    for key in ("township_leader", "village_cadre", "household_cadre", "inspector"):
        body = sign_in(key).get(reverse("household_detail", args=[own.pk])).content.decode()
        assert reverse("audit_list") not in body, key


@pytest.mark.parametrize(
    "query",
    [
        {"since": "0001-01-01"}, {"until": "9999-12-31"}, {"since": "x"}, {"after": "²"}, {"before": "9" * 30},
        {"household": "9" * 40}, {"household": "-1"}, {"group": "nothing"}, {"q": "\x00"},
        {"account": "9" * 40}, {"account": "x"}, {"reads": "maybe"},
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
