"""待核定: rows of a roster that might be a household the ledger has, decided one by one."""

import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from ledger.actions.submissions import submit
from ledger.forms.held_rows import HeldRowForm
from ledger.forms.picks import number_of
from ledger.importing.batches import OutOfScope
from ledger.importing.compared import choices, compared
from ledger.importing.deciding import AlreadyDecided, Changed, decide
from ledger.importing.findings import Finding
from ledger.importing.holding import KEPT
from ledger.importing.questions import Question, question
from ledger.models import BatchState, HeldRow, Household
from ledger.queries.held_rows import decided, held_rows, to_decide
from ledger.rules.held_rows import HeldState
from ledger.rules.permissions import Permission
from ledger.views.contract import contract
from ledger.views.records import sent

IMPORT = Permission.IMPORT_HOUSEHOLDS
ROWS_ON_PAGE = 30


@contract(IMPORT)
def held_row_list(request: HttpRequest) -> HttpResponse:
    """What waits for a decision in one's townships, or of one import (``?import=``); and what was decided."""
    rows, of = held_rows(request.user), number_of(request.GET.get("import", ""))
    rows = rows.filter(row__batch=of) if of else rows
    past = request.GET.get("state") == "decided"
    page = Paginator(decided(rows) if past else to_decide(rows), ROWS_ON_PAGE).get_page(request.GET.get("page"))
    only = f"import={of}&" if of else ""
    lanes = [
        {"url": f"?{only}", "label": _("To be decided"), "count": to_decide(rows).count(), "active": not past},
        {"url": f"?{only}state=decided", "label": _("Decided"), "count": decided(rows).count(), "active": past},
    ]
    context = {"page": page, "lanes": lanes, "decided": past, "of": of}
    return render(request, "ledger/imports/held_row_list.html", context)


@contract(IMPORT, methods=("GET", "POST"))
def held_row_decide(request: HttpRequest, pk: int) -> HttpResponse:
    """What the file says beside what the ledger has, and what may be answered; a POST does just that."""
    held = get_object_or_404(held_rows(request.user), pk=pk)
    asked = question(held)
    _refuse_unseen(request.user, asked)
    form, status = HeldRowForm(sent(request), choices=choices(asked), initial={"seen": asked.seen()}), 200
    if form.is_bound:
        status = _decide(request, held, form)
        if status == 302:
            return redirect(f"{request.path.removesuffix(f'{pk}/')}?import={held.row.batch_id}")
        held = get_object_or_404(held_rows(request.user), pk=pk)
        asked = question(held)
        if status == 409:
            form = HeldRowForm(None, choices=choices(asked), initial={"seen": asked.seen()})
    return render(request, "ledger/imports/held_row_decide.html", _context(held, asked, form), status=status)


def _refuse_unseen(user: Any, asked: Question) -> None:
    """Nothing is shown beside the row that is not the reader's to see."""
    mine = Household.objects.visible_to(user, IMPORT).filter(pk__in=[other.pk for other in asked.others])
    if mine.count() != len(asked.others):
        raise PermissionDenied


def _decide(request: HttpRequest, held: HeldRow, form: HeldRowForm) -> int:
    """302 when it is decided, 400 for no answer, 409 when something changed since it was looked at."""
    if "answer" in request.POST and request.POST.get("seen") != form.initial["seen"]:
        messages.warning(request, _overtaken(held))
        return 409
    if not form.is_valid():
        return 400
    decision, other = form.chosen
    seen = form.cleaned_data["seen"]

    def write() -> int:
        return decide(by=request.user, held=held, decision=decision, other=other, seen=seen).pk

    client_id = form.cleaned_data["client_id"]
    try:
        submit(
            user=request.user, form="held-row", client_id=client_id, body={"held": held.pk, **form.body}, write=write
        )
    except (AlreadyDecided, Changed):
        messages.warning(request, _overtaken(held))
        return 409
    except OutOfScope as error:
        raise PermissionDenied from error
    messages.success(request, _("Decided. It is undone together with its import, as long as nobody builds on it."))
    return 302


def _overtaken(held: HeldRow) -> str:
    held.refresh_from_db()
    if held.state == HeldState.DECIDED and held.decided_by:
        said = _("%(who)s decided this already: %(what)s.")
        return said % {"who": held.decided_by.name, "what": held.get_decision_display()}
    return _("The ledger changed since you looked. This is how it stands now; nothing has been written.")


def _context(held: HeldRow, asked: Question, form: HeldRowForm) -> dict[str, Any]:
    ends = held.held_at + KEPT
    return {
        "held": held, "form": form, "lines": compared(asked), "others": asked.others, "person": asked.person,
        "is_member": held.row.role == "residents",
        "sentences": [Finding(*note).sentence for note in held.row.notes if note[0] == held.reason],
        "is_open": held.state == HeldState.OPEN and held.row.batch.state == BatchState.APPLIED,
        "is_undone": held.row.batch.state != BatchState.APPLIED, "ends": ends - datetime.timedelta(days=1),
    }  # fmt: skip
