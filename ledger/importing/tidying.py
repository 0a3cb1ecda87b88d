"""Imports that grow old: their files go after seven days, those nobody applied and rows nobody decides on end."""

import datetime
import time
from dataclasses import dataclass

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from ledger.actions.audit import SYSTEM
from ledger.importing.batches import record_batch
from ledger.importing.cancelling import CANCELLABLE
from ledger.importing.holding import expire_held
from ledger.importing.kept_files import drop_file, folder
from ledger.models import BatchState, ImportBatch

KEPT = datetime.timedelta(days=7)
"""How long a file is kept (design.md 10)."""


@dataclass
class Tidied:
    """What one run did."""

    ended: int = 0
    files: int = 0
    questions: int = 0
    """Held rows that nobody decided within ``holding.KEPT``."""


def tidy_imports(now: datetime.datetime | None = None) -> Tidied:
    """End imports that nobody applied within ``KEPT`` and delete the files of all that are older. Run it daily."""
    before = (now or timezone.now()) - KEPT
    done = Tidied()
    for batch in ImportBatch.objects.filter(uploaded_at__lt=before, state__in=CANCELLABLE):
        done.ended += _ended(batch)
    old = ImportBatch.objects.filter(uploaded_at__lt=before).exclude(stored_as="").exclude(
        state__in=(*CANCELLABLE, BatchState.UNDOING)
    )  # fmt: skip
    for batch in old:
        ImportBatch.objects.filter(pk=batch.pk).update(stored_as="")
        drop_file(batch.stored_as)
        done.files += 1
    done.files += _drop_strays(before)
    with transaction.atomic():
        done.questions = expire_held(now)
    return done


@transaction.atomic
def _ended(batch: ImportBatch) -> bool:
    """Whether this run ended the batch: somebody may apply it at this moment."""
    held = ImportBatch.objects.filter(pk=batch.pk, version=batch.version, state=batch.state)
    fresh = {"state": BatchState.CANCELLED, "error_code": "expired", "applied_by": None, "applied_at": None}
    if held.update(version=F("version") + 1, finished_at=timezone.now(), sample="", **fresh) != 1:
        return False
    record_batch("import.expired", SYSTEM, batch, batch.townships.all())
    return True


def _drop_strays(before: datetime.datetime) -> int:
    """Files that no batch names (its upload was rolled back), and notes of work that ended long ago."""
    known = frozenset(ImportBatch.objects.exclude(stored_as="").values_list("stored_as", flat=True))
    dropped, limit = 0, time.time() - (timezone.now() - before).total_seconds()
    for path in (*folder().glob("*.sealed"), *folder().glob("running/*")):
        if path.name not in known and path.stat().st_mtime < limit:
            path.unlink(missing_ok=True)
            dropped += path.suffix == ".sealed"
    return dropped
