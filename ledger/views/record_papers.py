"""民情记录本, 民情月报, 季度小结 and 年度总结: choose of whom and of which days, and take it as a Word document."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _

from ledger.exporting.diary import MOST_VISITS, TooManyVisits, print_diary
from ledger.exporting.period_papers import MOST_LISTED, matters_of, print_digest, print_summary
from ledger.exporting.word import PaperRefused
from ledger.filters.exports import unit_of
from ledger.forms.period_papers import DigestForm, SummaryForm, month_of, subject_of
from ledger.forms.record_papers import DiaryForm
from ledger.models import Issue
from ledger.queries.households import count_up_to
from ledger.rules.permissions import Permission
from ledger.views.contract import contract
from ledger.views.exports import file_response
from ledger.views.issue_papers import DOCX

SHOWN = 120
"""Matters that the page of a digest offers to tick, the newest first."""


@contract(Permission.EXPORT, methods=("GET", "POST"))
def diary_paper(request: HttpRequest) -> HttpResponseBase:
    """The diary of oneself or of a cadre of the area; ``?cadre= first= last=`` are filled in from a link."""
    if request.method != "POST":
        given = {name: request.GET[name] for name in ("cadre", "first", "last") if request.GET.get(name)}
        form = DiaryForm(user=request.user, initial=given)
        return render(request, "ledger/papers/diary_paper.html", {"form": form})
    form = DiaryForm(request.POST, user=request.user)
    if form.is_valid():
        cadre = form.whose
        if cadre is None:
            raise PermissionDenied
        try:
            made = print_diary(
                by=request.user, cadre=cadre, period=form.period, with_phones=form.cleaned_data["with_phones"]
            )
            return file_response(made.data, made.file_name, DOCX)
        except TooManyVisits:
            form.add_error("last", _("More than %(n)s visits: choose a shorter period.") % {"n": MOST_VISITS})
        except PaperRefused as refused:
            messages.error(request, _("The county's template could not be filled: %(why)s") % {"why": refused})
    return render(request, "ledger/papers/diary_paper.html", {"form": form})


@contract(Permission.SEE_DASHBOARD, methods=("GET", "POST"))
def digest_paper(request: HttpRequest) -> HttpResponseBase:
    """民情月报: a place and a month are chosen first, then the matters are ticked."""
    form = DigestForm(request.POST if request.method == "POST" else None, user=request.user, initial=_chosen(request))
    offered = _offered(request, form)
    form.offer(offered)
    if form.is_bound and form.is_valid():
        data, subject = form.cleaned_data, subject_of(request.user, form.cleaned_data["area"])
        if subject is None:
            raise Http404
        try:
            made = print_digest(
                by=request.user, unit=unit_of(request.user), subject=subject, period=month_of(data["month"]),
                issues=data["issues"], typed=form.typed,
            )  # fmt: skip
            return file_response(made.data, made.file_name, DOCX)
        except PaperRefused as refused:
            messages.error(request, _("The county's template could not be filled: %(why)s") % {"why": refused})
    count, _is_more = count_up_to(offered)
    context = {"form": form, "offered": list(offered[:SHOWN]), "count": count, "shown": SHOWN, "most": MOST_LISTED}
    return render(request, "ledger/papers/digest_paper.html", context)


def _chosen(request: HttpRequest) -> dict[str, str]:
    return {name: request.GET[name] for name in ("area", "month") if request.GET.get(name)}


def _offered(request: HttpRequest, form: DigestForm) -> Any:
    """The matters of the chosen place and month, else of the first ones; none for a place that is not theirs."""
    choices = {name: [key for key, _word in form.fields[name].choices] for name in ("area", "month")}  # type: ignore[attr-defined]
    asked = {name: (request.POST or request.GET).get(name) or (keys or [""])[0] for name, keys in choices.items()}
    if any(asked[name] not in keys for name, keys in choices.items()):
        return Issue.objects.none()
    subject = subject_of(request.user, asked["area"])
    return matters_of(request.user, subject.villages if subject else [], month_of(asked["month"]))


@contract(Permission.EXPORT, methods=("GET", "POST"))
def summary_paper(request: HttpRequest) -> HttpResponseBase:
    """季度小结 and 年度总结 of a place, a unit or a cadre: a draft to be edited in Word."""
    form = SummaryForm(request.POST if request.method == "POST" else None, user=request.user)
    if form.is_bound and form.is_valid():
        subject = subject_of(request.user, form.cleaned_data["subject"])
        if subject is None:
            raise Http404
        try:
            made = print_summary(
                by=request.user, kind=form.kind, unit=unit_of(request.user), subject=subject, period=form.period,
                words=form.words,
            )  # fmt: skip
            return file_response(made.data, made.file_name, DOCX)
        except PaperRefused as refused:
            messages.error(request, _("The county's template could not be filled: %(why)s") % {"why": refused})
    return render(request, "ledger/papers/summary_paper.html", {"form": form})
