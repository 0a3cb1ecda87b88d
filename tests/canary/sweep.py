"""What a response says, laid open: the body, files inside files, headers, file names. Knows nothing of the app."""

import io
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from urllib.parse import unquote_to_bytes

TAG = re.compile(rb"zq[0-9a-z]{4}qz")
STREAM = re.compile(rb"stream\r?\n(.*?)\r?\nendstream", re.S)
DEEPEST = 4
"""Files inside files inside files: deeper is nothing that an office program writes."""


def texts(body: bytes, headers: Iterable[tuple[str, str]] = ()) -> Iterator[bytes]:
    """Everything that may hold words: each part as it is, percent-decoded, and without the zeros of UTF-16."""
    for name, value in headers:
        yield from _readings(f"{name}: {value}".encode("utf-8", "surrogateescape"))
    for part in _parts(body, DEEPEST):
        yield from _readings(part)


def tags(body: bytes, headers: Iterable[tuple[str, str]] = ()) -> set[str]:
    """The tags in it."""
    return {found.decode() for text in texts(body, headers) for found in TAG.findall(text)}


def _readings(part: bytes) -> Iterator[bytes]:
    yield part
    if b"%" in part:
        yield unquote_to_bytes(part)
    if b"\0" in part:
        yield part.replace(b"\0", b"")


def _parts(body: bytes, depth: int) -> Iterator[bytes]:
    """A workbook or Word file is a zip of XML; a PDF holds deflated streams, and strings written in hex."""
    yield body
    if depth and body.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(io.BytesIO(body)) as opened:
            for info in opened.infolist():
                yield info.filename.encode()
                yield from _parts(opened.read(info), depth - 1)
    if body.startswith(b"%PDF"):
        for packed in STREAM.findall(body):
            try:
                stream = zlib.decompressobj().decompress(packed)
            except zlib.error:
                continue
            yield stream
            yield from _hex_strings(stream)
        yield from _hex_strings(body)


def _hex_strings(text: bytes) -> Iterator[bytes]:
    for found in re.findall(rb"<([0-9A-Fa-f\s]{8,})>", text):
        digits = re.sub(rb"\s", b"", found)
        if len(digits) % 2 == 0:
            yield bytes.fromhex(digits.decode()).replace(b"\0", b"")
