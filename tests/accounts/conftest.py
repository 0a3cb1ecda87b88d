"""Two people with accounts, and an ear for what accounts report."""

from typing import Any

import pytest

from accounts.models import User

PASSWORD = "stone-bridge-42"
HEARD: list[tuple[str, str, str]] = []


def hear(event: str, *, user: User | None, username: str, request: Any) -> None:
    HEARD.append((event, user.username if user else "", username))


@pytest.fixture
def heard(_deaf: None, settings: Any) -> list[tuple[str, str, str]]:
    """Every event reported in the test: (event, number of the account meant, what was typed)."""
    HEARD.clear()
    settings.ACCOUNT_EVENTS = "tests.accounts.conftest.hear"
    return HEARD


@pytest.fixture(autouse=True)
def _deaf(settings: Any) -> None:
    """These tests are about accounts alone: the ledger's listener has its own."""
    settings.ACCOUNT_EVENTS = ""


@pytest.fixture
def cadre(db: None) -> User:
    return User.objects.create_user("LS001", PASSWORD, name="林志和", mobile="13800001234")


@pytest.fixture
def newcomer(db: None) -> User:
    """Somebody who has just got a one-time password."""
    return User.objects.create_user("LS002", PASSWORD, name="吴丽玉", must_change_password=True)
