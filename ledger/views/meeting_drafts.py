"""会议: the head, then question after question, then one visit with everything."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from ledger.actions import meeting_drafts
from ledger.actions.reads import number_searched
from ledger.actions.visits import IssueFault
from ledger.forms.issues import CategoryField
from ledger.forms.meeting_drafts import AskForm, FinishForm, MeetingHeadForm, SettleForm, as_sent
from ledger.forms.picks import number_of
from ledger.models import Category, MeetingDraft
from ledger.queries.categories import words_in_use
from ledger.queries.household_search import number_token, search_q
from ledger.queries.visit_words import words_of
from ledger.queries.visits_together import offered, walkable
from ledger.rules.guessing import guess
from ledger.rules.permissions import Permission
from ledger.rules.visits import MeetingForm
from ledger.views.contract import contract
from ledger.views.records import sent

P = Permission


@contract(P.LOG_VISIT, methods=("GET", "POST"))
def meeting_draft_create(request: HttpRequest) -> HttpResponse:
    """What meeting it is; the questions come on the next page."""
    if "search" in request.POST:
        return _head(request, _searching(request), search=request.POST.get("q", ""))
    form = MeetingHeadForm(sent(request), user=request.user)
    if form.is_bound and form.is_valid():
        made = form.save_by(
            lambda: meeting_drafts.begin(
                by=request.user, data=form.values(), head=form.head(), client_id=form.cleaned_data["client_id"]
            )
        )
        if made:
            return redirect("meeting_draft_detail", pk=made)
    return _head(request, form)


@contract(P.LOG_VISIT, methods=("GET", "POST"))
def meeting_draft_head(request: HttpRequest, pk: int) -> HttpResponse:
    """Change what the meeting was, before it is finished."""
    draft = _draft(request, pk)
    if "search" in request.POST:
        return _head(request, _searching(request), draft, search=request.POST.get("q", ""))
    form = MeetingHeadForm(sent(request), user=request.user)
    if request.method != "POST":
        kept = as_sent(meeting_drafts.read(draft).head)
        form = MeetingHeadForm(user=request.user, typed=kept, initial=_first(kept))
    if form.is_bound and form.is_valid():
        done = form.save_by(
            lambda: meeting_drafts.change_head(draft=draft, data=form.values(), head=form.head()) or True
        )
        if done:
            return redirect("meeting_draft_detail", pk=pk)
    return _head(request, form, draft)


@contract(P.LOG_VISIT)
def meeting_draft_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """The recorder's page; a finished meeting is its visit."""
    draft = get_object_or_404(MeetingDraft.objects.visible_to(request.user).select_related("village"), pk=pk)
    if draft.visit_id is not None:
        return redirect("visit_detail", pk=draft.visit_id)
    return _show(request, draft)


@contract(P.LOG_VISIT, methods=("POST",))
def meeting_draft_ask(request: HttpRequest, pk: int) -> HttpResponse:
    """Note a question; the next one may follow at once."""
    draft = _draft(request, pk)
    form = AskForm(request.POST)
    if form.is_valid():
        said = form.cleaned_data
        key = (said.pop("client_id") or AskForm().fields["client_id"].initial()).hex
        try:
            meeting_drafts.ask(draft=draft, key=key, **said)
        except ValidationError as fault:
            form.add_error(None, fault)
    return _after(request, draft, ask=form if form.errors else None)


@contract(P.LOG_VISIT, methods=("POST",))
def meeting_draft_answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Answer a question, have it numbered, or take it out."""
    draft = _draft(request, pk)
    questions = {question.key: question for question in meeting_drafts.read(draft).questions}
    key = request.POST.get("question", "")
    if key not in questions:
        return _after(request, draft)
    if "remove" in request.POST:
        meeting_drafts.drop(draft=draft, key=key)
        return _after(request, draft)
    form = SettleForm(request.POST, user=request.user, question=questions[key], present=_present(draft))
    if form.is_valid():
        meeting_drafts.settle(draft=draft, key=key, data=form.data_kept())
        return _after(request, draft)
    return _after(request, draft, faulty=form)


@contract(P.LOG_VISIT, methods=("POST",))
def meeting_draft_finish(request: HttpRequest, pk: int) -> HttpResponse:
    """Everything typed becomes one visit, with its questions and their issues."""
    draft = get_object_or_404(MeetingDraft.objects.visible_to(request.user).select_related("village"), pk=pk)
    if draft.visit_id is not None:
        return redirect("visit_detail", pk=draft.visit_id)
    body, form = meeting_drafts.read(draft), FinishForm(request.POST, request.FILES)
    head = MeetingHeadForm(as_sent(body.head), user=request.user)
    if not head.is_valid():
        return _head(request, head, draft)
    if form.is_valid():
        try:
            made = meeting_drafts.finish(
                by=request.user, draft=draft, data=head.values(), photos=form.cleaned_data["photos"]
            )
        except IssueFault as fault:
            form.add_error(None, [f"{body.questions[fault.index].text}: {said}" for said in fault.error.messages])
        except ValidationError as fault:
            form.add_error(None, fault)
        else:
            messages.success(request, _("The meeting has been saved."))
            return redirect("visit_detail", pk=made)
    return _show(request, draft, finish=form)


@contract(P.LOG_VISIT, methods=("POST",))
def meeting_draft_discard(request: HttpRequest, pk: int) -> HttpResponse:
    """Throw the draft away."""
    meeting_drafts.discard(draft=_draft(request, pk))
    messages.success(request, _("The draft has been discarded."))
    return redirect("today")


def _draft(request: HttpRequest, pk: int) -> MeetingDraft:
    """An own draft that is not finished."""
    rows = MeetingDraft.objects.visible_to(request.user).filter(visit=None).select_related("village")
    draft: MeetingDraft = get_object_or_404(rows, pk=pk)
    return draft


def _present(draft: MeetingDraft) -> list[int]:
    return [number_of(value) for value in meeting_drafts.read(draft).head.get("households", ())]


def _first(kept: Any) -> dict[str, Any]:
    """A kept head as the first values of its form."""
    several = {"companions", "topics", "households"}
    return {name: kept.getlist(name) if name in several else kept[name] for name in kept}


def _searching(request: HttpRequest) -> MeetingHeadForm:
    return MeetingHeadForm(user=request.user, typed=request.POST, initial=_first(request.POST))


def _head(
    request: HttpRequest, form: MeetingHeadForm, draft: MeetingDraft | None = None, *, search: str = ""
) -> HttpResponse:
    form.offer_choices()
    found = search_q(search) if search.strip() else None
    households = offered(request.user, found, form.ticked)
    if number_token(search):
        number_searched(by=request.user, found=households)
    context = {
        "form": form, "draft": draft, "typed": search, "searched": found is not None,
        "rows": [(household, household.pk in form.ticked) for household in households],
    }  # fmt: skip
    piece = "_present.html" if request.htmx else "meeting_head.html"  # type: ignore[attr-defined]
    return render(request, f"ledger/meetings/{piece}", context, status=form.status)


def _after(request: HttpRequest, draft: MeetingDraft, **forms: Any) -> HttpResponse:
    """What follows an act on a question: the list alone for htmx, else the page again."""
    if any(forms.values()) or request.htmx:  # type: ignore[attr-defined]
        draft.refresh_from_db(fields=["body"])
        return _show(request, draft, **forms)
    return redirect(f"{reverse('meeting_draft_detail', args=[draft.pk])}#ask")


def _show(
    request: HttpRequest, draft: MeetingDraft, *, ask: AskForm | None = None, faulty: SettleForm | None = None,
    finish: FinishForm | None = None,
) -> HttpResponse:  # fmt: skip
    body = meeting_drafts.read(draft)
    context = {
        "draft": draft, "head": as_sent(body.head), "ask": ask or AskForm(), "finish": finish or FinishForm(),
        "questions": _questions(request, draft, body, faulty), "unsettled": len(body.unsettled),
        "meeting_form": dict(MeetingForm.choices).get("".join(body.head.get("meeting_form", [])), ""),
    }  # fmt: skip
    piece = "_questions.html" if request.htmx else "meeting_draft.html"  # type: ignore[attr-defined]
    return render(request, f"ledger/meetings/{piece}", context)


def _questions(
    request: HttpRequest, draft: MeetingDraft, body: meeting_drafts.Body, faulty: SettleForm | None
) -> list[SettleForm]:
    """A form for each question; what its words propose is chosen beforehand where nothing is said yet."""
    words, present = words_of(request.user) if body.unsettled else [], _present(draft)
    rows = words_in_use(Category, request.user).order_by("sort_order", "pk")
    category = CategoryField(queryset=rows, empty_label=_("Not as an issue"))
    homes = [("", _("The village")), *((h.pk, str(h)) for h in walkable(request.user).filter(pk__in=present))]
    choices = (category.grouped(), homes)
    forms = []
    for question in body.questions:
        form = SettleForm(user=request.user, question=question, choices=choices, present=present)
        found = guess(question.text, words) if not question.settled else None
        if found is not None:
            form.initial |= {"category": found.category, "kind": found.kind or "request"}
        forms.append(faulty if faulty is not None and faulty.question.key == question.key else form)
    return forms
