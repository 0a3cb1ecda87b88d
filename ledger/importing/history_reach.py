"""Whether all that an office's past brought in lies where its importer may write."""

from typing import Any

from django.db.models import Model

from ledger.importing.history import HistoryPlan
from ledger.importing.plan import Outcome
from ledger.models import Enterprise, Household, Issue, Village, Visit
from ledger.rules.history import Table
from ledger.rules.permissions import Permission

CHUNK = 5_000


def all_within(by: Any, plan: HistoryPlan) -> bool:
    """Count what was written once more, through the importer's own scope (style.md 1, netbox)."""
    reach = Village.objects.filter(township__in=[township.pk for township in plan.now.ledger.townships])
    if hasattr(by, "pk"):
        reach = reach.visible_to(by, Permission.IMPORT_HOUSEHOLDS)
    villages = list(reach.values_list("pk", flat=True))
    written = {table: [p for p in rows if p.outcome == Outcome.CREATED] for table, rows in plan.tables.items()}
    checks: tuple[tuple[type[Model], list[Any]], ...] = (
        (Household, [p.household for p in written[Table.HOUSEHOLDS]]),
        (Visit, [p.row.fields["contact"].pk for p in written[Table.EVENTS]]),
        (Issue, [p.row.fields["pk"] for p in written[Table.ISSUES]]),
        (Enterprise, [p.row.fields["firm"].pk for p in written[Table.ENTERPRISES]]),
    )
    for model, keys in checks:
        chunks = (keys[at : at + CHUNK] for at in range(0, len(keys), CHUNK))
        mine = model._base_manager.filter(village__in=villages)
        if sum(mine.filter(pk__in=chunk).count() for chunk in chunks) != len(keys):
            return False
    return True
