"""The form on which the columns of a roster are chosen: a block for each layout, a choice for each of its columns."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ledger.forms.fields import VersionField
from ledger.forms.import_villages import PREFIX, Places, add_villages, kept_villages, villages_of
from ledger.importing.columns import Role
from ledger.importing.doubts import LOOKS, SENTENCES
from ledger.importing.field_names import FIELD_NAMES
from ledger.importing.reading import column_letters
from ledger.importing.remembered import with_order
from ledger.importing.samples import entry, recognised

LEAVE_OUT = "-"
_GROUPS: tuple[tuple[Any, str], ...] = (
    (_("Place"), "village village_group group township address"),
    (_("Household"), "head hh_no id_no phone population hh_type since remark"),
    (_("Cadre"), "cadre_name cadre_no cadre_unit cadre_phone assigned_on"),
    (_("Family member"), "name relation sex birth"),
)
_READ = frozenset(name for _label, names in _GROUPS for name in names.split())
_ON_PHONE = 3
"""Cells of a column that a phone shows."""
_OF_MEMBERS = ("name", "relation")
_PLACING = frozenset({"village", "village_group"})
ROLES = [(Role.HOUSEHOLDS.value, _("Households")), (Role.RESIDENTS.value, _("Family members"))]

NamesVillage = Callable[[str], bool]
"""Whether a sheet's name or title names its village."""


def field_choices() -> list[Any]:
    """What a column may be, in the words of the fields."""
    groups = [(label, [(name, FIELD_NAMES[name]) for name in names.split()]) for label, names in _GROUPS]
    return [("", _("Choose …")), (LEAVE_OUT, _("Leave out")), *groups]


class BlockForm(forms.Form):
    """One layout of the file: whether it is imported, what it lists, where its headings stand, what each column is."""

    used = forms.BooleanField(label=_("Import this sheet"), required=False)
    role = forms.ChoiceField(label=_("Each row is"), choices=ROLES)
    heading = forms.ChoiceField(label=_("Heading rows"))

    def __init__(
        self, *args: Any, block: dict[str, Any], names_village: NamesVillage, places: Places = tuple, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.block, self.names_village = block, names_village
        self._asked = {one["column"]: one for one in block["doubts"] if one["column"] is not None}
        self.fields["used"].initial = block["used"]
        self.fields["role"].initial = block["role"]
        heading = self.fields["heading"]
        assert isinstance(heading, forms.ChoiceField)
        heading.choices = [("0", _("None: the first row is data")), *_heading_choices(block)]
        heading.initial = ",".join(map(str, block["header_rows"])) or "0"
        for name in ("role", "heading"):
            self.fields[name].widget.attrs["class"] = "form-select"
        choices = field_choices()
        for index in block["columns"]:
            self.fields[f"c{index}"] = forms.ChoiceField(
                label=self._label(index), choices=choices, required=False, initial=self._proposed(index),
                widget=forms.Select(attrs={"class": "form-select"} | self._described(index)),
            )  # fmt: skip

        self.unplaced = self._unplaced()
        """Sheets of the block whose village no column and no name says, by their number."""
        add_villages(self, self.unplaced, places, block.get("villages", {}))

    def _unplaced(self) -> dict[int, str]:
        picked = {str(self[f"c{index}"].value() or "") for index in self.block["columns"]}
        if str(self["role"].value()) != Role.HOUSEHOLDS or _PLACING & picked or not self["used"].value():
            return {}
        return {number: name for number, name in enumerate(self.block["sheets"]) if not self.names_village(name)}

    @property
    def villages(self) -> list[Any]:
        """The choices of villages, one a sheet."""
        return [self[f"{PREFIX}{number}"] for number in self.unplaced]

    def _proposed(self, index: int) -> str:
        """What was recognised; a column that looks like a core one has to be chosen, any other is left out."""
        name = self.block["fields"].get(column_letters(index), "")
        if name in _READ:
            return name
        return "" if index in self._asked and self._asked[index]["looks"] else LEAVE_OUT

    def _described(self, index: int) -> dict[str, str]:
        return {"aria-describedby": f"id_{self.prefix}-c{index}_why"} if index in self._asked else {}

    def _label(self, index: int) -> str:
        return gettext("Column %(letter)s") % {"letter": column_letters(index)}

    @property
    def heading_rows(self) -> list[int]:
        """The rows chosen as headings, as Excel counts them."""
        chosen = str(self["heading"].value() or "0")
        known = {value for value, _label in self.fields["heading"].choices}  # type: ignore[attr-defined]
        return [int(row) for row in chosen.split(",") if row != "0"] if chosen in known else []

    @property
    def name(self) -> str:
        """The sheets of this layout."""
        return "、".join(name for name in self.block["sheets"][:3] if name)

    @property
    def others(self) -> int:
        """Sheets of the same layout that ``name`` does not say."""
        return max(0, len(self.block["sheets"]) - 3)

    @property
    def notes(self) -> list[str]:
        """What is unsure about the sheet as a whole."""
        return [str(SENTENCES[one["why"]]) for one in self.block["doubts"] if one["column"] is None]

    @property
    def is_open(self) -> bool:
        """Whether its columns are in sight: not those of a sheet that nobody asks about or imports."""
        return bool(self["used"].value() or self.block["doubts"] or (self.is_bound and self.errors))

    @property
    def columns(self) -> list[dict[str, Any]]:
        """Each column with its choice, its heading, its cells row by row, and why it is asked about."""
        heads = [row - self.block["first"] for row in self.heading_rows]
        return [
            {
                "field": self[f"c{index}"], "letter": column_letters(index), "cells": self._cells(index, heads),
                "heading": " ".join(text for at in heads if (text := self._cell(at, index))), "why": self._why(index),
            }
            for index in self.block["columns"]
        ]  # fmt: skip

    def _cell(self, at: int, index: int) -> str:
        row = self.block["rows"][at] if 0 <= at < len(self.block["rows"]) else []
        return row[index] if index < len(row) else ""

    def _cells(self, index: int, heads: list[int]) -> list[dict[str, Any]]:
        """The cells of a column; a phone leaves out those above, those of the headings, and all but the first three."""
        after = heads[-1] if heads else -1
        return [
            {"text": self._cell(at, index), "is_heading": at in heads, "is_more": at < after or at > after + _ON_PHONE}
            for at in range(len(self.block["rows"]))
        ]

    @property
    def unsure(self) -> list[tuple[str, str]]:
        """Letter and address on the page of the columns that are asked about."""
        return [(column_letters(index), f"#{self[f'c{index}'].id_for_label}") for index in self._asked]

    def _why(self, index: int) -> str:
        asked = self._asked.get(index)
        if asked is None:
            return ""
        said = str(SENTENCES[asked["why"]]) % {"other": asked["other"]}
        return f"{said} {LOOKS[asked['looks']]}" if asked["looks"] else said

    @property
    def rows(self) -> range:
        """The numbers of the rows shown."""
        return range(self.block["first"], self.block["first"] + len(self.block["rows"]))

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if not cleaned.get("used"):
            for name in list(self.errors):  # what is not imported needs no answer
                del self.errors[name]
            return cleaned
        chosen: dict[str, str] = {}
        for index in self.block["columns"]:
            self._take(index, cleaned.get(f"c{index}", ""), chosen)
        self._check_needed(cleaned.get("role", ""), chosen)
        return cleaned

    def _take(self, index: int, name: str, chosen: dict[str, str]) -> None:
        """One column: decided, and the only one of its field."""
        if name == "" and f"c{index}" not in self.errors:
            self.add_error(f"c{index}", _("Say what this column is, or leave it out."))
        elif name in chosen:
            said = _("%(field)s is already column %(letter)s. Leave one of the two out.")
            self.add_error(f"c{index}", said % {"field": FIELD_NAMES[name], "letter": chosen[name]})
        elif name and name != LEAVE_OUT:
            chosen[name] = column_letters(index)

    def _check_needed(self, role: str, chosen: dict[str, str]) -> None:
        """The columns without which no row could be told."""
        if role == Role.RESIDENTS:
            if "name" not in chosen:
                self.add_error(None, _("Choose the column that holds the member's name."))
            if not {"hh_no", "head"} & set(chosen):
                self.add_error(None, _("Choose the column that names the household: its code or its head."))
            return
        for name in (name for name in _OF_MEMBERS if name in chosen):
            said = _("%(field)s belongs to lists of family members. Change what each row is, or this column.")
            self.add_error(self._column_of(chosen[name]), said % {"field": FIELD_NAMES[name]})
        if "head" not in chosen:
            self.add_error(None, _("Choose the column that holds the head of the household."))
        if not _PLACING & set(chosen) and not self._title_names_village():
            self._check_villages()

    def _check_villages(self) -> None:
        """Of each sheet that nothing places somebody says the village."""
        missing = [f"{PREFIX}{number}" for number in self.unplaced if not self.cleaned_data.get(f"{PREFIX}{number}")]
        for name in missing:
            if name not in self.errors:
                self.add_error(name, _("Say which village this sheet is of."))
        if missing:
            said = _("Choose the column that names the village, or say of each sheet which village it is of.")
            self.add_error(None, said)

    def _column_of(self, letter: str) -> str:
        return next(f"c{index}" for index in self.block["columns"] if column_letters(index) == letter)

    def _title_names_village(self) -> bool:
        """Whether what stands above the headings says the village."""
        above = self.block["rows"][: self.heading_rows[0] - self.block["first"]] if self.heading_rows else []
        title = " ".join([self.block["title"], *(text for row in above for text in row if text)])
        return self.names_village(title)

    @property
    def chosen(self) -> dict[str, str]:
        """Letter → field, of a valid form."""
        picked = {column_letters(index): self.cleaned_data[f"c{index}"] for index in self.block["columns"]}
        return {letter: name for letter, name in picked.items() if name not in ("", LEAVE_OUT)}

    @property
    def kept(self) -> dict[str, Any]:
        """What may be remembered of the choice: letters and fields."""
        letters = [column_letters(index) for index in self.block["columns"]]
        used = self.cleaned_data["used"]
        role = self.cleaned_data["role"] if used else Role.NOT_DATA.value
        columns = self.chosen if used else {}
        kept = {"role": role, "columns": columns, "left_out": [one for one in letters if one not in columns]}
        villages = kept_villages(self.said_villages)
        return kept | {"villages": villages} if villages else kept

    @property
    def said_villages(self) -> dict[str, str]:
        """Sheet → code of its village, as chosen; none where a column names it."""
        return villages_of(self, self.unplaced) if self.cleaned_data["used"] else {}


def _heading_choices(block: dict[str, Any]) -> list[tuple[str, str]]:
    """The rows, or pairs of rows, that may be headings."""
    found = []
    for key in sorted(block["signatures"], key=lambda key: [int(row) for row in key.split(",")]):
        first, _comma, second = key.partition(",")
        text = gettext("Rows %(first)s and %(second)s") if second else gettext("Row %(first)s")
        found.append((key, text % {"first": first, "second": second}))
    return found


class ColumnsForm(forms.Form):
    """The whole page. ``status`` is what an invalid one answers."""

    version = VersionField(max_value=2**31 - 1)
    remember = forms.BooleanField(
        label=_("Use these columns for every file of this layout from now on"), required=False, initial=True
    )
    status = 400

    def __init__(
        self, data: Any = None, *, sample: dict[str, Any], version: int, names_village: NamesVillage,
        places: Places = tuple, **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(data, initial={"version": version}, **kwargs)
        self.sample = sample
        self.blocks = [
            BlockForm(data, block=block, names_village=names_village, places=places, prefix=f"s{number}")
            for number, block in enumerate(sample["blocks"])
        ]

    def is_valid(self) -> bool:
        valid = [block.is_valid() for block in self.blocks]
        if not all(valid) or not super().is_valid():
            return False
        if not self.sample["kept"] and not any(block.cleaned_data["used"] for block in self.blocks):
            self.add_error(None, ValidationError(_("Choose at least one sheet to import.")))
        return not self.errors

    def overtaken(self, version: int) -> None:
        """Say that the choice was made on an older state; it stays, and sending it again takes it."""
        said = _("Somebody else changed this import a moment ago. Your choice is below; send it again to use it.")
        self.add_error(None, said)
        self.data = self.data.copy()
        self.data["version"] = version

    @property
    def mapping(self) -> dict[str, Any]:
        """What was chosen, in the form of the contract's ``sheets``."""
        entries = [
            entry(name, block.cleaned_data["role"], block.heading_rows, block.chosen, block.said_villages.get(name, ""))
            for block in self.blocks
            if block.cleaned_data["used"]
            for name in block.block["sheets"]
        ]
        return {"sheets": entries + self.sample["kept"]}

    @property
    def remembered(self) -> dict[str, dict[str, Any]]:
        """Signature → choice, of the layouts that have headings to be known by again."""
        if not self.cleaned_data["remember"]:
            return {}
        found: dict[str, dict[str, Any]] = {}
        for block in self.blocks:
            key = ",".join(map(str, block.heading_rows))
            if key in block.block["signatures"]:
                found[block.block["signatures"][key]] = with_order(block.kept, block.block.get("orders", {}).get(key))
        return found

    @property
    def faults(self) -> bool:
        """Whether one of the blocks says what is wrong."""
        return any(block.is_bound and block.errors for block in self.blocks)

    @property
    def again(self) -> int | None:
        """The block that asks to be recognised anew under other heading rows; None when the choice was sent."""
        wanted = str(self.data.get("again", ""))
        known = {str(number): number for number in range(len(self.blocks))}
        return known.get(wanted)

    def recognised_again(self, number: int) -> dict[str, Any]:
        """The sample with what stands under the heading rows now chosen in one block, and the other choices kept."""
        blocks = []
        for at, form in enumerate(self.blocks):
            rows = form.heading_rows
            fields = recognised(form.block, tuple(rows)) if at == number else _typed(form)
            role = str(form["role"].value() or form.block["role"])
            used = bool(form["used"].value()) or at == number
            role = role if role in dict(ROLES) else form.block["role"]
            villages = {name: str(form[f"{PREFIX}{number}"].value() or "") for number, name in form.unplaced.items()}
            said = {"header_rows": rows, "fields": fields, "used": used, "role": role, "villages": villages}
            blocks.append({**form.block, **said})
        return {**self.sample, "blocks": blocks}


def _typed(form: BlockForm) -> dict[str, str]:
    picked = {column_letters(index): str(form[f"c{index}"].value() or "") for index in form.block["columns"]}
    return {letter: name for letter, name in picked.items() if name in _READ}
