"""What calamine leaves out of an .xlsx: hidden rows, error cells, formulas without a stored value, merged blocks."""

import io
import posixpath
import re
import struct
import zipfile
import zlib

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
_NAME_LENGTH = 26
"""Where a zip entry's own header says how long its name and its extra field are; the data follows them."""
_FEW = 1_000
"""So many finds of a letter that is no part of the word, and it is not rare in this part."""
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
        return {sheet: _facts(_unpacked(archive, part), merged) for sheet, part in parts.items() if part in names}


def _unpacked(archive: zipfile.ZipFile, part: str) -> bytes:
    """A part's bytes, at half of what ``read`` takes: calamine reads the same part and checks its sum."""
    entry, file = archive.getinfo(part), archive.fp
    if entry.compress_type != zipfile.ZIP_DEFLATED or file is None:
        return archive.read(part)
    file.seek(entry.header_offset + _NAME_LENGTH)
    name, extra = struct.unpack("<HH", file.read(4))
    file.seek(name + extra, io.SEEK_CUR)
    return zlib.decompressobj(-zlib.MAX_WBITS).decompress(file.read(entry.compress_size), entry.file_size)


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
    hidden = [int(row) - 1 for row in _HIDDEN.findall(xml)] if _holds(xml, b"hidden=", b"d") else []
    faults = _faults(xml) if _holds(xml, _ERROR, b"e") or _may_hold_formulas(xml) else []
    merged = [
        (int(r1) - 1, column_number(c1), int(r2) - 1, column_number(c2))
        for c1, r1, c2, r2 in (_MERGE.findall(xml)[:_MAX_BLOCKS] if is_merged_asked and b"mergeCell " in xml else ())
    ]
    return hidden, faults, merged


def _may_hold_formulas(xml: bytes) -> bool:
    """Asked of the whole part before its cells are taken apart; one look is enough where its names have no prefix."""
    if _PLAIN.search(xml, 0, _HEAD):
        return _holds(xml, b"<f", b"f")
    return any(end in xml for end in _FORMULA_ENDS)


def _holds(xml: bytes, word: bytes, letter: bytes) -> bool:
    """``word in xml`` by way of its rarest letter: many writers use it nowhere else in megabytes of cells."""
    before, at = word.index(letter), xml.find(letter)
    for _ in range(_FEW):
        if at < 0:
            return False
        if at >= before and xml.startswith(word, at - before):
            return True
        at = xml.find(letter, at + 1)
    return xml.find(word, max(0, at - before)) >= 0 if at >= 0 else False


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
