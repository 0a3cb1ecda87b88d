"""One world for a whole file of guards: built once, and put back to what it was after each test."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction

from tests.access.world import build_for_access
from tests.world import World


@pytest.fixture(scope="module")
def access_world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """The world of tests/access/world.py. Use it with the ``db`` fixture, which takes back what a test changed."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield build_for_access()
        transaction.set_rollback(True)
