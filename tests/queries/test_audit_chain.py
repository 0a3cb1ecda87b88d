"""Tampering by raw SQL, triggers dropped: each kind is found, and nothing is found where nobody tampered."""

import pytest
from django.db import connection

from ledger.actions.audit import record
from ledger.actions.audit_seals import seal_waiting
from ledger.models import AuditRow, AuditSeal, AuditWaiting
from ledger.queries.audit_chain import ChainCheck, Fault, Finding
from ledger.rules.audit_chain import Head, seal_message
from tests.audit_tampering import insert_copy, signed_by_thief, sql, triggers_dropped
from tests.world import World

BATCH = 4
ROWS = 12


@pytest.fixture
def rows(world: World) -> list[AuditRow]:
    """Three seals over four rows each."""
    made = [
        record(verb="household.changed", by="system", obj=world.households["城垵"][0], label=f"行{n}", detail={"n": n})
        for n in range(ROWS)
    ]
    seal_waiting(batch=BATCH)
    return made


def found(*heads: Head) -> list[Finding]:
    return list(ChainCheck(heads).findings())


def head() -> Head:
    check = ChainCheck()
    assert list(check.findings()) == []
    return check.head()


def add(world: World, count: int = 1) -> list[AuditRow]:
    return [record(verb="visit.logged", by="system", obj=world.households["城垵"][0]) for _n in range(count)]


def test_an_untouched_trail_is_whole_and_its_tail_is_named(world: World, rows: list[AuditRow]) -> None:
    waiting = add(world, 2)
    check = ChainCheck()
    assert list(check.findings()) == []
    assert (check.rows, check.seals) == (ROWS, 3)
    tail = check.tail
    assert (tail.count, tail.first, tail.last, tail.since) == (2, waiting[0].pk, waiting[1].pk, waiting[0].at)


def test_an_edited_row(world: World, rows: list[AuditRow]) -> None:
    with triggers_dropped():
        sql("UPDATE ledger_auditrow SET label = 'x' WHERE id = %s", rows[5].pk)
    assert found() == [Finding(Fault.ROW_CHANGED, rows[5].pk, rows[5].pk)]


@pytest.mark.parametrize("key_id", ["1", "9"])
def test_an_edited_row_signed_with_a_made_up_key(world: World, rows: list[AuditRow], key_id: str) -> None:
    row = rows[5]
    row.label = "x"
    with triggers_dropped():
        sql(
            "UPDATE ledger_auditrow SET label = 'x', signature = %s WHERE id = %s",
            signed_by_thief(row.message(), key_id), row.pk,
        )  # fmt: skip
    # The seal knows the old signature too: a key stolen later signs no older row anew.
    assert found() == [Finding(Fault.ROW_CHANGED, row.pk, row.pk), Finding(Fault.ROWS_SWAPPED, rows[4].pk, rows[7].pk)]


def test_an_unsealed_row_edited(world: World, rows: list[AuditRow]) -> None:
    (late,) = add(world)
    with triggers_dropped():
        sql("UPDATE ledger_auditrow SET user_id = 7 WHERE id = %s", late.pk)
    assert found() == [Finding(Fault.ROW_CHANGED, late.pk, late.pk)]


def test_deleted_rows(world: World, rows: list[AuditRow]) -> None:
    with triggers_dropped():
        sql("DELETE FROM ledger_auditrow WHERE id IN (%s, %s)", rows[5].pk, rows[6].pk)
    assert found() == [Finding(Fault.ROW_MISSING, rows[5].pk, rows[6].pk)]


def test_a_row_deleted_before_it_was_sealed(world: World, rows: list[AuditRow]) -> None:
    first, second = add(world, 2)
    with triggers_dropped():
        sql("DELETE FROM ledger_auditrow WHERE id = %s", first.pk)
    assert found() == [Finding(Fault.ROW_MISSING, first.pk, first.pk)]
    seal_waiting()
    assert found() == [Finding(Fault.ROW_MISSING, first.pk, first.pk)], "the sealer leaves the trace where it is"
    assert AuditSeal.objects.latest("number").last_id == second.pk


@pytest.mark.parametrize("sealed", [True, False])
def test_a_forged_row_put_in(world: World, rows: list[AuditRow], sealed: bool) -> None:
    forged = rows[3]
    forged.actor = "别人"
    pk = insert_copy(forged, signature=signed_by_thief(forged.message()))
    if sealed:
        seal_waiting()
    assert found() == [Finding(Fault.ROW_CHANGED, pk, pk)]


@pytest.mark.parametrize("sealed", [True, False])
def test_a_row_copied_with_its_signature(world: World, rows: list[AuditRow], sealed: bool) -> None:
    pk = insert_copy(rows[3])
    if sealed:
        seal_waiting()
    assert found() == [Finding(Fault.ROW_COPIED, rows[3].pk, pk)]


def test_two_rows_change_places(world: World, rows: list[AuditRow]) -> None:
    with triggers_dropped():
        sql("UPDATE ledger_auditrow SET id = -1 WHERE id = %s", rows[1].pk)
        sql("UPDATE ledger_auditrow SET id = %s WHERE id = %s", rows[1].pk, rows[2].pk)
        sql("UPDATE ledger_auditrow SET id = %s WHERE id = -1", rows[2].pk)
    assert found() == [Finding(Fault.ROWS_SWAPPED, rows[0].pk, rows[3].pk)]


def test_a_cut_tail_needs_the_head_of_before(world: World, rows: list[AuditRow]) -> None:
    kept = head()
    add(world, 3)
    seal_waiting()
    later = head()
    with triggers_dropped():
        sql("DELETE FROM ledger_auditseal WHERE number >= 3")
        sql("DELETE FROM ledger_auditrow WHERE id >= %s", rows[2 * BATCH].pk)
    assert found() == [], "what is left fits together: that is why heads are kept elsewhere"
    assert found(kept) == [Finding(Fault.TAIL_CUT, 3, 3, kept.day)]
    assert found(later, kept) == [Finding(Fault.TAIL_CUT, 3, 3, kept.day), Finding(Fault.TAIL_CUT, 3, 4, kept.day)]


def test_an_earlier_head_fits_a_trail_that_only_grew(world: World, rows: list[AuditRow]) -> None:
    empty, kept = Head(day="2026-01-01", seal=0, chain="", rows=0), head()
    add(world, 9)
    seal_waiting(batch=BATCH)
    add(world)
    assert found(kept, empty) == []


def test_a_trail_cut_and_grown_again_differs_from_the_head(world: World, rows: list[AuditRow]) -> None:
    kept = head()
    with triggers_dropped():
        sql("DELETE FROM ledger_auditseal WHERE number = 3")
        sql("DELETE FROM ledger_auditrow WHERE id >= %s", rows[2 * BATCH].pk)
    add(world, BATCH)
    seal_waiting()
    assert found() == []
    assert found(kept) == [Finding(Fault.HEAD_DIFFERS, 3, 3, kept.day)]


def test_the_whole_trail_emptied(world: World, rows: list[AuditRow]) -> None:
    kept = head()
    with triggers_dropped():
        sql("DELETE FROM ledger_auditseal")
        sql("DELETE FROM ledger_auditrow")
        sql("DELETE FROM ledger_auditwaiting")
    assert found(kept) == [Finding(Fault.TAIL_CUT, 1, 3, kept.day)]


@pytest.mark.parametrize("change", ["rows_digest = 'x'", "count = 3", "previous = 'x'", "row_ids = '1-x'"])
def test_an_edited_seal(world: World, rows: list[AuditRow], change: str) -> None:
    with triggers_dropped():
        sql(f"UPDATE ledger_auditseal SET {change} WHERE number = 2")  # noqa: S608  literals of this test
    assert Finding(Fault.SEAL_CHANGED, 2, 2) in found()


def test_a_seal_signed_with_a_made_up_key(world: World, rows: list[AuditRow]) -> None:
    last = AuditSeal.objects.get(number=3)
    (row,) = add(world)
    values = {
        "number": 4,
        "previous": last.chain,
        "at": last.at,
        "row_ids": str(row.pk),
        "count": 1,
        "rows_digest": "0",
    }
    chain = signed_by_thief(seal_message(**values))
    AuditSeal.objects.create(**values, first_id=row.pk, last_id=row.pk, chain=chain)
    assert found() == [Finding(Fault.SEAL_CHANGED, 4, 4), Finding(Fault.ROWS_SWAPPED, row.pk, row.pk)]


def test_a_seal_taken_out(world: World, rows: list[AuditRow]) -> None:
    with triggers_dropped():
        sql("DELETE FROM ledger_auditseal WHERE number = 2")
    assert found() == [
        Finding(Fault.SEAL_MISSING, 2, 2), Finding(Fault.ROW_LEFT_OUT, rows[BATCH].pk, rows[2 * BATCH - 1].pk)
    ]  # fmt: skip


def test_a_row_taken_out_of_the_line(world: World, rows: list[AuditRow]) -> None:
    first, _second = add(world, 2)
    AuditWaiting.objects.filter(pk=first.pk).delete()
    assert found() == [Finding(Fault.ROW_LEFT_OUT, first.pk, first.pk)]
    seal_waiting()
    assert found() == [Finding(Fault.ROW_LEFT_OUT, first.pk, first.pk)]


def test_a_trigger_dropped(world: World, rows: list[AuditRow]) -> None:
    name = "ledger_auditrow_no_delete" if connection.vendor == "sqlite" else "ledger_auditrow_no_change"
    sql(f"DROP TRIGGER {name}" if connection.vendor == "sqlite" else f"DROP TRIGGER {name} ON ledger_auditrow")
    assert found() == [Finding(Fault.NO_TRIGGER, name=name)]


def test_it_reads_in_batches(world: World, rows: list[AuditRow], django_assert_max_num_queries) -> None:
    """A seal of one row each costs no query of its own."""
    for _n in range(60):
        add(world)
        seal_waiting()
    with django_assert_max_num_queries(14):
        assert found() == []


def test_sealing_while_it_checks_is_no_fault(world: World, rows: list[AuditRow]) -> None:
    """The sealer and writers go on between any two findings' queries."""
    add(world, 3)
    check = ChainCheck()
    plain = check._unsealed

    def meanwhile(ids):
        seal_waiting()
        add(world)
        return plain(ids)

    check._unsealed = meanwhile  # type: ignore[method-assign]
    assert list(check.findings()) == []
    assert (check.rows, check.tail.count) == (ROWS + 3, 0)
