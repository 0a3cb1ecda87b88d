"""导出: asking for a list as a workbook, what is under way, and the finished ones for who asked."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, QueryDict, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRefresh

from ledger.exporting import kept_files
from ledger.exporting.exports import (
    AT_ONCE,
    MOST_UNDER_WAY,
    TooManyExports,
    again,
    ask,
    cancel,
    is_silent,
    make_now,
    note,
)
from ledger.exporting.tables import MOST_ROWS, TooManyRows
from ledger.filters.export_lists import LISTS
from ledger.filters.exports import Wanted, make_export, may_take, wanted, words_of
from ledger.models import Export, ExportState
from ledger.models.scope import scope_of
from ledger.queries.households import count_up_to
from ledger.rules.permissions import Permission
from ledger.views.contract import contract

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PAGE = 20
EXPORT = Permission.EXPORT


def file_response(content: Any, name: str, content_type: str) -> HttpResponseBase:
    """A file to keep: its name in Chinese by RFC 5987, kept by no cache."""
    made = HttpResponse(content) if isinstance(content, bytes) else StreamingHttpResponse(content)
    made["Content-Type"] = content_type
    made["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name) or ""
    made["Cache-Control"] = "no-store"
    return made


def export_list_of(request: HttpRequest, kind: str) -> Any:
    """The workbook of a small list, or the page of exports; None when a choice of the filter is none of theirs."""
    asked = wanted(request.user, kind, request.GET)
    if asked.errors:
        return None
    rows, _is_more = count_up_to(asked.source.rows, MOST_ROWS)
    if rows <= AT_ONCE:
        data = make_now(by=request.user, kind=kind, source=asked.source)
        return file_response(data, asked.file_name, XLSX)
    _ask(request, asked, rows)
    return redirect("export_list")


@contract(EXPORT, methods=("POST",))
def list_export(request: HttpRequest, kind: str) -> HttpResponse:
    """The rows of a list as its page shows them: at once, or from the worker when they are many."""
    if kind not in LISTS:
        raise Http404
    if not may_take(request.user, kind):
        raise PermissionDenied
    answer: HttpResponse | None = export_list_of(request, kind)
    if answer is not None:
        return answer
    messages.error(request, _("One of these filters is not available to you. Nothing was exported."))
    return redirect(f"{reverse(LISTS[kind].page)}?{request.GET.urlencode()}")


def _ask(request: HttpRequest, asked: Wanted, rows: int) -> None:
    source = asked.source
    try:
        if rows >= MOST_ROWS:
            raise TooManyRows
        export = ask(
            by=request.user, kind=asked.kind, query=asked.query, filter_words=source.head.filter_words,
            file_name=asked.file_name, total=rows, told=source.told,
        )  # fmt: skip
    except TooManyRows:
        most = _("More than %(n)s rows: narrow the filter and export in parts.") % {"n": MOST_ROWS}
        messages.error(request, most)
    except TooManyExports:
        most = _("%(n)s exports of yours are under way already: wait for one of them.") % {"n": MOST_UNDER_WAY}
        messages.error(request, most)
    else:
        make_export.enqueue(export.pk)


@contract(EXPORT)
def export_list(request: HttpRequest) -> HttpResponse:
    """One's own exports, newest first."""
    page = Paginator(_mine(request), PAGE).get_page(request.GET.get("page"))
    return render(request, "ledger/exports/export_list.html", {"page": page, "exports": [_shown(one) for one in page]})


@contract(EXPORT)
def export_progress(request: HttpRequest, pk: int) -> HttpResponse:
    """The piece that asks every other second; when the work is done the page is drawn anew."""
    export = get_object_or_404(_mine(request), pk=pk)
    if not export.is_under_way and request.htmx:  # type: ignore[attr-defined]
        return HttpResponseClientRefresh()
    return render(request, "ledger/exports/_export.html", {"one": _shown(export)})


@contract(EXPORT)
def export_download(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The workbook, for who asked for it, while it is kept; each time on record."""
    export = get_object_or_404(_mine(request), pk=pk)
    is_theirs = export.is_theirs(scope_of(request.user)) and may_take(request.user, export.kind)
    try:
        parts = kept_files.parts(export.stored_as if is_theirs else "")
    except FileNotFoundError:
        messages.info(request, _("This workbook is not kept any more: export the list again."))
        return redirect("export_list")
    asked = wanted(request.user, export.kind, QueryDict(export.query))
    note(verb="export.downloaded", by=request.user, kind=export.kind, rows=export.total, told=asked.source.told,
         export=export)  # fmt: skip
    return file_response(parts, export.file_name, XLSX)


@contract(EXPORT, methods=("POST",))
def export_cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop it; what was made so far is thrown away."""
    export = get_object_or_404(_mine(request), pk=pk)
    if not cancel(by=request.user, export=export):
        messages.info(request, _("It had ended already."))
    return redirect("export_list")


@contract(EXPORT, methods=("POST",))
def export_again(request: HttpRequest, pk: int) -> HttpResponse:
    """Start again what stopped."""
    export = get_object_or_404(_mine(request), pk=pk)
    asked = wanted(request.user, export.kind, QueryDict(export.query))
    if again(by=request.user, export=export, told=asked.source.told):
        make_export.enqueue(export.pk)
    return redirect("export_list")


def _mine(request: HttpRequest) -> Any:
    return Export.objects.visible_to(request.user).filter(requested_by=request.user)


def _shown(export: Export) -> dict[str, Any]:
    return {
        "export": export, "title": words_of(export), "is_silent": is_silent(export),
        "may_start": is_silent(export) or export.state == ExportState.FAILED,
    }  # fmt: skip
