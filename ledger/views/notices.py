"""消息: one's own notices, marking them read, and which of them one wants."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ledger.actions import notices
from ledger.filters.waiting_lists import READ, NoticeFilter
from ledger.forms.notices import NoticeChoiceForm
from ledger.models import Notice, NoticeChoice
from ledger.models.scope import scope_of
from ledger.queries.desk import LANES
from ledger.queries.digest import Waiting, chat_digest, digest
from ledger.queries.issues import calendar_for
from ledger.queries.keyset import keyset_page
from ledger.queries.notices import SHOWN, lines, own_notices, sorts_of, unread
from ledger.rules.notices import Sort
from ledger.views.contract import contract
from ledger.views.issue_ledger import handled_url
from ledger.views.issues import next_url
from ledger.views.records import sent

PAGE = 30
NEWEST = ("-at", "-id")
PAGES = {Sort.GAPS: "gap_list", Sort.HANDED_OVER: "household_list", Sort.KEPT_ENTRY: "kept_entry_list"}
"""Where a notice leads that speaks of no matter nor campaign; the others lead to the digest."""


@contract()
def notice_list(request: HttpRequest) -> HttpResponse:
    """Unread ones first, read ones behind their own tab; by day, newest first, perhaps of one sort."""
    chosen = NoticeFilter(request.GET, own_notices(request.user))
    waiting, rows = unread(request.user), chosen.qs
    past, sort = chosen.form.cleaned_data.get("state") == READ, chosen.form.cleaned_data.get("sort") or ""
    page = keyset_page(
        rows.select_related(*SHOWN), order=NEWEST, size=PAGE, after=request.GET.get("after", ""),
        before=request.GET.get("before", ""),
    )  # fmt: skip
    count = waiting.count()
    context = {
        "page": page, "days": list(lines(page.rows, request.user)), "past": past, "sort": sort, "count": count,
        "sorts": sorts_of(request.user), "lanes": _lanes(past, count),
    }  # fmt: skip
    return render(request, "ledger/notices/notice_list.html", context)


@contract()
def notice_digest(request: HttpRequest) -> HttpResponse:
    """What waits for one now: as handler, and at one's own desks."""
    calendar = calendar_for(request.user)
    waiting = digest(request.user, calendar)
    context = {
        "waiting": [(each, _all_of(each)) for each in waiting], "chat": chat_digest(waiting), "calendar": calendar,
    }  # fmt: skip
    return render(request, "ledger/notices/notice_digest.html", context)


@contract(methods=("POST",))
def notice_open(request: HttpRequest, pk: int) -> HttpResponse:
    """Mark it read and go to what it speaks of; with ``stay`` back to the list."""
    notice = get_object_or_404(own_notices(request.user), pk=pk)
    notices.read(by=request.user, notices=[notice.pk])
    if "stay" in request.POST:
        return redirect(next_url(request) or "notice_list")
    return redirect(_target(notice))


@contract(methods=("POST",))
def notice_read_all(request: HttpRequest) -> HttpResponse:
    """Mark all read that the list shows as unread now."""
    done = notices.read(by=request.user)
    if done:
        messages.success(request, ngettext("%(n)s notice read.", "%(n)s notices read.", done) % {"n": done})
    return redirect("notice_list")


@contract(methods=("GET", "POST"))
def notice_choices(request: HttpRequest) -> HttpResponse:
    """Which sorts one wants, and one's own quiet hours."""
    cadre_id = scope_of(request.user).cadre_id
    if cadre_id is None:
        messages.info(request, _("Notices are for people with a posting or households of their own."))
        return redirect("notice_list")
    choice = NoticeChoice.objects.visible_to(request.user).first() or NoticeChoice(cadre_id=cadre_id)
    form = NoticeChoiceForm(sent(request), choice=choice)
    if form.is_bound and form.is_valid():
        notices.choose(by=request.user, values=form.values)
        messages.success(request, _("Saved. It holds for what comes from now on."))
        return redirect("notice_list")
    context = {"form": form, "title": _("Which notices I get")}
    return render(request, "ledger/notices/notice_choices.html", context)


def _target(notice: Notice) -> str:
    if notice.issue_id:
        return reverse("issue_detail", args=[notice.issue_id])
    if notice.sort == Sort.CAMPAIGN:
        return reverse("campaign_detail", args=[notice.mark])
    if notice.sort == Sort.ENTRY_DECIDED:
        return f"{reverse('kept_entry_list')}?state=decided"
    return reverse(PAGES.get(notice.sort, "notice_digest"))


def _all_of(waiting: Waiting) -> str:
    """Where all rows of a part are listed."""
    lane = waiting.part.lane
    if not lane:
        return handled_url()
    return f"{reverse('desk')}?lane={lane}&reach=own" if lane in LANES else ""


def _lanes(past: bool, count: int) -> list[dict[str, Any]]:
    return [
        {"url": "?", "label": _("Unread"), "count": count, "active": not past},
        {"url": "?state=read", "label": _("Read"), "count": "", "active": past},
    ]
