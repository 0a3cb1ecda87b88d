"""任职: giving a cadre a role over a territory, and ending it."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from ledger.actions import postings
from ledger.actions.submissions import once
from ledger.forms.postings import EndForm, PostingForm
from ledger.forms.records import attempt
from ledger.models import Cadre, Posting
from ledger.queries.postings import grantable_postings, grantable_roles, ownerless_after
from ledger.rules.permissions import ROLES, Permission, Role
from ledger.views.contract import contract, require
from ledger.views.records import sent

MANAGE = Permission.MANAGE_POSTINGS


@contract(MANAGE, methods=("GET", "POST"))
def posting_create(request: HttpRequest) -> HttpResponse:
    """``?cadre=PK`` shows the roles one may give; ``&role=KEY`` asks where and from when."""
    asked = request.GET.get("cadre", "")
    if not asked.isascii() or not asked.isdigit() or len(asked) > 12:
        raise Http404
    cadre = get_object_or_404(Cadre.objects.visible_to(request.user), pk=int(asked))
    require(request.user, MANAGE, cadre)
    if cadre.user_id == request.user.pk:
        messages.error(request, _("Nobody gives a posting to themselves. Ask another administrator."))
        return redirect("cadre_detail", pk=cadre.pk)
    roles = grantable_roles(request.user)
    role = request.GET.get("role", "")
    if role not in roles:
        choices = [(key, Role(key).label, ROLES[key].sentence) for key in roles]
        return render(request, "ledger/postings/posting_role.html", {"cadre": cadre, "roles": choices})
    form = PostingForm(sent(request), user=request.user, cadre=cadre, role=role)
    if form.is_bound and form.is_valid() and form.attempt(lambda: _grant(request, form, cadre, role)):
        messages.success(request, _("%(name)s now holds the posting.") % {"name": cadre.name})
        return redirect("cadre_detail", pk=cadre.pk)
    context = {"form": form, "cadre": cadre, "role": Role(role).label, "sentence": ROLES[role].sentence}
    return render(request, "ledger/postings/posting_create.html", context, status=form.status)


def _grant(request: HttpRequest, form: PostingForm, cadre: Cadre, role: str) -> int:
    return once(
        user=request.user, form="new-posting", client_id=form.cleaned_data["client_id"],
        body=form.body | {"cadre": cadre, "role": role},
        write=lambda: int(
            postings.grant(
                by=request.user, cadre=cadre, role=role, territories=form.places(),
                start_on=form.cleaned_data["start_on"], end_on=form.cleaned_data["end_on"],
            )[0].pk
        ),
    )  # fmt: skip


@contract(MANAGE, methods=("GET", "POST"))
def posting_end(request: HttpRequest, pk: int) -> HttpResponse:
    """End a posting; refused, with what to do first, while something would be left without an owner."""
    posting = get_object_or_404(Posting.objects.visible_to(request.user).with_names(), pk=pk)
    require(request.user, MANAGE, posting)
    if not Posting.objects.filter(grantable_postings(request.user), pk=pk).exists():
        raise PermissionDenied
    form = EndForm(sent(request))
    if form.is_bound and form.is_valid() and attempt(form, lambda: _end(request, posting, form)):
        messages.success(request, _("The posting ends on %(day)s.") % {"day": date_format(form.cleaned_data["end_on"])})
        return redirect("cadre_detail", pk=posting.cadre_id)
    context = {
        "form": form, "posting": posting, "cadre": posting.cadre,
        "left": ownerless_after(posting) if form.non_field_errors() else None,
    }  # fmt: skip
    return render(request, "ledger/postings/posting_end.html", context)


def _end(request: HttpRequest, posting: Posting, form: EndForm) -> bool:
    postings.end(by=request.user, posting=posting, end_on=form.cleaned_data["end_on"])
    return True
