"""The acts of the page on which columns are chosen: use these, and forget what was remembered."""

import json
from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from ledger.importing.batches import record_batch
from ledger.importing.ledger_now import LedgerNow
from ledger.importing.remembered import forget, remember
from ledger.importing.villages import Villages
from ledger.models import BatchState, ImportBatch

CHANGEABLE = (BatchState.COLUMNS, BatchState.PLANNED)
"""States in which nothing is written yet, so that other columns may be chosen."""


def sample_kept(batch: ImportBatch) -> dict[str, Any]:
    """The first rows that were kept of the file; no blocks where there are none."""
    kept: dict[str, Any] = json.loads(batch.sample) if batch.sample else {"blocks": [], "kept": []}
    return kept


def names_village(villages: Villages, text: str) -> bool:
    """Whether a sheet's name or title names one village, as ``rows`` understands it."""
    return villages.find_in(text) is not None or villages.find(text).place is not None


def places_to_choose(now: LedgerNow) -> list[tuple[str, str]]:
    """Code and name of the villages that a whole sheet may be of; with the township where there are several."""
    mine = [place for place in now.places.values() if place.in_scope]
    several = len({place.township_id for place in mine}) > 1
    return [(place.code, f"{place.township} {place.name}" if several else place.name) for place in mine]


@transaction.atomic
def choose_columns(
    *, by: Any, batch: ImportBatch, version: int, mapping: dict[str, Any], remembered: dict[str, dict[str, Any]]
) -> bool:
    """Have the batch planned with these columns, and keep them for the layout; False for who saw an older state."""
    if not _plan_again(batch, version, mapping):
        return False
    townships = list(batch.townships.all())
    remember(townships=townships, chosen=remembered, by=by)
    record_batch("import.columns_chosen", by, batch, townships, remembered=len(remembered))
    return True


@transaction.atomic
def forget_columns(*, by: Any, batch: ImportBatch, version: int) -> bool:
    """Forget what is kept of the layouts of this file and plan it as if nobody had chosen; False as above."""
    if not _plan_again(batch, version, {}):
        return False
    townships = list(batch.townships.all())
    forgotten = forget(townships=townships, signatures=signatures_of(batch))
    record_batch("import.columns_forgotten", by, batch, townships, remembered=forgotten)
    return True


def signatures_of(batch: ImportBatch) -> Iterable[str]:
    """The signatures that any layout of the file may be kept under."""
    blocks = sample_kept(batch)["blocks"]
    ordered = {digest for block in blocks for digest, _order in block.get("orders", {}).values()}
    return ordered | {found for block in blocks for found in block["signatures"].values()}


def _plan_again(batch: ImportBatch, version: int, mapping: dict[str, Any]) -> bool:
    held = ImportBatch.objects.filter(pk=batch.pk, state__in=CHANGEABLE, version=version)
    fresh = {
        "state": BatchState.WAITING,
        "mapping": mapping,
        "error_code": "",
        "done": 0,
        "finished_at": timezone.now(),
    }
    return held.update(version=F("version") + 1, **fresh) == 1
