"""What was recognised in a file, in words: which sheet, which heading row, which column is which field."""

from typing import Any

from ledger.importing.field_names import FIELD_NAMES, READ_BUT_NOT_STORED


def described(layout: dict[str, Any]) -> list[dict[str, Any]]:
    """For each sheet: its columns as (letter, field), and those that went into no field as (letter, heading)."""
    return [
        {
            "name": sheet["name"],
            "is_members": sheet["role"] == "residents",
            "header_rows": sheet["header_rows"],
            "columns": [
                (letter, FIELD_NAMES[name]) for letter, name in sheet["columns"].items() if name in FIELD_NAMES
            ],
            "left_out": [
                *sheet["left_out"].items(),
                *((letter, "") for letter, name in sheet["columns"].items() if name in READ_BUT_NOT_STORED),
            ],
            "cut_after": sheet.get("cut_after"),
        }
        for sheet in layout.get("sheets", ())
    ]
