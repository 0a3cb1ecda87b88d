"""The columns that somebody chose for a layout, used again for the next file of that layout in the township.

Kept are letters and fields under a digest of the headings: nothing of the rows.
"""

from collections.abc import Iterable
from typing import Any

from ledger.importing.columns import Layout, Role, layout_for
from ledger.importing.reading import Sheet, column_index
from ledger.importing.samples import heading_rows, signature
from ledger.models import ColumnMapping, Township


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
                return _layout(sheet, rows, found[0].mapping)
        return None


def _layout(sheet: Sheet, rows: tuple[int, ...], mapping: dict[str, Any]) -> tuple[Layout, set[int]]:
    columns = {name: column_index(letters) for letters, name in mapping["columns"].items()}
    decided = {column_index(letters) for letters in mapping["left_out"]}
    return layout_for(sheet, Role(mapping["role"]), columns, rows), decided


def remember(*, townships: Iterable[Township], chosen: dict[str, dict[str, Any]], by: Any) -> None:
    """Keep signature → {role, columns, left_out} for each township, in place of what was kept of that layout."""
    for township in townships:
        for digest, mapping in chosen.items():
            ColumnMapping.objects.update_or_create(
                township=township, signature=digest, defaults={"mapping": mapping, "saved_by": by}
            )


def forget(*, townships: Iterable[Township], signatures: Iterable[str]) -> int:
    """Drop what is kept of these layouts; how many rows that were."""
    found = ColumnMapping.objects.filter(township__in=list(townships), signature__in=list(signatures))
    return found.delete()[0]
