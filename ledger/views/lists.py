"""A list handed in (divisions, cadres): looked through first, then loaded. Nothing is written in between."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from ledger.forms.cadres import ListUploadForm
from ledger.forms.uploads import seal, unseal
from ledger.importing.lists import MAX_BYTES
from ledger.rules.lists import ListRefused
from ledger.views.records import sent


def look_through(
    request: HttpRequest, *, kind: str, template: str, columns: Mapping[str, tuple[str, ...]],
    required: tuple[str, ...], read: Callable[[bytes], Sequence[Any]], plan: Callable[[Sequence[Any]], Any],
) -> HttpResponse:  # fmt: skip
    """The page that takes a list; with one handed in, what it would do, or all its faults.

    ``read`` and ``plan`` raise ListRefused. What was read goes along, sealed under ``kind``, to ``load``.
    """
    form = ListUploadForm(sent(request), request.FILES or None)
    context: dict[str, Any] = {
        "form": form, "columns": [(name, words[0]) for name, words in columns.items()], "required": required,
        "limit": MAX_BYTES // 1024 // 1024,
    }  # fmt: skip
    if form.is_bound and form.is_valid():
        upload = form.cleaned_data["file"]
        try:
            lines = read(upload.read(MAX_BYTES + 1))
            context["plan"] = plan(lines)
            context["sealed"] = seal(request.user, kind, lines, upload.name)
            context["file_name"] = upload.name
        except ListRefused as refusal:
            context["faults"] = refusal.sentences()
    return render(request, template, context)


def load(request: HttpRequest, *, kind: str, write: Callable[[list[dict[str, Any]], str], Any]) -> Any:
    """Load the list that was looked at: what ``write`` (lines, file name) returns, None when nothing was loaded.

    The reader is told why: looked at too long ago, or refused by ``write`` (ListRefused) since.
    """
    kept = unseal(request.user, kind, request.POST.get("sealed", ""))
    if kept is None:
        messages.error(request, _("The list has to be handed in again: it was looked at too long ago."))
        return None
    name, lines = kept
    try:
        return write(lines, name)
    except ListRefused as refusal:
        messages.error(request, " ".join([_("Nothing was loaded."), *refusal.sentences()]))
        return None
