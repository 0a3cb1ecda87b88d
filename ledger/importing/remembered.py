"""The columns that somebody chose for a layout, used again for the next file of that layout in the township.

Kept are letters and fields under a digest of the headings, and the village of a sheet under one of its name: nothing of
the rows. A sheet that is called as in any new workbook (Sheet1) is never remembered: the next one is another village's.
"""

import hashlib
import re
from collections.abc import Iterable
from typing import Any

from ledger.importing.columns import Layout, Role, layout_for
from ledger.importing.reading import Sheet, column_index
from ledger.importing.samples import heading_rows, signature
from ledger.models import ColumnMapping, Township
from ledger.rules.cleaning import clean_number


class Remembered:
    """What the townships remember, asked sheet by sheet; where two of them disagree, nothing is remembered."""

    def __init__(self, townships: Iterable[Township]) -> None:
        self._by_signature: dict[str, list[ColumnMapping]] = {}
        for kept in ColumnMapping.objects.filter(township__in=[t.pk for t in townships]).order_by("pk"):
            self._by_signature.setdefault(kept.signature, []).append(kept)
        self.used: list[int] = []
        """The rows of the table that were used, in the order of the sheets."""

    def layout(self, sheet: Sheet) -> tuple[Layout, set[int]] | None:
        """The layout chosen for a sheet of these headings, and the columns left out on purpose; None for none."""
        for rows in heading_rows(sheet) if self._by_signature else ():
            found = self._by_signature.get(signature(sheet, rows), [])
            if found and all(kept.mapping == found[0].mapping for kept in found):
                self.used += [kept.pk for kept in found if kept.pk not in self.used]
                layout, decided = _layout(sheet, rows, found[0].mapping)
                layout.village = found[0].mapping.get("villages", {}).get(name_digest(sheet.name), "")
                return layout, decided
        return None


def _layout(sheet: Sheet, rows: tuple[int, ...], mapping: dict[str, Any]) -> tuple[Layout, set[int]]:
    columns = {name: column_index(letters) for letters, name in mapping["columns"].items()}
    decided = {column_index(letters) for letters in mapping["left_out"]}
    return layout_for(sheet, Role(mapping["role"]), columns, rows), decided


_NAMELESS = re.compile(
    r"(sheet|table|工作表|表格|表|页|第?[一二三四五六七八九十]+[页表]?)?[(（]?[0-9]*[)）]?", re.IGNORECASE
)
"""Names that every new workbook has: they say nothing of what stands on the sheet."""


def name_digest(name: str) -> str:
    """What a sheet's name is kept as; empty for a name that the next village's workbook has as well."""
    plain = clean_number(name)
    return "" if _NAMELESS.fullmatch(plain) else hashlib.sha256(plain.lower().encode()).hexdigest()


def remember(*, townships: Iterable[Township], chosen: dict[str, dict[str, Any]], by: Any) -> None:
    """Keep signature → {role, columns, left_out} for each township, in place of what was kept of that layout."""
    listed = list(townships)
    before = ColumnMapping.objects.filter(township__in=listed, signature__in=list(chosen))
    kept = {(one.township_id, one.signature): one.mapping.get("villages", {}) for one in before}
    for township in listed:
        for digest, mapping in chosen.items():
            # Villages of sheets that this file does not have stay known: other offices' files have the same headings.
            villages = kept.get((township.pk, digest), {}) | mapping.get("villages", {})
            whole = mapping | {"villages": villages} if villages else mapping
            ColumnMapping.objects.update_or_create(
                township=township, signature=digest, defaults={"mapping": whole, "saved_by": by}
            )


def forget(*, townships: Iterable[Township], signatures: Iterable[str]) -> int:
    """Drop what is kept of these layouts; how many rows that were."""
    found = ColumnMapping.objects.filter(township__in=list(townships), signature__in=list(signatures))
    return found.delete()[0]
