"""Drawing the proposal for a township or a county in the background (django-tasks)."""

import logging

from django_tasks import task

from ledger.actions.allocation import fill
from ledger.models import Allocation, AllocationState

_log = logging.getLogger(__name__)


@task()
def fill_allocation(allocation_id: int) -> None:
    """Draw it. Run twice, the second run finds nothing to do."""
    waiting = Allocation.objects.filter(pk=allocation_id, state=AllocationState.DRAWING)
    allocation = waiting.select_related("village__township__county", "township__county", "county").first()
    if allocation is None:
        return
    try:
        fill(allocation, tell=lambda done: _tell(allocation_id, done))
    except Exception:
        _log.exception("Allocation %s failed.", allocation_id)
        waiting.update(state=AllocationState.FAILED)


def _tell(allocation_id: int, done: int) -> None:
    Allocation.objects.filter(pk=allocation_id).update(done=done)
