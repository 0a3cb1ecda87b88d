"""Whether the audit trail is whole: every row as it was written, every seal in its place, nothing taken out or put in.

Reads the trail once in batches, so that a million rows need no more memory than a thousand, and without a lock:
writers and the sealer go on. What is added meanwhile is not held against anybody.
"""

import datetime
from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from django.db import connection

from ledger.models import AuditRow, AuditSeal, AuditWaiting
from ledger.rules import keyring
from ledger.rules.audit_chain import (
    GENESIS,
    SIGNED_FIELDS,
    Head,
    IdSet,
    in_chunks,
    read_ids,
    row_message,
    rows_digest,
    seal_message,
)
from ledger.rules.days import local_today

CHUNK = 500
TRIGGERS = {
    "sqlite": frozenset(
        {
            "ledger_auditrow_no_update", "ledger_auditrow_no_delete", "ledger_auditrow_waits",
            "ledger_auditseal_no_update", "ledger_auditseal_no_delete",
        }
    ),
    "postgresql": frozenset(
        {
            "ledger_auditrow_no_change", "ledger_auditrow_no_truncate", "ledger_auditrow_waits",
            "ledger_auditseal_no_change", "ledger_auditseal_no_truncate",
        }
    ),
}  # fmt: skip


class Fault(StrEnum):
    """What can be wrong."""

    NO_TRIGGER = "no_trigger"  # a trigger that keeps the tables append-only is gone
    ROW_CHANGED = "row_changed"  # its HMAC doesn't fit: edited, or put in by somebody without the key
    ROW_MISSING = "row_missing"  # sealed or waiting, but gone
    ROWS_SWAPPED = "rows_swapped"  # each row is signed, but these are not the rows in the order that was sealed
    ROW_COPIED = "row_copied"  # the same signature twice
    ROW_LEFT_OUT = "row_left_out"  # neither sealed nor in the line for it
    SEALED_TWICE = "sealed_twice"
    SEAL_MISSING = "seal_missing"  # a gap in the numbers
    SEAL_CHANGED = "seal_changed"  # its HMAC doesn't fit
    SEAL_UNTIED = "seal_untied"  # it follows another seal than the one before it
    TAIL_CUT = "tail_cut"  # an earlier head knows more seals than there are
    HEAD_DIFFERS = "head_differs"  # an earlier head knows another seal of that number


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong, with the numbers of the rows or seals that it is about."""

    fault: Fault
    first: int = 0
    last: int = 0
    name: str = ""
    """The trigger, or the day of the head."""


@dataclass
class Tail:
    """The rows that no seal covers yet; each was checked by its own signature."""

    count: int = 0
    first: int = 0
    last: int = 0
    since: datetime.datetime | None = None

    def add(self, pk: int, at: datetime.datetime) -> None:
        self.count += 1
        self.first, self.last = self.first or pk, pk
        self.since = min(self.since, at) if self.since else at


class ChainCheck:
    """One check. ``findings()`` yields what is wrong as it is found; when it is through, the counts are there."""

    def __init__(self, heads: Iterable[Head] = ()) -> None:
        self.rows = 0
        """Rows that a seal covers and that are there."""
        self.seals = 0
        self.tail = Tail()
        self._heads = sorted(heads, key=lambda head: (head.seal, head.day))
        self._number, self._chain, self._counted = 0, GENESIS, 0
        self._covered = IdSet()

    def findings(self) -> Iterator[Finding]:
        """Everything that is wrong, seals first, then the rows outside them."""
        yield from self._triggers()
        yield from self._seals()
        yield from self._outside()
        yield from self._gone_from_the_line()
        yield from self._copies()
        for head in self._heads:
            yield Finding(Fault.TAIL_CUT, self._number + 1, head.seal, head.day)

    def head(self) -> Head:
        """Where the chain stands now; only after ``findings()`` found nothing is it worth keeping."""
        day = local_today().isoformat()
        return Head(day=day, seal=self._number, chain=self._chain, rows=self._counted)

    # -- the guards of the tables --------------------------------------------------------------------------------

    def _triggers(self) -> Iterator[Finding]:
        there = _triggers_there()
        for name in sorted(TRIGGERS[connection.vendor] - there):
            yield Finding(Fault.NO_TRIGGER, name=name)

    # -- seals and the rows below them ---------------------------------------------------------------------------

    def _seals(self) -> Iterator[Finding]:
        """All seals after the last one that was checked, in batches: the sealer may have added some meanwhile."""
        if self._number == 0:
            yield from self._held_against_heads()
        while True:
            seals = list(AuditSeal.objects.filter(number__gt=self._number).order_by("number")[:CHUNK])
            if not seals:
                return
            # Seals of a quiet hour hold a row or two: their rows are read together.
            group: list[tuple[AuditSeal, list[int]]] = []
            for seal in seals:
                yield from self._link(seal)
                ids = yield from self._ids(seal)
                group.append((seal, ids))
                if sum(len(ids) for _seal, ids in group) >= CHUNK:
                    yield from self._rows_of(group)
                    group = []
            yield from self._rows_of(group)

    def _link(self, seal: AuditSeal) -> Iterator[Finding]:
        if seal.number > self._number + 1:
            yield Finding(Fault.SEAL_MISSING, self._number + 1, seal.number - 1)
        elif seal.previous != self._chain:
            yield Finding(Fault.SEAL_UNTIED, seal.number, seal.number)
        message = seal_message(
            number=seal.number, previous=seal.previous, at=seal.at, row_ids=seal.row_ids, count=seal.count,
            rows_digest=seal.rows_digest,
        )  # fmt: skip
        if not keyring.signature_holds(message, seal.chain):
            yield Finding(Fault.SEAL_CHANGED, seal.number, seal.number)
        self.seals += 1
        self._number, self._chain = seal.number, seal.chain
        self._counted += seal.count
        yield from self._held_against_heads()

    def _held_against_heads(self) -> Iterator[Finding]:
        """Take the heads up to this seal off the list, and say which of them knew another one."""
        while self._heads and self._heads[0].seal <= self._number:
            head = self._heads.pop(0)
            if head.seal == self._number and (head.chain, head.rows) != (self._chain, self._counted):
                yield Finding(Fault.HEAD_DIFFERS, head.seal, head.seal, head.day)

    def _ids(self, seal: AuditSeal) -> Generator[Finding, None, list[int]]:
        """The rows that a seal names (returned); said when it names them in a way no sealer does, or once more."""
        try:
            ids = read_ids(seal.row_ids)
        except ValueError:
            return []  # its HMAC, which covers this text, was found not to hold
        again = [pk for pk in ids if not self._covered.add(pk)]
        yield from _findings(Fault.SEALED_TWICE, again)
        return ids

    def _rows_of(self, group: Sequence[tuple[AuditSeal, list[int]]]) -> Iterator[Finding]:
        found: dict[int, str] = {}
        for ids in in_chunks([pk for _seal, its in group for pk in its], CHUNK):
            changed = []
            for pk, _at, signature, holds in _read(ids):
                found[pk] = signature
                if not holds:
                    changed.append(pk)
            yield from _findings(Fault.ROW_CHANGED, changed)
        for seal, ids in group:
            gone = [pk for pk in ids if pk not in found]
            self.rows += len(ids) - len(gone)
            yield from _findings(Fault.ROW_MISSING, gone)
            if ids and not gone and rows_digest((pk, found[pk]) for pk in ids) != seal.rows_digest:
                yield Finding(Fault.ROWS_SWAPPED, min(ids), max(ids))

    # -- rows that no seal covers --------------------------------------------------------------------------------

    def _outside(self) -> Iterator[Finding]:
        batch: list[int] = []
        for ids in _batches(AuditRow, "pk"):
            batch = [pk for pk in ids if pk not in self._covered]
            if batch:
                yield from self._unsealed(batch)

    def _unsealed(self, ids: Sequence[int]) -> Iterator[Finding]:
        # The line is read before the seals: a row that leaves the line between the two is in a new seal.
        waiting = set(AuditWaiting.objects.filter(pk__in=ids).values_list("pk", flat=True))
        if len(waiting) < len(ids):
            yield from self._seals()
        rest = [pk for pk in ids if pk not in self._covered]
        changed = []
        for pk, at, _signature, holds in _read(rest):
            if not holds:
                changed.append(pk)
            elif pk in waiting:
                self.tail.add(pk, at)
        yield from _findings(Fault.ROW_CHANGED, changed)
        yield from _findings(Fault.ROW_LEFT_OUT, [pk for pk in rest if pk not in waiting and pk not in changed])

    def _gone_from_the_line(self) -> Iterator[Finding]:
        """A row and its place in the line are written together: one without the other was deleted."""
        for ids in _batches(AuditWaiting, "row_id"):
            there = set(AuditRow.objects.filter(pk__in=ids).values_list("pk", flat=True))
            yield from _findings(Fault.ROW_MISSING, [pk for pk in ids if pk not in there])

    def _copies(self) -> Iterator[Finding]:
        """A row copied with its signature: two of ours never have the same, they differ in moment and request."""
        table = AuditRow._meta.db_table
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT MIN(id), MAX(id) FROM {table} GROUP BY signature HAVING COUNT(*) > 1 ORDER BY 1"  # noqa: S608
            )
            while rows := cursor.fetchmany(CHUNK):
                for first, last in rows:
                    yield Finding(Fault.ROW_COPIED, first, last)


def _triggers_there() -> set[str]:
    """The triggers that are there and switched on."""
    asked = {
        "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
        "postgresql": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled IN ('O', 'A')",
    }
    with connection.cursor() as cursor:
        cursor.execute(asked[connection.vendor])
        return {name for (name,) in cursor.fetchall()}


def _read(ids: Sequence[int]) -> Iterator[tuple[int, datetime.datetime, str, bool]]:
    """Id, moment, signature and whether the signature holds, of the rows that are there."""
    rows = AuditRow.objects.filter(pk__in=ids).order_by("pk").values_list("pk", "signature", *SIGNED_FIELDS)
    for pk, signature, *values in rows:
        yield pk, values[0], signature, keyring.signature_holds(row_message(values), signature)


def _batches(model: type[AuditRow] | type[AuditWaiting], key: str) -> Iterator[list[int]]:
    """All keys of a table, in order and by pages: no cursor stays open beside the writers."""
    after = -(2**63)
    while True:
        rows = model._default_manager.filter(**{f"{key}__gt": after}).order_by(key)
        ids = list(rows.values_list(key, flat=True)[: 20 * CHUNK])
        for page in in_chunks(ids, CHUNK):
            yield list(page)
        if len(ids) < 20 * CHUNK:
            return
        after = ids[-1]


def _findings(fault: Fault, ids: Sequence[int]) -> Iterator[Finding]:
    """Neighbours in one finding."""
    runs: list[list[int]] = []
    for pk in ids:
        if runs and pk == runs[-1][1] + 1:
            runs[-1][1] = pk
        else:
            runs.append([pk, pk])
    for first, last in runs:
        yield Finding(fault, first, last)
