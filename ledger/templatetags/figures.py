"""Numbers that open the rows they count."""

from collections.abc import Iterable, Mapping
from html import escape
from typing import Any

from django import template
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag
def number(cell: Mapping[str, Any]) -> SafeString:
    """``n`` as a link to ``url``; nothing opens a 0. ``state`` colours it, ``name`` is its title."""
    return SafeString(_linked(cell, str(cell.get("name") or "")))


@register.simple_tag
def number_cells(cells: Iterable[Mapping[str, Any]]) -> SafeString:
    """A cell of a table for each number; their names are in its head."""
    return SafeString("".join(f'<td class="num">{_linked(cell)}</td>' for cell in cells))


@register.simple_tag
def fraction(share: Mapping[str, Any]) -> SafeString:
    """``part`` / ``whole``, the whole as the sum that it is."""
    cells = (share["part"], *share["whole"])  # no colours: overdue matters stand in a column of their own
    part, *whole = (_linked({"n": cell["n"], "url": cell["url"]}, str(cell["name"])) for cell in cells)
    return SafeString(f"{part} / {' + '.join(whole)}")


def _linked(cell: Mapping[str, Any], title: str = "") -> str:
    """Python's own escaping and no template: a page has some three hundred of them."""
    n, state = cell["n"], cell.get("state")
    if not n:
        return "0"
    shade = f' class="t-{escape(state)}"' if state else ""
    titled = f' title="{escape(title)}"' if title else ""
    return f'<a{shade}{titled} href="{escape(cell["url"])}">{n:,}</a>'
