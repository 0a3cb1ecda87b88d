"""联系服务卡: which cards wait to be printed, printing them, and the sheets: eight on an A4, front and back."""

from typing import Any

import segno
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _

from ledger.exporting.contact_cards import MOST_CARDS, NothingChanged, print_cards, print_changed_cards
from ledger.forms.contact_cards import CHANGED, TICKED, CardPlaceForm, CardPrintForm
from ledger.models import ContactCard, PrintKind, PrintRun, Township, Village
from ledger.queries.contact_cards import (
    PRINTERS,
    Card,
    card_households,
    cards,
    changed_of,
    in_order,
    standings,
    waiting_cards,
)
from ledger.rules.contact_cards import A_SHEET
from ledger.rules.days import local_today
from ledger.rules.permissions import Permission
from ledger.views.contract import contract

SUMMED = ("total", "waiting", "never", "changed", "current", "ownerless")
SHOWN = 200
"""Waiting cards that the page lists one by one; the rest is printed all the same."""


@contract(*PRINTERS)
def contact_card_list(request: HttpRequest) -> HttpResponse:
    """Village by village what is printed and what waits; of one village the waiting cards themselves."""
    form = CardPlaceForm(request.GET, households=card_households(request.user))
    rows, day = form.rows(), local_today()
    table = standings(rows, day)
    village = table[0].village if len(table) == 1 else None
    waiting = waiting_cards(in_order(rows), day) if village is not None else []
    sums = {name: sum(getattr(each, name) for each in table) for name in SUMMED}
    context = {
        "form": form, "table": table, "village": village,
        "waiting": [(card, _why(card)) for card in waiting[:SHOWN]], "unlisted": max(len(waiting) - SHOWN, 0),
        "sums": sums, "at_once": min(sums["waiting"], MOST_CARDS), "most": MOST_CARDS, **_choices(form, village),
        "runs": PrintRun.objects.visible_to(request.user).filter(kind=PrintKind.CARD)[:5],
        "may_word": _own_township(request.user, village),
    }  # fmt: skip
    return render(request, "ledger/contact_cards/contact_card_list.html", context)


def _choices(form: CardPlaceForm, village: Village | None) -> dict[str, Any]:
    """What there is to choose among: two of a kind are enough to know that it must be asked."""
    own = form.fields["group"].queryset.filter(village=village)[:2] if village is not None else []  # type: ignore[attr-defined]
    found: dict[str, Any] = {
        "townships": list(form.townships[:2]), "groups": list(own),
        "villages": list(form.fields["village"].queryset[:2]),  # type: ignore[attr-defined]
    }  # fmt: skip
    return {**found, "several": any(len(rows) > 1 for rows in found.values())}


def _why(card: Card) -> str:
    """Why a card waits, in words."""
    if getattr(card.household, "contact_card", None) is None:
        return _("Not printed yet")
    said = [_("head of household") if part == "head" else str(part) for part in changed_of(card)]
    return _("Changed: %(what)s") % {"what": "、".join(said)}


def _own_township(user: Any, village: Any) -> Township | None:
    """The township whose phones on the card somebody may set."""
    townships = Township.objects.visible_to(user, Permission.MANAGE_DISTRICTS)
    found: Township | None = townships.filter(pk=village.township_id).first() if village else townships.first()
    return found


@contract(*PRINTERS, methods=("POST",))
def contact_card_print(request: HttpRequest) -> HttpResponse:
    """Note the cards as printed and open their sheets."""
    form = CardPrintForm(request.POST, households=card_households(request.user))
    back = f"{reverse('contact_card_list')}?village={form['village'].value() or ''}"
    if not form.is_valid():
        messages.error(request, _("Nothing was printed: choose again which cards."))
        return redirect("contact_card_list")
    which, rows = form.cleaned_data["which"], form.rows()
    if which == TICKED:
        rows = card_households(request.user).filter(pk__in=form.cleaned_data["household"].values("pk"))
    try:
        run = (print_changed_cards if which == CHANGED else print_cards)(by=request.user, households=rows)
    except NothingChanged:
        messages.info(request, _("No card to print: all of them are printed as they stand."))
        return redirect(back)
    return redirect("contact_card_sheet", run.pk)


@contract(*PRINTERS)
def contact_card_sheet(request: HttpRequest, pk: int) -> HttpResponse:
    """The sheets of one printing, for who made it: what their households' cards say now."""
    run = get_object_or_404(PrintRun.objects.visible_to(request.user).filter(kind=PrintKind.CARD), pk=pk)
    mine = ContactCard.objects.filter(run=run).values("household")
    rows = card_households(request.user).filter(pk__in=mine)
    found = cards(in_order(rows), local_today())
    shown = [{"card": card, "qr": _qr(card), "on": card.household.contact_card.issued_on} for card in found]
    sheets = [shown[at : at + A_SHEET] for at in range(0, len(shown), A_SHEET)]
    return render(request, "ledger/contact_cards/contact_card_sheet.html", {"run": run, "sheets": sheets})


def _qr(card: Card) -> str:
    """The code as SVG; empty where the county gives no address."""
    if not card.base:
        return ""
    token = card.household.contact_card.token
    code = segno.make(f"{card.base.rstrip('/')}/{token}", error="m", micro=False)
    return mark_safe(code.svg_inline(border=0, omitsize=True))  # noqa: S308 # squares drawn by the library
