"""Two people edit the same record: the second is told what changed and loses nothing (design.md 4)."""

from typing import Any

from django.db.models import F, QuerySet


class StaleEdit(Exception):
    """Somebody saved the record in between; ``current`` is the record as it is now, to show beside what was typed."""

    def __init__(self, current: Any) -> None:
        super().__init__(f"{type(current).__name__} {current.pk} was changed by somebody else.")
        self.current = current


def update_version(queryset: QuerySet[Any], *, pk: int, version: int, **changes: Any) -> None:
    """Write ``changes`` and the next version if the row still has ``version``; raises StaleEdit when it has not."""
    written = queryset.filter(pk=pk, version=version).update(version=F("version") + 1, **changes)
    if written != 1:
        raise StaleEdit(queryset.get(pk=pk))
