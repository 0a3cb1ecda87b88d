"""What no browser sends: the deck of values, and the ways to spell them on the wire.

A value is text. Lone surrogates go out as their three bytes, which is no UTF-8; ``RAW`` holds what only bytes can say.
"""

from collections.abc import Iterator
from urllib.parse import quote

from django.core.files.uploadedfile import SimpleUploadedFile

MARK = "rubbish-7f3a"
"""An element of this name in a page is our own text, unescaped."""
EMPTY = ("", " ", "\u3000", "\u200b", "\ufeff", "\r\n", "\t")
NUMBERS = (
    "0", "-1", "-0", "+1", "1.5", "1e9", "1e400", "-1e400", "NaN", "Infinity", "32768", "65536", "2147483648",
    "-2147483649", "9223372036854775808", "9" * 19, "9" * 40, "9" * 5000, "-" + "9" * 25, "0x10", "1_000", "٣",
    "\uff11\uff12\uff13", "²", "½", "一", "1 ", "1,2,3", "1;2",
)  # fmt: skip
DAYS = (
    "0000-00-00", "0001-01-01", "1899-12-31", "2026-02-30", "2026-13-01", "9999-12-31", "10000-01-01", "-0001-01-01",
    "2026-11-22T25:61", "\uff12\uff10\uff12\uff16-\uff11\uff11-\uff12\uff12", "22.11.2026",
    "2026-11-22\x00", "2026-W01-1",
    "99999999999-01-01", "2026-00",
)  # fmt: skip
TEXTS = (
    "\x00", "a\x00b", "\x1b[0m", "\u202e\u2066gpj.\u2069", "\ufffe\uffff", "\ud800", "a\udfffb",
    "\ud83d", "e\u0301" * 20,
    "\U0010ffff", "𠮷㛃😀" * 10, "\u0e01" + "\u0e49" * 300, "字" * 41, "字" * 81, "字" * 201, "x" * 121, "字" * 4000,
    f"'\"><{MARK}>", f"</textarea></script><{MARK}>", "%s%(x)s{0}{{7*7}}{% now %}",
    "\r\nX-Evil: 1", "'; DROP TABLE x; --",
    "_%", "%", "*", "\\", "\\u0000", "=cmd|' /C calc'!A0", "../../etc/passwd", "//evil.example", "javascript:alert(1)",
    "http://[bad", "%ff%00", "NULL", "null", "None", "undefined", "true", "__proto__", "constructor", "on", "[]",
    '{"a": {"a": 1}}', "(" * 2000, "🏳️‍🌈",
)  # fmt: skip
KEYS = (
    "00000000-0000-0000-0000-000000000000", "{00000000000000000000000000000000}", "not-a-uuid", "township-",
    "township-9" + "9" * 30, "township--1", "village-x", "village-\uff11", "none", "mine", "c1", "u1", "c" + "9" * 25,
    "c\uff11", "next", "prev", "12:", ":12", "2026-11-22,1", "a" * 64,
)  # fmt: skip
DECK = (*EMPTY, *NUMBERS, *DAYS, *TEXTS, *KEYS)
NASTIEST = ("\x00", "\ud800", "9" * 40, "2147483648", "字" * 201, "\u202e", "9999-12-31", "1e400", "𠮷")
"""What the two databases take differently: each field of the sample on PostgreSQL meets some of these."""
HUGE = "字" * 333_333
"""A megabyte of text."""
RAW = (
    b"%00",
    b"%ff%fe",
    b"%ed%a0%80",
    b"%C0%80",
    b"a%00b",
    b"%",
    b"%zz",
    b"%u0000",
    b"\xff\x80",
    b"+%2B+",
    b"%25%30%30",
)
"""Query values as bytes: NUL, not UTF-8, a lone surrogate, an overlong NUL, broken escapes."""


def on_the_wire(text: str) -> bytes:
    """Percent-encoded, with surrogates as the bytes that some clients really send."""
    return quote(text.encode("utf-8", "surrogatepass"), safe="").encode()


def uploads() -> Iterator[SimpleUploadedFile]:
    """Files that are not what they say."""
    for name, content in (
        ("empty.jpg", b""),
        ("cut.png", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"),
        ("drawing.svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"),
        ("list.xlsx", b"PK\x03\x04 broken"),
        ("list.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\xff" * 600),
        ("list.csv", b"\xff\xfe\x00" * 50),
        ("nul.csv", "户编号,户主\n\x00,\x00\n".encode()),
        ("paper.pdf", b"MZ\x90 %PDF-1.7"),
        ("../../x\r\n\u202egpj.php.jpg", b"GIF89a/*<?php ?>*/"),
        ("字" * 300 + ".csv", "户编号,户主\n1,2\n".encode("gb18030")),
        ("\ud800\x00.csv", b"a,b\n" * 3),
        ("", b"without a name"),
    ):
        yield SimpleUploadedFile(name.encode("utf-8", "replace").decode() or "x", content, "image/jpeg")
