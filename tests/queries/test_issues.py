"""Lanes, dates, search and suggestions: exact sets, and nothing sensitive in a count."""

import datetime
from typing import Any

import pytest

from ledger.models import Category, Issue
from ledger.queries.desk import on_desk
from ledger.queries.issue_desks import suggestions
from ledger.queries.issue_search import search_q
from ledger.queries.issues import (
    allowed_steps,
    may_see_phone,
    phone_of,
    step_offers,
    waited_days,
)
from ledger.rules.issue_steps import Step
from ledger.rules.issues import Answer, State
from tests.world import World, make_issue

DAY = datetime.timedelta(days=1)


def put(world: World, serial: int, **fields: Any) -> Issue:
    """An issue of 城垵 in some state."""
    if fields.get("state") not in {None, State.REGISTERED}:
        fields.setdefault("handler", world.cadre("village_official"))
    return make_issue(world.households["城垵"][2], world.cadre("household_cadre"), serial, **fields)


@pytest.mark.parametrize(
    "typed",
    ["康美-2026-00901", "康美〔2026〕901号", "康美(2026)901", "2026-00901", "901", "漏水", "旧-77", "城垵户主3", "hz3"],
)
def test_an_issue_is_found_by_number_words_household_and_initials(world: World, typed: str) -> None:
    issue = put(world, 901, earlier_number="旧-77")
    Issue.objects.filter(pk=issue.pk).update(text="屋顶漏水")
    put(world, 902)
    found = Issue.objects.visible_to(world.user("village_cadre")).filter(search_q(typed))
    assert issue in found
    if typed not in {"城垵户主3", "hz3"}:
        assert list(found) == [issue]


@pytest.mark.parametrize("typed", ["", "   "])
def test_an_empty_search_leaves_all(world: World, typed: str) -> None:
    assert Issue.objects.filter(search_q(typed)).count() == Issue.objects.count()


@pytest.mark.parametrize("typed", ["没有这个", "康美〔2025〕901号", "前楼〔2026〕901号", "%", "_", "\x00", "9" * 60])
def test_a_search_for_nothing_finds_nothing(world: World, typed: str) -> None:
    put(world, 901)
    assert not Issue.objects.filter(search_q(typed)).exists()


def test_a_search_stays_inside_the_scope(world: World) -> None:
    foreign = world.issues["前楼"]
    found = Issue.objects.visible_to(world.user("village_cadre")).filter(search_q(foreign.title))
    assert not found.exists()


def test_the_unit_of_the_category_is_suggested_within_reach(world: World, django_assert_num_queries: Any) -> None:
    child = Category.objects.get(county=world.county, name="村道破损")
    road, other = put(world, 901, category=child), put(world, 902)
    Issue.objects.filter(pk=other.pk).update(
        category=Category.objects.create(county=world.county, name="其他", unit_name="党政综合办")
    )
    rows = list(
        Issue.objects.filter(pk__in=[road.pk, other.pk]).select_related("category__parent", "village__township")
    )
    secretary = world.user("district_secretary")
    on_desk(secretary)  # reads the scope
    with django_assert_num_queries(1):
        found = suggestions(secretary, rows)
    assert {pk: (s.unit, s.in_reach) for pk, s in found.items()} == {road.pk: (world.organisations["村镇建设办"], True)}
    village = suggestions(world.user("village_cadre"), rows)
    assert [(s.unit, s.in_reach) for s in village.values()] == [(world.organisations["村镇建设办"], False)]


def test_waiting_counts_from_registration_and_ends_with_the_resolving(world: World) -> None:
    issue = put(world, 901)
    assert waited_days(issue) == 0
    issue.registered_at -= datetime.timedelta(days=5)
    assert waited_days(issue) == 5
    issue.resolved_at = issue.registered_at + datetime.timedelta(days=3)
    assert waited_days(issue) == 3


def test_buttons_are_the_steps_of_the_table(world: World) -> None:
    resolver = world.cadre("village_official")
    issue = put(world, 901, state=State.RESOLVED, resolved_by=resolver)
    steps = {
        who: [rule.step for rule in allowed_steps(world.user(who), issue)]
        for who in ("village_official", "village_cadre", "household_cadre", "inspector", "township_admin")
    }
    assert steps == {
        "village_official": [], "village_cadre": [Step.CALL_BACK, Step.REOPEN], "household_cadre": [Step.CALL_BACK],
        "inspector": [], "township_admin": [],
    }  # fmt: skip
    told = {str(offer.step): offer.refusal for offer in step_offers(world.user("village_official"), issue)}
    assert set(told) == {Step.CALL_BACK, Step.CLOSE}
    assert all(told.values()), "the resolver is told why not"
    Issue.objects.filter(pk=issue.pk).update(answer=Answer.SATISFIED)
    issue.refresh_from_db()
    assert [rule.step for rule in allowed_steps(world.user("village_cadre"), issue)] == [Step.CLOSE, Step.REOPEN]


def test_a_handler_is_not_told_what_only_a_desk_would_try(world: World) -> None:
    """Voiding and deciding on an extension are refused to a handler who holds the desk, too, with the reason."""
    issue = put(world, 902, state=State.IN_PROGRESS, extension_level="village")
    told = {str(offer.step) for offer in step_offers(world.user("village_official"), issue)}
    assert told == {Step.PROGRESS, Step.RESOLVE}
    own = put(world, 903, state=State.IN_PROGRESS, handler=world.cadre("village_cadre"))
    refused = {str(offer.step) for offer in step_offers(world.user("village_cadre"), own) if offer.refusal}
    assert refused == {Step.VOID}


def test_nobody_is_sent_to_call_back_what_was_answered(world: World) -> None:
    """The raiser may call back, but neither strike off nor reopen: nothing is left to say to them."""
    issue = put(world, 904, state=State.RESOLVED, answer=Answer.SATISFIED, resolved_by=world.cadre("village_official"))
    assert step_offers(world.user("household_cadre"), issue) == []
    Issue.objects.filter(pk=issue.pk).update(answer=Answer.DISSATISFIED)
    issue.refresh_from_db()
    told = [(str(o.step), bool(o.refusal)) for o in step_offers(world.user("village_cadre"), issue)]
    assert told == [(Step.CLOSE, True), (Step.REOPEN, False)]


def test_nobody_waits_any_longer_once_it_was_closed_with_its_master(world: World) -> None:
    issue = put(world, 905)
    issue.registered_at -= 9 * DAY
    issue.closed_at = issue.registered_at + 4 * DAY
    assert waited_days(issue) == 4
    issue.closed_at = None
    assert waited_days(issue) == 9


def test_who_reads_the_phone_in_full(world: World) -> None:
    issue = make_issue(
        world.households["城垵"][0], world.cadre("village_official"), 901, state=State.IN_PROGRESS,
        lead_organisation=world.organisations["村镇建设办"], handler=world.cadre("department_handler"),
    )  # fmt: skip
    issue = Issue.objects.select_related("household", "village__township").get(pk=issue.pk)
    assert phone_of(issue).startswith("139")
    allowed = {who for who in world.users if "@" not in who and may_see_phone(world.user(who), issue)}
    assert allowed == {
        "county_admin", "county_desk", "township_desk", "township_admin", "district_secretary", "village_cadre",
        "household_cadre", "department_handler",
    }  # fmt: skip
    issue.raised_by_phone = "13900001111"
    assert phone_of(issue) == "13900001111"
    assert may_see_phone(world.user("village_official"), issue), "who typed it in may read it again"
