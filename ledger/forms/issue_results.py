"""The typed parts of a result in a form: each group belongs to one outcome and is in sight while that is ticked."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ledger.forms.fields import LineField, TextField
from ledger.rules.issue_results import PARTS, RESULT_FIELDS, lacking, parts_of
from ledger.rules.issues import Outcome

MOST_YUAN = Decimal("99999999.99")
LEGENDS: dict[str, Promise | str] = {
    Outcome.SOLVED: _("Solved: what shows it"),
    Outcome.EXPLAINED: _("Explained: what was said"),
    Outcome.ASSISTED: _("Helped: with what"),
    Outcome.FULFILLED: _("Fulfilled: their words"),
}


@dataclass(frozen=True)
class Group:
    """The fields of one outcome as the page shows them."""

    outcome: str
    legend: Promise | str
    fields: list[forms.BoundField]


def result_fields() -> dict[str, forms.Field]:
    """The fields of all parts, none required by itself: what is needed depends on the ticked outcomes."""
    return {
        "seen": _text(_("What can be seen now"), help_text=_("Not needed when a photo or PDF is added below.")),
        "explained": _text(_("The explanation given")),
        "policy": LineField(label=_("By which policy or rule"), max_length=200, required=False),
        "help_given": _text(_("What help was given")),
        "help_amount": forms.DecimalField(
            label=_("Amount (yuan)"), max_digits=10, decimal_places=2, min_value=Decimal("0.01"), max_value=MOST_YUAN,
            required=False, widget=forms.NumberInput(attrs={"inputmode": "decimal", "step": "0.01"}),
        ),
        "help_in_kind": forms.BooleanField(label=_("Given in kind"), required=False),
        "help_source": LineField(
            label=_("Where the help came from"), max_length=120, required=False,
            help_text=_("Temporary relief, a charity, the contact unit, a neighbour…"),
        ),
        "thanks": _text(_("What they said (may be left empty)")),
    }  # fmt: skip


def _text(label: Promise | str, **more: Any) -> forms.Field:
    return TextField(label=label, max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 2}), **more)


def add_result_fields(form: forms.Form, kind: str = "") -> None:
    """Add the fields that a matter of this kind may need; of every kind when none is said."""
    fields = result_fields()
    for part in parts_of(kind) if kind else PARTS:
        form.fields.update({name: fields[name] for name in part.fields})


def result_groups(form: forms.Form) -> list[Group]:
    """The groups of the form, in the order of the table."""
    return [
        Group(part.outcome, LEGENDS[part.outcome], [form[name] for name in part.fields])
        for part in PARTS
        if all(name in form.fields for name in part.fields)
    ]


def check_result(form: forms.Form, data: dict[str, Any]) -> None:
    """Put the sentence at each field that the ticked outcomes need and that was left empty."""
    outcomes = data.get("outcomes") or ()
    for name, sentence in lacking(outcomes, data, has_files=bool(data.get("files"))).items():
        if name in form.fields and name not in form.errors and "files" not in form.errors:
            form.add_error(name, str(sentence))


def without_result(data: dict[str, Any]) -> dict[str, Any]:
    """The data of a form in which nothing was resolved."""
    return {name: value for name, value in data.items() if name not in RESULT_FIELDS}
