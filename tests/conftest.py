"""Fixtures everybody shares."""

import importlib
import os
import pickle
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, connections, transaction
from django.test import Client
from django.test.testcases import TransactionTestCase

from ledger.actions import count_triggers
from tests.drill import DRILLING
from tests.elsewhere import Elsewhere
from tests.pattern import copy_database, copy_file, drop_database
from tests.world import World, build

TRIGGERS = [importlib.import_module(f"ledger.migrations.{name}") for name in (
    "0002_append_only", "0004_audit_seals", "0024_steps_taken_back",
)]  # fmt: skip


ALIKE = (
    "exporting",
    "forms",
    "guards/test_forms_carry_tokens.py",
    "guards/test_headers.py",
    "scripts",
    "templatetags",
    "views",
)
"""Below tests/: about pages and files, whichever database is under them. Every page and every act is opened on
PostgreSQL by the guards; these are asked of SQLite in CI and of both in ``make drill``."""
DATABASES = {"db", "django_db_setup", "transactional_db", "live_server", "elsewhere"}
"""Fixtures of tests that ask a database."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what only ``make drill`` has the time for, and on PostgreSQL what asks no database at all."""
    _refuse_mixed_files(items)
    on_sqlite = connection.vendor == "sqlite"
    if DRILLING:
        for item in items if not on_sqlite else ():
            if _is_alike(item):
                item.add_marker("drill")  # what CI spared it
        return

    def is_left_out(item: pytest.Item) -> bool:
        mark = item.get_closest_marker("drill")
        asked = mark.kwargs if mark is not None else {}
        if asked.get("only", False) or (asked.get("sqlite_in_ci", False) and not on_sqlite):
            return True
        asks = item.get_closest_marker("django_db") or DATABASES & set(getattr(item, "fixturenames", ()))
        return not on_sqlite and (not asks or _is_alike(item))

    left_out = [item for item in items if is_left_out(item)]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


def _is_alike(item: pytest.Item) -> bool:
    where = item.path.relative_to(Path(__file__).parent).as_posix()
    return where.startswith(ALIKE)


def _refuse_mixed_files(items: list[pytest.Item]) -> None:
    """What must be committed is not seen beside a world that never is: such tests have a file of their own."""
    committing, uncommitted = set(), set()
    for item in items:
        mark = item.get_closest_marker("django_db")
        if mark is not None and mark.kwargs.get("transaction"):
            committing.add(item.path)
        elif "built_world" in getattr(item, "fixturenames", ()):
            uncommitted.add(item.path)
    assert not committing & uncommitted, f"Give the tests with transaction=True a file: {committing & uncommitted}"


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None, django_db_modify_db_settings: None, django_db_blocker: Any
) -> Iterator[None]:
    """A copy of the kept pattern, where pytest-django would migrate an empty database for every worker."""
    server = os.environ.get("TEST_DATABASE_URL", "")
    name = connection.creation._get_test_db_name()
    with django_db_blocker.unblock():
        connection.close()
        if server:
            drop_database(server, name)  # of a run that was killed
            copy_database(server, name)
        else:
            copy_file(Path(name))
        settings.DATABASES["default"]["NAME"] = connection.settings_dict["NAME"] = name
    yield
    with django_db_blocker.unblock():
        connections.close_all()
        if server:
            drop_database(server, name)


@pytest.fixture(scope="session", autouse=True)
def _flush_past_triggers() -> Iterator[None]:
    """Emptying the tables between live-server tests must get past the append-only triggers, and put them back."""
    plain = TransactionTestCase._fixture_teardown

    def teardown(case: TransactionTestCase) -> None:
        with connection.schema_editor() as editor:
            for migration in reversed(TRIGGERS):
                migration.remove(None, editor)
        count_triggers.remove()  # what is emptied is not counted off
        try:
            plain(case)
        finally:
            count_triggers.install()
            with connection.schema_editor() as editor:
                for migration in TRIGGERS:
                    migration.add(None, editor)

    patch = pytest.MonkeyPatch()
    patch.setattr(TransactionTestCase, "_fixture_teardown", teardown)
    yield
    patch.undo()


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Elsewhere]:
    """Databases beside the test's own, for one file; its folder is on the disk, where a kill can do harm."""
    place = Elsewhere(tmp_path_factory.mktemp("elsewhere"))
    yield place
    place.close()


@pytest.fixture(scope="module")
def built_world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """Built once for a file, in a transaction that is never committed: building costs more than most tests do."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield build()
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def _kept_world(built_world: World) -> bytes:
    """Read back four times as fast as it is copied deeply."""
    return pickle.dumps(built_world)


@pytest.fixture
def world(_kept_world: bytes, db: None) -> World:
    """Two counties full of people, as new for each test; see tests/world.py."""
    made: World = pickle.loads(_kept_world)  # noqa: S301 - written a moment ago, by ourselves
    return made


@pytest.fixture
def sign_in(world: World) -> Callable[[str], Client]:
    """``sign_in("district_secretary")`` → a client signed in as that person."""

    def enter(key: str) -> Client:
        client = Client(raise_request_exception=False)
        client.force_login(world.users[key])
        return client

    return enter
