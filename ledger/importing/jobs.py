"""Planning, applying and undoing in the background: a worker takes them from the database (django-tasks)."""

from django_tasks import task

from ledger.importing.batches import apply_batch, plan_batch
from ledger.importing.undo import undo_batch


@task()
def plan_import(batch_id: int) -> None:
    """Plan an uploaded roster. Run twice, the second run finds nothing to do."""
    plan_batch(batch_id)


@task()
def apply_import(batch_id: int) -> None:
    """Apply a planned roster. Run twice, the second run finds nothing to do."""
    apply_batch(batch_id)


@task()
def undo_import(batch_id: int) -> None:
    """Undo an applied roster. Run twice, the second run finds nothing to do."""
    undo_batch(batch_id)
