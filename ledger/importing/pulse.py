"""How far the work on a batch has come, and the word to stop it: both beside the database.

The rows are written in one transaction, so the database can't say how far it is, and on SQLite nobody else can write
while it lasts. Two small files below MEDIA_ROOT, which web and worker share, do both; they hold counts only.
"""

import contextlib
import json
import os
import time
from pathlib import Path
from typing import Any

from ledger.importing.kept_files import folder
from ledger.models import BatchState, ImportBatch

_PAUSE = 0.3
"""Seconds between two looks: nobody reads faster, and each costs a file."""
STEPS = ("read", "checked", "written")


class Cancelled(Exception):
    """Somebody asked the work to stop; whoever holds the transaction rolls it back."""


class Pulse:
    """Told by the worker at every step, and the place where a cancelled batch stops."""

    def __init__(self, batch: ImportBatch) -> None:
        self.batch, self.counts, self._last = batch, dict[str, int](), 0.0

    def tell(self, step: str, done: int, total: int = 0) -> None:
        """``done`` rows have come to a step of STEPS (of ``total``); raises Cancelled."""
        is_first = step not in self.counts
        self.counts |= {step: done, "total": total or self.counts.get("total", 0)}
        if is_first or time.monotonic() - self._last >= _PAUSE:
            self._last = time.monotonic()
            self.stop_if_asked()
            _write(_path(self.batch.pk), self.counts)

    def stop_if_asked(self) -> None:
        """Raise Cancelled when somebody asked for it."""
        asked = _path(self.batch.pk, "stop").exists()
        if asked or ImportBatch.objects.filter(pk=self.batch.pk, state=BatchState.CANCELLED).exists():
            raise Cancelled

    def end(self) -> None:
        """The work has ended, in whatever way."""
        forget(self.batch.pk)


def progress_of(batch: ImportBatch) -> dict[str, int]:
    """Rows read, checked and written so far, and how many there are; empty before the first step."""
    try:
        said: Any = json.loads(_path(batch.pk).read_text(encoding="ascii"))
    except (OSError, ValueError):
        return {}
    return {name: int(said[name]) for name in (*STEPS, "total") if name in said}


def ask_to_stop(batch: ImportBatch) -> None:
    """Leave word for whoever works on the batch."""
    _write(_path(batch.pk, "stop"), {})


def forget(batch_id: int) -> None:
    """Take both files away."""
    for kind in ("json", "stop"):
        _path(batch_id, kind).unlink(missing_ok=True)


def _path(batch_id: int, kind: str = "json") -> Path:
    return folder() / "running" / f"{batch_id}.{kind}"


def _write(path: Path, said: dict[str, int]) -> None:
    """Whole or not at all: somebody may read at the same moment."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(f".{os.getpid()}.draft")
    with contextlib.suppress(FileNotFoundError):
        draft.write_text(json.dumps(said), encoding="ascii")
        draft.replace(path)
