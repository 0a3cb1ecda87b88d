"""Kept entries for the page that reviews them."""

import json
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q, QuerySet

from ledger.models import KeptEntry
from ledger.rules.kept_entries import form_name


@dataclass(frozen=True)
class Shown:
    """One entry as somebody may see it: ``lines`` (label, value) only for its sender."""

    entry: KeptEntry
    name: Any
    sender: str
    mine: bool
    lines: list[tuple[str, str]] = field(default_factory=list)
    files: list[str] = field(default_factory=list)


def kept_entries(user: Any) -> QuerySet[Any]:
    """One's own and those of the area one administers, each with ``is_saved``."""
    rows: QuerySet[Any] = KeptEntry.objects.visible_to(user).annotate(is_saved=KeptEntry.saved())
    return rows.select_related("user__cadre", "discarded_by")


def waiting(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Those that nobody has decided about, the oldest first."""
    return rows.filter(~KeptEntry.saved(), discarded_at__isnull=True).order_by("kept_at", "pk")


def decided(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Saved as a record of their own, or discarded."""
    return rows.filter(Q(KeptEntry.saved()) | Q(discarded_at__isnull=False))


def shown(entry: KeptEntry, user: Any) -> Shown:
    """What the page says of it; numbers in it were masked when it was kept."""
    mine = entry.user_id == user.pk
    name, sender = form_name(entry.form), entry.user.name
    if not mine:
        return Shown(entry, name, sender, mine)
    body = sent(entry)
    return Shown(entry, name, sender, mine, [(label, value) for label, value in body["lines"]], body["files"])


def sent(entry: KeptEntry) -> dict[str, Any]:
    """``address``, ``values`` (name → list) as they were posted, ``lines`` to read, names of ``files``."""
    body: dict[str, Any] = json.loads(entry.body)
    return body
