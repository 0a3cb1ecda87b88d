"""The daily run: each thing once, to whom it concerns, beside users, killed or late; and what is read long ago goes."""

import datetime
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from ledger.actions import daily, notices
from ledger.actions.daily import run_day
from ledger.models import AuditRow, County, Issue, Notice
from ledger.rules.days import SHANGHAI
from ledger.rules.issues import State
from ledger.rules.notices import FRESH_DAYS, KEPT_DAYS, Sort
from tests.world import World, make_issue

NOON = datetime.datetime(2026, 3, 4, 12, tzinfo=SHANGHAI)  # a Wednesday
TODAY = NOON.date()


@pytest.fixture(autouse=True)
def _noon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: NOON)


def later(monkeypatch: pytest.MonkeyPatch, days: int) -> None:
    moment = NOON + datetime.timedelta(days=days)
    monkeypatch.setattr(timezone, "now", lambda: moment)


def handed(world: World, due: int, place: str = "城垵", **fields: Any) -> Issue:
    """An issue of the place in the hands of its household cadre, due so many days from now."""
    cadre = world.cadre(f"household_cadre@{place}")
    day = TODAY + datetime.timedelta(days=due)
    number = 1000 + Issue.objects.count()
    said = {"state": State.IN_PROGRESS, "handler": cadre, "assigned_at": NOON, "due_on": day, "first_due_on": day}
    return make_issue(world.households[place][2], cadre, number, **{**said, **fields})


def raised(world: World, issue: Issue | None = None) -> set[tuple[str, str]]:
    keys = {user.pk: key for key, user in world.users.items() if "@" in key or key not in SHORT}
    rows = Notice.objects.exclude(sort=Sort.DIGEST).select_related("cadre")
    return {(row.sort, keys[row.cadre.user_id]) for row in rows if issue is None or row.issue_id == issue.pk}


SHORT = {"village_cadre", "village_official", "household_cadre", "visitor"}
HANDLER, DESK = "household_cadre@城垵", "village_cadre@城垵"


@pytest.mark.parametrize(
    ("due", "told"),
    [
        (9, set()), (1, {(Sort.NEAR, HANDLER)}), (0, {(Sort.TODAY, HANDLER)}),
        (-1, {(Sort.OVERDUE, HANDLER), (Sort.OVERDUE, DESK)}),
        (-3, {(Sort.OVERDUE, HANDLER), (Sort.OVERDUE, DESK), (Sort.OVERDUE_BELOW, "district_secretary")}),
        (-FRESH_DAYS - 1, set()),
    ],
)  # fmt: skip
def test_the_date_is_told_to_whom_it_concerns(world: World, due: int, told: set[tuple[str, str]]) -> None:
    handed(world, due)
    run_day(world.county)
    assert raised(world) == told


def test_twice_a_day_says_nothing_twice(world: World) -> None:
    handed(world, -4)
    run_day(world.county)
    before, audited = list(Notice.objects.order_by("pk").values()), AuditRow.objects.count()
    done = run_day(world.county)
    assert (done.raised.total(), done.digests, done.removed) == (0, 0, 0)
    assert list(Notice.objects.order_by("pk").values()) == before
    assert AuditRow.objects.count() == audited


def test_missed_days_are_made_up_by_what_holds_now(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten days without a run: one notice of the state of today, not ten; and one digest, that of today."""
    issue = handed(world, 1)
    run_day(world.county)
    later(monkeypatch, 11)
    run_day(world.county)
    own = Notice.objects.filter(cadre=world.cadre("household_cadre"), issue=issue)
    assert sorted(own.values_list("sort", flat=True)) == [Sort.NEAR, Sort.OVERDUE]
    digests = Notice.objects.filter(sort=Sort.DIGEST, cadre=world.cadre("household_cadre")).order_by("mark")
    assert [(row.mark, row.read_at is None) for row in digests] == [("2026-03-04", False), ("2026-03-15", True)]


def test_overdue_is_told_once_and_again_only_for_another_date(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    issue = handed(world, -3)
    run_day(world.county)
    later(monkeypatch, 1)
    run_day(world.county)
    above = Notice.objects.filter(issue=issue, sort=Sort.OVERDUE_BELOW)
    assert above.count() == 1
    Issue.objects.filter(pk=issue.pk).update(due_on=TODAY + datetime.timedelta(days=3))
    later(monkeypatch, 6)
    run_day(world.county)
    assert above.count() == 2
    assert Issue.objects.get(pk=issue.pk).level == "village", "told, not moved"


def test_a_vacant_desk_above_is_passed_over(world: World) -> None:
    world.cadre("district_secretary").postings.update(end_on=TODAY)
    handed(world, -3)
    run_day(world.county)
    assert (Sort.OVERDUE_BELOW, "township_desk") in raised(world)
    assert "township_leader" not in {key for _sort, key in raised(world)}


def test_of_a_sensitive_matter_only_its_townships_leader_is_told(world: World) -> None:
    issue = handed(world, -3, is_sensitive=True)
    run_day(world.county)
    assert raised(world, issue) == {
        (Sort.OVERDUE, HANDLER), (Sort.OVERDUE, DESK), (Sort.OVERDUE_BELOW, "township_leader")
    }  # fmt: skip


def test_whom_it_is_about_is_never_told(world: World) -> None:
    issue = handed(world, -3, is_sensitive=True, about_cadre=world.cadre("village_cadre"))
    run_day(world.county)
    assert raised(world, issue) == {
        (Sort.OVERDUE, HANDLER), (Sort.OVERDUE, "district_secretary"), (Sort.OVERDUE_BELOW, "township_leader")
    }  # fmt: skip
    assert not Notice.objects.filter(cadre=world.cadre("village_cadre"), issue=issue).exists()


def test_the_county_may_leave_the_desk_above_alone(world: World) -> None:
    County.objects.filter(pk=world.county.pk).update(escalate_days=0)
    handed(world, -9)
    run_day(County.objects.get(pk=world.county.pk))
    assert raised(world) == {(Sort.OVERDUE, HANDLER), (Sort.OVERDUE, DESK)}


def test_a_deferred_matter_comes_up_for_review(world: World) -> None:
    day = TODAY + datetime.timedelta(days=30)
    issue = handed(world, -9, state=State.DEFERRED, deferred_until=day, deferred_on=TODAY, review_on=TODAY)
    waits = handed(world, -9, state=State.DEFERRED, deferred_until=day, deferred_on=TODAY, review_on=day)
    run_day(world.county)
    assert (raised(world, issue), raised(world, waits)) == ({(Sort.REVIEW, DESK)}, set())


def test_a_desk_that_lets_its_time_to_assign_pass(world: World) -> None:
    late, today = (
        make_issue(
            world.households["城垵"][2],
            world.cadre("village_cadre@城垵"),
            80 + n,
            triage_due_on=TODAY - datetime.timedelta(n),
        )
        for n in (1, 0)
    )
    run_day(world.county)
    run_day(world.county)
    assert (raised(world, late), raised(world, today)) == ({(Sort.UNASSIGNED, DESK)}, set())
    assert Notice.objects.filter(issue=late).count() == 1


def test_a_supervised_matter_whose_report_is_late(world: World) -> None:
    leader = world.cadre("township_leader")
    said = {"is_supervised": True, "supervised_by": leader, "supervised_at": NOON, "report_every": 3}
    issue = handed(world, 20, report_due_on=TODAY - datetime.timedelta(days=1), **said)
    due = handed(world, 20, report_due_on=TODAY, **said)
    run_day(world.county)
    assert raised(world, issue) == {(Sort.REPORT_LATE, HANDLER), (Sort.REPORT_LATE, "township_leader")}
    assert raised(world, due) == set()


def test_another_county_is_not_touched(world: World) -> None:
    handed(world, -3, place="六龙")
    run_day(world.county)
    assert raised(world) == set()
    assert not Notice.objects.filter(cadre__county=world.other_county).exists()


def test_killed_half_way_the_next_run_says_the_rest(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    issues = [handed(world, -1) for _number in range(5)]
    monkeypatch.setattr(daily, "CHUNK", 2)
    whole, calls = daily._raise, iter(range(9))

    def torn(*args: Any) -> Any:
        if next(calls) == 1:
            raise KeyboardInterrupt
        return whole(*args)

    monkeypatch.setattr(daily, "_raise", torn)
    with pytest.raises(KeyboardInterrupt):
        run_day(world.county)
    assert Notice.objects.values("issue").distinct().count() == 2
    monkeypatch.setattr(daily, "_raise", whole)
    assert run_day(world.county).raised == {Sort.OVERDUE: 6}
    own = Notice.objects.filter(sort=Sort.OVERDUE, cadre=world.cadre("household_cadre"))
    assert sorted(own.values_list("issue", flat=True)) == sorted(issue.pk for issue in issues)


def test_the_digest_is_for_whom_something_waits(world: World) -> None:
    """Each place has a registered matter, so its desk has one; handlers only with a date that presses."""
    handed(world, 1)
    run_day(world.county)
    keys = {user.pk: key for key, user in world.users.items() if key not in SHORT}
    found = {keys[row.cadre.user_id] for row in Notice.objects.filter(sort=Sort.DIGEST).select_related("cadre")}
    assert found == {HANDLER, *(f"village_cadre@{place}" for place in ("城垵", "马銮", "东沈", "前楼"))}


def test_unwanted_sorts_are_not_raised(world: World) -> None:
    choice = {"muted": [Sort.NEAR, Sort.DIGEST], "quiet": "county", "quiet_from": None, "quiet_until": None}
    notices.choose(by=world.user("household_cadre"), values=choice)
    handed(world, 1)
    handed(world, 0)
    run_day(world.county)
    own = Notice.objects.filter(cadre=world.cadre("household_cadre"))
    assert list(own.values_list("sort", flat=True)) == [Sort.TODAY]


def test_read_long_ago_is_removed_and_is_not_said_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    cadre, long_ago = world.cadre("household_cadre"), NOON - datetime.timedelta(days=KEPT_DAYS + 1)
    open_one, done = handed(world, -1), handed(world, -1, state=State.RESOLVED)
    rows = [
        ("kept: its date would be said again", open_one, Sort.OVERDUE, open_one.due_on.isoformat(), long_ago),
        ("gone: finished", done, Sort.OVERDUE, done.due_on.isoformat(), long_ago),
        ("gone: a step", open_one, Sort.ASSIGNED, "1", long_ago),
        ("kept: read lately", open_one, Sort.ASSIGNED, "2", NOON - datetime.timedelta(days=KEPT_DAYS - 1)),
        ("kept: unread", open_one, Sort.ASSIGNED, "3", None),
        ("gone: a digest", None, Sort.DIGEST, "2025-11-01", long_ago),
    ]
    Issue.objects.filter(pk=done.pk).update(state=State.VOID)
    for _why, issue, sort, mark, read_at in rows:
        Notice.objects.create(
            cadre=cadre, issue=issue, sort=sort, mark=mark, at=long_ago, rings_at=long_ago, read_at=read_at
        )
    assert run_day(world.county).removed == 3
    left = Notice.objects.filter(cadre=cadre, at=long_ago).values_list("sort", "mark")
    assert set(left) == {(Sort.OVERDUE, open_one.due_on.isoformat()), (Sort.ASSIGNED, "2"), (Sort.ASSIGNED, "3")}
    assert run_day(world.county).raised.total() == 0


@pytest.mark.parametrize("count", [1, 40])
def test_the_cost_does_not_grow_with_the_issues(world: World, count: int) -> None:
    for _number in range(count):
        handed(world, -4)
    with CaptureQueriesContext(connection) as queries:
        run_day(world.county)
    assert Notice.objects.filter(sort=Sort.OVERDUE_BELOW).count() == count
    reads = [q for q in queries.captured_queries if q["sql"].startswith(("SELECT", "INSERT", "UPDATE", "DELETE"))]
    assert len(reads) == COST, [q["sql"][:90] for q in reads]


COST = 17


def test_the_command_says_in_one_line_what_it_did(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    handed(world, -3)
    call_command("run_daily")
    first = capsys.readouterr().out
    call_command("run_daily")
    second = capsys.readouterr().out
    assert (first.count("\n"), second.count("\n")) == (1, 1)
    assert "3 条" in first
    assert "生成消息 0 条" in second
    verbs = AuditRow.objects.filter(verb__startswith="notice.").values_list("verb", "actor", "county_id")
    assert set(verbs) == {
        ("notice.raised", "system", world.county.pk), ("notice.raised", "system", world.other_county.pk)
    }  # fmt: skip
