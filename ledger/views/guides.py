"""办事指南: the procedure guides of the county and its townships; read by all, edited by administrators, printed."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from ledger.actions import guides
from ledger.actions.audit import record
from ledger.forms.guides import GuideForm
from ledger.models import County, GivenGuide, Guide, Township
from ledger.models.scope import may
from ledger.queries.guides import found, readable
from ledger.rules.guides import kept_sheet, sheet_of
from ledger.rules.permissions import Permission
from ledger.views.contract import contract, require
from ledger.views.records import sent

P = Permission
PAGE = 30
READ = (P.VIEW, P.HANDLE_ISSUE)


@contract(*READ)
def guide_list(request: HttpRequest) -> HttpResponse:
    """All guides, searched by a word."""
    typed = request.GET.get("q", "")
    page = Paginator(found(request.user, typed), PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "typed": typed, "may_manage": may(request.user, P.MANAGE_GUIDES)}
    return render(request, "ledger/guides/guide_list.html", context)


@contract(*READ)
def guide_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One guide as the villager gets it."""
    guide = get_object_or_404(readable(request.user), pk=pk)
    context = {
        "guide": guide, "sheet": sheet_of(guide), "may_manage": may(request.user, P.MANAGE_GUIDES, guide),
        "categories": list(guide.categories.select_related("parent")),
    }  # fmt: skip
    return render(request, "ledger/guides/guide_detail.html", context)


@contract(*READ)
def guide_print(request: HttpRequest, pk: int) -> HttpResponse:
    """One sheet of A4 to hand out."""
    guide = get_object_or_404(readable(request.user), pk=pk)
    context = {"sheet": sheet_of(guide), "where_from": guide.township or guide.county}
    return render(request, "ledger/guides/guide_print.html", context)


@contract(*READ)
def given_guide(request: HttpRequest, pk: int) -> HttpResponse:
    """The sheet as it read when it was given with a reply."""
    rows = GivenGuide.objects.visible_to(request.user).select_related("issue__village__township", "guide__county")
    kept = get_object_or_404(rows.select_related("guide__township"), pk=pk)
    if kept.issue.is_sensitive:
        record(verb="issue.read", by=request.user, obj=kept.issue, label=kept.issue.number)
    context = {"sheet": kept_sheet(kept.sheet), "where_from": kept.guide.township or kept.guide.county, "given": kept}
    return render(request, "ledger/guides/guide_print.html", context)


@contract(P.MANAGE_GUIDES, methods=("GET", "POST"))
def guide_create(request: HttpRequest) -> HttpResponse:
    """A new guide: of the county for who administers it, else of the own township."""
    county, township = _home(request)
    form = GuideForm(sent(request), county=county, township=township)
    if form.is_bound and form.is_valid():
        data = form.cleaned_data
        made = form.attempt(
            lambda: guides.create_guide(
                by=request.user, guide=form.instance, categories=data["categories"], client_id=data["client_id"],
                body=form.body,
            )
        )  # fmt: skip
        if made:
            messages.success(request, _("“%(name)s” has been added.") % {"name": made.title})
            return redirect("guide_detail", made.pk)
    context = {"form": form, "title": _("Add a guide"), "home": township or county}
    return render(request, "ledger/guides/guide_edit.html", context, status=form.status)


@contract(P.MANAGE_GUIDES, methods=("GET", "POST"))
def guide_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """A new edition; what was given with replies stays as it read then."""
    guide = get_object_or_404(readable(request.user), pk=pk)
    require(request.user, P.MANAGE_GUIDES, guide)
    form = GuideForm(sent(request), instance=guide, county=guide.county, township=guide.township)
    if form.is_bound and form.is_valid():
        data = form.cleaned_data
        saved = form.attempt(
            lambda: guides.change_guide(
                by=request.user, guide=guide, values=form.values, categories=data["categories"], seen=data["version"]
            )
        )
        if saved:
            messages.success(request, _("“%(name)s” has been saved.") % {"name": saved.title})
            return redirect("guide_detail", saved.pk)
    context = {"form": form, "title": Guide.objects.get(pk=pk).title, "home": guide.township or guide.county}
    return render(request, "ledger/guides/guide_edit.html", context, status=form.status)


def _home(request: HttpRequest) -> tuple[County, Township | None]:
    """Whose a new guide is."""
    county = County.objects.visible_to(request.user, P.MANAGE_GUIDES).first()
    if county is not None:
        return county, None
    township: Any = Township.objects.visible_to(request.user, P.MANAGE_GUIDES).select_related("county").first()
    if township is None:
        raise Http404
    return township.county, township
