"""类别、户类型、主题、日历: the county's own lists."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from ledger.actions import calendar, records
from ledger.actions.submissions import once
from ledger.forms.categories import FORMS, CalendarDayForm
from ledger.models import CalendarDay, Category, County, HouseholdType, Topic
from ledger.queries import categories as lists
from ledger.rules.permissions import Permission
from ledger.views.contract import contract, require
from ledger.views.records import sent

MANAGE = Permission.MANAGE_DEFAULTS
MODELS: dict[str, Any] = {"category": Category, "household_type": HouseholdType, "topic": Topic}


def _county(request: HttpRequest) -> County:
    """The county whose lists are shown: ``?county=`` for who runs several, else the one."""
    rows = County.objects.visible_to(request.user, MANAGE)
    asked = request.GET.get("county", "")
    if asked.isascii() and asked.isdigit():
        rows = rows.filter(code=asked)
    county: County | None = rows.first()
    if county is None:
        raise Http404
    return county


@contract(MANAGE)
def category_list(request: HttpRequest) -> HttpResponse:
    """All lists of the county on one page."""
    county = _county(request)
    context = {
        "county": county,
        "categories": lists.categories(county),
        "words": [
            ("household_type", _("Household types"), lists.household_types(county)),
            ("topic", _("Topics of visits"), lists.topics(county)),
        ],
        "days": lists.calendar_days(county),
    }
    return render(request, "ledger/categories/category_list.html", context)


@contract(MANAGE, methods=("GET", "POST"))
def word_create(request: HttpRequest, kind: str) -> HttpResponse:
    """A new category, household type or topic."""
    if kind not in FORMS:
        raise Http404
    form = FORMS[kind](sent(request), county=_county(request), initial=_initial(request, kind))
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


@contract(MANAGE, methods=("GET", "POST"))
def calendar_day_create(request: HttpRequest) -> HttpResponse:
    county = _county(request)
    form = CalendarDayForm(sent(request))
    if form.is_bound and form.is_valid() and form.attempt(lambda: _set_day(request, form, county)):
        messages.success(request, _("The day has been noted."))
        return redirect(f"{reverse('category_list')}#calendar")
    context = {"form": form, "title": _("Add a day")}
    return render(request, "ledger/categories/word_edit.html", context, status=form.status)


@contract(MANAGE, methods=("POST",))
def calendar_day_clear(request: HttpRequest, pk: int) -> HttpResponse:
    day = get_object_or_404(CalendarDay.objects.visible_to(request.user), pk=pk)
    require(request.user, MANAGE, day)
    calendar.clear_day(by=request.user, day=day)
    messages.success(request, _("The official calendar holds for this day again."))
    return redirect(f"{reverse('category_list')}#calendar")


def _set_day(request: HttpRequest, form: CalendarDayForm, county: County) -> int:
    data = form.cleaned_data
    return once(
        user=request.user, form="calendar-day", client_id=data["client_id"], body=form.body,
        write=lambda: calendar.set_day(
            by=request.user, county=county, day=data["day"], is_working=data["is_working"], note=data["note"]
        ).pk,
    )  # fmt: skip


def _initial(request: HttpRequest, kind: str) -> dict[str, Any]:
    """``?parent=PK`` puts a new category below another; one that is not offered is not chosen."""
    parent = request.GET.get("parent", "")
    return {"parent": parent} if kind == "category" and parent.isascii() and parent.isdigit() else {}


def _titles() -> dict[str, str]:
    return {
        "category": _("Add a category"), "household_type": _("Add a household type"), "topic": _("Add a topic"),
    }  # fmt: skip
