"""工作牌: whose badges wait to be printed, printing them, and the sheets: ten on an A4."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from ledger.exporting.contact_cards import NothingChanged, print_badges
from ledger.forms.contact_cards import BadgePlaceForm, BadgePrintForm
from ledger.models import Badge, PrintKind, PrintRun
from ledger.models.scope import may
from ledger.queries.badges import A_SHEET, badge_cadres, badge_of, standing_of
from ledger.rules.permissions import Permission
from ledger.views.contract import contract

PAGE = 60
READ = ("organisation", "township", "county", "badge")


@contract(Permission.EXPORT)
def badge_list(request: HttpRequest) -> HttpResponse:
    """The cadres one looks after, each with how the badge stands; somebody else sees their own."""
    form = BadgePlaceForm(request.GET, user=request.user, cadres=badge_cadres(request.user))
    rows = form.rows().select_related(*READ).order_by("organisation__sort_order", "sort_order", "pk")
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    context = {
        "form": form, "page": page, "people": [(cadre, standing_of(cadre)) for cadre in page],
        "manages": may(request.user, Permission.MANAGE_CADRES),
        "runs": PrintRun.objects.visible_to(request.user).filter(kind=PrintKind.BADGE)[:5],
    }  # fmt: skip
    return render(request, "ledger/badges/badge_list.html", context)


@contract(Permission.EXPORT, methods=("POST",))
def badge_print(request: HttpRequest) -> HttpResponse:
    """Note the ticked badges as printed and open their sheets."""
    form = BadgePrintForm(request.POST, user=request.user, cadres=badge_cadres(request.user))
    if not form.is_valid():
        messages.error(request, _("Nothing was printed: tick whose badges."))
        return redirect("badge_list")
    try:
        run = print_badges(by=request.user, cadres=form.rows().filter(pk__in=form.cleaned_data["cadre"].values("pk")))
    except NothingChanged:
        messages.error(request, _("Nothing was printed: tick whose badges."))
        return redirect("badge_list")
    return redirect("badge_sheet", run.pk)


@contract(Permission.EXPORT)
def badge_sheet(request: HttpRequest, pk: int) -> HttpResponse:
    """The sheets of one printing, for who made it."""
    run = get_object_or_404(PrintRun.objects.visible_to(request.user).filter(kind=PrintKind.BADGE), pk=pk)
    mine = Badge.objects.filter(run=run).values("cadre")
    rows = badge_cadres(request.user).filter(pk__in=mine).select_related(*READ)
    shown = [badge_of(cadre) for cadre in rows.order_by("organisation__sort_order", "sort_order", "pk")]
    sheets = [shown[at : at + A_SHEET] for at in range(0, len(shown), A_SHEET)]
    return render(request, "ledger/badges/badge_sheet.html", {"run": run, "sheets": sheets})
