"""Bars drawn by the server as SVG: widths are attributes, which the strict policy allows, never styles."""

from collections.abc import Sequence
from html import escape
from typing import Any

from django import template
from django.utils.safestring import SafeString

register = template.Library()

SHADES = 5


@register.simple_tag
def stacked_bar(parts: Sequence[tuple[str, int]]) -> SafeString:
    """One bar for the parts of a whole: pairs of name and count, at most five, in the order of the legend.

    Widths are percent of the sum. The words and counts are its text for a screen reader; the table beside it
    carries the same numbers for everybody.
    """
    if len(parts) > SHADES:
        raise ValueError(f"A bar has {SHADES} shades, not {len(parts)}.")
    total, before, said, drawn = sum(count for _, count in parts), 0, [], []
    for shade, (name, count) in enumerate(parts):
        if count:
            said.append(f"{escape(name)} {count}")
            x, width = 100 * before / total, 100 * count / total
            place = f'class="f{shade}" x="{x:.2f}%" width="{width:.2f}%" height="100%"'
            drawn.append(f"<rect {place}><title>{said[-1]}</title></rect>")
        before += count
    return SafeString(f'<svg class="stacked" role="img" aria-label="{" · ".join(said)}">{"".join(drawn)}</svg>')


@register.inclusion_tag("components/_legend.html")
def legend(names: Sequence[str]) -> dict[str, Any]:
    """The words of a stacked bar's shades, in the same order."""
    return {"names": names}


@register.simple_tag
def share_bar(part: int, most: int) -> SafeString:
    """A bar as long as ``part`` is of ``most``; the number stands beside it."""
    width = 100 * part / most if most else 0
    return SafeString(
        f'<svg class="share" aria-hidden="true"><rect class="f0" width="{width:.1f}%" height="100%" rx="2"/></svg>'
    )


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
