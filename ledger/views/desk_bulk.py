"""Bulk acts of a desk: look at what would be changed, do it, see what became of each row, take it back."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRefresh

from ledger.actions.issue_bulk import MOST_AT_ONCE, NothingDone, act_on_many, take_back
from ledger.actions.issue_bulk_background import MOST_IN_ALL, begin_many, begin_taking_back, go_on
from ledger.filters.desk import read_board
from ledger.forms.issue_bulk import BulkStepForm, chosen_of
from ledger.forms.picks import number_of
from ledger.forms.records import attempt
from ledger.models import BatchOutcome, BulkState, Issue, IssueBatch
from ledger.queries.desk import BULK_STEPS, LANES, bulk_label, on_desk
from ledger.queries.issue_batches import (
    CHANGED,
    LEFT,
    MOST_NAMED,
    READ_FOR_STEPS,
    may_be_taken_back,
    plan_of,
    progress_of,
    reasons_of,
    reminder_texts,
    rows_of,
    said_words,
    stands_since,
)
from ledger.queries.issues import calendar_for
from ledger.rules.issue_steps import STEPS, Step
from ledger.rules.permissions import Permission
from ledger.views.contract import contract

PAGE = 25
IN_SIGHT = 12
"""Rows of a preview that are shown before it is unfolded."""
UNFOLDED = 200
"""Rows that are listed at all before, or on each page after; all of them are counted."""


@contract(Permission.DESK, methods=("GET", "POST"))
def desk_bulk(request: HttpRequest, step: str) -> HttpResponse:
    """GET shows which rows would be changed and which can't be, with the form; POST does it and leads to the batch."""
    if step not in BULK_STEPS:
        raise Http404
    issues, total = _chosen(request)
    if not issues:
        messages.info(request, _("Tick the rows first; those that have moved on can't be changed here."))
        return redirect("desk")
    plan = plan_of(request.user, step, issues)
    sent = request.method == "POST" and "search" not in request.POST
    typed = request.POST if request.method == "POST" else request.GET
    form = BulkStepForm(
        request.POST if sent else None, user=request.user, issues=plan.possible or issues, step=step,
        most=MOST_IN_ALL, initial={**BulkStepForm.initial_from(typed), "chosen": plan.chosen},
    )  # fmt: skip
    if request.htmx and "assignee" in form.fields:  # type: ignore[attr-defined]
        return render(request, "ledger/issues/_rows.html", {"field": form["assignee"]})
    if sent and form.is_valid():
        try:
            batch = attempt(form, lambda: _act(request, step, form))
        except NothingDone as nothing:
            _tell(request, nothing)
            return redirect(_back(_asked(request)))
        if batch is not None:
            return redirect("desk_batch", batch.pk)
    context = {
        "rule": STEPS[step], "label": bulk_label(step), "plan": plan, "form": form,
        "calendar": calendar_for(request.user), "total": total,
        "most": MOST_IN_ALL, "head": plan.possible[:IN_SIGHT], "more": plan.possible[IN_SIGHT:UNFOLDED],
        "left": plan.left[:UNFOLDED], "unfolded": UNFOLDED, "is_long": len(plan.possible) > MOST_AT_ONCE,
        "back": _back(_asked(request)),
    }  # fmt: skip
    return render(request, "ledger/desk/desk_bulk.html", context, status=getattr(form, "status", 200))


def _act(request: HttpRequest, step: str, form: BulkStepForm) -> IssueBatch:
    """At once, or by the worker when they are many."""
    said = form.cleaned_data
    is_long = len(said["chosen"]) > MOST_AT_ONCE
    act = begin_many if is_long else act_on_many
    batch = act(
        by=request.user, step=step, chosen=said["chosen"], data=form.said, asked=_asked(request),
        client_id=said["client_id"],
    )  # fmt: skip
    if is_long:
        go_on.enqueue(batch.pk, get_language())
    return batch


def _tell(request: HttpRequest, nothing: NothingDone) -> None:
    """Nothing was written: say of each row why, the moved ones in one line."""
    messages.warning(request, _("Nothing was changed: none of these matters is as it was on your desk."))
    moved = [row.issue.printed_number for row in nothing.rows if row.outcome == BatchOutcome.MOVED]
    if moved:
        said = _("Somebody else moved these meanwhile; they were left as they are: %(numbers)s.")
        messages.warning(request, said % {"numbers": ", ".join(moved[:MOST_NAMED])})
    for row in [row for row in nothing.rows if row.outcome == BatchOutcome.REFUSED][:MOST_NAMED]:
        messages.warning(request, f"{row.issue.printed_number}: {row.why}")


def _chosen(request: HttpRequest) -> tuple[list[Issue], int]:
    """The issues asked for, at most as many as one act takes, and how many there are: those of a sent form, all that
    the filters let through, or those ticked."""
    if request.method == "POST":
        ids = [issue for issue, _version in chosen_of(request.POST.get("chosen", ""), MOST_IN_ALL)]
        rows = on_desk(request.user).filter(pk__in=ids).order_by("year", "serial", "pk")
    elif request.GET.get("all"):
        board = read_board(request.user, request.GET)
        rows = board.waiting.order_by(*board.lane.order)
    else:
        ids = [number_of(value) for value in request.GET.getlist("issue")[:MOST_AT_ONCE]]
        rows = on_desk(request.user).filter(pk__in=ids).order_by("year", "serial", "pk")
    issues = list(rows.select_related(*READ_FOR_STEPS)[:MOST_IN_ALL])
    return issues, len(issues) if len(issues) < MOST_IN_ALL else rows.count()


def _asked(request: HttpRequest) -> dict[str, str]:
    """The choices of the desk that led here."""
    return {name: value[:60] for name, value in request.GET.items() if value and name not in {"issue", "page"}}


def _back(asked: dict[str, str]) -> str:
    """The desk as it was."""
    kept = {name: value for name, value in asked.items() if name != "all"}
    return f"{reverse('desk')}?{urlencode(kept)}" if kept else reverse("desk")


@contract(Permission.DESK)
def desk_batch_list(request: HttpRequest) -> HttpResponse:
    """What one did to many issues at once, newest first."""
    batches = IssueBatch.objects.visible_to(request.user)
    page = Paginator(batches, PAGE).get_page(request.GET.get("page"))
    for batch in page.object_list:
        batch.label = bulk_label(batch.step)
    return render(request, "ledger/desk/desk_batch_list.html", {"page": page})


@contract(Permission.DESK)
def desk_batch(request: HttpRequest, pk: int) -> HttpResponse:
    """What became of each row, or how far it is; a reminder has its texts to copy, an assignment may be taken back."""
    batch = get_object_or_404(IssueBatch.objects.visible_to(request.user), pk=pk)
    context: dict[str, Any] = {
        "batch": batch, "label": bulk_label(batch.step), "said": said_words(batch),
        "lane": LANES.get(batch.asked.get("lane", "")), "back": _back(batch.asked),
    }  # fmt: skip
    if batch.state != BulkState.DONE:
        context |= {**progress_of(batch), "stands_since": stands_since(batch)}
        return render(request, "ledger/desk/desk_batch_running.html", context)
    if request.htmx and request.htmx.target == "running":  # type: ignore[attr-defined]
        return HttpResponseClientRefresh()
    changed = rows_of(request.user, batch, CHANGED)
    page = Paginator(changed, UNFOLDED).get_page(request.GET.get("page"))
    context |= {
        "done": page, "left": list(rows_of(request.user, batch, LEFT)[:UNFOLDED]),
        "reasons": reasons_of(request.user, batch), "may_go_back": len(may_be_taken_back(request.user, batch)),
        "texts": reminder_texts([row.issue for row in changed]) if batch.step == Step.REMIND else [],
        "calendar": calendar_for(request.user),
    }  # fmt: skip
    return render(request, "ledger/desk/desk_batch.html", context)


@contract(Permission.DESK, methods=("POST",))
def desk_batch_take_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a bulk assignment back where nobody has accepted it yet."""
    batch = get_object_or_404(IssueBatch.objects.visible_to(request.user), pk=pk)
    if batch.done > MOST_AT_ONCE:
        if begin_taking_back(by=request.user, batch=batch):
            go_on.enqueue(batch.pk, get_language())
        return redirect("desk_batch", batch.pk)
    taken = take_back(by=request.user, batch=batch)
    if taken:
        said = ngettext("%(n)s matter is back on the desk.", "%(n)s matters are back on the desk.", taken)
        messages.success(request, said % {"n": taken})
    else:
        messages.info(request, _("Nothing is left to take back: it has been accepted or moved on."))
    return redirect("desk_batch", batch.pk)
