"""The past of an office, read, planned and written in one go: what the command does."""

from collections.abc import Iterable
from typing import Any

from django.db import transaction

from ledger.importing.batches import create_batch, write_plan
from ledger.importing.history import KIND, HistoryPlan, plan_history
from ledger.importing.history_tables import read_history
from ledger.importing.memory import collector_paused
from ledger.models import Township


def import_history_at_once(
    *, by: Any, townships: Iterable[Township], name: str, files: list[tuple[str, bytes]], dry_run: bool = False
) -> HistoryPlan:
    """All or nothing; raises FileRefused. Where nothing is new nothing at all is written, not even a batch."""
    with collector_paused():
        history, listed = read_history(files), list(townships)
        with transaction.atomic():
            list(Township.objects.select_for_update().filter(pk__in=[t.pk for t in listed]).order_by("pk"))
            plan = plan_history(history, listed)
            if plan.has_changes and not dry_run:
                data = b"".join(data for _name, data in files)  # what the batch's digest and size speak of
                batch = create_batch(by=by, townships=listed, file_name=name, data=data, keep=False, kind=KIND)
                batch.layout = history.described()
                write_plan(by=by, batch=batch, plan=plan)
    return plan
