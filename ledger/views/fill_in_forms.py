"""套表: keep a superior's blank workbook, point at its cells, fill it for any period."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from ledger.exporting.exports import note
from ledger.exporting.fill_in_forms import FormRefused, Grid, bind_cell, filled, grids, remove_form, take_form
from ledger.filters.area import MODELS, Area
from ledger.forms.fill_in_forms import BindForm, FillInUploadForm
from ledger.models import FillInForm, Village
from ledger.models.scope import may
from ledger.queries.fill_in_forms import SPANS, choices, values_of
from ledger.rules.permissions import Level, Permission
from ledger.views.contract import contract, require
from ledger.views.dashboard import own_areas
from ledger.views.exports import XLSX, file_response
from ledger.views.statistics import period_form

P = Permission
HOMES = (Level.COUNTY, Level.TOWNSHIP)


def kept(request: HttpRequest) -> QuerySet[FillInForm]:
    """The forms of the counties and townships whose figures somebody sees."""
    rows: QuerySet[FillInForm] = FillInForm.objects.visible_to(request.user, P.SEE_DASHBOARD)
    return rows.filter(removed_at__isnull=True)


def _home(request: HttpRequest) -> Area:
    """The county or township in which somebody keeps forms; 403 for who serves a part of a township only."""
    home = next((area for area in own_areas(request.user) if area.level in HOMES), None)
    if home is None:
        raise PermissionDenied
    return home


@contract(P.SEE_DASHBOARD)
def fill_in_form_list(request: HttpRequest) -> HttpResponse:
    """The forms at hand, and a place to hand in another."""
    home = _home(request)
    rows = kept(request).select_related("county", "township").defer("data")
    context = {"rows": rows, "form": FillInUploadForm(), "home": home, "period": period_form(request)}
    context["may_keep"] = may(request.user, P.REPORT, MODELS[home.level].objects.get(pk=home.pk))
    return render(request, "ledger/fill_in_forms/fill_in_form_list.html", context)


@contract(P.REPORT, methods=("POST",))
def fill_in_form_create(request: HttpRequest) -> HttpResponse:
    """Keep a blank workbook under a name, or say why it can't be filled."""
    home, form = _home(request), FillInUploadForm(request.POST, request.FILES)
    place = MODELS[home.level].objects.get(pk=home.pk)
    require(request.user, P.REPORT, place)
    if form.is_valid():
        file = form.cleaned_data["file"]
        try:
            made = take_form(
                by=request.user, place=place, name=form.cleaned_data["name"], file_name=file.name, data=file.read()
            )
        except FormRefused as refused:
            form.add_error("file", str(refused))
        except ValidationError as fault:
            form.add_error("name", fault.messages[0])
        else:
            messages.success(request, _("Kept. Now choose a cell and what fills it."))
            return redirect("fill_in_form_detail", pk=made.pk)
    messages.error(request, " ".join(error for errors in form.errors.values() for error in errors))
    return redirect("fill_in_form_list")


@contract(P.SEE_DASHBOARD)
def fill_in_form_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """The sheets as tables; ``?cell=0!C5`` is the cell pointed at."""
    form = get_object_or_404(kept(request).select_related("county", "township"), pk=pk)
    return _page(request, form, request.GET.get("cell", ""))


def _page(request: HttpRequest, form: FillInForm, cell: str, bind: BindForm | None = None) -> HttpResponse:
    sheets = grids(bytes(form.data))
    may_bind = may(request.user, P.REPORT, form)
    known = {key for sheet in sheets for row in sheet.rows for key, *_rest in row} if may_bind else set()
    if bind is None and cell in known:
        figure, span, place = form.bindings.get(cell, ["", "period", form.area])
        initial = {"cell": cell, "figure": figure, "span": span, "place": place, "version": form.version}
        bind = BindForm(initial=initial, areas=_areas(form))
    labels = dict(choices())
    names = dict(_areas(form))
    context = {
        "form": form, "bind": bind, "cell": cell.partition("!")[2] if cell in known else "",
        "period": period_form(request), "may_bind": may_bind,
        "sheets": [_shown(form, sheet, cell, labels, may_bind=may_bind) for sheet in sheets],
        "bound": [
            {"cell": key.partition("!")[2], "url": _cell_url(form, key) if may_bind else "",
             "what": labels.get(figure, figure), "span": SPANS.get(span, ""), "area": names.get(area, "")}
            for key, (figure, span, area) in form.bindings.items()
        ],
    }  # fmt: skip
    status = 422 if bind is not None and bind.errors else 200
    return render(request, "ledger/fill_in_forms/fill_in_form_detail.html", context, status=status)


def _cell_url(form: FillInForm, cell: str) -> str:
    return f"{reverse('fill_in_form_detail', args=[form.pk])}?{urlencode({'cell': cell})}#bind"


def _shown(
    form: FillInForm, sheet: Grid, chosen: str, labels: dict[str, Any], *, may_bind: bool
) -> dict[str, Any]:  # fmt: skip
    """The rows of a sheet with their links; a bound cell says what fills it, a formula can't be pointed at."""
    rows = [
        [
            {"url": "" if text.startswith("=") or not may_bind else _cell_url(form, key),
             "name": key.partition("!")[2], "text": text, "rows": down, "columns": across, "is_chosen": key == chosen,
             "what": labels.get(form.bindings[key][0], "") if key in form.bindings else ""}
            for key, text, down, across in row
        ]
        for row in sheet.rows
    ]  # fmt: skip
    return {"name": sheet.name, "rows": rows}


def _areas(form: FillInForm) -> list[tuple[str, str]]:
    """The form's own area, then its townships, districts and villages."""
    found = [(form.area, str(form.township or form.county))]
    villages = _villages(form).select_related("township", "district").order_by("township", "sort_order", "code")
    for level in ("township", "district"):
        some = {getattr(v, f"{level}_id"): getattr(v, level) for v in villages if getattr(v, f"{level}_id")}
        found += [(f"{level}-{pk}", str(place)) for pk, place in some.items()]
    found += [(f"village-{village.pk}", str(village)) for village in villages]
    return list(dict(found).items())


def _villages(form: FillInForm) -> QuerySet[Village]:
    level, _dash, number = form.area.partition("-")
    return Area(level, int(number), "").villages()


@contract(P.REPORT, methods=("POST",))
def fill_in_form_bind(request: HttpRequest, pk: int) -> HttpResponse:
    """Bind the cell that was pointed at, or free it."""
    form = get_object_or_404(kept(request).select_related("county", "township"), pk=pk)
    require(request.user, P.REPORT, form)
    bind = BindForm(request.POST, areas=_areas(form))
    cell = request.POST.get("cell", "")
    if not bind.is_valid():
        return _page(request, form, cell, bind)
    said = bind.cleaned_data
    try:
        done = bind_cell(by=request.user, form=form, version=said["version"], cell=said["cell"], to=bind.bound_to)
    except ValidationError as fault:
        bind.add_error(None, fault)
        return _page(request, form, cell, bind)
    if done:
        messages.success(request, _("Saved: %(cell)s.") % {"cell": said["cell"].partition("!")[2]})
    else:
        messages.error(request, _("Somebody changed this form meanwhile. Look at it again, then save once more."))
    return redirect(_cell_url(form, said["cell"]))


@contract(P.EXPORT, methods=("POST",))
def fill_in_form_fill(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The workbook for the period of the address, on record."""
    form = get_object_or_404(kept(request).select_related("county", "township"), pk=pk)
    period = period_form(request)
    window = period.window
    values = values_of(form.bindings, _villages(form), dict(_areas(form)), window)
    data = filled(form, values)
    told = f"{form.name} {window.first or ''} {window.last}"
    note(verb="export.made", by=request.user, kind="fill_in_form", rows=len(values), told=told)
    return file_response(data, f"{form.name}_{window.last.isoformat()}.xlsx", XLSX)


@contract(P.REPORT, methods=("POST",))
def fill_in_form_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a form off the list."""
    form = get_object_or_404(kept(request), pk=pk)
    require(request.user, P.REPORT, form)
    if remove_form(by=request.user, form=form):
        messages.success(request, _("Taken off the list."))
    return redirect("fill_in_form_list")
