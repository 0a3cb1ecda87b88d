"""Text files: which encoding, which separator, which records."""

import csv
import io
import re
from collections.abc import Iterator

from ledger.importing.reader.refusal import Refused
from ledger.importing.reader.sheets import RawSheet

_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f]")
_SEPARATORS = ",\t;|"
_GUESSED = ("utf-16-le", "utf-16-be")
"""Taken for UTF-16 by its zero bytes alone: what does not decode then was no text."""
_FIELD_LIMIT = 1_000_000


def decoded(data: bytes) -> str:
    """The text: a byte order mark decides, else UTF-16 by its zero bytes, strict UTF-8, then GB 18030.

    GB 18030 holds every character of GBK and GB 2312 (and 镕, 䶮, 㛃, which those lack). Text that is UTF-8 but for
    a few broken bytes is refused: read as GB 18030 it would be words that nobody wrote.
    """
    encoding = _encoding(data)
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        raise Refused("wrong_type" if encoding in _GUESSED else "encoding_unreadable") from None
    if len(_CONTROL.findall(text[:50_000])) > 3:
        raise Refused("wrong_type")
    return text


def _encoding(data: bytes) -> str:
    if data.startswith(b"\xef\xbb\xbf"):
        return "utf-8-sig"
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    start = data[:4096]
    if b"\0" in start:
        little, big = start[1::2].count(0), start[::2].count(0)
        return "utf-16-le" if little > big else "utf-16-be"
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return "utf-8" if _mostly_utf8(data) else "gb18030"
    return "utf-8"


def _mostly_utf8(data: bytes) -> bool:
    text = data.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    whole = sum(1 for char in text if "\u3400" <= char <= "\u9fff")
    return whole > 20 * broken


def text_sheet(data: bytes) -> RawSheet:
    """The records as one sheet without a name; the record number is the row number."""
    text = decoded(data)
    csv.field_size_limit(_FIELD_LIMIT)
    return RawSheet(name="", rows=_records(text))


def _records(text: str) -> Iterator[list[str]]:
    try:
        yield from csv.reader(io.StringIO(text, newline=""), delimiter=_separator(text))
    except csv.Error:
        raise Refused("corrupt_file") from None


def _separator(text: str) -> str:
    """The separator found on most of the first lines; a comma where none is."""
    lines = [line for line in text[:50_000].splitlines()[:50] if line.strip()]
    return max(
        _SEPARATORS, key=lambda sign: (sum(sign in line for line in lines), sum(line.count(sign) for line in lines))
    )
