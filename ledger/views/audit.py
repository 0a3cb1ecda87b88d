"""操作记录: who did what, in the own territory; who looked at one household, what one account did."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from ledger.actions.accounts import VISITOR
from ledger.actions.audit import SYSTEM
from ledger.actions.reads import trail_read
from ledger.filters.audit import AuditFilter
from ledger.models import AuditRow, Cadre, Household
from ledger.queries.audit import trail
from ledger.rules.audit import detail_lines, verb_label
from ledger.rules.permissions import Permission
from ledger.views.contract import contract

PAGE = 50


@contract(Permission.SEE_AUDIT)
def audit_list(request: HttpRequest) -> HttpResponse:
    """The trail, latest first; pages by ``?after=`` and ``?before=``, so that page 1,000 is as fast as page 1.

    ``?household=`` and ``?account=`` (a cadre) narrow it, ``?reads=on`` to who looked. Reading it is recorded.
    """
    chosen = AuditFilter(request.GET, queryset=trail(request.user), request=request)
    shown, before, after = _page(chosen.qs, request.GET.get("before", ""), request.GET.get("after", ""))
    about = _about(request.user, chosen)
    trail_read(by=request.user, about=about.household or about.account)
    context = {
        "filter": chosen, "rows": _lines(request.user, shown), "before": before, "after": after, "about": about,
        "reads": bool(chosen.form.cleaned_data.get("reads")) if chosen.form.is_valid() else False,
    }  # fmt: skip
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


@dataclass(frozen=True)
class About:
    """Whose trail it is, where it is one household's or one account's."""

    household: Household | None = None
    account: Cadre | None = None


def _about(user: Any, chosen: AuditFilter) -> About:
    """The household or the cadre that the filter names, if they may be seen."""
    if not chosen.form.is_valid():
        return About()
    household, account = chosen.form.cleaned_data.get("household"), chosen.form.cleaned_data.get("account")
    return About(
        household=Household.objects.visible_to(user).filter(pk=household).first() if household else None,
        account=Cadre.objects.visible_to(user).filter(pk=account).first() if account else None,
    )


def _lines(user: Any, rows: list[AuditRow]) -> list[dict[str, Any]]:
    """Rows as words, and where to go on from who did it and from the household: two queries, however many rows."""
    cadres = Cadre.objects.visible_to(user).filter(user__in={row.user_id for row in rows if row.user_id})
    accounts = dict(cadres.values_list("user_id", "pk"))
    named = {row.household_id for row in rows if row.household_id}
    households = set(Household.objects.visible_to(user).filter(pk__in=named).values_list("pk", flat=True))
    return [
        _line(row)
        | {
            "account": accounts.get(row.user_id),
            "household": row.household_id if row.household_id in households else None,
        }
        for row in rows
    ]


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
