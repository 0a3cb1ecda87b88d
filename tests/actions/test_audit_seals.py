"""The sealer: every committed row once, whatever the order of commits, however many sealers."""

import json
import secrets
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from ledger.actions import audit_seals
from ledger.actions.audit import record
from ledger.actions.audit_seals import seal_waiting
from ledger.models import AuditRow, AuditSeal, AuditWaiting
from ledger.queries.audit_chain import ChainCheck
from ledger.rules import keyring
from ledger.rules.audit_chain import read_ids
from tests.audit_tampering import sql
from tests.world import World


def write(world: World, count: int) -> list[int]:
    place = world.households["城垵"][0]
    return [record(verb="household.changed", by="system", obj=place, label=str(n)).pk for n in range(count)]


def sealed_ids() -> list[int]:
    return [pk for seal in AuditSeal.objects.order_by("number") for pk in read_ids(seal.row_ids)]


def test_all_that_waits_is_sealed_in_batches_that_follow_each_other(world: World) -> None:
    ids = write(world, 12)
    sealed = seal_waiting(batch=5)
    assert (sealed.rows, sealed.seals) == (12, 3)
    assert not AuditWaiting.objects.exists()
    assert sealed_ids() == ids
    seals = list(AuditSeal.objects.order_by("number"))
    assert [seal.number for seal in seals] == [1, 2, 3]
    assert [seal.previous for seal in seals] == ["", seals[0].chain, seals[1].chain]
    assert [(seal.first_id, seal.last_id, seal.count) for seal in seals] == [
        (ids[0], ids[4], 5), (ids[5], ids[9], 5), (ids[10], ids[11], 2)
    ]  # fmt: skip


def test_nothing_waits_nothing_is_written(world: World) -> None:
    write(world, 1)
    seal_waiting()
    assert seal_waiting() == audit_seals.Sealed(0, 0)
    assert AuditSeal.objects.count() == 1


def test_a_row_that_is_committed_late_is_sealed_late(world: World) -> None:
    """Its id was given before those of rows that are sealed already."""
    ids = write(world, 4)
    AuditWaiting.objects.filter(pk=ids[1]).delete()  # not committed yet, as the sealer sees it
    seal_waiting()
    AuditWaiting.objects.create(row_id=ids[1])
    seal_waiting()
    assert sealed_ids() == [ids[0], ids[2], ids[3], ids[1]]
    assert AuditSeal.objects.get(number=1).row_ids == f"{ids[0]} {ids[2]}-{ids[3]}"
    assert list(ChainCheck().findings()) == []


def test_a_row_put_back_into_the_line_is_not_sealed_twice(world: World) -> None:
    ids = write(world, 3)
    seal_waiting()
    AuditWaiting.objects.create(row_id=ids[1])
    late = write(world, 1)
    assert seal_waiting().rows == 1
    assert sealed_ids() == ids + late


def test_a_row_that_is_rolled_back_leaves_the_line_with_it(world: World) -> None:
    with transaction.atomic():
        write(world, 1)
        transaction.set_rollback(True)
    assert not AuditWaiting.objects.exists()


def test_two_seals_can_not_follow_the_same_one(world: World) -> None:
    write(world, 2)
    seal_waiting(batch=1)
    first, second = AuditSeal.objects.order_by("number")
    values = {"at": first.at, "row_ids": "9", "first_id": 9, "last_id": 9, "count": 1, "rows_digest": "", "chain": "x"}
    for number, previous in ((3, second.previous), (2, second.chain), (3, "")):
        with pytest.raises(IntegrityError), transaction.atomic():
            AuditSeal.objects.create(number=number, previous=previous, **values)


def test_a_sealer_that_is_overtaken_writes_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another one takes the batch between this one's look and its transaction."""
    ids = write(world, 4)
    plain = audit_seals._covered

    def meanwhile(seen: Any) -> Any:
        monkeypatch.setattr(audit_seals, "_covered", plain)
        seal_waiting(batch=3)
        return plain(seen)

    monkeypatch.setattr(audit_seals, "_covered", meanwhile)
    seal_waiting()
    seal_waiting()
    assert sealed_ids() == ids
    assert list(ChainCheck().findings()) == []


def test_seals_can_only_be_added(world: World) -> None:
    write(world, 1)
    seal_waiting()
    seal = AuditSeal.objects.get()
    with pytest.raises(TypeError):
        seal.save()
    with pytest.raises(TypeError):
        seal.delete()
    for change in (
        lambda: AuditSeal.objects.update(count=9),
        lambda: AuditSeal.objects.all().delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
    assert AuditSeal.objects.get().count == 1


@pytest.mark.parametrize("table", ["ledger_auditrow", "ledger_auditseal"])
def test_raw_sql_meets_the_triggers(world: World, table: str) -> None:
    """REPLACE deletes without a delete trigger unless recursive_triggers is on; TRUNCATE fires no row trigger."""
    write(world, 2)
    seal_waiting()
    key = "number" if table == "ledger_auditseal" else "id"
    acts = ["UPDATE {table} SET {key} = {key}", "DELETE FROM {table}"]
    if connection.vendor == "sqlite":
        acts += ["INSERT OR REPLACE INTO {table} SELECT * FROM {table}", "REPLACE INTO {table} SELECT * FROM {table}"]
    else:
        acts += ["TRUNCATE {table} CASCADE"]
    for act in acts:
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            sql(act.format(table=table, key=key))
    assert (AuditRow.objects.count(), AuditSeal.objects.count()) == (2, 1)


def test_older_keys_keep_what_they_signed(world: World, tmp_path: Path, settings: Any) -> None:
    write(world, 3)
    seal_waiting()
    ring = json.loads(Path(settings.KEYRING_FILE).read_text(encoding="utf-8"))
    ring["audit"] = {"current": "2", "keys": {**ring["audit"]["keys"], "2": secrets.token_hex(32)}}
    rotated = tmp_path / "keyring.json"
    rotated.write_text(json.dumps(ring), encoding="utf-8")
    settings.KEYRING_FILE = str(rotated)
    keyring.forget()
    write(world, 2)
    seal_waiting()
    assert [seal.chain.partition(":")[0] for seal in AuditSeal.objects.order_by("number")] == ["1", "2"]
    assert list(ChainCheck().findings()) == []
