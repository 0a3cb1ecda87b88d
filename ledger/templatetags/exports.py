"""The button that takes a list out as a workbook, for who may."""

from typing import Any

from django import template

from ledger.filters.exports import may_take
from ledger.models.scope import may
from ledger.rules.permissions import Permission

register = template.Library()


@register.inclusion_tag("ledger/exports/_button.html", takes_context=True)
def export_button(context: Any, kind: str, query: str | None = None) -> dict[str, Any]:
    """The list of this page with the filter of its address, or with ``query``."""
    request = context["request"]
    asked = request.GET.urlencode() if query is None else query
    shown = may(request.user, Permission.EXPORT) and may_take(request.user, kind)
    return {"kind": kind, "query": asked, "shown": shown, "csrf_token": context.get("csrf_token")}
