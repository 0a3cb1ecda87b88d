"""Many at once, each on a connection of its own: one number each, one record a form, one close, no reading too many."""

import datetime
import threading
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connections, transaction

from accounts.models import User
from ledger.actions import accounts, postings, reveals
from ledger.actions.issue_numbers import next_number
from ledger.actions.issue_writing import StaleIssue
from ledger.actions.issues import StepRefused, transition
from ledger.actions.reveals import MOST_AN_HOUR, MOST_CALLS_AN_HOUR, TooManyReveals, call, reveal
from ledger.actions.visits import log_visit
from ledger.models import AuditRow, Cadre, Category, Household, Issue, IssueStep, NumberCounter, Posting
from ledger.rules.days import local_today
from ledger.rules.permissions import Role
from tests.actions.test_account_relief import admins
from tests.actions.test_reveals import rows
from tests.world import World, build, post

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(count: int, work: Callable[[int], Any]) -> list[Any]:
    """What each of ``count`` threads got from ``work``; the first fault of any fails the test."""
    gate, results, faults = threading.Barrier(count), [], []

    def one(number: int) -> None:
        try:
            gate.wait()
            results.append(work(number))
        except Exception as fault:
            faults.append(fault)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=one, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if faults:
        raise faults[0]
    return results


@pytest.fixture
def crowd() -> World:
    return build()


def test_the_first_numbers_of_a_year(crowd: World) -> None:
    """The counter's row does not exist yet: several make it at the same moment."""
    NumberCounter.objects.all().delete()

    def number(_n: int) -> int:
        with transaction.atomic():
            return next_number(crowd.township, 2031).serial

    assert sorted(at_once(12, number)) == list(range(1, 13))


def test_one_form_sent_by_several_requests_is_one_visit(crowd: World) -> None:
    client_id, category = uuid.uuid4(), Category.objects.get(county=crowd.county, name="村道破损")

    def send(_n: int) -> tuple[int, bool]:
        household = Household.objects.select_related("village__township").get(pk=crowd.households["城垵"][0].pk)
        data = {"kind": "household", "result": "met", "occurred_on": local_today(), "household": household}
        issue = {"kind": "request", "title": "一次", "category": category}
        return log_visit(by=crowd.user("household_cadre"), client_id=client_id, data=data, issues=[issue])

    sent = at_once(10, send)
    assert len({pk for pk, _new in sent}) == 1
    assert sum(new for _pk, new in sent) == 1
    assert Issue.objects.filter(title="一次").count() == 1
    assert AuditRow.objects.filter(verb="visit.logged").count() == 1


def test_two_people_close_the_same_issue(crowd: World) -> None:
    issue, handler = crowd.issues["城垵"], crowd.cadre("household_cadre")
    Issue.objects.filter(pk=issue.pk).update(state="resolved", handler=handler, resolved_by=handler, answer="satisfied")

    def close(_n: int) -> str:
        try:
            transition(by=crowd.user("village_cadre"), issue=issue, step="close", version=1, data={})
        except (StaleIssue, StepRefused) as refused:
            return type(refused).__name__
        return "closed"

    assert sorted(at_once(6, close)).count("closed") == 1
    assert IssueStep.objects.filter(issue=issue, step="close").count() == 1


def test_meetings_that_name_the_same_households_in_another_order(crowd: World) -> None:
    """Each registers an issue of two households: whoever locked in posted order would wait for the other for ever."""
    category = Category.objects.get(county=crowd.county, name="村道破损")
    pair = [
        Household.objects.select_related("village__township").get(pk=each.pk) for each in crowd.households["城垵"][:2]
    ]

    def meet(number: int) -> tuple[int, bool]:
        named = pair if number % 2 else pair[::-1]
        data = {"kind": "meeting", "occurred_on": local_today(), "village": crowd.villages["城垵"], "place": "祠堂"}
        issues = [{"kind": "request", "title": "路灯", "category": category, "household": each} for each in named]
        return log_visit(by=crowd.user("household_cadre"), data=data, issues=issues)

    assert len({pk for pk, _new in at_once(8, meet)}) == 8
    assert Issue.objects.filter(title="路灯").count() == 16


def test_readings_at_the_same_moment_are_all_counted(crowd: World) -> None:
    rows(crowd, "township_admin", "resident.revealed", MOST_AN_HOUR - 3, datetime.timedelta(minutes=30))
    rows(crowd, "household_cadre", "issue.phone_read", MOST_CALLS_AN_HOUR - 2, datetime.timedelta(minutes=59))
    resident = crowd.households["城垵"][0].residents.select_related("household__village__township").get()

    def reading(number: int) -> str:
        try:
            if number % 2:
                return call(by=crowd.user("household_cadre"), resident=resident)
            return reveal(by=crowd.user("township_admin"), resident=resident, field="id_no", reason="核对")
        except TooManyReveals:
            return ""

    shown = sorted(at_once(16, reading))
    assert shown == [""] * 11 + sorted([resident.id_no] * 3 + [resident.phone] * 2)
    assert AuditRow.objects.filter(verb="resident.revealed").count() == MOST_AN_HOUR
    assert AuditRow.objects.filter(verb__in=reveals.CALLS).count() == MOST_CALLS_AN_HOUR


@pytest.mark.parametrize("acts", [("end", "end"), ("close", "close"), ("end", "close")])
def test_two_administrators_remove_each_other_at_one_moment(crowd: World, acts: tuple[str, str]) -> None:
    """Each sees the other still there; whoever comes second is refused."""
    first, other = crowd.cadre("county_admin"), crowd.cadre("county_leader")
    Posting.objects.filter(cadre=other).delete()
    post(other, Role.COUNTY_ADMIN, county=crowd.county)
    pair = [(first, other), (other, first)]

    def remove(number: int) -> str:
        me, them = pair[number % 2]
        by, cadre = User.objects.get(pk=me.user_id), Cadre.objects.get(pk=them.pk)
        try:
            if acts[number % 2] == "close":
                accounts.set_active(by=by, cadre=cadre, active=False)
            else:
                postings.end(by=by, posting=cadre.postings.get(), end_on=local_today())
        except (ValidationError, PermissionDenied) as refused:
            return type(refused).__name__
        return "removed"

    said = at_once(2, remove)
    assert said.count("removed") == 1
    assert admins(crowd) == 1
