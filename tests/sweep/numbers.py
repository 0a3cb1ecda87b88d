"""The canaries: numbers that nobody has, and where they may hide. Knows nothing of the app."""

import base64
import binascii
import contextlib
import datetime
import io
import random
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator

CANDIDATE = re.compile(rb"(?=(\d{17}[\dXx]|1[3-9]\d{9}))")
RUN = re.compile(rb"\d{11,}[Xx]?")
"""Where candidates stand: looked for first, since a class at its beginning passes over all else at once."""
SEPARATED = re.compile(rb"[ \-.,_/](?<=\d.)[ \-.,_/]?(?=[\dXx])")
BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{16,}")
HEX = re.compile(rb"(?:[0-9a-fA-F]{2}){11,}")
PERCENT = re.compile(rb"%([0-9a-fA-F]{2})")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_DEEPEST = 3
_SHORTEST = 11
"""Bytes of the shortest number: a mobile's."""


def id_numbers(count: int, seed: int = 2026) -> list[str]:
    """Valid ID numbers (GB 11643-1999) of one area, all different."""
    rng, made = random.Random(seed), set()
    while len(made) < count:
        born = datetime.date(1940, 1, 1) + datetime.timedelta(days=rng.randrange(25_000))
        body = f"350626{born:%Y%m%d}{rng.randrange(1000):03d}"
        made.add(body + "10X98765432"[sum(int(d) * w for d, w in zip(body, _WEIGHTS, strict=True)) % 11])
    return sorted(made)


def mobiles(count: int, seed: int = 2026) -> list[str]:
    """Mobile numbers, all different, with the look of chance."""
    rng, made = random.Random(seed), set()
    while len(made) < count:
        made.add(f"1{rng.choice('356789')}{rng.randrange(10**9):09d}")
    return sorted(made)


def found(data: bytes, canaries: Iterable[str]) -> set[str]:
    """Those canaries that stand in the data: plain, spaced, percent-encoded, UTF-16, base64, hex, packed."""
    wanted = {canary.encode() for canary in canaries}
    here: set[bytes] = set()
    for text in _layers(data, _DEEPEST):
        for reading in {text, SEPARATED.sub(b"", text)}:
            for run in RUN.findall(reading):
                here |= {hit.upper() for hit in CANDIDATE.findall(run)} & wanted
    return {canary.decode() for canary in here}


def _layers(data: bytes, depth: int) -> Iterator[bytes]:
    """The data and what is in it; what is too short for a number holds none, nor does anything in it."""
    if len(data) < _SHORTEST:
        return
    yield data
    if b"\0" in data:
        yield data.replace(b"\0", b"")
    if b"%" in data:
        yield PERCENT.sub(lambda hit: bytes.fromhex(hit[1].decode()), data)
    if not depth:
        return
    for inner in (*_unpacked(data), *_decoded(data)):
        yield from _layers(inner, depth - 1)


def _unpacked(data: bytes) -> Iterator[bytes]:
    if data[:4] == b"PK\x03\x04":
        with contextlib.suppress(zipfile.BadZipFile, zlib.error), zipfile.ZipFile(io.BytesIO(data)) as opened:
            yield from [opened.read(info) for info in opened.infolist()]
    if data[:1] == b"\x78" or data[:2] == b"\x1f\x8b":
        with contextlib.suppress(zlib.error):
            yield zlib.decompressobj(47).decompress(data)


def _decoded(data: bytes) -> Iterator[bytes]:
    """Runs of base64 and hex; one that stands behind others may begin anywhere, so all four starts are tried."""
    for run in BASE64.findall(data):
        plain = run.replace(b"-", b"+").replace(b"_", b"/")
        for start in range(4) if len(run) < 4_000 else (0,):
            part = plain[start:]
            with contextlib.suppress(binascii.Error):
                yield base64.b64decode(part[: len(part) - (len(part) % 4 == 1)] + b"==")
    for run in HEX.findall(data):
        yield bytes.fromhex(run.decode())
