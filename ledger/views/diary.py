"""民情日记: the visits of one person in order, month by month; printed it is a book."""

import datetime
from itertools import groupby
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from ledger.forms.picks import number_of
from ledger.models import Cadre
from ledger.models.scope import may, scope_of
from ledger.queries.diary import LONGEST, diary_rows, month_of, months_around
from ledger.rules.days import local_today
from ledger.rules.permissions import Permission
from ledger.views.contract import contract

P = Permission


@contract(P.LOG_VISIT, P.VIEW)
def diary(request: HttpRequest) -> HttpResponse:
    """One's own, or with ``?cadre=`` a colleague's as far as their visits may be read. ``?print=1`` is the paper."""
    own = scope_of(request.user).cadre_id
    asked = request.GET.get("cadre", "")
    people = Cadre.objects.visible_to(request.user).select_related("organisation", "township")
    whose = get_object_or_404(people, pk=number_of(asked)) if asked and number_of(asked) != own else None
    person = whose or Cadre.objects.select_related("organisation", "township").filter(pk=own).first()
    today = local_today()
    month = month_of(request.GET.get("month", ""), today)
    typed = request.GET.get("q", "").strip()[:60]
    rows = diary_rows(request.user, person, month=None if typed else month, typed=typed) if person else []
    earlier, later = months_around(month, today)
    context: dict[str, Any] = {
        "person": person, "whose": whose, "month": month, "typed": typed, "day": today, "count": len(rows),
        "more": len(rows) >= LONGEST, "days": [(day, list(part)) for day, part in groupby(rows, key=_day)],
        "earlier": _address(whose, earlier), "later": _address(whose, later) if later else "",
        "paper": _address(whose, month, q=typed, print="1"), "can_visit": may(request.user, P.LOG_VISIT),
        "book": rows[::-1] if request.GET.get("print") else [],
    }  # fmt: skip
    page = "diary_print" if request.GET.get("print") else "diary"
    return render(request, f"ledger/visits/{page}.html", context)


def _day(visit: Any) -> datetime.date:
    day: datetime.date = visit.occurred_on
    return day


def _address(whose: Cadre | None, month: datetime.date, **more: str) -> str:
    said = {"month": f"{month:%Y-%m}", **({"cadre": str(whose.pk)} if whose else {}), **more}
    return f"{reverse('diary')}?{urlencode({name: value for name, value in said.items() if value})}"
