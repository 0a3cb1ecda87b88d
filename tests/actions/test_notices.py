"""Who is told of a step: exactly those, never who took it, nobody outside the circle; and what stays quiet."""

import datetime
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from ledger.actions import notices
from ledger.actions.issues import StepRefused
from ledger.models import AuditRow, Cadre, Issue, Notice, NoticeChoice
from ledger.models.scope import forget_scope
from ledger.queries.notices import own_notices, rung, unread
from ledger.rules.days import SHANGHAI, local_today
from ledger.rules.issue_steps import Step
from ledger.rules.issues import Answer, IssueKind, Outcome, State, Urgency
from ledger.rules.notices import Sort
from ledger.rules.permissions import Role
from tests.issue_chain import advance, asked, raise_issue, take, working
from tests.world import World, make_cadre, post

NOON = datetime.datetime(2026, 3, 2, 12, tzinfo=SHANGHAI)
NIGHT = datetime.datetime(2026, 3, 2, 22, tzinfo=SHANGHAI)


def told(world: World, issue: Issue, sort: str = "") -> set[tuple[str, str]]:
    """(sort, key of the world) of the issue's notices."""
    keys = {user.pk: key for key, user in world.users.items() if key != "household_cadre"}
    rows = Notice.objects.filter(issue=issue).select_related("cadre")
    return {(row.sort, keys.get(row.cadre.user_id, row.cadre.name)) for row in rows if sort in {"", row.sort}}


def at(monkeypatch: pytest.MonkeyPatch, moment: datetime.datetime) -> None:
    monkeypatch.setattr(timezone, "now", lambda: moment)


def test_registering_tells_nobody_and_an_assignment_the_handlers_of_the_unit(world: World) -> None:
    issue = raise_issue(world)
    assert told(world, issue) == set()
    take(world, "district_secretary", issue, Step.ASSIGN, assignee=world.organisations["村镇建设办"])
    assert told(world, issue) == {(Sort.ASSIGNED, "department_handler")}


def test_who_gives_it_to_themselves_is_not_told(world: World) -> None:
    issue = raise_issue(world)
    take(world, "district_secretary", issue, Step.ASSIGN, assignee=world.cadre("district_secretary"))
    assert told(world, issue) == set()


def test_a_return_is_told_to_the_desk_of_its_level_alone(world: World) -> None:
    issue = advance(world, State.ASSIGNED)
    take(world, "department_handler", issue, Step.RETURN, text="不归我们")
    assert told(world, issue, Sort.RETURNED) == {(Sort.RETURNED, "village_cadre")}


def test_who_had_it_is_told_when_it_goes_to_somebody_else(world: World) -> None:
    issue = working(world)
    before = told(world, issue)
    take(world, "district_secretary", issue, Step.ASSIGN, assignee=world.cadre("village_official"))
    assert told(world, issue) - before == {(Sort.TAKEN, "department_handler"), (Sort.ASSIGNED, "village_official")}


def test_who_is_given_it_again_is_not_told_that_it_is_gone(world: World) -> None:
    issue = working(world)
    take(world, "district_secretary", issue, Step.ASSIGN, assignee=world.organisations["村镇建设办"])
    assert told(world, issue, Sort.TAKEN) == set()


def test_who_had_it_is_told_when_it_goes_up_but_not_after_giving_it_back(world: World) -> None:
    issue, returned = working(world), advance(world, State.ASSIGNED)
    take(world, "village_cadre", issue, Step.ESCALATE, text="村里办不了")
    assert told(world, issue, Sort.TAKEN) == {(Sort.TAKEN, "department_handler")}
    returned = take(world, "department_handler", returned, Step.RETURN, text="不归我们")
    take(world, "village_cadre", returned, Step.ESCALATE, text="村里办不了")
    assert told(world, returned, Sort.TAKEN) == set()


def test_a_vacant_desk_passes_its_notice_up(world: World) -> None:
    issue = advance(world, State.ASSIGNED)
    world.cadre("village_cadre").postings.update(end_on=local_today())
    take(world, "department_handler", issue, Step.RETURN, text="不归我们")
    assert told(world, issue, Sort.RETURNED) == {(Sort.RETURNED, "district_secretary")}


def test_a_townships_leaders_are_told_only_while_nobody_is_its_desk(world: World) -> None:
    issue = advance(world, State.ASSIGNED)
    Issue.objects.filter(pk=issue.pk).update(level="township")
    issue.refresh_from_db()
    issue = take(world, "department_handler", issue, Step.RETURN, text="不归我们")
    assert told(world, issue, Sort.RETURNED) == {(Sort.RETURNED, "township_desk")}
    Notice.objects.all().delete()
    issue = take(world, "township_desk", issue, Step.ASSIGN, assignee=world.organisations["村镇建设办"])
    world.cadre("township_desk").postings.update(end_on=local_today())
    take(world, "department_handler", issue, Step.RETURN, text="还是不归")
    assert told(world, issue, Sort.RETURNED) == {(Sort.RETURNED, "township_leader")}


def test_dissatisfied_is_told_to_the_handler_and_the_desk(world: World) -> None:
    issue = advance(world, State.RESOLVED)
    take(world, "household_cadre", issue, Step.CALL_BACK, answer=Answer.DISSATISFIED)
    assert told(world, issue, Sort.DISSATISFIED) == {
        (Sort.DISSATISFIED, "department_handler"), (Sort.DISSATISFIED, "village_cadre")
    }  # fmt: skip


def test_a_satisfied_villager_is_told_to_nobody(world: World) -> None:
    issue = advance(world, State.CLOSED)
    assert told(world, issue) == {(Sort.ASSIGNED, "department_handler")}


def test_reopened_is_told_to_who_resolved_it_and_who_raised_it(world: World) -> None:
    issue = advance(world, State.CLOSED)
    take(world, "village_cadre", issue, Step.REOPEN, text="又坏了")
    assert told(world, issue, Sort.REOPENED) == {
        (Sort.REOPENED, "department_handler"), (Sort.REOPENED, "household_cadre@城垵")
    }  # fmt: skip


def test_of_a_sensitive_matter_only_its_circle_is_told(world: World) -> None:
    """Who resolved it once has no part in it any more; a complaint never reaches whom it is about."""
    issue = advance(world, State.CLOSED)
    Issue.objects.filter(pk=issue.pk).update(is_sensitive=True)
    take(world, "village_cadre", issue, Step.REOPEN, text="又起")
    assert told(world, issue, Sort.REOPENED) == {(Sort.REOPENED, "household_cadre@城垵")}


def test_a_complaint_is_told_to_the_discipline_office_and_never_to_whom_it_is_about(world: World) -> None:
    about = world.cadre("department_handler@纪委")
    also = make_cadre(world.township, "康美纪委副手", world.county)
    post(also, Role.DEPARTMENT_HANDLER, organisation=world.organisations["纪委"])
    Cadre.objects.filter(pk=about.pk).update(organisation=None)
    issue = raise_issue(world, kind=IssueKind.COMPLAINT, about_cadre=world.cadre("village_cadre"))
    assert told(world, issue) == {(Sort.ASSIGNED, "department_handler@纪委"), (Sort.ASSIGNED, "康美纪委副手")}
    take(world, "department_handler@纪委", issue, Step.RETURN, text="请先核实")
    assert told(world, issue, Sort.RETURNED) == {(Sort.RETURNED, "township_desk")}


def test_who_left_or_has_no_account_is_not_told(world: World) -> None:
    office = world.organisations["村镇建设办"]
    silent = make_cadre(world.township, "康美无账号", world.county)
    post(silent, Role.DEPARTMENT_HANDLER, organisation=office)
    User.objects.filter(pk=silent.user_id).update(is_active=False)
    gone = make_cadre(world.township, "康美离任", world.county, left_on=local_today())
    post(gone, Role.DEPARTMENT_HANDLER, organisation=office)
    issue = advance(world, State.ASSIGNED)
    assert told(world, issue) == {(Sort.ASSIGNED, "department_handler")}


def test_a_notice_disappears_with_the_scope(world: World) -> None:
    """Left the desk, or the matter left the circle: neither counted nor listed."""
    issue = advance(world, State.ASSIGNED)
    issue = take(world, "department_handler", issue, Step.RETURN, text="不归我们")
    user = world.user("village_cadre")
    assert (rung_at_noon(user), unread(user).count()) == (1, 1)
    Issue.objects.filter(pk=issue.pk).update(is_sensitive=True, level="township")
    assert (rung_at_noon(user), unread(user).count()) == (0, 0)
    Issue.objects.filter(pk=issue.pk).update(is_sensitive=False, level="village")
    assert unread(user).count() == 1
    world.cadre("village_cadre").postings.update(end_on=local_today())
    forget_scope(user)
    assert (unread(user).count(), list(own_notices(user))) == (0, [])


def rung_at_noon(user: Any) -> int:
    """Whatever hour the tests run at."""
    Notice.objects.update(rings_at=timezone.now())
    return rung(user)


def test_a_refused_step_tells_nobody(world: World) -> None:
    issue = advance(world, State.ASSIGNED)
    before = list(Notice.objects.order_by("pk").values())
    with pytest.raises(StepRefused):
        take(world, "visitor", issue, Step.RETURN, text="我退")
    assert list(Notice.objects.order_by("pk").values()) == before


def test_who_acts_has_read_what_they_were_told_of_it(world: World) -> None:
    other = advance(world, State.ASSIGNED)
    issue = advance(world, State.ASSIGNED)
    take(world, "department_handler", issue, Step.ACCEPT)
    rows = Notice.objects.filter(cadre=world.cadre("department_handler"))
    assert set(rows.filter(read_at__isnull=True).values_list("issue", flat=True)) == {other.pk}


@pytest.mark.parametrize("people", [1, 6])
def test_a_step_costs_three_queries_more_whoever_is_told(
    world: World, people: int, django_assert_num_queries: Any
) -> None:
    for number in range(people - 1):
        cadre = make_cadre(world.township, f"康美承办{number}", world.county)
        post(cadre, Role.DEPARTMENT_HANDLER, organisation=world.organisations["村镇建设办"])
    issue = advance(world, State.ASSIGNED)
    row = issue.steps.select_related("issue__village__township", "issue__township__county").get(step=Step.ASSIGN)
    Notice.objects.all().delete()
    with django_assert_num_queries(4):  # own ones read, posts, people, the notices
        notices.tell(row)
    assert Notice.objects.count() == people


def test_at_night_it_is_listed_and_rings_in_the_morning(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    issue = raise_issue(world)
    handler = world.user("department_handler")
    at(monkeypatch, NIGHT)
    take(world, "district_secretary", issue, Step.ASSIGN, assignee=world.organisations["村镇建设办"])
    assert (rung(handler), unread(handler).count()) == (0, 1)
    at(monkeypatch, NIGHT + datetime.timedelta(hours=9))
    assert rung(handler) == 1


def test_danger_to_life_passes_the_quiet_hours(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    issues = [raise_issue(world, urgency=urgency) for urgency in (Urgency.LIFE, Urgency.URGENT)]
    at(monkeypatch, NIGHT)
    for issue in issues:
        take(world, "district_secretary", issue, Step.ASSIGN, assignee=world.organisations["村镇建设办"])
    assert (rung(world.user("department_handler")), unread(world.user("department_handler")).count()) == (1, 2)


def test_own_hours_and_unwanted_sorts(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    secretary, handler = world.user("village_cadre"), world.user("department_handler")
    hours = {"quiet": "own", "quiet_from": datetime.time(11), "quiet_until": datetime.time(13)}
    notices.choose(by=handler, values={"muted": [Sort.ASSIGNED, Sort.REOPENED], **hours})
    assert NoticeChoice.objects.get().muted == [Sort.REOPENED], "what must be told can't be switched off"
    notices.choose(by=secretary, values={"muted": [], "quiet": "never", "quiet_from": None, "quiet_until": None})
    at(monkeypatch, NOON)
    issue = advance(world, State.CLOSED)
    assert Notice.objects.get(cadre__user=handler).rings_at == NOON + datetime.timedelta(hours=1)
    take(world, "village_cadre", issue, Step.REOPEN, text="又坏了")
    assert told(world, issue, Sort.REOPENED) == {(Sort.REOPENED, "household_cadre@城垵")}
    assert AuditRow.objects.filter(verb="notice.chosen").count() == 2


def test_saying_the_same_choice_again_is_no_act(world: World) -> None:
    said = {"muted": [Sort.NEAR], "quiet": "county", "quiet_from": None, "quiet_until": None}
    for _time in (1, 2):
        notices.choose(by=world.user("village_cadre"), values=dict(said))
    assert AuditRow.objects.filter(verb="notice.chosen").count() == 1


def test_read_is_for_ones_own(world: World) -> None:
    advance(world, State.ASSIGNED)
    row = Notice.objects.get()
    assert notices.read(by=world.user("village_cadre"), notices=[row.pk]) == 0
    assert Notice.objects.get().read_at is None
    assert notices.read(by=world.user("department_handler"), notices=[row.pk]) == 1
    assert notices.read(by=world.user("department_handler"), notices=[row.pk]) == 0


def test_on_the_spot_nobody_is_told(world: World) -> None:
    issue = raise_issue(world, on_spot=True, outcomes=[Outcome.EXPLAINED], result_text="当场讲明")
    assert told(world, issue) == set()


def both(sort: str, *keys: str) -> set[tuple[str, str]]:
    return {(sort, key) for key in keys}


def test_escalated_and_sent_down_it_is_told_to_the_desk_it_lands_on(world: World) -> None:
    issue = take(world, "village_cadre", working(world), Step.ESCALATE, text="村里办不了")
    assert told(world, issue, Sort.ARRIVED) == both(Sort.ARRIVED, "district_secretary")
    Notice.objects.all().delete()
    take(world, "district_secretary", issue, Step.SEND_DOWN, text="村里先办", level="village")
    assert told(world, issue) == both(Sort.ARRIVED, "village_cadre")


def test_an_extension_is_asked_of_the_desk_that_decides_and_answered_to_who_asked(world: World) -> None:
    issue = asked(world)
    assert told(world, issue, Sort.EXTENSION_ASKED) == both(Sort.EXTENSION_ASKED, "village_cadre")
    granted = issue.due_on + datetime.timedelta(days=9)
    issue = take(world, "village_cadre", issue, Step.GRANT_EXTENSION, granted_on=granted)
    assert told(world, issue, Sort.EXTENSION_DECIDED) == both(Sort.EXTENSION_DECIDED, "department_handler")
    issue = asked(world, issue=issue)
    level = Issue.objects.get(pk=issue.pk).extension_level
    assert (level, told(world, issue, Sort.EXTENSION_ASKED)) == (
        "district", both(Sort.EXTENSION_ASKED, "village_cadre", "district_secretary")
    )  # fmt: skip
    take(world, "district_secretary", issue, Step.REFUSE_EXTENSION, text="按期办结")
    rows = Notice.objects.filter(issue=issue, sort=Sort.EXTENSION_DECIDED, cadre=world.cadre("department_handler"))
    assert rows.count() == 2


def test_supervision_and_release_are_told_to_handler_and_desk(world: World) -> None:
    issue = take(world, "township_leader", working(world), Step.SUPERVISE, report_every=3)
    assert told(world, issue, Sort.SUPERVISED) == both(Sort.SUPERVISED, "department_handler", "village_cadre")
    take(world, "township_leader", issue, Step.RELEASE, text="已解决")
    assert told(world, issue, Sort.RELEASED) == both(Sort.RELEASED, "department_handler", "village_cadre")


def test_an_instruction_is_told_to_handler_and_desk_and_not_to_who_gave_it(world: World) -> None:
    leader = world.cadre("township_leader")
    issue = take(world, "township_leader", working(world), Step.INSTRUCT, leader=leader, text="请抓紧")
    assert told(world, issue, Sort.INSTRUCTED) == both(Sort.INSTRUCTED, "department_handler", "village_cadre")


@pytest.mark.parametrize("accepted", [True, False])
def test_void_is_told_to_who_had_it_and_who_raised_it(world: World, accepted: bool) -> None:
    issue = working(world) if accepted else advance(world, State.ASSIGNED)
    take(world, "village_cadre", issue, Step.VOID, text="误登")
    assert told(world, issue, Sort.VOIDED) == both(Sort.VOIDED, "department_handler", "household_cadre@城垵")


def test_a_merge_is_told_of_what_is_merged_and_not_of_its_master(world: World) -> None:
    master, issue = working(world), working(world)
    Notice.objects.all().delete()
    take(world, "village_cadre", issue, Step.MERGE, master=master, text="同一件事")
    assert told(world, issue) == both(Sort.MERGED, "department_handler", "household_cadre@城垵")
    assert told(world, master) == set()


def test_the_bell_asks_the_index_first(world: World, django_assert_num_queries: Any) -> None:
    secretary, handler = world.user("district_secretary"), world.user("department_handler")
    advance(world, State.ASSIGNED)
    Notice.objects.update(rings_at=timezone.now())
    for user, queries, count in ((secretary, 2, 0), (handler, 3, 1)):  # the scope, the index, what is in scope
        with django_assert_num_queries(queries):
            assert rung(user) == count
