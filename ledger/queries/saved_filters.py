"""The filters somebody kept for a list."""

from typing import Any

from ledger.models import SavedFilter


def saved_filters(user: Any, page: str) -> list[SavedFilter]:
    """One's own of this list, in the order they were kept."""
    return list(SavedFilter.objects.visible_to(user).filter(user=user, page=page))


def start_of(user: Any, page: str) -> SavedFilter | None:
    """The one the list begins with, if there is one."""
    found: SavedFilter | None = SavedFilter.objects.visible_to(user).filter(user=user, page=page, is_start=True).first()
    return found
