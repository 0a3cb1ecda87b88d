"""The rotation of the data keys: new keys come in, everything is put under them, the old ones go out.

``rotate`` may be killed at any moment and is gone on with by calling it again: the keyring file says which keys are
coming, the row of ``KeyRotation`` what the index columns hold, each token which key sealed it.
"""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import OperationalError, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import second_factor
from ledger.actions import resealing
from ledger.actions.audit import SYSTEM, record
from ledger.actions.resealing import Progress
from ledger.models import KeyRotation, Resident, Submission
from ledger.models.fields import ID_LABEL
from ledger.models.key_rotation import Stage
from ledger.queries.sealed_values import count_otherwise, sealed_columns, sealed_files, tokens_elsewhere
from ledger.rules import keyring, keyring_file
from ledger.rules.keyring_file import KeyIds

ROTATED = ("encrypt", "index")
"""The rings whose old keys can go; what an audit key signed stays signed by it, so those stay."""
SECOND_FACTORS = "mfa_authenticator.data"
"""Where the secrets of authenticator apps lie: allauth's table, which has no encrypted fields."""
GRACE = 2 * keyring.REREAD_SECONDS
"""Seconds after which every process that runs has noticed a changed keyring."""
_TURN = 0.5
"""Seconds to wait for writers before letting others pass and trying again."""


class RotationStopped(Exception):
    """It can't go on; ``reasons`` says what is in the way. Everything works on as it is."""

    def __init__(self, *reasons: str) -> None:
        super().__init__(*reasons)
        self.reasons = reasons


@dataclass(frozen=True)
class Standing:
    """Where things are: the key ids of each ring, the row, and what other keys than the coming ones still hold."""

    rings: Mapping[str, KeyIds]
    row: KeyRotation
    left: dict[str, int] = field(default_factory=dict)

    @property
    def is_prepared(self) -> bool:
        """Whether new keys lie in the file that nothing uses yet."""
        return any(ids.next for ids in self.rings.values())

    @property
    def is_under_way(self) -> bool:
        """Whether ``rotate`` has something to do before new keys may come."""
        behind = self.row.current_key != self.rings["index"].target
        return self.is_prepared or bool(self.row.stage) or behind or bool(self.left)

    @property
    def old(self) -> dict[str, list[str]]:
        """The keys that could be retired."""
        return {name: list(self.rings[name].others) for name in ROTATED if self.rings[name].others}


def standing() -> Standing:
    """Where the rotation stands; counts what is left, so it reads the sealed tables once."""
    keyring.forget()
    rings = keyring_file.key_ids_of(_path())
    return Standing(rings, _row(), _left(rings["encrypt"].target))


def prepare() -> None:
    """Put the next keys into the file; nothing is written with them yet."""
    keyring_file.prepare(_path())
    keyring.forget()


def rotate(size: int) -> Iterator[Progress]:
    """Put everything under the next keys of the file, or finish what was begun. Raises RotationStopped.

    Writers of every kind may work on meanwhile; between two steps nothing is held.
    """
    row, target = _row(), keyring_file.key_ids_of(_path())["index"].target
    if row.stage == Stage.REST and row.current_key != target:
        # From now on writers fill both columns, and nobody who fills only one is left.
        said = {"verb": "keys.rotation_begun", "detail": {"from": row.current_key, "to": target}}
        _enter(Stage.FILL, after=Stage.REST, said=said, next_key=target, begun_at=timezone.now(), finished_at=None)
    _switch()
    _wait_for_processes()
    sealing = keyring.current_key_id("encrypt")
    yield from resealing.reseal_columns(sealing, size)
    yield from resealing.reseal_files(sealing)
    yield Progress(SECOND_FACTORS, *second_factor.reseal(keyring.token_start(sealing)))
    yield from _index_stages(size)
    left = _left(sealing)
    if left:
        stays = _(
            "Some values stay under older keys. If running it again does not help, no key of the ring opens them:"
        )
        raise RotationStopped(stays, *_told(left))
    with transaction.atomic():
        if KeyRotation.objects.filter(finished_at=None, begun_at__isnull=False).update(finished_at=timezone.now()):
            record(verb="keys.rotated", by=SYSTEM, detail={"to": _row().current_key})


def _index_stages(size: int) -> Iterator[Progress]:
    if _row().stage == Stage.FILL:
        unreadable = 0
        for step in resealing.fill_next(_row().next_key, size):
            unreadable += step.unreadable
            yield step
        if unreadable:  # without an index they would no longer be found, so the old ones stay
            raise RotationStopped(
                _("The numbers of some members do not open. Until they do, the old keys stay in use.")
            )
        _enter(Stage.MOVE, after=Stage.FILL)
    if _row().stage == Stage.MOVE:
        yield from resealing.move_to_first(size)
        _enter(Stage.CLEAR, after=Stage.MOVE)
    if _row().stage == Stage.CLEAR:
        yield from resealing.clear_next(size)
        _enter(Stage.REST, after=Stage.CLEAR, current_key=_row().next_key, next_key="")


def _switch() -> None:
    """New values use the new keys; every process knows them already, or looks them up when it meets one."""
    keyring_file.promote(_path())
    keyring.forget()
    row = _row()
    if row.switched_at is None or (row.begun_at and row.switched_at < row.begun_at):
        KeyRotation.objects.update(switched_at=timezone.now())


def _enter(stage: Stage, *, after: Stage, said: dict[str, Any] | None = None, **values: Any) -> None:
    """The next stage, once every transaction that wrote by the one before has ended; ``said`` goes on the trail."""
    while True:
        try:
            with transaction.atomic():
                _hold_stage()
                if KeyRotation.objects.filter(stage=after).update(stage=stage, **values) != 1:
                    raise RotationStopped(_("Another rotation is under way on this database."))
                if said:
                    record(by=SYSTEM, **said)
                return
        except OperationalError as fault:
            if getattr(fault.__cause__, "sqlstate", "") != "55P03":  # lock_not_available
                raise
            time.sleep(_TURN)


def _hold_stage() -> None:
    """Wait for those who read the stage in a transaction that is still open; not so long that others pile up behind."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL lock_timeout = '{int(_TURN * 1000)}ms'")
            cursor.execute(f"LOCK TABLE {KeyRotation._meta.db_table} IN EXCLUSIVE MODE")


def retire(now: Standing) -> None:
    """Take the old keys out of the file, for good. Raises RotationStopped while anything still needs them."""
    if now.is_under_way:
        raise RotationStopped(_("The rotation is not complete: run rotate_keys without --retire."), *_told(now.left))
    _wait_for_processes()
    _refuse_old_transactions(now.row)
    left = _left(now.rings["encrypt"].current) | tokens_elsewhere(now.old.get("encrypt", []))
    if left:
        raise RotationStopped(_("Old keys are still in use:"), *_told(left))
    with transaction.atomic():
        if "index" in now.old:  # what the first release kept to compare with: it says nothing without its key
            Submission.objects.exclude(body_hash="").update(body_hash="")
        record(verb="keys.retired", by=SYSTEM, detail={name: ", ".join(ids) for name, ids in now.old.items()})
    keyring_file.drop(_path(), now.old)
    keyring.forget()


def _wait_for_processes() -> None:
    """Until every process must have noticed the current keys."""
    switched_at = _row().switched_at
    if switched_at is not None:
        time.sleep(max(0.0, GRACE - (timezone.now() - switched_at).total_seconds()))


def _refuse_old_transactions(row: KeyRotation) -> None:
    """What an open transaction sealed with an old key can't be seen yet. SQLite has one writer: an empty one waits."""
    if connection.vendor != "postgresql":
        with transaction.atomic():
            return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
            "AND xact_start < %s + %s * interval '1 second'",
            [row.switched_at, GRACE],
        )
        if cursor.fetchone()[0]:
            raise RotationStopped(
                _("A transaction from before the rotation is still open. Try again when it has ended.")
            )


def _left(key_id: str) -> dict[str, int]:
    """Sealed values and files by place, as far as another key than this one sealed them."""
    counts = {str(column): count_otherwise(column, key_id) for column in sealed_columns()}
    counts[SECOND_FACTORS] = len(second_factor.sealed_otherwise(keyring.token_start(key_id)))
    counts["media"] = sum(1 for _path, written_with in sealed_files() if written_with != key_id)
    return {place: count for place, count in counts.items() if count}


def _told(left: dict[str, int]) -> list[str]:
    return [f"{place}: {count}" for place, count in left.items()]


def _row() -> KeyRotation:
    """The one row; a database that lost it gets it back, with the key that its indexes were made with."""
    row, _is_new = KeyRotation.objects.get_or_create(pk=1, defaults={"current_key": ""})
    if not row.current_key:
        row.current_key = _key_in_use()
        row.save(update_fields=["current_key"])
    return row


def _key_in_use() -> str:
    known = Resident.objects.exclude(id_index="").values_list("id_no", "id_index").first()
    for key_id in keyring.key_ids("index") if known else ():
        if known and keyring.blind_index(ID_LABEL, known[0], key_id) == known[1]:
            return key_id
    return keyring.current_key_id("index")


def _path() -> Path:
    return Path(settings.KEYRING_FILE)
