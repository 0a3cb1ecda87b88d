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

# Patterns are compiled when they are asked for: most files need none of them.
_HIDDEN = rb'<(?:\w+:)?row\b(?=[^>]*\bhidden="(?:1|true)")[^>]*?\br="(\d{1,7})"'
_CELL = rb"(?s)<(?:\w+:)?c\b([^>]*?)(?:/>|>(.*?)</(?:\w+:)?c>)"
_REFERENCE = rb'\br="([A-Z]{1,3})(\d{1,7})"'
_MERGE = rb'<(?:\w+:)?mergeCell\b[^>]*\bref="([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})"'
_FORMULA = rb"<(?:\w+:)?f[\s/>]"
_FORMULA_ENDS = (b"</f>", b"<f/>", b":f>", b":f/>", b"<f ")
_PLAIN = (b"<worksheet ", b"<worksheet>", b"<worksheet\n", b"<worksheet\r", b"<worksheet\t")
_HEAD = 2_000
_VALUE = rb"<(?:\w+:)?(?:v|is)>(?!\s*</)"
_TEXT = rb"<(?:\w+:)?v>"
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
    hidden = [int(row) - 1 for row in re.findall(_HIDDEN, xml)] if _holds(xml, b"hidden=", b"d") else []
    faults = _faults(xml) if _holds(xml, _ERROR, b"e") or _may_hold_formulas(xml) else []
    merged = [
        (int(r1) - 1, column_number(c1), int(r2) - 1, column_number(c2))
        for c1, r1, c2, r2 in (
            re.findall(_MERGE, xml)[:_MAX_BLOCKS] if is_merged_asked and b"mergeCell " in xml else ()
        )
    ]
    return hidden, faults, merged


def _may_hold_formulas(xml: bytes) -> bool:
    """Asked of the whole part before its cells are taken apart; one look is enough where its names have no prefix."""
    start = xml[:_HEAD]
    if any(tag in start for tag in _PLAIN):
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
    formula, value, reference = map(re.compile, (_FORMULA, _VALUE, _REFERENCE))
    for match in re.finditer(_CELL, xml):
        given, inner = match.group(1), match.group(2) or b""
        if _ERROR in given:
            code = "formula_error"
        elif formula.search(inner) and not value.search(inner) and not _is_empty_text(given, inner):
            code = "formula_no_value"
        else:
            continue
        place = reference.search(given)
        if place:
            found.append((int(place.group(2)) - 1, column_number(place.group(1)), code))
    return found


def _is_empty_text(given: bytes, inner: bytes) -> bool:
    """A formula that gave an empty text was worked out; an empty value of no kind was not."""
    return b't="str"' in given and re.search(_TEXT, inner) is not None


def column_number(letters: bytes) -> int:
    """A → 0, Z → 25, AA → 26."""
    number = 0
    for sign in letters:
        number = number * 26 + sign - 64
    return number - 1
