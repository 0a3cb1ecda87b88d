"""待核对记录: sent under a used id with other words (its sender decides); moved away or handed in (a desk)."""

from collections import Counter

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ledger.actions.kept_entries import discard, take_over
from ledger.actions.submissions import SubmissionRace
from ledger.actions.visits import IssueFault
from ledger.filters.waiting_lists import DECIDED, KeptEntryFilter
from ledger.forms.handed_in_walks import FOR_ALL, AnswerForm, only_where_meant
from ledger.forms.visit_issues import VisitIssues
from ledger.forms.visit_points import VisitPoints
from ledger.forms.visits import HouseholdVisitForm, PlaceVisitForm, VisitForm
from ledger.forms.visits_together import MOST_AT_ONCE
from ledger.models import KeptEntry
from ledger.queries.kept_entries import decided, decided_by, kept_entries, sent, shown, waiting
from ledger.rules.permissions import Permission
from ledger.views.addressed import answer_at
from ledger.views.contract import contract

PAGE = 20
FIRST = {
    "visit": "visit_detail", "issue": "issue_detail", "evidence": "evidence_file", "household": "household_detail",
    "import": "import_detail", "new-cadre": "cadre_detail",
}  # fmt: skip
"""Where the record of the first sending is shown; those without are in a list of few."""


@contract()
def kept_entry_list(request: HttpRequest) -> HttpResponse:
    """One's own with what they say; of colleagues in the area one administers, that they wait."""
    rows = kept_entries(request.user)
    chosen = KeptEntryFilter(request.GET, rows)
    past = request.GET.get("state") == DECIDED
    page = Paginator(chosen.qs, PAGE).get_page(request.GET.get("page"))
    lanes = [
        {"url": "?", "label": _("To be decided"), "count": waiting(rows).count(), "active": not past},
        {"url": "?state=decided", "label": _("Decided"), "count": decided(rows).count(), "active": past},
    ]
    decides = decided_by(request.user, page)
    walks = Counter((row.user_id, row.client_id) for row in page if row.pk in decides and not past)
    entries = [
        {
            "one": one, "first": _first(one.entry) if one.mine else "",
            "answer_form": AnswerForm(auto_id=f"kept-{one.entry.pk}-%s") if one.decides else None,
            "walk": walks.pop((one.entry.user_id, one.entry.client_id), 0) if one.decides and one.is_whole else 0,
        }
        for one in (shown(row, request.user, decides) for row in page)
    ]  # fmt: skip
    context = {"page": page, "entries": entries, "lanes": lanes, "decided": past}
    return render(request, "ledger/kept_entries/kept_entry_list.html", context)


def _first(entry: KeptEntry) -> str:
    name = FIRST.get(entry.form)
    return reverse(name, args=[entry.object_id]) if name and entry.object_id else ""


@contract(methods=("POST",))
def kept_entry_save(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The form of the entry, sent once more by its sender: as it was kept, or as it is on the page that follows.

    All that the form asks is asked again: whether one still may, and whether it still fits what is there.
    """
    entry = get_object_or_404(kept_entries(request.user), pk=pk)
    if entry.user_id != request.user.pk or entry.household_id is not None or entry.is_handed_in:
        raise PermissionDenied
    if entry.is_saved or entry.discarded_at is not None:
        messages.info(request, _("This has been decided already."))
        return redirect("kept_entry_list")
    body = sent(entry)
    if "client_id" not in request.POST:
        request.POST = _posted(body["values"] | {"client_id": [str(entry.next_id)]})  # type: ignore[assignment]
    return answer_at(request, body["address"])


def _posted(values: dict[str, list[str]]) -> QueryDict:
    posted = QueryDict(mutable=True)
    for name, several in values.items():
        posted.setlist(name, several)
    return posted


@contract(Permission.DESK, methods=("POST",))
def kept_entry_take_over(request: HttpRequest, pk: int) -> HttpResponse:
    """A visit that lies with one's desk, as its sender's: all that its form asks is asked."""
    entry = get_object_or_404(kept_entries(request.user), pk=pk)
    if entry.pk not in decided_by(request.user, [entry]):
        raise PermissionDenied
    if entry.is_saved or entry.discarded_at is not None:
        messages.info(request, _("This has been decided already."))
        return redirect("kept_entry_list")
    if request.POST.get("walk"):
        return _take_over_walk(request, entry)
    visit, fault = _taken_over(request, entry)
    if not visit:
        messages.error(request, fault)
        return redirect("kept_entry_list")
    messages.success(request, _("Taken over as the sender's visit."))
    return redirect("visit_detail", pk=visit)


def _take_over_walk(request: HttpRequest, entry: KeptEntry) -> HttpResponse:
    """All households of one walk that lie with one's desk; what does not fit stays."""
    of_walk = waiting(kept_entries(request.user)).filter(user=entry.user_id, client_id=entry.client_id)
    rows = list(of_walk[:MOST_AT_ONCE])
    decides = decided_by(request.user, rows)
    done = [_taken_over(request, row) for row in rows if row.pk in decides]
    count = sum(visit != 0 for visit, _fault in done)
    said = ngettext("%(n)s visit taken over as the sender's.", "%(n)s visits taken over as the sender's.", count)
    messages.success(request, said % {"n": count})
    if count < len(done):
        messages.error(request, next(fault for visit, fault in done if not visit))
    return redirect("kept_entry_list")


def _taken_over(request: HttpRequest, entry: KeptEntry) -> tuple[int, str]:
    """The visit that it became, else 0 and why not."""
    values = _posted(sent(entry)["values"])
    offered = VisitPoints(None, user=request.user, household=entry.household)
    if FOR_ALL in values:
        values = only_where_meant(values, {point.pk for point in offered.offered})
    form, issues = _visit_form(entry, values, request), VisitIssues(values, user=request.user)
    points = VisitPoints(values, user=request.user, household=entry.household)
    if form is None or not issues.is_valid() & points.is_valid(form.cleaned_data["occurred_on"]):
        return 0, _("It does not fit what the form asks today: log the visit anew, then discard this.")
    data = form.values() | ({"household": entry.household} if entry.household is not None else {})
    data |= {"points": said} if (said := points.values()) else {}
    try:
        return take_over(by=request.user, entry=entry, data=data, issues=issues.values()), ""
    except SubmissionRace:
        return 0, _("This has been decided already.")
    except IssueFault as fault:
        return 0, " ".join(fault.error.messages)


def _visit_form(entry: KeptEntry, values: QueryDict, request: HttpRequest) -> VisitForm | None:
    """The form of the entry as its sender filled it, else as the desk may: the sender may serve there no longer."""
    if entry.form != "visit" or not (entry.household_id or entry.village_id):
        return None
    kind = HouseholdVisitForm if entry.household_id else PlaceVisitForm
    tries = (kind(values, user=user) for user in (entry.user, request.user))
    return next((form for form in tries if form.is_valid()), None)


@contract(methods=("POST",))
def kept_entry_discard(request: HttpRequest, pk: int) -> HttpResponse:
    """The first sending was the right one, or a desk has seen to it: by its sender, the desk, or an administrator."""
    entry = get_object_or_404(kept_entries(request.user), pk=pk)
    form = AnswerForm(request.POST)
    if not form.is_valid():
        messages.error(request, " ".join(form.errors["answer"]))
        return redirect("kept_entry_list")
    answer = form.cleaned_data["answer"] if decided_by(request.user, [entry]) else ""
    done = discard(by=request.user, entry=entry, answer=answer)
    said = _("Dealt with; it stays on record.") if entry.is_handed_in else _("Discarded; the first entry stands.")
    messages.info(request, said if done else _("This has been decided already."))
    return redirect("kept_entry_list")
