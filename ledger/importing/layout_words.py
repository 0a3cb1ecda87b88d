"""What was recognised in a file, in words: which sheet, which heading row, which column is which field."""

from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from ledger.importing.field_names import FIELD_NAMES, READ_BUT_NOT_STORED
from ledger.importing.history_words import heading_of, table_of


def described(layout: dict[str, Any], *, history: bool = False) -> list[dict[str, Any]]:
    """For each sheet (of a roster, or of an office's ``history``): its columns as (letter, field), and those that
    went into no field as (letter, heading)."""
    return [
        {
            "name": sheet["name"],
            "is_members": sheet["role"] == "residents",
            "table": table_of(sheet["role"]) if history else "",
            "header_rows": sheet["header_rows"],
            "columns": [
                (letter, heading_of(sheet["role"], name) if history else FIELD_NAMES[name])
                for letter, name in sheet["columns"].items()
                if history or name in FIELD_NAMES
            ],
            "left_out": [
                *sheet["left_out"].items(),
                *((letter, "") for letter, name in sheet["columns"].items() if name in READ_BUT_NOT_STORED),
            ],
            "cut_after": sheet.get("cut_after"),
            "village": sheet.get("village", ""),
        }
        for sheet in layout.get("sheets", ())
    ]


_OUTCOMES: dict[str, Promise | str] = {
    "created": pgettext_lazy("row of a roster", "Added"),
    "updated": pgettext_lazy("row of a roster", "Changed"),
    "unchanged": pgettext_lazy("row of a roster", "Unchanged"),
    "refused": pgettext_lazy("row of a roster", "Refused"),
    "ignored": pgettext_lazy("row of a roster", "No household row"),
}
_WHY_IGNORED: dict[str, Promise | str] = {
    "total": _("total"),
    "footer": _("signature line"),
    "header": _("repeated headings"),
    "note": _("note"),
    "blank": _("empty"),
    "example": _("example of the template"),
    "other_table": _("of another table below, whose columns are not those of the list"),
    "decided": _("left out by an earlier decision"),
}


def outcome_word(outcome: str) -> str:
    """What became of a row, in a word."""
    return str(_OUTCOMES.get(outcome, ""))


def why_ignored(why: str) -> str:
    """What a row is that is no household's."""
    return str(_WHY_IGNORED.get(why, ""))


def quiet_words(layout: dict[str, Any], outcome: str) -> list[dict[str, Any]]:
    """For each sheet where its unchanged or ignored rows stand: ``(rows as Excel shows them, what they are)``."""
    found = []
    for sheet in layout.get("quiet", ()):
        if outcome == "unchanged":
            rows = [(f"{first}–{last}" if last > first else str(first), "") for first, last in sheet["unchanged"]]
        else:
            rows = [(str(row), why_ignored(why)) for row, why in sheet["ignored"]]
        if rows:
            found.append({"name": sheet["sheet"], "rows": rows})
    return found
