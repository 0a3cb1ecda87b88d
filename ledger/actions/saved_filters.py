"""常用筛选: kept, renamed, made the first thing shown, taken away. One's own only, so the trail has no rows of them."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from ledger.models import SavedFilter

MOST = 20
"""Of one list: more can't be overlooked on a phone."""


def save_filter(*, by: Any, page: str, name: str, query: str) -> SavedFilter:
    """Keep a filter under a name; the same name again takes the new filter. Raises ValidationError beyond ``MOST``."""
    with transaction.atomic():
        mine = SavedFilter.objects.select_for_update().filter(user=by, page=page)
        known = {each.name: each for each in mine}
        if name not in known and len(known) >= MOST:
            raise ValidationError({"name": _("%(n)s filters are kept at most: remove one first.") % {"n": MOST}})
        saved = known.get(name) or SavedFilter(user=by, page=page, name=name)
        saved.query = query
        saved.save()
    return saved


def rename(*, by: Any, saved: SavedFilter, name: str) -> None:
    """Give it another name; raises ValidationError for one that is taken."""
    try:
        with transaction.atomic():
            SavedFilter.objects.filter(pk=saved.pk, user=by).update(name=name)
    except IntegrityError as fault:
        raise ValidationError({"name": _("Another filter has this name.")}) from fault


@transaction.atomic
def show_first(*, by: Any, saved: SavedFilter) -> bool:
    """Make it what the list begins with, or no longer; whether it is now."""
    mine = SavedFilter.objects.select_for_update().filter(user=by, page=saved.page)
    was = bool(mine.filter(pk=saved.pk, is_start=True).count())
    mine.update(is_start=False)
    if not was:
        mine.filter(pk=saved.pk).update(is_start=True)
    return not was


def remove(*, by: Any, saved: SavedFilter) -> None:
    """Take it away; the rows it showed are untouched."""
    SavedFilter.objects.filter(pk=saved.pk, user=by).delete()
