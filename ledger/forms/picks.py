"""Choosing one of many people, units or households: a search on the server, its hits as rows to tick.

Without JavaScript the search button sends the form, which comes back with the hits and everything typed.
"""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from ledger.models import Cadre, Household, Organisation
from ledger.queries.issue_desks import unstaffed


@dataclass(frozen=True)
class Pick:
    """One row: what is meant, and what tells it from its namesakes."""

    name: str
    note: str = ""
    mark: str = ""
    """A word in a badge: why this row stands first."""


class Picks(forms.RadioSelect):
    """The rows; a search swaps the whole box by its id."""

    template_name = "components/picks.html"
    label: Any = ""
    searched = False

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(name, value, attrs)
        context["widget"] |= {"label": self.label, "searched": self.searched}
        return context


class PickField(forms.Field):
    """Any row within reach, whether or not the last search showed it. ``find`` turns its value into the object."""

    widget = Picks
    default_error_messages = {"invalid_choice": _("Choose one of the rows.")}

    def __init__(self, *, find: Any = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.find = find

    def show(self, rows: list[tuple[str, Pick]], *, searched: bool = True) -> None:
        """Offer these rows; without rows, "nobody found" is said only after a search."""
        self.widget.choices, self.widget.label, self.widget.searched = rows, self.label, searched

    def to_python(self, value: Any) -> Any:
        if value in self.empty_values:
            return None
        found = self.find(str(value))
        if found is None:
            raise ValidationError(self.error_messages["invalid_choice"], code="invalid_choice")
        return found


def number_of(value: str, letter: str = "") -> int:
    """The id in ``c12``; 0, which no row has, for anything else."""
    digits = value.removeprefix(letter)
    fits = value.startswith(letter) and digits.isascii() and digits.isdigit() and len(digits) <= 18
    return int(digits) if fits else 0


def cadre_pick(cadre: Cadre, mark: str = "") -> Pick:
    """Name, unit and title."""
    parts = (cadre.organisation.name if cadre.organisation else "", cadre.title)
    return Pick(cadre.name, " · ".join(part for part in parts if part) or cadre.cadre_no, mark)


def unit_picks(units: list[Organisation], marks: dict[int, Any] | None = None) -> list[tuple[str, Pick]]:
    """Name and kind of each; where nobody is posted to handle issues, that is said before anything is given there."""
    empty = unstaffed(units)
    warning = _("nobody is posted there to accept it")
    rows = []
    for unit in units:
        kind = unit.get_kind_display()
        shown = f"{kind} · {warning}" if unit.pk in empty else kind
        rows.append((f"u{unit.pk}", Pick(unit.name, shown, str((marks or {}).get(unit.pk, "")))))
    return rows


def household_pick(household: Household) -> Pick:
    """Head, village and group."""
    group = f" {household.group}" if household.group is not None else ""
    return Pick(household.head_name, f"{household.village}{group} · {household.code}")
