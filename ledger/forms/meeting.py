"""One row of the meeting: who handles it, by when, what comes next."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from ledger.forms.fields import DayField, LineField, VersionField
from ledger.models import Cadre, Issue, Organisation
from ledger.queries.meeting import Nameable, named
from ledger.rules.issues import OPEN_STATES

MOST_SHOWN = 5


class MeetingRowForm(forms.Form):
    """Who is typed as on the list, by name, or by pinyin initials where only one person fits."""

    version = VersionField()
    who = LineField(label=_("Who handles it"), max_length=120, required=False)
    due_on = DayField(label=_("due"), ahead=True, required=False)
    goal = LineField(label=_("Next step"), max_length=300, required=False)

    def __init__(self, *args: Any, issue: Issue, people: Sequence[Nameable], **kwargs: Any) -> None:
        standing = next((row.label for row in people if row.to in (issue.lead_organisation, issue.handler)), "")
        initial = {
            "version": issue.version,
            "who": standing,
            "due_on": issue.deferred_until or issue.due_on if issue.state in OPEN_STATES else None,
        }
        super().__init__(*args, initial=initial, auto_id=f"m{issue.pk}-%s", **kwargs)
        self.issue, self.people = issue, people
        for name, field in self.fields.items():
            if name != "version":
                field.widget.attrs |= {"class": "form-control", "autocomplete": "off"}
        self.fields["who"].widget.attrs["list"] = "nameable"
        self.fields["goal"].widget.attrs["placeholder"] = _("Next step")

    def clean_who(self) -> Cadre | Organisation | None:
        typed = self.cleaned_data["who"]
        if not typed:
            return None
        found = named(self.people, typed)
        if len(found) == 1:
            return found[0].to
        if not found:
            raise ValidationError(_("Nobody within reach of this desk is called so."), code="nobody")
        shown = ", ".join(row.label for row in found[:MOST_SHOWN])
        raise ValidationError(_("Several fit: %(names)s"), code="several", params={"names": shown})
