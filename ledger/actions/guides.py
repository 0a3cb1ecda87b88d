"""办事流程图: made and edited by administrators, given with a reply."""

import uuid
from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils import timezone

from ledger.actions import records
from ledger.actions.audit import record
from ledger.models import Category, GivenGuide, Guide, Issue, IssueStep
from ledger.rules.days import local_today
from ledger.rules.guides import sheet_of

CONTENT = (
    "title", "audience", "materials", "place", "phone", "steps", "time_needed", "fee", "sort_order", "is_active",
    "is_example",
)  # fmt: skip
"""What a change of makes a new edition."""


@transaction.atomic
def create_guide(
    *, by: Any, guide: Guide, categories: Iterable[Category], client_id: uuid.UUID | None, body: dict[str, Any]
) -> Guide:
    """A new guide; the same form sent again gives the guide of the first time."""
    guide.updated_on = local_today()
    made: Guide = records.create(by=by, row=guide, verb="guide.created", client_id=client_id, body=body)
    made.categories.set(categories)
    return made


@transaction.atomic
def change_guide(
    *, by: Any, guide: Guide, values: dict[str, Any], categories: Iterable[Category], seen: str | None
) -> Guide:
    """Write a new edition if it still is what the editor saw. What was given with replies stays as it read then.

    Raises Overtaken, and ValidationError for a title in use.
    """
    held = records.lock(guide, values, seen)
    chosen = sorted(category.pk for category in categories)
    earlier = sorted(held.categories.values_list("pk", flat=True))
    if any(getattr(held, name) != value for name, value in values.items()):
        values = {**values, "edition": held.edition + 1, "updated_on": local_today()}
    saved: Guide = records.write(by=by, held=held, values=values, verb="guide.changed")
    if chosen != earlier:
        saved.categories.set(chosen)
        record(verb="guide.categories", by=by, obj=saved, detail={"categories": chosen, "earlier": earlier})
    return saved


def give(*, by: Any, issue: Issue, step: IssueStep, guides: Iterable[Guide]) -> list[GivenGuide]:
    """Keep with a step which guides the villager was given, each as it reads now (in the step's transaction)."""
    now = timezone.now()
    rows = [
        GivenGuide(
            issue=issue,
            step=step,
            guide=guide,
            title=guide.title,
            sheet=sheet_of(guide).kept,
            given_by=by,
            given_at=now,
        )
        for guide in guides
    ]
    for row in rows:
        row.save(force_insert=True)
    return rows
