"""The columns that somebody chose for a layout, used again for the next file of that layout in the township.

Kept are letters and fields under a digest of the headings, fields by rank under one of the sorted headings, and the
village of a sheet under one of its name: nothing of the rows. A sheet that is called as in any new workbook (Sheet1) is
never remembered: the next one is another village's.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Sequence
from typing import Any

from ledger.importing.columns import Layout, Role, layout_for
from ledger.importing.reading import Sheet, column_index, column_letters
from ledger.importing.samples import heading_rows, in_any_order, signature
from ledger.models import ColumnMapping, Township
from ledger.rules.cleaning import clean_number


class Remembered:
    """What the townships remember, asked sheet by sheet; where two of them disagree, nothing is remembered."""

    def __init__(self, townships: Iterable[Township]) -> None:
        self._by_signature: dict[str, list[ColumnMapping]] = {}
        self._by_headings: dict[str, list[ColumnMapping]] = {}
        for kept in ColumnMapping.objects.filter(township__in=[t.pk for t in townships]).order_by("pk"):
            self._by_signature.setdefault(kept.signature, []).append(kept)
            if "order" in kept.mapping:
                self._by_headings.setdefault(kept.mapping["order"]["digest"], []).append(kept)
        self.used: list[int] = []
        """The rows of the table that were used, in the order of the sheets."""

    def layout(self, sheet: Sheet) -> tuple[Layout, set[int]] | None:
        """The layout chosen for a sheet of these headings, and the columns left out on purpose; None for none.

        First by the headings in their places, then by the same headings in another order.
        """
        possible = heading_rows(sheet) if self._by_signature else []
        for rows in possible:
            found = self._by_signature.get(signature(sheet, rows), [])
            if found and all(kept.mapping == found[0].mapping for kept in found):
                return self._use(found, _layout(sheet, rows, found[0].mapping))
        for rows in possible:
            ordered = in_any_order(sheet, rows)
            found = self._by_headings.get(ordered[0], []) if ordered is not None else []
            if ordered is not None and len({json.dumps(_said(kept.mapping)) for kept in found}) == 1:
                return self._use(found, _layout(sheet, rows, _in_order(found[-1].mapping, ordered[1])))
        return None

    def _use(self, found: list[ColumnMapping], layout: tuple[Layout, set[int]]) -> tuple[Layout, set[int]]:
        self.used += [kept.pk for kept in found if kept.pk not in self.used]
        return layout


def _layout(sheet: Sheet, rows: tuple[int, ...], mapping: dict[str, Any]) -> tuple[Layout, set[int]]:
    columns = {name: column_index(letters) for letters, name in mapping["columns"].items()}
    decided = {column_index(letters) for letters in mapping["left_out"]}
    layout = layout_for(sheet, Role(mapping["role"]), columns, rows)
    layout.village = mapping.get("villages", {}).get(name_digest(sheet.name), "")
    return layout, decided


def with_order(mapping: dict[str, Any], known: Sequence[Any] | None) -> dict[str, Any]:
    """The choice, with the field of each heading by its rank among the sorted headings, where these are ``known``.

    ``known`` is what ``samples.in_any_order`` says of the sheet.
    """
    if known is None:
        return mapping
    digest, order = known
    ranks = [mapping["columns"].get(column_letters(index), "") for index in order]
    return mapping | {"order": {"digest": digest, "ranks": ranks}}


def _said(mapping: dict[str, Any]) -> list[Any]:
    return [mapping["role"], mapping["order"]["ranks"]]


def _in_order(mapping: dict[str, Any], order: list[int]) -> dict[str, Any]:
    """The choice in the letters of a sheet whose headings stand in this order."""
    pairs = list(zip((column_letters(index) for index in order), mapping["order"]["ranks"], strict=True))
    columns = {letters: name for letters, name in pairs if name}
    return {**mapping, "columns": columns, "left_out": [letters for letters, name in pairs if not name]}


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
    """Drop what is kept of these layouts, in whatever order of their columns; how many rows that were."""
    wanted = set(signatures)
    kept = ColumnMapping.objects.filter(township__in=list(townships))
    gone = [one.pk for one in kept if wanted & {one.signature, one.mapping.get("order", {}).get("digest")}]
    return ColumnMapping.objects.filter(pk__in=gone).delete()[0]
