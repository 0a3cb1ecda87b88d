"""工作日历: a year's days off and make-up days, the county's own changes, and the notice taken in year by year."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from ledger.actions import calendar
from ledger.actions.submissions import once
from ledger.forms.calendar import FIRST_YEAR, LAST_YEAR, CalendarDayForm, CalendarYearForm
from ledger.forms.uploads import seal
from ledger.importing.calendar import COLUMNS, NOTICE_EXAMPLE, REQUIRED, TABLE_EXAMPLE, read_calendar
from ledger.importing.lists import MAX_BYTES
from ledger.models import CalendarDay, County
from ledger.queries.calendar import year_sheet
from ledger.rules.calendar_notice import CalendarLine
from ledger.rules.days import local_today
from ledger.rules.lists import ListRefused
from ledger.rules.official_days import YEARS
from ledger.rules.permissions import Permission
from ledger.views import lists
from ledger.views.contract import contract, require
from ledger.views.records import county_of, sent

MANAGE = Permission.MANAGE_DEFAULTS


@contract(MANAGE)
def calendar_year(request: HttpRequest) -> HttpResponse:
    """A year on one page: which days are off, which are worked instead, what the county does otherwise."""
    county, year = county_of(request, MANAGE), _year(request.GET.get("year", ""))
    context = {
        "county": county, "sheet": year_sheet(county, year), "library_knows": year in YEARS, "today": local_today(),
        "before": year - 1 if year > FIRST_YEAR else None, "after": year + 1 if year < LAST_YEAR else None,
    }  # fmt: skip
    return render(request, "ledger/calendar/calendar_year.html", context)


@contract(MANAGE, methods=("GET", "POST"))
def calendar_import(request: HttpRequest) -> HttpResponse:
    """Hand in the notice of a year; look at what it would do; nothing is written yet."""
    county = county_of(request, MANAGE)
    form = CalendarYearForm(sent(request), request.FILES or None, initial={"year": _year(request.GET.get("year", ""))})
    context: dict[str, Any] = {
        "form": form, "county": county, "limit": MAX_BYTES // 1024 // 1024, "required": REQUIRED,
        "columns": [(name, words[0]) for name, words in COLUMNS.items()], "notice_example": NOTICE_EXAMPLE,
        "table_example": TABLE_EXAMPLE,
    }  # fmt: skip
    if form.is_bound and form.is_valid():
        year, upload = form.cleaned_data["year"], form.cleaned_data.get("file")
        context["file_name"] = upload.name if upload else ""
        try:
            lines = read_calendar(form.data_given, year)
            context["plan"] = calendar.plan_year(county=county, year=year, lines=lines)
            context["sealed"] = seal(request.user, _sealed_as(county, year), lines, context["file_name"])
        except ListRefused as refusal:
            context["faults"] = refusal.sentences()
    return render(request, "ledger/calendar/calendar_import.html", context)


@contract(MANAGE, methods=("POST",))
def calendar_apply(request: HttpRequest) -> HttpResponse:
    """Take in the year that was looked at."""
    county, year = county_of(request, MANAGE), _year(request.POST.get("year", ""))

    def write(rows: list[dict[str, Any]], name: str) -> calendar.YearPlan:
        lines = [CalendarLine(**row) for row in rows]
        return calendar.set_year(by=request.user, county=county, year=year, lines=lines, file_name=name)

    plan = lists.load(request, kind=_sealed_as(county, year), write=write)
    if plan is None:
        return redirect(f"{reverse('calendar_import')}?county={county.code}&year={year}")
    messages.success(request, _taken(plan))
    return _to(county, year)


@contract(MANAGE, methods=("POST",))
def calendar_take_over(request: HttpRequest) -> HttpResponse:
    """Take the built-in calendar of a year into the county's own table."""
    county, year = county_of(request, MANAGE), _year(request.POST.get("year", ""))
    if year not in YEARS:
        messages.error(request, _("There is no built-in calendar of %(year)s: take in the notice.") % {"year": year})
        return _to(county, year)
    messages.success(request, _taken(calendar.take_over(by=request.user, county=county, year=year)))
    return _to(county, year)


@contract(MANAGE, methods=("POST",))
def calendar_give_back(request: HttpRequest) -> HttpResponse:
    """Leave a year to the built-in calendar again; the county's own days stay."""
    county, year = county_of(request, MANAGE), _year(request.POST.get("year", ""))
    if calendar.drop_year(by=request.user, county=county, year=year):
        said = _("The calendar taken in for %(year)s has been removed; the county's own days stay.")
        messages.success(request, said % {"year": year})
    return _to(county, year)


@contract(MANAGE, methods=("GET", "POST"))
def calendar_day_create(request: HttpRequest) -> HttpResponse:
    """A day on which the county's offices do otherwise."""
    county = county_of(request, MANAGE)
    form = CalendarDayForm(sent(request), initial={"day": request.GET.get("day", "")[:10]})
    if form.is_bound and form.is_valid() and form.attempt(lambda: _set_day(request, form, county)):
        messages.success(request, _("The day has been noted."))
        return _to(county, form.cleaned_data["day"].year)
    context = {"form": form, "title": _("Add a day"), "county": county}
    return render(request, "ledger/calendar/calendar_day.html", context, status=form.status)


@contract(MANAGE, methods=("POST",))
def calendar_day_clear(request: HttpRequest, pk: int) -> HttpResponse:
    """Leave a day to the official calendar again."""
    day = get_object_or_404(CalendarDay.objects.visible_to(request.user).filter(is_official=False), pk=pk)
    require(request.user, MANAGE, day)
    calendar.clear_day(by=request.user, day=day)
    messages.success(request, _("The official calendar holds for this day again."))
    return _to(day.county, day.day.year)


def _set_day(request: HttpRequest, form: CalendarDayForm, county: County) -> int:
    data = form.cleaned_data
    return once(
        user=request.user, form="calendar-day", client_id=data["client_id"], body=form.body,
        write=lambda: calendar.set_day(
            by=request.user, county=county, day=data["day"], is_working=data["is_working"], note=data["note"]
        ).pk,
    )  # fmt: skip


def _taken(plan: calendar.YearPlan) -> str:
    values = {"year": plan.year, "off": plan.off, "made_up": plan.made_up}
    return _("%(year)s: %(off)s days off and %(made_up)s make-up days are in the calendar.") % values


def _sealed_as(county: County, year: int) -> str:
    return f"calendar-{county.pk}-{year}"


def _year(asked: str) -> int:
    """The year asked for; anything senseless is this year."""
    number = int(asked) if asked.isascii() and asked.isdigit() and len(asked) == 4 else 0
    return number if FIRST_YEAR <= number <= LAST_YEAR else local_today().year


def _to(county: County, year: int) -> HttpResponse:
    return redirect(f"{reverse('calendar_year')}?county={county.code}&year={year}")
