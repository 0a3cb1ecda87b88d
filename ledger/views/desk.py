"""待办台: what waits for the user's desk, lane by lane."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ledger.filters.desk import Board, read_board
from ledger.models import Posting
from ledger.models.scope import may
from ledger.queries.call_back_samples import waiting_for_a_sample
from ledger.queries.desk import BULK_BY_LANE, LANES, TO_ASSIGN, Desk, bulk_label, desks_of, lane_counts, usual_acts
from ledger.queries.issue_desks import suggestions
from ledger.queries.issues import LISTED, supporting_count
from ledger.rules.permissions import Permission
from ledger.views.contract import contract

PAGE = 25


@contract(Permission.DESK)
def desk(request: HttpRequest) -> HttpResponse:
    """The lanes with their counts (one query) and the rows of the chosen one; all of what the filters let through."""
    board = read_board(request.user, request.GET)
    counts = lane_counts(board.rows, board.conditions)
    lane = board.lane
    waiting = board.waiting.select_related(*LISTED, "village__township", "resolved_by").order_by(*lane.order)
    paginator = Paginator(waiting, PAGE)
    paginator.count = counts[lane.key]  # counted already
    page = paginator.get_page(request.GET.get("page"))
    issues = list(page.object_list)
    return render(
        request,
        "ledger/desk/desk.html",
        {
            "lane": lane, "lanes": _lanes(request, board, counts), "filter": board.filter, "page": page,
            "issues": issues, "calendar": board.calendar, "desks": desk_choices(request.user, board.desks),
            "place": desk_place(board.desks), "acts": usual_acts(request.user, issues, lane.key),
            "suggestions": suggestions(request.user, issues) if lane.key in TO_ASSIGN else {},
            "bulk": [(step, bulk_label(step)) for step in BULK_BY_LANE.get(lane.key, ())], "to_assign": TO_ASSIGN,
            "keys": keys_of(bulk=lane.key in BULK_BY_LANE),
            "kept": [(name, value) for name, value in request.GET.items() if value and name != "page"],
            "may_raise": may(request.user, Permission.RAISE_ISSUE),
            "supporting": supporting_count(request.user),
            "to_sample": waiting_for_a_sample(request.user).count() if lane.key == "to_call_back" else None,
        },
    )  # fmt: skip


def keys_of(*, bulk: bool) -> list[tuple[str, str]]:
    """What the keyboard does on the desk."""
    keys = [("J ↓", _("next row")), ("K ↑", _("row before")), ("Enter", _("open the row"))]
    if bulk:
        keys += [("X", _("tick the row"))]
    return [
        *keys,
        ("A", _("the row's usual step; with rows ticked, for all of them")),
        ("/", _("search")),
        ("?", _("these keys")),
        ("Esc", _("close")),
    ]


def desk_place(desks: Sequence[Desk]) -> str:
    """``东管区 9 个村 · 管区书记 何建国``: the widest of these desks."""
    if not desks:
        return ""
    widest = desks[-1]
    posting = Posting.objects.with_names().get(pk=widest.territory.posting)
    villages = widest.villages.count()
    count = ngettext("%(n)s village", "%(n)s villages", villages) % {"n": villages}
    place = f"{posting.territory} {count}" if villages > 1 else str(posting.territory)
    return f"{place} · {posting.get_role_display()} {posting.cadre.name}"


def postings_of(desks: Sequence[Desk]) -> list[Posting]:
    """The postings that give these desks, lowest level first, with their names (one query)."""
    found = Posting.objects.with_names().in_bulk([desk.territory.posting for desk in desks])
    return [found[desk.territory.posting] for desk in desks]


def desk_choices(user: Any, chosen: Sequence[Desk]) -> list[dict[str, Any]]:
    """Who holds several desks chooses one of them or sees all; nothing to choose for all others."""
    held = desks_of(user)
    if len(held) < 2:
        return []
    names = [str(posting.territory) for posting in postings_of(held)]
    every = {"key": "", "label": _("All my desks"), "active": len(chosen) == len(held)}
    return [every] + [
        {"key": desk.key, "label": name, "active": chosen == [desk]} for desk, name in zip(held, names, strict=True)
    ]


def _lanes(request: HttpRequest, board: Board, counts: dict[str, int]) -> list[dict[str, Any]]:
    """Each lane with the filters as they are; a rare one only while something waits in it."""
    narrowed = {name: value for name, value in request.GET.items() if value and name not in {"lane", "page"}}
    active = board.lane.key
    return [
        {"url": f"{reverse('desk')}?{urlencode({'lane': lane.key, **narrowed})}", "label": lane.label,
         "count": counts[lane.key], "active": lane.key == active, "state": lane.state if counts[lane.key] else ""}
        for lane in LANES.values()
        if counts[lane.key] or lane.key == active or not lane.is_rare
    ]  # fmt: skip
