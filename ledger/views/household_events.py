"""户的变动: split, merge, move; reversing a wrong entry."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from ledger.actions import household_events, household_undo
from ledger.forms.household_events import EventForm, MergeForm, MoveForm, SplitForm
from ledger.models import Household, HouseholdEvent
from ledger.queries.households import household_rows
from ledger.rules.permissions import Permission
from ledger.views.contract import contract, require
from ledger.views.records import sent

EDIT = Permission.EDIT_HOUSEHOLD


@contract(EDIT, methods=("GET", "POST"))
def household_split(request: HttpRequest, pk: int) -> HttpResponse:
    """Some members become a household of their own; it opens."""
    return _event(
        request, pk, SplitForm, household_events.split, title=_("Split the household"),
        hint=_("Members who leave become a household of their own, with the same cadre. Visits so far stay here."),
        done=_("Split off. Look at what is recorded of the new household."),
    )  # fmt: skip


@contract(EDIT, methods=("GET", "POST"))
def household_merge(request: HttpRequest, pk: int) -> HttpResponse:
    """The household becomes part of another, which opens."""
    return _event(
        request, pk, MergeForm, household_events.merge, title=_("Merge into another household"),
        hint=_("All members and open matters go there; this household stays on record as merged."),
        done=_("Merged. This is the household they belong to now."),
    )  # fmt: skip


@contract(EDIT, methods=("GET", "POST"))
def household_move(request: HttpRequest, pk: int) -> HttpResponse:
    """The whole household lives in another village from now on."""
    return _event(
        request, pk, MoveForm, household_events.move, title=_("Move to another village"),
        hint=_(
            "The members go along. Visits stay with the village in which they were made, open matters where they lie."
        ),
        done=_("Moved."),
    )  # fmt: skip


def _event(
    request: HttpRequest, pk: int, form_class: type[EventForm], act: Callable[..., Household], *, title: str, hint: str,
    done: str,
) -> HttpResponse:  # fmt: skip
    household = get_object_or_404(household_rows(request.user), pk=pk)
    require(request.user, EDIT, household)
    form = form_class(sent(request), user=request.user, household=household)
    if form.is_bound and form.is_valid():
        opened = form.save_by(lambda: act(by=request.user, household=household, **form.values))
        if isinstance(opened, Household):
            messages.success(request, done)
            return redirect("household_detail", pk=opened.pk)
    context: dict[str, Any] = {"form": form, "household": household, "title": title, "hint": hint}
    return render(request, "ledger/households/household_event.html", context, status=form.status)


@contract(EDIT, methods=("POST",))
def event_undo(request: HttpRequest, pk: int) -> HttpResponse:
    """A wrong entry: everything as it was before."""
    rows = HouseholdEvent.objects.visible_to(request.user).select_related("household__village__township")
    event = get_object_or_404(rows, pk=pk)
    require(request.user, EDIT, event.household)
    try:
        household_undo.undo(by=request.user, event=event)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, _("Reversed: the household is as it was before."))
    return redirect("household_detail", pk=event.household_id)
