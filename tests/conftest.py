"""Fixtures everybody shares."""

import importlib
from collections.abc import Callable, Iterator

import pytest
from django.db import connection
from django.test import Client
from django.test.testcases import TransactionTestCase

from tests.drill import DRILLING
from tests.world import World, build

TRIGGERS = [importlib.import_module(f"ledger.migrations.{name}") for name in ("0002_append_only", "0004_audit_seals")]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what only ``make drill`` has the time for."""

    def is_for_drill_alone(item: pytest.Item) -> bool:
        mark = item.get_closest_marker("drill")
        if mark is None:
            return False
        elsewhere = connection.vendor != "sqlite" and mark.kwargs.get("sqlite_in_ci", False)
        return bool(mark.kwargs.get("only", False) or elsewhere)

    left_out = [] if DRILLING else [item for item in items if is_for_drill_alone(item)]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


@pytest.fixture(scope="session", autouse=True)
def _flush_past_triggers() -> Iterator[None]:
    """Emptying the tables between live-server tests must get past the append-only triggers, and put them back."""
    plain = TransactionTestCase._fixture_teardown

    def teardown(case: TransactionTestCase) -> None:
        with connection.schema_editor() as editor:
            for migration in TRIGGERS:
                migration.remove(None, editor)
        try:
            plain(case)
        finally:
            with connection.schema_editor() as editor:
                for migration in TRIGGERS:
                    migration.add(None, editor)

    patch = pytest.MonkeyPatch()
    patch.setattr(TransactionTestCase, "_fixture_teardown", teardown)
    yield
    patch.undo()


@pytest.fixture
def world(db: None) -> World:
    """Two counties full of people; see tests/world.py."""
    return build()


@pytest.fixture
def sign_in(world: World) -> Callable[[str], Client]:
    """``sign_in("district_secretary")`` → a client signed in as that person."""

    def enter(key: str) -> Client:
        client = Client(raise_request_exception=False)
        client.force_login(world.users[key])
        return client

    return enter
