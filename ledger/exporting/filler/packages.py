"""The zip of a .docx, looked through before anything opens it: sizes, macros, what it would fetch from elsewhere."""

import io
import re
import zipfile

from ledger.exporting.filler.refusal import Refused

MOST_FILES, MOST_BYTES, MOST_OF_ONE = 200, 20 * 1024 * 1024, 10 * 1024 * 1024
PICTURES = (".png", ".jpg", ".jpeg", ".gif", ".emf", ".wmf", ".bmp", ".tif", ".tiff")
RUNS = ("vbaproject", "vbadata", "activex", "embeddings/", "attachedtoolbars", "afchunk", "oleobject")
"""Parts that hold programs or other documents."""
_EXTERNAL = re.compile(rb"""TargetMode\s*=\s*["']External["']""", re.I)
_FETCHES = re.compile(rb"<w:altChunk\b", re.I)
_DECLARES = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.I)
_INSTRUCTION = re.compile(rb"<w:instrText\b[^>]*>([^<]*)</w:instrText>|w:instr\s*=\s*[\"']([^\"']*)[\"']")
FIELDS = frozenset({b"PAGE", b"NUMPAGES", b"SECTIONPAGES", b"DATE", b"TIME"})
"""Word's own fields that only count or tell the day; all others may read files, run programs or ask."""


def check_package(data: bytes) -> None:
    """Raise Refused for what is no plain .docx."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        entries = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError):
        raise Refused("no_docx") from None
    names = {entry.filename for entry in entries}
    if "word/document.xml" not in names or "[Content_Types].xml" not in names or len(names) != len(entries):
        raise Refused("no_docx")
    if len(entries) > MOST_FILES or sum(entry.file_size for entry in entries) > MOST_BYTES:
        raise Refused("too_large")
    for entry in entries:
        _check_entry(archive, entry)


def _check_entry(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> None:
    name = entry.filename.lower()
    if entry.flag_bits & 1:
        raise Refused("no_docx")
    if entry.file_size > MOST_OF_ONE:
        raise Refused("too_large")
    if name.startswith("/") or ".." in name or "\\" in name:
        raise Refused("no_docx")
    for mark in RUNS:
        if mark in name:
            raise Refused("runs", entry.filename)
    if name.endswith(PICTURES):
        return
    text = _read(archive, entry)
    if _DECLARES.search(text) or b"\x00" in text:  # a UTF-16 part would hide what it declares
        raise Refused("declares", entry.filename)
    if _EXTERNAL.search(text) or _FETCHES.search(text):
        raise Refused("fetches", entry.filename)
    if name == "[content_types].xml" and b"macroenabled" in text.lower():
        raise Refused("runs", entry.filename)
    _check_fields(text)


def _read(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    try:
        with archive.open(entry) as file:
            text = file.read(MOST_OF_ONE + 1)
    except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError, RuntimeError, ValueError):
        raise Refused("no_docx") from None
    if len(text) > MOST_OF_ONE:
        raise Refused("too_large")
    return text


def _check_fields(text: bytes) -> None:
    """Word may split an instruction over several runs: joined, each must begin with a harmless word."""
    said = b"".join(first or second for first, second in _INSTRUCTION.findall(text))
    for word in re.findall(rb"[A-Za-z]{3,}", said):
        if word.upper() not in FIELDS | {b"MERGEFORMAT", b"CHARFORMAT"}:
            raise Refused("field", word.decode("ascii", "replace"))
