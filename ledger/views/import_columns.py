"""各列的含义: which column of a roster is which field, where the recogniser is unsure or somebody knows better."""

from functools import cache

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from ledger.forms.import_columns import ColumnsForm
from ledger.forms.picks import number_of
from ledger.importing.batches import ROSTER
from ledger.importing.choosing import (
    CHANGEABLE,
    choose_columns,
    forget_columns,
    names_village,
    places_to_choose,
    sample_kept,
)
from ledger.importing.files import SENTENCES
from ledger.importing.jobs import plan_import
from ledger.importing.ledger_now import LedgerNow, ledger_for
from ledger.importing.villages import Villages
from ledger.models import BatchState, ImportBatch
from ledger.queries.imports import batches, remembered_columns
from ledger.rules.permissions import Permission
from ledger.views.contract import contract
from ledger.views.records import sent

IMPORT = Permission.IMPORT_HOUSEHOLDS


@contract(IMPORT, methods=("GET", "POST"))
def import_columns(request: HttpRequest, pk: int) -> HttpResponse:
    """The first rows of each sheet under a choice for each column; what is sent plans the file anew."""
    batch = get_object_or_404(batches(request.user).filter(kind=ROSTER), pk=pk)
    form = _form(request, batch)
    if batch.state not in CHANGEABLE or not form.blocks:
        if form.is_bound:
            messages.info(request, _said_too_late(batch))
        return redirect("import_detail", pk=pk)
    status = 200
    if form.is_bound and form.again is not None:
        form = _form(request, batch, again=form)
    elif form.is_bound:
        status = _choose(request, batch, form)
        if status == 302:
            return redirect("import_detail", pk=pk)
    context = {
        "batch": batch, "form": form, "remembered": remembered_columns(batch),
        "asked": batch.state == BatchState.COLUMNS, "refusal": SENTENCES.get(batch.error_code, ""),
    }  # fmt: skip
    return render(request, "ledger/imports/columns.html", context, status=status)


def _form(request: HttpRequest, batch: ImportBatch, again: ColumnsForm | None = None) -> ColumnsForm:
    @cache
    def known(text: str) -> bool:
        return names_village(villages(), text)

    @cache
    def ledger() -> LedgerNow:
        """Asked only where no column names the village."""
        return ledger_for(batch.townships.select_related("county"))

    def villages() -> Villages:
        return ledger().villages

    def places() -> list[tuple[str, str]]:
        return places_to_choose(ledger())

    if again is not None:
        sample = again.recognised_again(again.again or 0)
        return ColumnsForm(None, sample=sample, version=batch.version, names_village=known, places=places)
    sample = sample_kept(batch)
    return ColumnsForm(sent(request), sample=sample, version=batch.version, names_village=known, places=places)


def _choose(request: HttpRequest, batch: ImportBatch, form: ColumnsForm) -> int:
    """Take the choice: 302 when it is being planned, 400 for a wrong one, 409 for one made on an older state."""
    if not form.is_valid():
        return form.status
    version = form.cleaned_data["version"]
    if choose_columns(by=request.user, batch=batch, version=version, mapping=form.mapping, remembered=form.remembered):
        plan_import.enqueue(batch.pk)
        return 302
    form.overtaken(batch.version)
    return 409


@contract(IMPORT, methods=("POST",))
def import_columns_forget(request: HttpRequest, pk: int) -> HttpResponse:
    """Forget the columns kept for the layouts of this file, and recognise it anew."""
    batch = get_object_or_404(batches(request.user).filter(kind=ROSTER), pk=pk)
    if forget_columns(by=request.user, batch=batch, version=number_of(request.POST.get("version", ""))):
        plan_import.enqueue(batch.pk)
        messages.success(request, _("Forgotten: from now on files of this layout are recognised anew."))
    else:
        batch.refresh_from_db()
        messages.info(request, _said_too_late(batch))
    return redirect("import_detail", pk=pk)


def _said_too_late(batch: ImportBatch) -> str:
    if batch.state in CHANGEABLE:
        return _("Somebody else changed this import meanwhile. Look at it again.")
    return _("The columns can be changed only until the import is applied.")
