"""Zip files: the directory is judged before anything is unpacked."""

import io
import re
import zipfile
import zlib

from ledger.importing.reader.refusal import Refused

MAX_ENTRIES = 3_000
MAX_TOTAL = 300 * 1024 * 1024
MAX_RATIO = 200
_RATIO_FROM = 8 * 1024 * 1024
"""Small parts may compress as well as they like; a part larger than this may not shrink more than MAX_RATIO."""
_PROLOG = 64 * 1024
_DECLARATION = re.compile(rb"<!(DOCTYPE|ENTITY)", re.IGNORECASE)
_UNREADABLE = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError, KeyError)


def archive_kind(data: bytes) -> str:
    """``xlsx``, ``xlsb`` or ``ods`` by what the archive holds; raises Refused for bombs and everything else."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _check_directory(archive)
            kind = _kind(archive)
            if kind != "xlsb":
                _check_prologs(archive)
            return kind
    except _UNREADABLE:
        raise Refused("corrupt_file") from None


def _check_directory(archive: zipfile.ZipFile) -> None:
    entries = archive.infolist()
    if len(entries) > MAX_ENTRIES or sum(e.file_size for e in entries) > MAX_TOTAL:
        raise Refused("too_large_uncompressed")
    if any(e.file_size > _RATIO_FROM and e.file_size > MAX_RATIO * max(e.compress_size, 1) for e in entries):
        raise Refused("too_large_uncompressed")
    if any(e.flag_bits & 1 for e in entries):
        raise Refused("password_protected")


def _kind(archive: zipfile.ZipFile) -> str:
    names = {name.lower().replace("\\", "/") for name in archive.namelist()}
    if "xl/workbook.bin" in names:
        return "xlsb"
    if any(n.startswith("xl/") and n.endswith("workbook.xml") for n in names) or "xl/workbook.xml" in names:
        return "xlsx"
    if "content.xml" in names and _is_spreadsheet(archive):
        return "ods"
    raise Refused("wrong_type")


def _is_spreadsheet(archive: zipfile.ZipFile) -> bool:
    manifest = archive.read("META-INF/manifest.xml") if "META-INF/manifest.xml" in archive.namelist() else b""
    if b"encryption-data" in manifest:
        raise Refused("password_protected")
    kind = archive.read("mimetype") if "mimetype" in archive.namelist() else b""
    return b"opendocument.spreadsheet" in kind + manifest


def _check_prologs(archive: zipfile.ZipFile) -> None:
    """A document type or an entity is declared before the root element; no office program writes one."""
    for entry in archive.infolist():
        if not entry.filename.lower().endswith((".xml", ".rels", ".vml")):
            continue
        with archive.open(entry) as part:
            start = part.read(_PROLOG).replace(b"\0", b"")  # UTF-16 would hide the words otherwise
        if _DECLARATION.search(start):
            raise Refused("forbidden_xml_entities")
