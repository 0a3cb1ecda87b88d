"""XML-2003 workbooks (SpreadsheetML), which some reporting systems save as .xls."""

import io
from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import Element, ParseError  # only names; defusedxml does the parsing

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse

from ledger.importing.reader.refusal import Refused
from ledger.importing.reader.sheets import MAX_COLUMNS, MAX_ROWS, RawSheet
from ledger.importing.reader.texts import decoded

_NS = "{urn:schemas-microsoft-com:office:spreadsheet}"


def spreadsheetml_sheets(data: bytes) -> Iterator[RawSheet]:
    """Each worksheet; raises Refused for a document type, an entity or broken XML."""
    text = decoded(data)
    source = io.BytesIO(text.lstrip("\ufeff").encode("utf-8"))
    if text.lstrip("\ufeff \r\n\t").startswith("<?xml"):
        # The declaration may name the encoding the file had; what is parsed here is UTF-8.
        source = io.BytesIO(text[text.index("?>") + 2 :].encode("utf-8"))
    try:
        for _event, element in iterparse(source, forbid_dtd=True):
            if element.tag == f"{_NS}Worksheet":
                yield _sheet(element)
                element.clear()
    except DefusedXmlException:
        raise Refused("forbidden_xml_entities") from None
    except (ParseError, ValueError):
        raise Refused("corrupt_file") from None


def _sheet(worksheet: Element) -> RawSheet:
    sheet = RawSheet(name=worksheet.get(f"{_NS}Name", ""), rows=[])
    visible = worksheet.find(".//{urn:schemas-microsoft-com:office:excel}Visible")
    sheet.hidden = visible is not None and (visible.text or "").strip() in ("SheetHidden", "SheetVeryHidden")
    rows: list[list[Any]] = []
    for row in worksheet.iter(f"{_NS}Row"):
        at = _number(row.get(f"{_NS}Index"), len(rows) + 1) - 1
        if not len(rows) <= at < MAX_ROWS:
            raise Refused("too_large_uncompressed" if at >= MAX_ROWS else "corrupt_file")
        rows.extend([] for _ in range(at - len(rows)))
        if row.get(f"{_NS}Hidden") == "1":
            sheet.hidden_rows.append(at)
        rows.append(_cells(row, at, sheet))
    sheet.rows = rows
    return sheet


def _cells(row: Element, at: int, sheet: RawSheet) -> list[Any]:
    cells: list[Any] = []
    for cell in row.iter(f"{_NS}Cell"):
        first = _number(cell.get(f"{_NS}Index"), len(cells) + 1) - 1
        if not len(cells) <= first < MAX_COLUMNS:
            break
        cells.extend("" for _ in range(first - len(cells)))
        value, fault = _value(cell)
        if fault:
            sheet.faults.append((at, first, fault))
        cells.append(value)
        across, down = _number(cell.get(f"{_NS}MergeAcross"), 0), _number(cell.get(f"{_NS}MergeDown"), 0)
        if across or down:
            sheet.merged.append((at, first, at + down, first + across))
            cells.extend("" for _ in range(min(across, MAX_COLUMNS)))
    return cells


def _value(cell: Element) -> tuple[Any, str]:
    data = cell.find(f"{_NS}Data")
    if data is None:
        return "", "formula_no_value" if cell.get(f"{_NS}Formula") else ""
    text, kind = "".join(data.itertext()), data.get(f"{_NS}Type")
    if kind == "Error":
        return "", "formula_error"
    if kind == "Number":
        return float(text), ""
    if kind == "DateTime":
        return text.partition("T")[0], ""
    return text, ""


def _number(text: str | None, otherwise: int) -> int:
    return int(text) if text and text.isascii() and text.isdigit() else otherwise
