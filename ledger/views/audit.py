"""操作记录: who did what, in the own territory."""

from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from ledger.actions.accounts import VISITOR
from ledger.actions.audit import SYSTEM
from ledger.filters.audit import AuditFilter
from ledger.models import AuditRow, Household
from ledger.queries.audit import trail
from ledger.rules.audit import detail_lines, verb_label
from ledger.rules.permissions import Permission
from ledger.views.contract import contract

PAGE = 50


@contract(Permission.SEE_AUDIT)
def audit_list(request: HttpRequest) -> HttpResponse:
    """The trail, latest first; pages by ``?after=`` and ``?before=``, so that page 1,000 is as fast as page 1."""
    chosen = AuditFilter(request.GET, queryset=trail(request.user))
    shown, before, after = _page(chosen.qs, request.GET.get("before", ""), request.GET.get("after", ""))
    context = {
        "filter": chosen,
        "rows": [_line(row) for row in shown],
        "before": before,
        "after": after,
        "household": _household(request, chosen),
    }
    return render(request, "ledger/audit/audit_list.html", context)


def _page(rows: QuerySet[AuditRow], before: str, after: str) -> tuple[list[AuditRow], int | None, int | None]:
    """One page by primary key (rows are only ever added): its rows, and the keys of the pages beside it."""
    if _is_key(before):
        found = list(rows.filter(pk__gt=int(before)).order_by("pk")[: PAGE + 1])
        newer, page = len(found) > PAGE, found[:PAGE][::-1]
        older = True
    else:
        condition = Q(pk__lt=int(after)) if _is_key(after) else Q()
        found = list(rows.filter(condition).order_by("-pk")[: PAGE + 1])
        older, page = len(found) > PAGE, found[:PAGE]
        newer = bool(after)
    if not page:
        return [], None, None
    return page, page[0].pk if newer else None, page[-1].pk if older else None


def _is_key(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 19


def _line(row: AuditRow) -> dict[str, Any]:
    """One row as words. The system and visitors who are nobody have names in every language."""
    actors = {SYSTEM: _("System"), VISITOR: _("Not signed in")}
    return {
        "at": row.at,
        # Only who has no account: a cadre may be called "system".
        "actor": row.actor if row.user_id is not None else actors.get(row.actor, row.actor),
        "acting_for": row.acting_for,
        "verb": verb_label(row.verb),
        "label": row.label,
        "details": detail_lines(row.detail, row.verb),
    }


def _household(request: HttpRequest, chosen: AuditFilter) -> Household | None:
    """The household whose trail it is, if it may be seen."""
    pk = chosen.form.cleaned_data.get("household") if chosen.form.is_valid() else None
    found: Household | None = Household.objects.visible_to(request.user).filter(pk=pk).first() if pk else None
    return found
