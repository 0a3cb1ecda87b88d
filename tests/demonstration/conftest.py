"""The demonstration on a small scale, loaded once for the tests of this folder and taken back after them."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction

from ledger.demonstration.load import Loaded, load

SCALE = 0.02


@pytest.fixture(scope="package")
def loaded(django_db_setup: None, django_db_blocker: Any) -> Iterator[Loaded]:
    """What ``load`` returned; its rows are there until the last test of the folder."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield load(scale=SCALE)
        transaction.set_rollback(True)
