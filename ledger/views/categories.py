"""类别、户类型、主题、常用语、关键词: the county's own lists."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from ledger.actions import records
from ledger.forms.categories import FORMS
from ledger.models import BenefitKind, Category, HouseholdType, Keyword, Phrase, Topic
from ledger.queries import categories as lists
from ledger.queries import visit_words
from ledger.rules.permissions import Permission
from ledger.views.contract import contract, require
from ledger.views.records import county_of, sent

MANAGE = Permission.MANAGE_DEFAULTS
MODELS: dict[str, Any] = {
    "category": Category, "household_type": HouseholdType, "topic": Topic, "phrase": Phrase,
    "keyword": Keyword, "benefit_kind": BenefitKind,
}  # fmt: skip


@contract(MANAGE)
def category_list(request: HttpRequest) -> HttpResponse:
    """All lists of the county on one page."""
    county = county_of(request, MANAGE)
    typed = request.GET.get("q", "").strip()[:60]
    rows = lists.categories(county)
    context = {
        "county": county,
        "typed": typed,
        "categories": lists.matching(rows, typed) if typed else rows,
        "words": [
            ("household_type", _("Household types"), lists.household_types(county)),
            ("topic", _("Topics of visits"), lists.topics(county)),
            ("benefit_kind", _("Benefits of households"), lists.benefit_kinds(county)),
        ],
        "phrases": visit_words.phrases(county),
        "keywords": visit_words.keywords(county),
    }
    return render(request, "ledger/categories/category_list.html", context)


@contract(MANAGE, methods=("GET", "POST"))
def word_create(request: HttpRequest, kind: str) -> HttpResponse:
    """A new category, household type or topic."""
    if kind not in FORMS:
        raise Http404
    form = FORMS[kind](sent(request), county=county_of(request, MANAGE), initial=_initial(request, kind))
    if form.is_bound and form.is_valid():
        made = form.attempt(
            lambda: records.create(
                by=request.user, row=form.instance, verb=f"{kind}.created", client_id=form.cleaned_data["client_id"],
                body=form.body,
            )
        )  # fmt: skip
        if made:
            messages.success(request, _("“%(name)s” has been added.") % {"name": made.name})
            return redirect(f"{reverse('category_list')}#{kind}")
    context = {"form": form, "title": _titles()[kind]}
    return render(request, "ledger/categories/word_edit.html", context, status=form.status)


@contract(MANAGE, methods=("GET", "POST"))
def word_edit(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """Change a category, household type or topic; what is no longer used is switched off, not deleted."""
    if kind not in FORMS:
        raise Http404
    word = get_object_or_404(MODELS[kind].objects.visible_to(request.user), pk=pk)
    require(request.user, MANAGE, word)
    form = FORMS[kind](sent(request), instance=word, county=word.county)
    if form.is_bound and form.is_valid():
        saved = form.attempt(
            lambda: records.change(
                by=request.user, row=word, values=form.values, seen=form.cleaned_data["version"],
                verb=f"{kind}.changed",
            )
        )  # fmt: skip
        if saved:
            messages.success(request, _("“%(name)s” has been saved.") % {"name": saved.name})
            return redirect(f"{reverse('category_list')}#{kind}")
    context = {"form": form, "title": MODELS[kind].objects.get(pk=pk).name}
    return render(request, "ledger/categories/word_edit.html", context, status=form.status)


def _initial(request: HttpRequest, kind: str) -> dict[str, Any]:
    """``?parent=PK`` puts a new category below another; one that is not offered is not chosen."""
    parent = request.GET.get("parent", "")
    return {"parent": parent} if kind == "category" and parent.isascii() and parent.isdigit() else {}


def _titles() -> dict[str, str]:
    return {
        "category": _("Add a category"), "household_type": _("Add a household type"), "topic": _("Add a topic"),
        "phrase": _("Add a phrase"), "keyword": _("Add a word"), "benefit_kind": _("Add a benefit"),
    }  # fmt: skip
