"""What calamine leaves out of an .xlsx: hidden rows, error cells, formulas without a stored value, merged blocks."""

import io
import posixpath
import re
import zipfile

from defusedxml.ElementTree import fromstring

Facts = tuple[list[int], list[tuple[int, int, str]], list[tuple[int, int, int, int]]]
_MAX_BLOCKS = 200_000

_HIDDEN = re.compile(rb'<(?:\w+:)?row\b(?=[^>]*\bhidden="(?:1|true)")[^>]*?\br="(\d{1,7})"')
_CELL = re.compile(rb"<(?:\w+:)?c\b([^>]*?)(?:/>|>(.*?)</(?:\w+:)?c>)", re.DOTALL)
_REFERENCE = re.compile(rb'\br="([A-Z]{1,3})(\d{1,7})"')
_MERGE = re.compile(rb'<(?:\w+:)?mergeCell\b[^>]*\bref="([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})"')
_FORMULA = re.compile(rb"<(?:\w+:)?f[\s/>]")
_FORMULA_ENDS = (b"</f>", b"<f/>", b":f>", b":f/>", b"<f ")
_PLAIN = re.compile(rb"<worksheet[\s>]")
_HEAD = 2_000
_VALUE = re.compile(rb"<(?:\w+:)?(?:v|is)>(?!\s*</)")
_TEXT = re.compile(rb"<(?:\w+:)?v>")
_ERROR = b't="e"'
_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_STRICT_R = "{http://purl.oclc.org/ooxml/officeDocument/relationships}id"


def xlsx_facts(data: bytes, *, merged: bool) -> dict[str, Facts]:
    """The facts of each sheet by its name; a sheet whose part is not found has none.

    ``merged``: whether the merged blocks are asked for too (calamine knows them, openpyxl reading row by row does not).
    """
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        try:
            parts = sheet_parts(archive)
        except (KeyError, ValueError, SyntaxError):
            return {}
        names = set(archive.namelist())
        return {sheet: _facts(archive.read(part), merged) for sheet, part in parts.items() if part in names}


def sheet_parts(archive: zipfile.ZipFile) -> dict[str, str]:
    """Sheet name → its part, by the workbook and its relations."""
    relations = fromstring(archive.read("xl/_rels/workbook.xml.rels"), forbid_dtd=True)
    targets = {r.get("Id"): r.get("Target", "") for r in relations}
    workbook = fromstring(archive.read("xl/workbook.xml"), forbid_dtd=True)
    sheets = (element for element in workbook.iter() if element.tag.endswith("}sheet"))
    found = {}
    for sheet in sheets:
        target = targets.get(sheet.get(_R) or sheet.get(_STRICT_R), "")
        part = target.lstrip("/") if target.startswith("/") else posixpath.normpath(f"xl/{target}")
        found[sheet.get("name", "")] = part
    return found


def _facts(xml: bytes, is_merged_asked: bool) -> Facts:
    hidden = [int(row) - 1 for row in _HIDDEN.findall(xml)] if b"hidden=" in xml else []
    faults = _faults(xml) if _ERROR in xml or _may_hold_formulas(xml) else []
    merged = [
        (int(r1) - 1, column_number(c1), int(r2) - 1, column_number(c2))
        for c1, r1, c2, r2 in (_MERGE.findall(xml)[:_MAX_BLOCKS] if is_merged_asked and b"mergeCell " in xml else ())
    ]
    return hidden, faults, merged


def _may_hold_formulas(xml: bytes) -> bool:
    """Asked of the whole part before its cells are taken apart; one look is enough where its names have no prefix."""
    if _PLAIN.search(xml, 0, _HEAD):
        return b"<f" in xml
    return any(end in xml for end in _FORMULA_ENDS)


def _faults(xml: bytes) -> list[tuple[int, int, str]]:
    found = []
    for match in _CELL.finditer(xml):
        given, inner = match.group(1), match.group(2) or b""
        if _ERROR in given:
            code = "formula_error"
        elif _FORMULA.search(inner) and not _VALUE.search(inner) and not _is_empty_text(given, inner):
            code = "formula_no_value"
        else:
            continue
        place = _REFERENCE.search(given)
        if place:
            found.append((int(place.group(2)) - 1, column_number(place.group(1)), code))
    return found


def _is_empty_text(given: bytes, inner: bytes) -> bool:
    """A formula that gave an empty text was worked out; an empty value of no kind was not."""
    return b't="str"' in given and _TEXT.search(inner) is not None


def column_number(letters: bytes) -> int:
    """A → 0, Z → 25, AA → 26."""
    number = 0
    for sign in letters:
        number = number * 26 + sign - 64
    return number - 1
