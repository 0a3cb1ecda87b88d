"""One world for a whole file, put back to what it was after each test."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction

from tests.world import World, build


@pytest.fixture(scope="module")
def kept_world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """Use it with the ``db`` fixture, which takes back what a test changed."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield build()
        transaction.set_rollback(True)
