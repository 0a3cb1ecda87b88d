"""Reads that are recorded though they show no single number: a search by a full one, and the trail itself."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction

from ledger.actions.audit import record
from ledger.models import Cadre, Household


@transaction.atomic
def number_searched(*, by: Any, found: Sequence[Household]) -> None:
    """Somebody asked who has a full ID number or phone; the number itself is not kept.

    One household found: the row is about it. None or several: the row says how many.
    """
    detail = {"found": len(found)}
    if len(found) == 1:
        record(verb="household.searched", by=by, obj=found[0], detail=detail)
    else:
        record(verb="household.searched", by=by, detail=detail, **_home(by))


@transaction.atomic
def trail_read(*, by: Any, about: Household | Cadre | None) -> None:
    """Somebody opened a page of the trail: all of theirs, that of one household or that of one account."""
    place = {} if about is not None else _home(by)
    record(verb="audit.read", by=by, obj=about, **place)


@transaction.atomic
def taken_along(*, by: Any, households: int) -> None:
    """A phone fetched the list of the day and the briefs of the own households, to have them without network."""
    record(verb="household.taken_along", by=by, detail={"found": households}, **_home(by))


def _home(by: Any) -> dict[str, Any]:
    """Where whoever asks belongs: who reads the trail there sees that they did."""
    return dict(Cadre.objects.filter(user=by.pk).values("county_id", "township_id").first() or {})
