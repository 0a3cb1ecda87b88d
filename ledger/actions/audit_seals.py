"""The sealer: chains committed audit rows soon after, so that no writer ever waits for another (design.md 10).

Rows line up in ``AuditWaiting`` by a trigger, in their own transaction. The sealer takes a batch of the line, signs it
together with the seal before, and takes the batch out, all in one short transaction. However many sealers run, the
chain can't fork: only one that takes its whole batch out may add a seal, and no two seals follow the same one.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from ledger.models import AuditRow, AuditSeal, AuditWaiting
from ledger.rules import keyring
from ledger.rules.audit_chain import GENESIS, MOST_ROWS, read_ids, rows_digest, seal_message, written_ids

BATCH = 500
"""Rows of one seal: its transaction takes about a millisecond, the only writer that SQLite has."""
assert BATCH <= MOST_ROWS
_LOCK = 0x76_6C_61_75  # one number for all sealers of this database ("vlau")


@dataclass
class Sealed:
    """What one run did."""

    rows: int = 0
    seals: int = 0


class Overtaken(Exception):
    """Another sealer took rows of the same batch; nothing was written."""


def seal_waiting(*, batch: int = BATCH) -> Sealed:
    """Seal all rows that wait; those committed meanwhile are sealed now or by the next run. Safe at any time.

    A number in the line without its row stays there: the row was deleted before it was sealed, which
    ``verify_audit`` reports.
    """
    done, after = Sealed(), -1
    while True:
        line = AuditWaiting.objects.filter(row_id__gt=after).order_by("row_id")
        ids = list(line.values_list("row_id", flat=True)[:batch])
        if not ids:
            return done
        try:
            count = _seal(ids)
        except Overtaken:
            return done  # the other one goes on
        done.rows += count
        done.seals += 1 if count else 0
        after = ids[-1]


def _seal(ids: Sequence[int]) -> int:
    """One seal over the rows of these ids that no seal covers yet; how many they were."""
    signatures = dict(AuditRow.objects.filter(pk__in=ids).values_list("pk", "signature"))
    covered = _covered(ids)
    rows = [(pk, signatures[pk]) for pk in ids if pk in signatures and pk not in covered]
    if not rows:
        return 0
    try:
        with transaction.atomic():
            _alone()
            taken, _models = AuditWaiting.objects.filter(pk__in=[pk for pk, _signature in rows]).delete()
            if taken != len(rows):
                raise Overtaken
            _add(rows)
    except IntegrityError as error:  # the last guard: another seal follows the same one
        raise Overtaken from error
    return len(rows)


def _alone() -> None:
    """PostgreSQL: one sealer at a time, nobody else is stopped. SQLite's transaction is the lock itself."""
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])
        if not cursor.fetchone()[0]:
            raise Overtaken


def _add(rows: Sequence[tuple[int, str]]) -> None:
    last = AuditSeal.objects.order_by("-number").first()
    ids = [pk for pk, _signature in rows]
    seal = AuditSeal(
        number=last.number + 1 if last else 1, previous=last.chain if last else GENESIS, at=timezone.now(),
        row_ids=written_ids(ids), first_id=min(ids), last_id=max(ids), count=len(ids), rows_digest=rows_digest(rows),
    )  # fmt: skip
    seal.chain = keyring.sign(
        seal_message(
            number=seal.number, previous=seal.previous, at=seal.at, row_ids=seal.row_ids, count=seal.count,
            rows_digest=seal.rows_digest,
        )
    )  # fmt: skip
    seal.save(force_insert=True)


def _covered(ids: Sequence[int]) -> set[int]:
    """Which of these a seal covers already: whoever puts a row back into the line doesn't get it sealed twice."""
    near = AuditSeal.objects.filter(number__gt=0, last_id__gte=min(ids), first_id__lte=max(ids))
    wanted, covered = set(ids), set()
    for text in near.values_list("row_ids", flat=True).iterator():
        try:
            covered |= wanted.intersection(read_ids(text))
        except ValueError:  # no seal of ours; verify_audit reports it
            continue
    return covered
