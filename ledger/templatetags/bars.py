"""Bars drawn by the server as SVG: widths are attributes, which the strict policy allows, never styles."""

from collections.abc import Sequence
from typing import Any

from django import template

register = template.Library()

SHADES = 5


@register.inclusion_tag("components/_stacked_bar.html")
def stacked_bar(parts: Sequence[tuple[str, int]]) -> dict[str, Any]:
    """One bar for the parts of a whole: pairs of name and count, at most five, in the order of the legend.

    Widths are percent of the sum. The words and counts are its text for a screen reader; the table beside it
    carries the same numbers for everybody.
    """
    if len(parts) > SHADES:
        raise ValueError(f"A bar has {SHADES} shades, not {len(parts)}.")
    total = sum(count for _, count in parts)
    segments = []
    before = 0
    for shade, (name, count) in enumerate(parts):
        if count:
            segments.append(
                {
                    "x": f"{100 * before / total:.2f}",
                    "width": f"{100 * count / total:.2f}",
                    "shade": shade,
                    "name": name,
                    "count": count,
                }
            )
        before += count
    return {"segments": segments}


@register.inclusion_tag("components/_legend.html")
def legend(names: Sequence[str]) -> dict[str, Any]:
    """The words of a stacked bar's shades, in the same order."""
    return {"names": names}


@register.inclusion_tag("components/_share_bar.html")
def share_bar(part: int, most: int) -> dict[str, Any]:
    """A bar as long as ``part`` is of ``most``; the number stands beside it."""
    return {"width": f"{100 * part / most:.1f}" if most else "0"}


@register.inclusion_tag("components/_columns.html")
def columns(lines: Sequence[dict[str, Any]], most: int) -> dict[str, Any]:
    """A column for each line (``short`` below it, ``total`` as its height, ``name`` in words)."""
    step, high = 40, 100
    return {
        "width": step * len(lines), "columns": [
            {
                "x": step * place + 6, "middle": step * place + step // 2, "short": line["short"], "name": line["name"],
                "total": line["total"], "height": f"{(size := high * line['total'] / most if most else 0):.1f}",
                "y": f"{high + 14 - size:.1f}", "above": f"{high + 10 - size:.1f}",
            }
            for place, line in enumerate(lines)
        ],
    }  # fmt: skip
