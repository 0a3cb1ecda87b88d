"""The desk's pages: choosing a desk, looking before a bulk act, what became of it, and taking it back."""

from typing import Any

import pytest
from django.urls import reverse
from zeal import zeal_ignore

from ledger.models import AuditRow, Issue, IssueBatch, IssueStep
from ledger.rules.issue_steps import Step
from ledger.rules.issues import State
from ledger.rules.permissions import Role
from tests.issue_chain import advance, raise_issue, snapshot
from tests.views.issue_pages import SignIn, text_of
from tests.world import World, make_issue, post


def bulk_url(step: str) -> str:
    return reverse("desk_bulk", args=[step])


def office(world: World) -> str:
    return f"u{world.organisations['村镇建设办'].pk}"


def test_one_of_several_desks_is_chosen(world: World, sign_in: SignIn) -> None:
    client = sign_in("village_cadre")
    assert not client.get(reverse("desk")).context["desks"], "who holds one has nothing to choose"
    post(world.cadre("village_cadre"), Role.VILLAGE_CADRE, village=world.villages["马銮"])
    client = sign_in("village_cadre")
    desks = client.get(reverse("desk")).context["desks"]
    assert [(desk["label"], desk["active"]) for desk in desks] == [
        ("我的全部待办台", True), ("城垵村", False), ("马銮村", False),
    ]  # fmt: skip
    page = client.get(reverse("desk"), {"desk": desks[2]["key"]})
    assert {issue.village for issue in page.context["issues"]} == {world.villages["马銮"]}
    assert "马銮村" in page.context["place"]


def test_lanes_keep_the_filters_and_count_what_they_let_through(world: World, sign_in: SignIn) -> None:
    page = sign_in("township_desk").get(reverse("desk"), {"q": "城垵", "lane": "to_assign"})
    lanes = {str(lane["url"]).partition("lane=")[2].partition("&")[0]: lane for lane in page.context["lanes"]}
    assert lanes["to_assign"]["count"] == len(page.context["issues"]) == 1
    assert "q=%E5%9F%8E%E5%9E%B5" in lanes["overdue"]["url"]
    assert "passed_up" not in lanes, "a rare lane is shown only while something waits in it"


def test_the_preview_names_what_would_change_and_what_can_not(world: World, sign_in: SignIn) -> None:
    client = sign_in("district_secretary")
    first, second, foreign = world.issues["城垵"], world.issues["马銮"], world.issues["东沈"]
    resolved = advance(world, State.RESOLVED)
    kept = snapshot()
    asked = {"issue": [first.pk, second.pk, foreign.pk, resolved.pk]}
    page = client.get(bulk_url(Step.ASSIGN), asked)
    plan = page.context["plan"]
    assert [issue.pk for issue in plan.possible] == [first.pk, second.pk]
    assert [(issue.pk, bool(str(why))) for issue, why in plan.left] == [(resolved.pk, True)]
    assert foreign.title not in text_of(page)
    assert snapshot() == kept


def test_all_that_the_filters_let_through_is_chosen_not_only_the_page(world: World, sign_in: SignIn) -> None:
    for serial in range(1000, 1060):
        make_issue(world.households["马銮"][2], world.cadre("household_cadre"), serial)
    client = sign_in("district_secretary")
    shown = client.get(reverse("desk"), {"village": world.villages["马銮"].pk})
    assert len(shown.context["issues"]) == 25
    asked = {"all": 1, "lane": "to_assign", "village": world.villages["马銮"].pk}
    page = client.get(bulk_url(Step.ASSIGN), asked)
    assert {issue.village for issue in page.context["plan"].possible} == {world.villages["马銮"]}
    assert len(page.context["plan"].possible) == shown.context["page"].paginator.count == 61


def test_a_bulk_act_leads_to_its_page_and_is_taken_back_there(world: World, sign_in: SignIn) -> None:
    client = sign_in("district_secretary")
    first, second = world.issues["城垵"], world.issues["马銮"]
    address = f"{bulk_url(Step.ASSIGN)}?lane=to_assign&issue={first.pk}"
    Issue.objects.filter(pk=second.pk).update(version=2)
    with zeal_ignore():  # each row is locked on its own, by design
        answer = client.post(address, {"chosen": f"{first.pk}:1 {second.pk}:1", "assignee": office(world)}, follow=True)
    batch = IssueBatch.objects.get()
    assert answer.redirect_chain == [(reverse("desk_batch", args=[batch.pk]), 302)]
    assert (batch.asked, batch.done, batch.left) == ({"lane": "to_assign"}, 1, 1)
    page = text_of(answer)
    assert second.printed_number in page
    assert "期间已被他人办过" in page
    assert "收回 1 件" in page
    back = client.post(reverse("desk_batch_take_back", args=[batch.pk]), follow=True)
    assert "已收回 1 件" in text_of(back)
    first.refresh_from_db()
    assert first.state == State.REGISTERED
    assert [row.verb for row in AuditRow.objects.filter(verb__startswith="issue.")] == ["issue.bulk", "issue.bulk"]


def test_when_nothing_can_be_changed_nothing_is_written_and_each_is_named(world: World, sign_in: SignIn) -> None:
    issue = world.issues["城垵"]
    Issue.objects.filter(pk=issue.pk).update(version=2)
    client, kept = sign_in("district_secretary"), snapshot()
    answer = client.post(bulk_url(Step.ASSIGN), {"chosen": f"{issue.pk}:1", "assignee": office(world)}, follow=True)
    assert issue.printed_number in text_of(answer)
    assert snapshot() == kept
    assert not IssueBatch.objects.exists()


@pytest.mark.parametrize("chosen", ["", "x", "1", "1:", ":1", "0:0", "9" * 40 + ":1", "1:1;2:2", "\x00", "a:b " * 900])
def test_senseless_rows_lead_back_to_the_desk(world: World, sign_in: SignIn, chosen: str) -> None:
    client, kept = sign_in("district_secretary"), snapshot()
    answer = client.post(bulk_url(Step.ASSIGN), {"chosen": chosen, "assignee": office(world)})
    assert (answer.status_code, answer.url) == (302, reverse("desk"))
    assert snapshot() == kept


@pytest.mark.parametrize("query", [{}, {"issue": "x"}, {"issue": "9" * 40}, {"all": "1", "lane": "near"}])
def test_nothing_chosen_leads_back_to_the_desk(world: World, sign_in: SignIn, query: dict[str, str]) -> None:
    answer = sign_in("district_secretary").get(bulk_url(Step.ASSIGN), query)
    assert (answer.status_code, answer.url) == (302, reverse("desk"))


@pytest.mark.parametrize("step", ["call_back", "close", "resolve", "progress", "void", "x"])
def test_what_is_never_done_in_bulk_is_not_there(world: World, sign_in: SignIn, step: str) -> None:
    issue = advance(world, State.RESOLVED)
    client, kept = sign_in("district_secretary"), snapshot()
    assert client.get(bulk_url(step), {"issue": issue.pk}).status_code == 404
    assert client.post(bulk_url(step), {"chosen": f"{issue.pk}:{issue.version}"}).status_code == 404
    assert snapshot() == kept


def test_a_batch_is_seen_and_taken_back_by_who_did_it_only(world: World, sign_in: SignIn) -> None:
    issue = world.issues["城垵"]
    sign_in("district_secretary").post(bulk_url(Step.ASSIGN), {"chosen": f"{issue.pk}:1", "assignee": office(world)})
    batch, kept = IssueBatch.objects.get(), snapshot()
    for who in ("village_cadre", "township_desk", "township_leader", "district_secretary@西", "county_desk"):
        client = sign_in(who)
        assert client.get(reverse("desk_batch", args=[batch.pk])).status_code == 404, who
        assert client.post(reverse("desk_batch_take_back", args=[batch.pk])).status_code == 404, who
        assert not client.get(reverse("desk_batch_list")).context["page"].object_list, who
    assert snapshot() == kept


def test_a_reminder_has_a_text_without_the_villager(world: World, sign_in: SignIn) -> None:
    issue = advance(world, State.IN_PROGRESS)
    client = sign_in("village_cadre")
    answer = client.post(
        bulk_url(Step.REMIND), {"chosen": f"{issue.pk}:{issue.version}", "text": "请抓紧"}, follow=True
    )
    ((handler, text),) = answer.context["texts"]
    assert handler == "村镇建设办"
    assert issue.printed_number in text
    assert issue.title not in text
    assert world.households["城垵"][0].head_name not in text
    assert IssueStep.objects.get(step=Step.REMIND).text == "请抓紧"


def test_a_longer_preview_costs_no_more_queries(
    world: World, sign_in: SignIn, django_assert_max_num_queries: Any
) -> None:
    client, cost = sign_in("district_secretary"), []
    for begin, count in ((1000, 1), (2000, 60)):
        for serial in range(begin, begin + count):
            make_issue(world.households["马銮"][2], world.cadre("household_cadre"), serial)
        with django_assert_max_num_queries(60) as captured:
            assert client.get(bulk_url(Step.ASSIGN), {"all": 1}).status_code == 200
        cost.append(len(captured))
    assert cost[0] == cost[1]


def test_a_senseless_number_of_rows_is_cut(world: World, sign_in: SignIn) -> None:
    raise_issue(world)
    answer = sign_in("district_secretary").get(bulk_url(Step.ASSIGN), {"all": "1", "lane": "x", "desk": "9" * 30})
    assert answer.status_code == 200
