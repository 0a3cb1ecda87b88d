"""Desks and their lanes: exact sets, counts that are the rows, and nothing sensitive in a count."""

import datetime
from typing import Any

from django.http import QueryDict

from ledger.filters.desk import read_board
from ledger.models import Issue, Posting
from ledger.queries.calendar import Calendar, calendar_of
from ledger.queries.desk import LANES, desks_of, lane_conditions, lane_counts, on_desk
from ledger.queries.issues import calendar_for
from ledger.rules.days import local_today
from ledger.rules.issue_steps import Step
from ledger.rules.issues import State
from ledger.rules.permissions import Level, Role
from tests.issue_chain import advance, raise_issue, take
from tests.world import World, deferred, make_issue, post

DAY = datetime.timedelta(days=1)


def put(world: World, serial: int, village: str = "城垵", **fields: Any) -> Issue:
    """An issue of a village in some state."""
    if fields.get("state") not in {None, State.REGISTERED}:
        fields.setdefault("handler", world.cadre("village_official"))
    return make_issue(world.households[village][2], world.cadre("household_cadre"), serial, **fields)


def waiting(user: Any, **asked: str) -> list[int]:
    """The running numbers in the order of the desk."""
    query = QueryDict(mutable=True)
    query.update(asked)
    board = read_board(user, query)
    return list(board.waiting.order_by(*board.lane.order).values_list("serial", flat=True))


def test_a_lane_has_its_condition() -> None:
    assert set(LANES) == set(lane_conditions(Calendar(local_today())))


def test_lanes_count_by_state_and_date_in_one_query(world: World, django_assert_num_queries: Any) -> None:
    Issue.objects.all().delete()
    calendar = calendar_for(world.user("village_cadre"))
    today = calendar.today
    put(world, 901)
    put(world, 902, state=State.ASSIGNED, due_on=today)
    put(world, 903, state=State.IN_PROGRESS, due_on=today - DAY)
    put(world, 904, state=State.IN_PROGRESS, due_on=calendar.near_until)
    put(world, 905, state=State.IN_PROGRESS, due_on=calendar.near_until + DAY)
    put(world, 906, state=State.RESOLVED, due_on=today - DAY)
    put(world, 907, **deferred(today), due_on=today - DAY)
    put(world, 908, **deferred(today - DAY), due_on=today + DAY)
    user = world.user("village_cadre")
    desk = on_desk(user)
    with django_assert_num_queries(1):
        counts = lane_counts(desk, lane_conditions(calendar))
    assert counts == {
        "to_assign": 1, "passed_up": 0, "to_accept": 1, "in_progress": 3, "near": 2, "overdue": 2, "to_call_back": 1,
        "supervised": 0, "wishes": 0, "deferred": 2, "to_review": 2, "extensions": 0, "reports_late": 0,
    }  # fmt: skip


def test_a_desk_has_its_own_level_and_those_below(world: World) -> None:
    Issue.objects.all().delete()
    for serial, level in enumerate(Level.values, start=901):
        put(world, serial, level=level)
    levels = {
        who: set(on_desk(world.user(who)).values_list("level", flat=True))
        for who in ("village_cadre", "district_secretary", "township_desk", "township_leader", "county_desk")
    }
    assert levels == {
        "village_cadre": {"village"},
        "district_secretary": {"village", "district"},
        "township_desk": {"village", "district", "township"},
        "township_leader": {"village", "district", "township"},
        "county_desk": {"village", "district", "township", "county"},
    }
    for who in ("village_cadre@马銮", "district_secretary@西", "township_desk@前楼", "household_cadre", "inspector",
                "county_leader", "village_official", "department_handler", "nobody"):  # fmt: skip
        assert not on_desk(world.user(who)).exists(), who


def test_sensitive_issues_are_in_no_count_outside_their_circle(world: World) -> None:
    Issue.objects.all().delete()
    put(world, 901, is_sensitive=True, kind="early_sign", level=Level.VILLAGE)
    calendar = calendar_of(world.county)
    seen = {
        who: lane_counts(on_desk(world.user(who)), lane_conditions(calendar))["to_assign"]
        for who in ("village_cadre", "district_secretary", "township_desk", "township_leader", "county_desk")
    }
    assert seen == {
        "village_cadre": 1, "district_secretary": 0, "township_desk": 0, "township_leader": 1, "county_desk": 0,
    }  # fmt: skip


def test_supervised_comes_first_then_the_urgent_then_the_date(world: World) -> None:
    Issue.objects.all().delete()
    today = local_today()
    put(world, 901, state=State.IN_PROGRESS, due_on=today + DAY)
    put(world, 902, state=State.IN_PROGRESS, due_on=today)
    put(world, 903, state=State.IN_PROGRESS, due_on=today + 9 * DAY, urgency="urgent")
    put(world, 904, state=State.IN_PROGRESS, due_on=today + 30 * DAY, is_supervised=True)
    put(world, 905, state=State.IN_PROGRESS, due_on=today, urgency="long")
    put(world, 906, "马銮", state=State.IN_PROGRESS, due_on=today, is_supervised=True)
    assert waiting(world.user("village_cadre"), lane="in_progress") == [904, 903, 902, 901, 905]


def test_who_holds_two_desks_sees_all_or_one_of_them(world: World) -> None:
    Issue.objects.all().delete()
    put(world, 901)
    put(world, 902, "马銮")
    put(world, 903, "东沈")
    post(world.cadre("village_cadre"), Role.VILLAGE_CADRE, village=world.villages["马銮"])
    user = world.user("village_cadre")
    first, second = desks_of(user)
    assert waiting(user) == [901, 902]
    assert waiting(user, desk=first.key) == [901]
    assert waiting(user, desk=second.key) == [902]
    foreign = Posting.objects.get(cadre=world.cadre("village_cadre@东沈"))
    for unknown in (str(foreign.pk), "0", "x", "9" * 30):
        assert waiting(user, desk=unknown) == [901, 902], "not a desk of theirs: all their own"


def test_two_postings_over_one_township_are_one_desk(world: World) -> None:
    post(world.cadre("township_leader"), Role.TOWNSHIP_DESK, township=world.township)
    assert [desk.level for desk in desks_of(world.user("township_leader"))] == [Level.TOWNSHIP]


def test_what_a_vacant_desk_left_is_passed_up_and_told_from_the_work_of_lower_desks(world: World) -> None:
    Issue.objects.all().delete()
    put(world, 901)
    put(world, 902, level=Level.DISTRICT)
    put(world, 903, "马銮")
    put(world, 904, state=State.IN_PROGRESS)
    user = world.user("district_secretary")
    assert (waiting(user, lane="passed_up"), waiting(user, reach="own")) == ([], [902])
    Posting.objects.filter(role=Role.VILLAGE_CADRE, village=world.villages["城垵"]).update(end_on=local_today())
    assert waiting(user, lane="passed_up") == [901]
    assert waiting(user, reach="own") == [901, 902]
    assert waiting(user, reach="below") == [903]
    assert waiting(world.user("district_secretary@西"), lane="passed_up") == []


def test_counts_are_the_rows_of_each_lane_under_every_filter(world: World) -> None:
    Issue.objects.all().delete()
    today = local_today()
    for serial, state in enumerate(State.values, start=901):
        closed = {"close_basis": "imported"} if state == State.CLOSED else {}
        if state != State.MERGED:
            standing = deferred() if state == State.DEFERRED else {"state": state}
            put(world, serial, **standing, due_on=today, is_supervised=serial % 2 == 0, **closed)
    put(world, 950, "马銮", state=State.ASSIGNED, due_on=today - DAY, source="phone")
    user = world.user("township_desk")
    for asked in (
        {},
        {"source": "phone"},
        {"q": "马銮"},
        {"reach": "own"},
        {"village": str(world.villages["马銮"].pk)},
    ):
        query = QueryDict(mutable=True)
        query.update(asked)
        board = read_board(user, query)
        counts = lane_counts(board.rows, board.conditions)
        assert counts == {lane: len(waiting(user, lane=lane, **asked)) for lane in LANES}, asked


def test_what_a_desk_escalated_is_passed_up_until_it_is_sent_down(world: World) -> None:
    Issue.objects.all().delete()
    issue = raise_issue(world)
    issue = take(world, "village_cadre", issue, Step.ESCALATE, level="township", text="村里办不了")
    leader, secretary = world.user("township_leader"), world.user("district_secretary")
    assert waiting(leader, lane="passed_up") == [issue.serial]
    assert waiting(secretary, lane="passed_up") == []
    issue = take(world, "township_desk", issue, Step.SEND_DOWN, level="district", text="管区可办")
    assert waiting(leader, lane="passed_up") == []
    assert waiting(secretary, lane="passed_up") == [], "sent down, not passed up"


def test_an_extension_waits_at_the_desk_that_decides(world: World) -> None:
    Issue.objects.all().delete()
    issue = advance(world, State.IN_PROGRESS)
    later = local_today() + 60 * DAY
    take(world, "department_handler", issue, Step.REQUEST_EXTENSION, wanted_on=later, text="材料未到")
    lanes = {who: waiting(world.user(who), lane="extensions") for who in ("village_cadre", "village_cadre@马銮")}
    assert lanes == {"village_cadre": [issue.serial], "village_cadre@马銮": []}
    Issue.objects.filter(pk=issue.pk).update(extension_level="township")
    assert waiting(world.user("village_cadre"), lane="extensions") == [], "a further one is for the desk above"
    assert waiting(world.user("township_desk"), lane="extensions") == [issue.serial]


def test_late_reports_of_supervised_matters_have_a_lane(world: World) -> None:
    Issue.objects.all().delete()
    today = local_today()
    kept = {"state": State.IN_PROGRESS, "due_on": today + 9 * DAY, "is_supervised": True, "report_every": 7}
    put(world, 901, **kept, report_due_on=today - DAY)
    put(world, 902, **kept, report_due_on=today)
    user = world.user("village_cadre")
    assert waiting(user, lane="reports_late") == [901]
    assert waiting(user, lane="supervised") == [901, 902]
