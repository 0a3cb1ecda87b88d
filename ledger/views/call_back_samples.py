"""抽样回访: what was settled on the spot, a sample of it to call back, and striking off the rest."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ledger.actions.call_back_samples import close_rest, draw_sample, review
from ledger.forms.call_back_samples import ReviewForm
from ledger.forms.picks import number_of
from ledger.models import CallBackSample
from ledger.models.scope import scope_of
from ledger.queries.call_back_samples import samples_of, standings, waiting_for_a_sample
from ledger.queries.issues import LISTED
from ledger.rules.call_back_samples import sample_size
from ledger.rules.permissions import Permission
from ledger.views.contract import contract

P = Permission
PAGE = 25


@contract(P.DESK)
def sample_list(request: HttpRequest) -> HttpResponse:
    """What waits for a sample, and the samples under way."""
    waiting = waiting_for_a_sample(request.user).select_related(*LISTED, "resolved_by", "township__county")
    page = Paginator(waiting.order_by("resolved_at", "pk"), PAGE).get_page(request.GET.get("page"))
    issues, count = list(page.object_list), page.paginator.count
    county = issues[0].township.county if issues else None
    size = sample_size(count, percent=county.sample_percent, least=county.sample_least) if county else 0
    context = {
        "issues": issues, "page": page, "count": count, "size": size, "county": county,
        "samples": samples_of(request.user),
    }  # fmt: skip
    return render(request, "ledger/samples/sample_list.html", context)


@contract(P.DESK, methods=("POST",))
def sample_draw(request: HttpRequest) -> HttpResponse:
    """Draw, and show the sample."""
    made = _tried(request, lambda: draw_sample(by=request.user))
    return redirect("sample_detail", made[0].pk) if made and len(made) == 1 else redirect("sample_list")


@contract(P.DESK)
def sample_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Who is to be called back, what holds the rest up, what may be struck off."""
    return _page(request, _sample(request, pk), ReviewForm())


@contract(P.DESK, methods=("POST",))
def sample_review(request: HttpRequest, pk: int) -> HttpResponse:
    """What was found when a dissatisfied answer was looked into."""
    sample, form = _sample(request, pk), ReviewForm(request.POST)
    if not form.is_valid():
        return _page(request, sample, form)
    text, handler = form.cleaned_data["text"], number_of(form.cleaned_data["handler"])
    if _tried(request, lambda: review(by=request.user, sample=sample, handler=handler, text=text)):
        messages.success(request, _("Recorded. The other matters of this handler can be struck off."))
    return redirect("sample_detail", sample.pk)


@contract(P.DESK, methods=("POST",))
def sample_close(request: HttpRequest, pk: int) -> HttpResponse:
    """Strike off what was not drawn."""
    sample = _sample(request, pk)
    closed = _tried(request, lambda: close_rest(by=request.user, sample=sample))
    if closed is not None:
        done = ngettext("%(n)s matter struck off.", "%(n)s matters struck off.", len(closed.done))
        messages.success(request, done % {"n": len(closed.done)})
        if closed.moved:
            said = _("Somebody else moved these meanwhile; they were left as they are: %(numbers)s.")
            numbers = ", ".join(issue.printed_number for issue in closed.moved)
            messages.warning(request, said % {"numbers": numbers})
    return redirect("sample_detail", sample.pk)


def _sample(request: HttpRequest, pk: int) -> CallBackSample:
    mine = CallBackSample.objects.visible_to(request.user, P.DESK).select_related("drawn_by", "township__county")
    sample: CallBackSample = get_object_or_404(mine, pk=pk)
    return sample


def _page(request: HttpRequest, sample: CallBackSample, form: ReviewForm) -> HttpResponse:
    standing, me = standings(request.user, [sample])[0], scope_of(request.user).cadre_id
    context = {
        "sample": sample, "standing": standing, "me": me, "form": form, "closable": standing.closable(me),
        "all": len(standing.drawn) + len(standing.rest), "query": f"sample={sample.pk}",
    }  # fmt: skip
    return render(request, "ledger/samples/sample_detail.html", context)


def _tried(request: HttpRequest, act: Callable[[], Any]) -> Any:
    """What ``act`` returns; None when it was refused, and then the page says why."""
    try:
        return act()
    except ValidationError as refused:
        for sentence in refused.messages:
            messages.warning(request, sentence)
        return None
