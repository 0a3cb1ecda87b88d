"""文书: the papers somebody may make, each with what it is."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ledger.forms.registers import RegisterForm
from ledger.models.scope import may
from ledger.queries.contact_cards import PRINTERS
from ledger.rules.permissions import Permission
from ledger.views.contract import contract

P = Permission


@dataclass(frozen=True)
class Paper:
    """One entry; shown to who holds one of ``needs``."""

    route: str
    title: Promise | str
    what: Promise | str
    icon: str
    needs: tuple[Permission, ...]

    @property
    def url(self) -> str:
        return reverse(self.route)


PAPERS = (
    Paper("contact_card_list", _("Contact cards"), _("For each household: cadre, phones; only what changed again"),
          "phone", PRINTERS),
    Paper("register_list", _("Registers of villages and households"),
          _("Who stands for each village, who looks after each household, as workbooks"), "list", (P.EXPORT,)),
    Paper("diary_paper", _("Diary of a cadre"), _("Households, visits and problems of a period, as a Word document"),
          "document", (P.EXPORT,)),
    Paper("digest_paper", _("Monthly digest"), _("Figures and chosen matters of a month, masked, as a Word document"),
          "stats", (P.SEE_DASHBOARD,)),
    Paper("summary_paper", _("Quarterly report and year-end summary"),
          _("Of a place, a unit or a cadre: a draft in Word, filled from the records"), "calendar", (P.EXPORT,)),
    Paper("badge_list", _("Badges"), _("Name, unit and number of a cadre, ten on a page"), "person", (P.EXPORT,)),
)  # fmt: skip


@contract(P.EXPORT)
def register_list(request: HttpRequest) -> HttpResponse:
    """包村表 and 包户表 of a place: how many rows they have, and their export."""
    form = RegisterForm(request.GET, user=request.user)
    area = form.place()
    context = {
        "form": form, "area": area, "address": f"area={area}" if area else "",
        "villages": form.rows("villages").count(), "households": form.rows("households").count(),
        "sees_area": may(request.user, P.SEE_DASHBOARD),
    }  # fmt: skip
    return render(request, "ledger/papers/register_list.html", context)


@contract(P.EXPORT)
def papers(request: HttpRequest) -> HttpResponse:
    """The index of papers."""
    shown = [paper for paper in PAPERS if any(may(request.user, permission) for permission in paper.needs)]
    return render(request, "ledger/papers/papers.html", {"papers": shown})
