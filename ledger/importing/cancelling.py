"""Cancel an import that waits, is being checked, is ready, or is being written: nothing of it is kept."""

from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from ledger.importing.batches import STOPPING, record_batch
from ledger.importing.pulse import ask_to_stop, forget
from ledger.models import BatchState, ImportBatch

CANCELLABLE = (
    BatchState.WAITING, BatchState.PLANNING, BatchState.COLUMNS, BatchState.PLANNED, BatchState.APPLYING,
    BatchState.FAILED,
)  # fmt: skip


def cancel(*, by: Any, batch: ImportBatch) -> bool:
    """Cancel a batch; False when it had ended by then. Work under way stops at its next step and is rolled back.

    The word to stop goes ahead of the transaction: on SQLite this one can begin only when the other has ended.
    """
    ask_to_stop(batch)
    try:
        return _cancel(by, batch)
    finally:
        forget(batch.pk)  # the batch's state says it from now on


@transaction.atomic
def _cancel(by: Any, batch: ImportBatch) -> bool:
    stopped = Q(state=BatchState.CANCELLED, error_code=STOPPING)
    held = ImportBatch.objects.filter(Q(state__in=CANCELLABLE) | stopped, pk=batch.pk)
    fresh = {"state": BatchState.CANCELLED, "error_code": "", "applied_by": None, "applied_at": None, "sample": ""}
    if held.update(version=F("version") + 1, finished_at=timezone.now(), **fresh) != 1:
        return False
    record_batch("import.cancelled", by, batch, batch.townships.all())
    return True
