"""The keyring file, changed: only ``manage.py rotate_keys`` does that.

A ring may name a ``next`` key: it is in the file, so that every process knows it, before anything is written with it.
Each change replaces the file in one step, with the owner and the mode it had.
"""

import contextlib
import fcntl
import json
import os
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ledger.rules.keyring import RINGS, KeyringError


class KeyringBusy(KeyringError):
    """Another rotation holds the file."""


@dataclass(frozen=True)
class KeyIds:
    """The ids of one ring, without its keys."""

    current: str
    next: str
    others: tuple[str, ...]
    """Neither current nor next: what they wrote may still be there."""

    @property
    def target(self) -> str:
        """The key that everything has to be written with in the end."""
        return self.next or self.current


def key_ids_of(path: Path) -> Mapping[str, KeyIds]:
    """What the rings hold, by name."""
    stored = _stored(path)
    return {name: _ids(stored[name]) for name in RINGS}


def prepare(path: Path) -> None:
    """Add a next key to each ring that has none yet."""

    def change(stored: dict[str, Any]) -> None:
        for name in RINGS:
            ring = stored[name]
            if not ring.get("next"):
                ring["next"] = _new_id(ring["keys"])
                ring["keys"][ring["next"]] = secrets.token_hex(32)

    _change(path, change)


def promote(path: Path) -> None:
    """Make each next key the current one; the earlier ones stay, to read with."""

    def change(stored: dict[str, Any]) -> None:
        for name in RINGS:
            ring = stored[name]
            ring["current"] = ring.pop("next", "") or ring["current"]

    _change(path, change)


def drop(path: Path, ids: Mapping[str, Iterable[str]]) -> None:
    """Take keys out of their rings, for good. The current and the next one stay."""

    def change(stored: dict[str, Any]) -> None:
        for name, gone in ids.items():
            ring = stored[name]
            for key_id in set(gone) - {ring["current"], ring.get("next")}:
                ring["keys"].pop(key_id, None)

    _change(path, change)


@contextlib.contextmanager
def alone(path: Path) -> Iterator[None]:
    """One rotation at a time on this machine; a killed one lets go by itself. Raises KeyringBusy."""
    folder = os.open(path.resolve().parent, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise KeyringBusy(f"Another process is changing {path}.") from None
    finally:
        os.close(folder)


def _stored(path: Path) -> dict[str, Any]:
    try:
        stored: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise KeyringError(f"The keyring file {path} cannot be read: {type(error).__name__}.") from None
    return stored


def _ids(ring: Mapping[str, Any]) -> KeyIds:
    current, coming = str(ring["current"]), str(ring.get("next") or "")
    return KeyIds(current, coming, tuple(sorted(set(ring["keys"]) - {current, coming})))


def _new_id(known: Iterable[str]) -> str:
    """The next number; ids that are no numbers are left alone."""
    return str(1 + max((int(key_id) for key_id in known if key_id.isdecimal()), default=0))


def _change(path: Path, change: Callable[[dict[str, Any]], None]) -> None:
    """Read, change and replace the file: after a crash there is the old one or the new one, never half of one."""
    target = path.resolve()
    stored = _stored(target)
    change(stored)
    was = target.stat()
    for left_behind in target.parent.glob(f".{target.name}.*"):  # by a rotation that was killed; it holds keys
        left_behind.unlink()
    draft = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            if (was.st_uid, was.st_gid) != (os.geteuid(), os.getegid()):
                os.fchown(file.fileno(), was.st_uid, was.st_gid)
            os.fchmod(file.fileno(), was.st_mode & 0o7777)
            json.dump(stored, file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, target)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise KeyringError(
            f"The keyring file {target} stays as it was: {error.strerror}. Its folder must be writable for whoever "
            "rotates, and its owner must be the one who rotates (or root does it)."
        ) from None
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
