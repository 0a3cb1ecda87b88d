"""民情台账: the list with its filters, and the same list as a workbook."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from ledger.filters.chosen import HIDDEN_LABELS, choices_of, query_of
from ledger.filters.issue_ledger import BY_DATE, FIRST, NEWEST, IssueFilter
from ledger.models import Issue
from ledger.models.scope import may
from ledger.queries.households import count_up_to
from ledger.queries.issues import LISTED, calendar_for, supporting_count
from ledger.queries.keyset import keyset_page
from ledger.queries.saved_filters import saved_filters, start_of
from ledger.rules.permissions import Permission
from ledger.views.contract import contract
from ledger.views.exports import export_list_of

P = Permission
PAGE = 25
LIST = "issues"


def handled_url() -> str:
    """What one handles and has not finished: the first page of who only handles."""
    return f"{reverse('issue_list')}?mine=handled&state=unfinished"


@contract(P.VIEW, P.HANDLE_ISSUE)
def issue_list(request: HttpRequest) -> HttpResponse:
    """Search and filters in the URL, newest first; what one handles comes by its date."""
    if not request.GET:
        start = start_of(request.user, LIST)
        if start is not None:
            return redirect(f"{reverse('issue_list')}?{start.query}")
        if not may(request.user, P.VIEW):
            return redirect(handled_url())
    calendar = calendar_for(request.user)
    rows = Issue.objects.visible_to(request.user).select_related(*LISTED)
    found = IssueFilter(request.GET, rows, user=request.user, calendar=calendar)
    count, is_more = count_up_to(found.qs)
    context: dict[str, Any] = {
        "filter": found, "count": count, "is_more": is_more, "calendar": calendar, "mine": request.GET.get("mine", ""),
        "may_raise": may(request.user, P.RAISE_ISSUE), "may_handle": may(request.user, P.HANDLE_ISSUE),
        "sees_area": may(request.user, P.VIEW), "sees_signs": may(request.user, P.SEE_SENSITIVE),
        "supporting": supporting_count(request.user), "may_export": count and may(request.user, P.EXPORT),
    }  # fmt: skip
    context |= _chosen(request, found)
    context |= _page(request, found)
    return render(request, "ledger/issues/issue_list.html", context)


def _chosen(request: HttpRequest, found: IssueFilter) -> dict[str, Any]:
    """The chips of what is chosen, the fields by where they stand, the filters kept under a name."""
    chosen = [choice for choice in choices_of(found) if choice.name != "mine"]
    query = query_of(found)
    fields = found.form.visible_fields()
    return {
        "chosen": chosen, "query": query, "errors": found.form.errors,
        "first_fields": [field for field in fields if field.name in FIRST and field.name != "q"],
        "more_fields": [field for field in fields if field.name not in FIRST],
        "is_more_chosen": any(choice.name not in {*FIRST, *HIDDEN_LABELS} for choice in chosen),
        "saved": saved_filters(request.user, LIST), "list": LIST,
    }  # fmt: skip


def _page(request: HttpRequest, found: IssueFilter) -> dict[str, Any]:
    if request.GET.get("mine") in BY_DATE:
        page = Paginator(found.ordered, PAGE).get_page(request.GET.get("page"))
        return {"numbered": page, "rows": list(page.object_list)}
    after, before = request.GET.get("after", ""), request.GET.get("before", "")
    # The page is found without its joins: with them SQLite begins at the villages and sorts all their issues.
    page_of = keyset_page(found.qs.select_related(None), order=NEWEST, size=PAGE, after=after, before=before)
    whole = Issue.objects.select_related(*LISTED).in_bulk([issue.pk for issue in page_of.rows])
    return {"keyset": page_of, "rows": [whole[issue.pk] for issue in page_of.rows]}


@contract(P.EXPORT, methods=("POST",))
def issue_export(request: HttpRequest) -> HttpResponse:
    """The same rows in the same order as 销号台账: at once, or from the worker when they are many."""
    answer = export_list_of(request, LIST)
    if answer is not None:
        return answer
    messages.error(request, _("One of these filters is not available to you. Nothing was exported."))
    return redirect(f"{reverse('issue_list')}?{request.GET.urlencode()}")
