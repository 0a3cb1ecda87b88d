"""What a creating form does when its id was used with other words: nothing typed is lost, and both are kept."""

import uuid
from collections.abc import Callable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext as _

from ledger.actions.kept_entries import keep
from ledger.actions.submissions import SubmissionConflict
from ledger.rules.cleaning import storable
from ledger.rules.masking import mask_id, mask_phone, scrub
from ledger.rules.request import current_request

LABELS, VALUES = "outbox_label", "outbox_value"
LEFT_OUT = frozenset({"csrfmiddlewaretoken", "client_id", "next", "search"})
MASKS: tuple[tuple[str, Callable[[str], str]], ...] = (("id_no", mask_id), ("phone", mask_phone), ("", scrub))
"""What a field's name holds → how its value is shown."""


def sent_before(form: Any, conflict: SubmissionConflict) -> ValidationError:
    """409: the form goes on under the kept entry's own id, so that saving again makes a second record, once.

    That is for the person to decide, here or on the page of kept entries, and not for the network.
    """
    form.status, form.earlier_id = 409, conflict.object_id
    request = current_request.get()
    entry = keep(by=request.user, conflict=conflict, body=sent_body(form, request)) if request is not None else None
    form.data = form.data.copy()
    form.data[form.add_prefix("client_id")] = str(entry.next_id if entry is not None else uuid.uuid4())
    return ValidationError(
        _(
            "This form was saved before with other words. Both are kept; this one waits under “Entries to review”. "
            "Save again only if it is meant to be a second entry."
        )
    )


def sent_body(form: Any, request: HttpRequest) -> dict[str, Any]:
    """What was sent, as a kept entry holds it: to be read, and to be sent once more."""
    files = [file.name for _name, files in sorted(request.FILES.lists()) for file in files]
    return body_of(form, request.POST, request.get_full_path()) | {"files": files}


def body_of(form: Any, posted: QueryDict, address: str) -> dict[str, Any]:
    """The same of what a form would have been sent, without files."""
    values = {name: posted.getlist(name) for name in sorted(posted) if name not in LEFT_OUT}
    return {"address": address, "values": values, "lines": _lines(form, values), "files": []}


def handed_in_body(posted: QueryDict, address: str) -> dict[str, Any]:
    """The same of what was handed in from a phone, to be read as it showed it there (``outbox_label``, ``_value``)."""
    read = zip(posted.getlist(LABELS), posted.getlist(VALUES), strict=False)
    lines = [(storable(label), scrub(storable(value))) for label, value in read]
    left_out = LEFT_OUT | {LABELS, VALUES}
    values = {name: posted.getlist(name) for name in sorted(posted) if name not in left_out}
    return {"address": address, "values": values, "lines": lines}


def _lines(form: Any, values: dict[str, list[str]]) -> list[tuple[str, str]]:
    """What was typed, by the words of the form; then what no field of it knows, as the issues of a visit."""
    lines = []
    for bound in form:
        typed = values.get(bound.html_name, [])
        if any(typed) and not bound.is_hidden and not isinstance(bound.field, forms.FileField):
            words = _words(bound.field)
            mask = next(mask for part, mask in MASKS if part in bound.name)
            shown = ", ".join(words.get(one) or mask(one) for one in typed if one)
            lines.append((str(bound.label), shown))
    known = {bound.html_name for bound in form}
    more = [one for name, typed in values.items() if name not in known and not name.endswith("_FORMS") for one in typed]
    return [*lines, *(("", scrub(one)) for one in more if len(one) > 1 and not one.isascii())]


def _words(field: Any) -> dict[str, str]:
    """What the choices of a field are called."""
    return {
        str(value): str(label) for value, label in getattr(field, "choices", ()) if not isinstance(label, (list, tuple))
    }
