"""Many writers and several sealers at once, each on a connection of its own: no fork, no row lost, nobody waits."""

import threading
from collections.abc import Callable

import pytest
from django.db import connection, connections, transaction

from ledger.actions import audit_seals
from ledger.actions.audit import record
from ledger.actions.audit_seals import seal_waiting
from ledger.models import AuditRow, AuditSeal, AuditWaiting
from ledger.queries.audit_chain import ChainCheck
from ledger.rules.audit_chain import read_ids
from tests.drill import times

pytestmark = pytest.mark.django_db(transaction=True)
WRITERS, SEALERS = 20, 3
IMPATIENT = "SET lock_timeout = '200ms'"
"""PostgreSQL: whoever meets another's lock fails instead of waiting for it."""


def in_threads(works: list[Callable[[], None]]) -> None:
    """All at once; the first fault of any fails the test."""
    gate, faults = threading.Barrier(len(works)), []

    def one(work: Callable[[], None]) -> None:
        try:
            if connection.vendor == "postgresql":
                with connection.cursor() as cursor:
                    cursor.execute(IMPATIENT)
            gate.wait()
            work()
        except Exception as fault:
            faults.append(fault)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=one, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if faults:
        raise faults[0]


def assert_whole() -> None:
    """One chain over every committed row, each once."""
    ids = [pk for seal in AuditSeal.objects.order_by("number") for pk in read_ids(seal.row_ids)]
    assert sorted(ids) == list(AuditRow.objects.order_by("pk").values_list("pk", flat=True))
    assert list(ChainCheck().findings()) == []


@pytest.mark.drill
def test_twenty_writers_and_three_sealers() -> None:
    each, over = times(ci=5, drill=500), threading.Event()
    left = [WRITERS]
    turn = threading.Lock()

    def write() -> None:
        for number in range(each):
            with transaction.atomic():
                record(verb="visit.logged", by="system", label=str(number))
                transaction.set_rollback(number % 5 == 4)  # every fifth is rolled back: its id stays a gap
        with turn:
            left[0] -= 1
            if not left[0]:
                over.set()

    def seal() -> None:
        while not over.wait(0.01):
            seal_waiting(batch=7)

    in_threads([write] * WRITERS + [seal] * SEALERS)
    seal_waiting()
    assert AuditRow.objects.count() == WRITERS * (each - each // 5)
    assert not AuditWaiting.objects.exists()
    assert_whole()


def test_sealers_alone_share_the_line() -> None:
    for number in range(60):
        record(verb="visit.logged", by="system", label=str(number))
    in_threads([lambda: seal_waiting(batch=3) and None] * 6)
    seal_waiting()
    assert_whole()


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite has one writer at a time")
def test_a_writer_that_takes_its_time_stops_nobody() -> None:
    """Its id is given before the others' and its row is committed after they were sealed: sealed once, later."""

    def write() -> None:
        record(verb="visit.logged", by="system", label="quick")

    with transaction.atomic():
        slow = record(verb="visit.logged", by="system", label="slow")
        in_threads([write] * WRITERS)
        in_threads([lambda: seal_waiting() and None])
        sealed = AuditSeal.objects.get()
        assert (sealed.count, sealed.first_id > slow.pk) == (WRITERS, True)
    seal_waiting()
    assert AuditSeal.objects.get(number=2).row_ids == str(slow.pk)
    assert_whole()


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite has one writer at a time")
def test_a_sealer_that_takes_its_time_stops_no_writer() -> None:
    record(verb="visit.logged", by="system", label="first")
    with pytest.MonkeyPatch.context() as patch:
        plain = audit_seals._add

        def slowly(rows: list[tuple[int, str]]) -> None:
            """The seal is written but not committed while twenty write and another sealer passes by."""
            plain(rows)
            patch.setattr(audit_seals, "_add", plain)
            in_threads([lambda: record(verb="visit.logged", by="system") and None] * WRITERS)
            in_threads([lambda: seal_waiting() and None])

        patch.setattr(audit_seals, "_add", slowly)
        seal_waiting()
    seal_waiting()
    assert AuditRow.objects.count() == WRITERS + 1
    assert_whole()
