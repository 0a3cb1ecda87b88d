"""代管: who stands in for whom, appointing somebody, ending it early."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from ledger.actions import substitutions
from ledger.actions.submissions import once
from ledger.forms.picks import number_of
from ledger.forms.substitutions import SubstitutionForm
from ledger.models import Cadre, Substitution
from ledger.models.scope import may, scope_of
from ledger.queries.postings import manageable_cadres
from ledger.queries.substitutions import is_at_work, listed, may_appoint
from ledger.rules.days import local_today
from ledger.rules.permissions import Permission
from ledger.views.contract import contract
from ledger.views.records import sent


@contract()
def substitution_list(request: HttpRequest) -> HttpResponse:
    """One's own leave and whom one stands in for; an administrator's also those of the own territory."""
    rows = list(listed(request.user))
    me = scope_of(request.user).cadre_id
    absent = Cadre.objects.filter(user=request.user).first()
    theirs = manageable_cadres(request.user, Permission.MANAGE_POSTINGS).filter(pk__in=[row.absent_id for row in rows])
    mine = {me, *theirs.values_list("pk", flat=True)}
    context = {
        "rows": [(row, row.absent_id in mine) for row in rows],
        "own": absent is not None and is_at_work(request.user) and may_appoint(request.user, absent),
        "manages": may(request.user, Permission.MANAGE_POSTINGS), "today": local_today(),
    }  # fmt: skip
    return render(request, "ledger/substitutions/substitution_list.html", context)


@contract(methods=("GET", "POST"))
def substitution_create(request: HttpRequest) -> HttpResponse:
    """For one's own leave; ``?cadre=PK`` for that of a cadre whose postings one sees to."""
    asked = request.GET.get("cadre", "")
    if asked:
        absent = get_object_or_404(
            Cadre.objects.visible_to(request.user, Permission.MANAGE_POSTINGS), pk=number_of(asked)
        )
    else:
        absent = Cadre.objects.filter(user=request.user).first()
    if absent is None or not may_appoint(request.user, absent):
        raise PermissionDenied
    form = SubstitutionForm(sent(request), user=request.user, absent=absent)
    if form.is_bound and form.is_valid() and form.attempt(lambda: _appoint(request, form, absent)):
        messages.success(request, _("Appointed. It begins and ends by itself."))
        return redirect("substitution_list")
    context = {"form": form, "absent": absent, "is_self": absent.user_id == request.user.pk}
    return render(request, "ledger/substitutions/substitution_create.html", context, status=form.status)


def _appoint(request: HttpRequest, form: SubstitutionForm, absent: Cadre) -> int:
    said = {name: value for name, value in form.cleaned_data.items() if name != "client_id"}
    return once(
        user=request.user, form="new-substitution", client_id=form.cleaned_data["client_id"],
        body=form.body | {"absent": absent},
        write=lambda: int(substitutions.appoint(by=request.user, absent=absent, **said).pk),
    )  # fmt: skip


@contract(methods=("POST",))
def substitution_end(request: HttpRequest, pk: int) -> HttpResponse:
    """It is over from today."""
    rows = Substitution.objects.visible_to(request.user).select_related("absent__township", "substitute")
    substitution = get_object_or_404(rows, pk=pk)
    if substitutions.end(by=request.user, substitution=substitution):
        messages.success(request, _("It is over."))
    return redirect("substitution_list")
