"""工作交接: hand over what a cadre has in hand, look at it again, print its list."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from ledger.actions import handovers
from ledger.exporting.handover_list import print_list
from ledger.forms.handovers import HandOverForm
from ledger.models import Cadre, HandOver, Posting
from ledger.queries.contact_cards import card_households, in_order
from ledger.queries.handovers import Successors, holding, holds_unseen, rows_of
from ledger.queries.postings import grantable_postings, manageable_cadres
from ledger.rules.handovers import After, Handed
from ledger.rules.permissions import Permission
from ledger.views.contract import contract, require
from ledger.views.exports import file_response
from ledger.views.issue_papers import DOCX
from ledger.views.records import sent

MANAGE = Permission.MANAGE_POSTINGS
PAGE = 50


@contract(MANAGE, methods=("GET", "POST"))
def cadre_handover(request: HttpRequest, pk: int) -> HttpResponse:
    """Everything in hand with a successor for each row; ``?posting=PK`` what that posting leaves behind, ``?to=PK``
    one successor for all of it, ``?then=account`` what is to follow."""
    cadre = get_object_or_404(Cadre.objects.visible_to(request.user).select_related("county", "user"), pk=pk)
    require(request.user, MANAGE, cadre)
    posting = _posting(request, cadre)
    held = holding(request.user, cadre, posting)
    people = Successors(request.user, held)
    afters = _afters(request.user, cadre, posting)
    then = request.GET.get("then", "")
    form = HandOverForm(
        sent(request), people=people, afters=afters, everything=_everything(request, people),
        initial={"after": then} if then in afters else None,
    )  # fmt: skip
    if form.is_bound and form.is_valid():
        made = form.save_by(lambda: _hand_over(request, cadre, posting, form))
        if isinstance(made, HandOver):
            messages.success(request, _("Handed over. Print the list for both to sign."))
            return redirect("handover_detail", pk=made.pk)
    context: dict[str, Any] = {
        "cadre": cadre, "posting": posting, "held": held, "form": form, "people": people.people.values(),
        "can_end": posting is not None or After.LEAVES in afters,
    }  # fmt: skip
    return render(request, "ledger/handovers/cadre_handover.html", context, status=form.status)


def _hand_over(request: HttpRequest, cadre: Cadre, posting: Posting | None, form: HandOverForm) -> HandOver | None:
    said = form.cleaned_data
    try:
        return handovers.hand_over(
            by=request.user, cadre=cadre, posting=posting, seen=said["version"], on=said["on"], to=form.to,
            reason=said["reason"], after=said["after"],
        )  # fmt: skip
    except handovers.StaleHandOver:
        form.overtaken()
        return None


def _posting(request: HttpRequest, cadre: Cadre) -> Posting | None:
    """The posting that is to end, one that the user may end."""
    asked = request.GET.get("posting", "")
    if not asked:
        return None
    if not asked.isascii() or not asked.isdigit() or len(asked) > 12:
        raise Http404
    mine = Posting.objects.filter(grantable_postings(request.user), cadre=cadre, end_on__isnull=True)
    posting: Posting = get_object_or_404(mine.with_names(), pk=int(asked))
    return posting


def _everything(request: HttpRequest, people: Successors) -> Cadre | None:
    asked = request.GET.get("to", "")
    return people.people.get(int(asked)) if asked.isascii() and asked.isdigit() and len(asked) < 13 else None


def _afters(user: Any, cadre: Cadre, posting: Posting | None) -> list[str]:
    """What may follow: what the one who hands over could do to this cadre anyway."""
    if posting is not None:
        return [After.POSTING, After.NOTHING]
    found = [After.NOTHING]
    is_self = cadre.user_id is not None and cadre.user_id == user.pk
    if manageable_cadres(user).filter(pk=cadre.pk).exists() and not is_self and cadre.left_on is None:
        found += [After.LEAVES, *([After.ACCOUNT] if cadre.user is not None and cadre.user.is_active else [])]
    return [str(each) for each in found]


@contract(MANAGE)
def handover_list(request: HttpRequest) -> HttpResponse:
    """The hand-overs of the own territory, the latest first."""
    rows = HandOver.objects.visible_to(request.user, MANAGE).select_related("cadre__organisation", "township")
    households, issues = Q(rows__kind=Handed.HOUSEHOLD), Q(rows__kind__in=[Handed.ISSUE, Handed.WISH])
    rows = rows.annotate(households=Count("rows", filter=households), issues=Count("rows", filter=issues))
    page = Paginator(rows.order_by("-made_at", "-pk"), PAGE).get_page(request.GET.get("page"))
    return render(request, "ledger/handovers/handover_list.html", {"page": page})


@contract(MANAGE)
def handover_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """What went to whom."""
    made = _made(request, pk)
    by_person: dict[int, list[Any]] = {}
    for row in rows_of(made):
        if row.issue is None or not row.issue.is_sensitive:
            by_person.setdefault(row.to_cadre_id, []).append(row)
    homes = made.rows.filter(kind=Handed.HOUSEHOLD).values("household")
    cards = in_order(card_households(request.user).filter(pk__in=homes)).values_list("pk", flat=True)
    context = {
        "made": made, "groups": [(rows[0].to_cadre, rows) for rows in by_person.values()], "cards": list(cards),
        "is_more": holds_unseen(request.user, made.cadre),
    }  # fmt: skip
    return render(request, "ledger/handovers/handover_detail.html", context)


@contract(MANAGE, methods=("POST",))
def handover_paper(request: HttpRequest, pk: int) -> HttpResponseBase:
    """交接清单 as a Word document; printing is on record."""
    made = _made(request, pk)
    if not Cadre.objects.visible_to(request.user, Permission.EXPORT).filter(pk=made.cadre_id).exists():
        raise PermissionDenied
    printed = print_list(by=request.user, made=made)
    return file_response(printed.data, printed.file_name, DOCX)


def _made(request: HttpRequest, pk: int) -> HandOver:
    rows = HandOver.objects.visible_to(request.user).select_related(
        "cadre__organisation", "county", "township", "made_by"
    )
    made: HandOver = get_object_or_404(rows, pk=pk)
    require(request.user, MANAGE, made)
    return made
