"""Pages that cost the same at the first, the middle and the last of a million rows: a cursor instead of an offset."""

import base64
import binascii
import json
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet

SIZE = 30


@dataclass(frozen=True)
class Page:
    """One page and the cursors of its neighbours (empty where there is none)."""

    rows: list[Any]
    previous: str = ""
    next: str = ""

    def __iter__(self) -> Any:
        return iter(self.rows)


def keyset_page(
    queryset: QuerySet[Any], *, order: tuple[str, ...], after: str = "", before: str = "", size: int = SIZE
) -> Page:
    """The rows after (or before) a cursor, in ``order``: columns, the last unique, all up or all down (``-``).

    None of them may be null. A cursor that makes no sense is left out: the first page is shown.
    """
    down = order[0].startswith("-")
    names = tuple(name.lstrip("-") for name in order)
    start, end = _read(queryset, names, after), _read(queryset, names, before)
    backwards = end is not None and start is None
    cursor = end if backwards else start
    if cursor is not None:
        queryset = queryset.filter(_beyond(names, cursor, "lt" if down != backwards else "gt"))
    ordered = queryset.order_by(*(f"{'-' if down != backwards else ''}{name}" for name in names))
    found = list(ordered[: size + 1])
    more, rows = len(found) > size, found[:size]
    if backwards:
        rows.reverse()
    has_previous, has_next = (more, True) if backwards else (cursor is not None, more)
    return Page(
        rows,
        previous=_write(rows[0], names) if rows and has_previous else "",
        next=_write(rows[-1], names) if rows and has_next else "",
    )


def _beyond(names: tuple[str, ...], values: list[Any], side: str) -> Q:
    """(a, b, c) beyond (x, y, z); the first column is bounded on its own, so that an index is entered at the cursor."""
    condition = Q()
    for index, (name, value) in enumerate(zip(names, values, strict=True)):
        equal = dict(zip(names[:index], values[:index], strict=True))
        condition |= Q(**equal, **{f"{name}__{side}": value})
    return Q(**{f"{names[0]}__{side}e": values[0]}) & condition


def _write(row: Any, names: tuple[str, ...]) -> str:
    values = [getattr(row, name) for name in names]
    plain = [value if isinstance(value, (str, int)) else value.isoformat() for value in values]
    return base64.urlsafe_b64encode(json.dumps(plain, separators=(",", ":")).encode()).decode().rstrip("=")


def _read(queryset: QuerySet[Any], names: tuple[str, ...], cursor: str) -> list[Any] | None:
    if not cursor or len(cursor) > 500:
        return None
    try:
        values = json.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
        if not isinstance(values, list) or len(values) != len(names) or None in values:
            return None
        return [_field(queryset, name).to_python(value) for name, value in zip(names, values, strict=True)]
    except (binascii.Error, ValueError, TypeError, OverflowError, ValidationError):
        return None


def _field(queryset: QuerySet[Any], name: str) -> Any:
    annotation = queryset.query.annotations.get(name)
    return (
        annotation.output_field if annotation is not None else queryset.model._meta.get_field(name.removesuffix("_id"))
    )
