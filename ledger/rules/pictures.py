"""A picture's file taken apart before any decoder sees it, and put together again out of what carries pixels.

Decoders read far more of a file than its pixels: colour profiles, texts and metadata that unfold into gigabytes,
further frames, thousands of passes over one picture. None of that is wanted here, so it is dropped by its name, unread.
What is left is bounded: a size known before decoding, one frame, so many parts. Only the orientation is looked up.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

MOST_PARTS = 20_000
"""Segments or chunks of one file; cameras and libraries write some hundreds."""
MOST_SCANS = 40
"""Passes of a progressive JPEG; encoders write about ten, and each costs as much as a whole picture."""
_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_KEPT = {b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"}
_SOI, _EOI, _SOS, _DHT, _DQT, _DRI, _EXIF, _ADOBE = 0xD8, 0xD9, 0xDA, 0xC4, 0xDB, 0xDD, 0xE1, 0xEE
_FRAMES = frozenset(range(0xC0, 0xD0)) - {_DHT, 0xC8, 0xCC}
_MARKER = re.compile(rb"\xff([\x02-\xcf\xd8-\xfe])")
"""The next marker with a meaning; stuffed bytes and restarts belong to the pixels."""
_ORIENTATION = 0x0112
_MOST_TAGS = 200


class Damaged(ValueError):
    """No JPEG, PNG or WebP, or not a whole one."""


@dataclass(frozen=True)
class Bare:
    """A picture's file without anything but its pixels. ``kind`` is Pillow's name of the format."""

    kind: str
    content: bytes
    width: int
    height: int
    orientation: int
    """As in Exif: 1 is upright, up to 8."""


def bare(content: bytes) -> Bare:
    """The first picture of a JPEG, PNG or WebP file, by its bytes. Raises Damaged."""
    try:
        if content.startswith(b"\xff\xd8\xff"):
            return _jpeg(content)
        if content.startswith(_PNG):
            return _png(content)
        if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
            return _webp(content)
    except IndexError as error:
        raise Damaged from error
    raise Damaged


def _jpeg(content: bytes) -> Bare:
    kept, size, orientation, scans = [b"\xff\xd8"], None, None, 0
    for marker, begin, end in _segments(content):
        if marker == _EOI:
            if size is None or not scans:
                raise Damaged
            return Bare("JPEG", b"".join([*kept, b"\xff\xd9"]), *size, orientation or 1)
        segment = content[begin + 4 : end]
        if marker in _FRAMES:
            if size is not None:
                raise Damaged
            size = int.from_bytes(segment[3:5]), int.from_bytes(segment[1:3])
        elif marker == _SOS:
            scans += 1
            if scans > MOST_SCANS or size is None:
                raise Damaged
        elif marker == _EXIF and orientation is None and segment.startswith(b"Exif\0\0"):
            orientation = _orientation(segment)
        # Adobe's marker says how the colours of CMYK are meant; it has twelve bytes.
        says_colours = marker == _ADOBE and segment.startswith(b"Adobe") and len(segment) == 12
        if says_colours or marker in _FRAMES or marker in {_SOS, _DHT, _DQT, _DRI}:
            kept.append(content[begin:end])
        if marker == _SOS:
            kept.append(content[end : _next_marker(content, end)])
    raise Damaged


def _segments(content: bytes) -> Iterator[tuple[int, int, int]]:
    """Marker, first byte and end of each segment behind the first two bytes, up to the end of the picture."""
    at = 2
    for _part in range(MOST_PARTS):
        begin = _next_marker(content, at)
        marker = content[begin + 1]
        if marker == _EOI:
            yield marker, begin, begin + 2
            return
        length = int.from_bytes(content[begin + 2 : begin + 4])
        at = begin + 2 + length
        if marker == _SOI or length < 2 or at > len(content):
            raise Damaged
        yield marker, begin, at
    raise Damaged


def _next_marker(content: bytes, at: int) -> int:
    found = _MARKER.search(content, at)
    if found is None:
        raise Damaged
    return found.start()


def _png(content: bytes) -> Bare:
    kept, orientation, at = [_PNG], 1, len(_PNG)
    for part in range(MOST_PARTS):
        name = content[at + 4 : at + 8]
        end = at + 12 + int.from_bytes(content[at : at + 4])
        if end > len(content) or (name == b"IHDR") != (part == 0):
            raise Damaged
        if name in _PNG_KEPT:
            kept.append(content[at:end])
        elif name == b"eXIf":
            orientation = _orientation(content[at + 8 : end - 4])
        if name == b"IEND":
            width, height = int.from_bytes(content[16:20]), int.from_bytes(content[20:24])
            return Bare("PNG", b"".join(kept), width, height, orientation)
        at = end
    raise Damaged


def _webp(content: bytes) -> Bare:
    """The still picture, or the first frame of a moving one."""
    orientation, alpha, pixels = 1, b"", b""
    parts = list(_riff(content, 12))
    moving = next((body for name, body in parts if name == b"ANMF"), None)
    for name, body in [*parts, *(_riff(moving, 16) if moving is not None else ())]:
        if name in {b"VP8 ", b"VP8L"} and not pixels:
            kind, pixels = name, body
        elif name == b"ALPH" and not alpha:
            alpha = body
        elif name == b"EXIF":
            orientation = _orientation(body)
    if not pixels:
        raise Damaged
    width, height = _size_of_vp8l(pixels) if kind == b"VP8L" else _size_of_vp8(pixels)
    chunks = _chunk(kind, pixels)
    if alpha and kind == b"VP8 ":
        canvas = b"\x10\0\0\0" + (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
        chunks = _chunk(b"VP8X", canvas) + _chunk(b"ALPH", alpha) + chunks
    riff = b"RIFF" + (len(chunks) + 4).to_bytes(4, "little") + b"WEBP" + chunks
    return Bare("WEBP", riff, width, height, orientation)


def _riff(content: bytes, at: int) -> Iterator[tuple[bytes, bytes]]:
    """Name and body of each chunk from there on; a last one that is cut off is damage."""
    for _part in range(MOST_PARTS):
        if at + 8 > len(content):
            return
        length = int.from_bytes(content[at + 4 : at + 8], "little")
        if at + 8 + length > len(content):
            raise Damaged
        yield content[at : at + 4], content[at + 8 : at + 8 + length]
        at += 8 + length + length % 2
    raise Damaged


def _chunk(name: bytes, body: bytes) -> bytes:
    return name + len(body).to_bytes(4, "little") + body + b"\0" * (len(body) % 2)


def _size_of_vp8(pixels: bytes) -> tuple[int, int]:
    if pixels[3:6] != b"\x9d\x01\x2a":
        raise Damaged
    return int.from_bytes(pixels[6:8], "little") & 0x3FFF, int.from_bytes(pixels[8:10], "little") & 0x3FFF


def _size_of_vp8l(pixels: bytes) -> tuple[int, int]:
    if pixels[0] != 0x2F:
        raise Damaged
    bits = int.from_bytes(pixels[1:5], "little")
    return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1


def _orientation(exif: bytes) -> int:
    """The one tag that matters, out of the first directory; upright when there is none or it makes no sense."""
    exif = exif.removeprefix(b"Exif\0\0")
    if exif[:4] == b"II*\0":
        order: str = "little"
    elif exif[:4] == b"MM\0*":
        order = "big"
    else:
        return 1

    def number(at: int, size: int) -> int:
        return int.from_bytes(exif[at : at + size], order)  # type: ignore[arg-type]

    directory = number(4, 4)
    for index in range(min(number(directory, 2), _MOST_TAGS)):
        at = directory + 2 + 12 * index
        if number(at, 2) == _ORIENTATION:
            found = number(at + 8, 2)
            return found if 1 <= found <= 8 else 1
    return 1
