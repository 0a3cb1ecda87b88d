"""One world for a whole file of guards: built once, and put back to what it was after each test.

The guards that ask every page as every person run whole on SQLite and in ``make drill``; on PostgreSQL a third of the
people is enough in CI, always the same third.
"""

import os
import uuid
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection, transaction

from tests.access.world import build_for_access
from tests.drill import DRILLING
from tests.pattern import copy_database, copy_file, drop_database
from tests.plugin_settings import FOLDER
from tests.world import World

BY_PERSON = {"test_canaries", "test_foreign_ids", "test_mass_assignment", "test_non_interference"}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out two thirds of what SQLite has been asked already."""
    if connection.vendor == "sqlite" or DRILLING:
        return
    left_out = [item for item in items if _is_by_person(item) and zlib.crc32(item.name.encode()) % 3]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


def _is_by_person(item: pytest.Item) -> bool:
    return item.path.stem in BY_PERSON and hasattr(item, "callspec")


@pytest.fixture(scope="module")
def access_world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """The world of tests/access/world.py. Use it with the ``db`` fixture, which takes back what a test changed."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield build_for_access()
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def own_database(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """A database for one file alone, where its world may be committed."""
    with django_db_blocker.unblock(), _another_database():
        yield


@pytest.fixture
def committed_world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """As ``access_world``, in a database that one test may change and commit."""
    with django_db_blocker.unblock(), _another_database():
        with transaction.atomic():
            world = build_for_access()
        yield world


@contextmanager
def _another_database() -> Iterator[None]:
    """For what puts triggers aside and then asks many pages.

    SQLite reads the whole schema again after each savepoint that is taken back in a transaction that changed it: that
    is a fifth of such a test, and none of it once the change is committed.
    """
    server, usual, name = os.environ.get("TEST_DATABASE_URL", ""), connection.settings_dict["NAME"], uuid.uuid4().hex
    connection.close()
    if server:
        copy_database(server, name)
    else:
        copy_file(FOLDER / name)
    connection.settings_dict["NAME"] = name if server else str(FOLDER / name)
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = usual
        if server:
            drop_database(server, name)
        else:
            (FOLDER / name).unlink()
