"""Giving a posting: the role is chosen first, then the form asks only for what that role is held over."""

from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ledger.forms.fields import ManyField
from ledger.forms.records import OnceForm
from ledger.forms.widgets import ChipsMultiple
from ledger.models import Cadre, County, District, Organisation, Township, Village
from ledger.queries.postings import granters
from ledger.rules.days import local_today
from ledger.rules.permissions import GRANTABLE, ROLES

DAY = {"format": "%Y-%m-%d", "attrs": {"type": "date"}}
LABELS = {
    "county": _("County"), "township": _("Township"), "district": _("District"), "village": _("Villages"),
    "organisation": _("Organisation"),
}  # fmt: skip
MODELS: dict[str, Any] = {
    "county": County, "township": Township, "district": District, "village": Village, "organisation": Organisation,
}  # fmt: skip


class PostingForm(OnceForm):
    """Where the role holds, from when, until when. Village roles may be given over several villages at once."""

    start_on = forms.DateField(label=_("From"), widget=forms.DateInput(**DAY))
    end_on = forms.DateField(
        label=_("Until (optional)"), required=False, widget=forms.DateInput(**DAY),
        help_text=_("The first day on which the posting no longer holds. Leave it empty when the end is open."),
    )  # fmt: skip

    def __init__(self, *args: Any, user: Any, cadre: Cadre, role: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kinds = ROLES[role].territories
        self.fields["start_on"].initial = local_today()
        for kind in reversed(self.kinds):
            self.fields[kind] = self._place(kind, territories(user, role, kind, cadre))
        self.order_fields([*self.kinds, "start_on", "end_on"])

    def _place(self, kind: str, rows: Any) -> forms.ModelChoiceField:
        required = len(self.kinds) == 1
        if kind == "village":
            return ManyField(rows, label=LABELS[kind], required=required, widget=ChipsMultiple)
        only = list(rows[:2])
        return forms.ModelChoiceField(
            rows, label=LABELS[kind], required=required, empty_label=_("Choose") if required else _("Not this"),
            initial=only[0] if len(only) == 1 and required else None,
        )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if len(self.kinds) > 1 and len(self.places()) != 1 and not self.errors:
            self.add_error(None, _("Choose one place where the role holds."))
        return cleaned

    def places(self) -> list[Any]:
        """The chosen territories."""
        chosen: list[Any] = []
        for kind in self.kinds:
            value = self.cleaned_data.get(kind)
            chosen += [] if value is None else [value] if kind != "village" else list(value)
        return chosen


class EndForm(forms.Form):
    """When a posting ends."""

    end_on = forms.DateField(
        label=_("No longer from"), widget=forms.DateInput(**DAY),
        help_text=_("From this day on the posting gives nothing. Today takes effect at once."),
    )  # fmt: skip
    status = 200

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["end_on"].initial = local_today()


def territories(user: Any, role: str, kind: str, cadre: Cadre) -> Any:
    """The places of one kind over which the user may give the role, in the cadre's county."""
    condition = Q(pk__in=())
    for granter in granters(user):
        if role in GRANTABLE[granter.role]:
            condition |= _inside(kind, granter.county, granter.township)
    county = {"county": "pk", "township": "county", "organisation": "county"}.get(kind, "township__county")
    rows = MODELS[kind].objects.filter(condition, **{county: cadre.county_id})
    if kind in {"village", "district"}:
        rows = rows.select_related("township")
    if kind == "village":
        rows = rows.filter(successor__isnull=True)
        # Who belongs to a township works in its villages; the county's own people may be anywhere.
        rows = rows.filter(township=cadre.township_id) if cadre.township_id else rows
    if kind == "organisation":
        rows = rows.filter(is_active=True)
    return rows


def _inside(kind: str, county: int | None, township: int | None) -> Q:
    if county is not None:
        path = {"county": "pk", "township": "county", "organisation": "county"}.get(kind, "township__county")
        return Q(**{path: county})
    if township is not None and kind != "county":
        return Q(**{"pk" if kind == "township" else "township": township})
    return Q(pk__in=())
