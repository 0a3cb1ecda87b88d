"""One account for each role, each with a day's work before it."""

import datetime

import pytest
from django.core.management import call_command
from django.test import Client

from accounts.models import User
from ledger.demonstration.accounts import HOUSEHOLDS, NUMBERS, PASSWORD, accounts
from ledger.demonstration.load import Loaded
from ledger.models import Household, Issue, Posting, Visit
from ledger.models.scope import scope_of
from ledger.rules.days import local_today
from ledger.rules.issues import State
from ledger.rules.permissions import Role


def _user(role: str) -> User:
    return User.objects.get(username=NUMBERS[role])


def test_one_account_for_each_role(loaded: Loaded) -> None:
    assert set(NUMBERS) == set(Role)
    assert [account.number for account in accounts()] == list(NUMBERS.values())
    for role in Role:
        user = _user(role)
        assert (user.is_active, user.must_change_password) == (True, False)
        assert Posting.objects.filter(cadre__user=user, role=role).exists()


def test_they_sign_in_with_the_one_password(loaded: Loaded) -> None:
    assert _user(Role.INSPECTOR).check_password(PASSWORD)
    assert len({_user(role).password for role in Role}) == 1


def test_the_table_is_aligned_and_chinese(loaded: Loaded, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("demonstration_accounts")
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 1 + len(Role)
    assert "包户干部" in lines[1]
    assert "石桥村" in lines[1]
    columns = {line.encode("gb18030").index(PASSWORD.encode()) for line in lines[1:]}
    assert len(columns) == 1


def test_the_table_of_another_county_says_so(db: None, capsys: pytest.CaptureFixture[str]) -> None:
    User.objects.all().update(is_active=False)
    call_command("demonstration_accounts")
    assert capsys.readouterr().out == "No demonstration accounts in this database.\n"


def test_the_household_cadre_has_a_round(loaded: Loaded) -> None:
    today = local_today()
    user = _user(Role.HOUSEHOLD_CADRE)
    own = Household.objects.visible_to(user)
    assert own.count() == HOUSEHOLDS
    assert own.filter(last_met_on__isnull=True).count() == 3
    handled = Issue.objects.filter(handler__user=user).exclude(state=State.CLOSED)
    assert handled.filter(state=State.IN_PROGRESS, due_on__lt=today).count() == 1
    assert handled.filter(state=State.IN_PROGRESS, due_on=today).count() == 1
    assert handled.filter(state=State.ASSIGNED).count() == 1
    assert scope_of(user).holds(Role.HOUSEHOLD_CADRE)
    assert Issue.objects.filter(registered_by__user=user, state=State.RESOLVED).exclude(resolved_by__user=user).exists()


def test_the_doctor_follows_what_patients_said(loaded: Loaded) -> None:
    raised = Issue.objects.filter(registered_by__user=_user(Role.VISITOR)).exclude(state=State.CLOSED)
    assert raised.count() >= 2
    assert all(issue.visit.profession == "doctor" for issue in raised.filter(visit__isnull=False))


@pytest.mark.parametrize("role", [Role.VILLAGE_CADRE, Role.DISTRICT_SECRETARY, Role.TOWNSHIP_DESK])
def test_desks_have_something_to_assign(loaded: Loaded, role: str) -> None:
    waiting = Issue.objects.visible_to(_user(role)).filter(state=State.REGISTERED)
    assert waiting.count() >= 3
    assert Issue.objects.visible_to(_user(role)).filter(state=State.RESOLVED).exists()


def test_the_office_has_issues_to_accept(loaded: Loaded) -> None:
    given = Issue.objects.visible_to(_user(Role.DEPARTMENT_HANDLER))
    assert given.filter(state=State.ASSIGNED, handler__isnull=True).exists()
    assert given.filter(state=State.IN_PROGRESS, due_on__lt=local_today()).exists()


@pytest.mark.parametrize("role", [Role.VISITOR, Role.VILLAGE_OFFICIAL])
def test_the_village_sees_itself_alone(loaded: Loaded, role: str) -> None:
    user = _user(role)
    names = set(Household.objects.visible_to(user).values_list("village__name", flat=True))
    assert "石桥村" in names
    assert len(names) <= 2
    assert Visit.objects.visible_to(user).exists()


def test_the_second_township_is_outside_the_first(loaded: Loaded) -> None:
    for role in (Role.TOWNSHIP_LEADER, Role.TOWNSHIP_DESK, Role.TOWNSHIP_ADMIN):
        seen = Household.objects.visible_to(_user(role)).values_list("village__township__short_name", flat=True)
        assert set(seen) == {"青山"}
    everything = Household.objects.visible_to(_user(Role.COUNTY_LEADER))
    assert set(everything.values_list("village__township__short_name", flat=True)) == {"青山", "河塘"}


def test_some_issues_are_of_the_last_two_days(loaded: Loaded) -> None:
    since = local_today() - datetime.timedelta(days=2)
    assert Issue.objects.filter(registered_at__date__gte=since).count() >= 5


@pytest.mark.parametrize("role", list(Role))
def test_each_account_opens_its_first_page(loaded: Loaded, role: str) -> None:
    client = Client()
    client.force_login(_user(role))
    assert client.get("/", follow=True).status_code == 200
