"""What kind of file it is: by its bytes, never by its name."""

import re

from ledger.importing.reader.archives import archive_kind
from ledger.importing.reader.refusal import Refused

OLE = bytes.fromhex("d0cf11e0a1b11ae1")
_FOREIGN = (
    b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BM", b"%PDF", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b", b"II*\0", b"MM\0*",
    b"RIFF", b"{\\rtf", b"MZ", b"\x7fELF", b"BZh", b"\xfd7zXZ", b"ID3", b"OggS", b"SQLite format 3",
)  # fmt: skip
_BEGIN = rb"\x09\x08(?:\x10\x00\x00\x06|\x08\x00\x00\x05)\x05\x00"
"""The first record of a workbook: of Excel 97 and later, of Excel 95. Compiled when asked for, as all patterns here."""
_FILEPASS = b"\x2f\x00"
_FIRST_RECORDS = 4
_MARKUP = r"(?i)\s*<(\?xml|!doctype|!--|html|head|body|table|meta|style|workbook|[a-z]+:workbook)"
_TABLE = r"(?i)<(html|table)\b"
_SPREADSHEETML = "urn:schemas-microsoft-com:office:spreadsheet"


def kind_of(data: bytes) -> str:
    """``xlsx``, ``xlsb``, ``ods``, ``xls``, ``html``, ``spreadsheetml`` or ``text``; raises Refused for all else."""
    if not data.strip(b"\0\t\r\n \xef\xbb\xbf\xff\xfe"):
        raise Refused("empty_file")
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")):
        return archive_kind(data)
    if data.startswith(OLE):
        return _ole_kind(data)
    if data.startswith(_FOREIGN) or data[4:8] == b"ftyp":
        raise Refused("wrong_type")
    return _text_kind(data)


def _ole_kind(data: bytes) -> str:
    """Old Office files name their streams in UTF-16; an encrypted .xlsx is such a file around the real one."""

    def named(stream: str) -> bool:
        return stream.encode("utf-16-le") in data

    if named("EncryptedPackage"):
        raise Refused("password_protected")
    if any(map(named, ("Workbook", "Book", "WORKBOOK", "BOOK"))):  # some report programs write capitals
        if _is_sealed(data):
            raise Refused("password_protected")
        return "xls"
    is_other = any(map(named, ("WordDocument", "PowerPoint Document")))
    raise Refused("corrupt_file" if len(data) < 4096 and not is_other else "wrong_type")


def _is_sealed(data: bytes) -> bool:
    """Whether the workbook's first records say that all further ones are encrypted with a password (.xls, .et)."""
    begin = re.search(_BEGIN, data)
    at = begin.start() if begin else len(data)
    for _ in range(_FIRST_RECORDS):
        kind, size = data[at : at + 2], int.from_bytes(data[at + 2 : at + 4], "little")
        if kind == _FILEPASS:
            return True
        at += 4 + size
    return False


def _text_kind(data: bytes) -> str:
    from ledger.importing.reader.texts import decoded  # a workbook never needs it, and pays for each import

    head = decoded(data)[:20_000].lstrip("\ufeff")
    if not re.match(_MARKUP, head):
        return "text"
    if _SPREADSHEETML in head:
        return "spreadsheetml"
    if re.search(_TABLE, head):
        return "html"
    raise Refused("wrong_type")
