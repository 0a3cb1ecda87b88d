"""Files that somebody means harm with, made by the tests: nothing here comes from anywhere else.

``corpus()`` names each with what must become of it: refused, or kept as a photo or as a PDF with nothing of its
payload alive. Where there is room for it, the payload says ``EVIL``.
"""

import gzip
import io
import struct
import zipfile
import zlib
from dataclasses import dataclass
from functools import cache
from typing import Any

from PIL import Image, ImageCms, TiffImagePlugin

EVIL = b"EVIL-PAYLOAD"
SCRIPT = b"<html><script>alert('EVIL-PAYLOAD')</script></html>"
PNG = b"\x89PNG\r\n\x1a\n"


@dataclass(frozen=True)
class Hostile:
    """``kept``: "photo", "pdf", or empty for a file that must be refused."""

    name: str
    content: bytes
    kept: str = ""


def drawn(kind: str = "JPEG", size: tuple[int, int] = (64, 48), mode: str = "RGB", **options: Any) -> bytes:
    """A picture with some structure, left half red."""
    picture = Image.new("RGB", size, "white")
    picture.paste("red", (0, 0, size[0] // 2, size[1]))
    buffer = io.BytesIO()
    picture.convert(mode).save(buffer, kind, **options)
    return buffer.getvalue()


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def segment(marker: int, data: bytes) -> bytes:
    return bytes([0xFF, marker]) + struct.pack(">H", len(data) + 2) + data


def riff(*chunks: tuple[bytes, bytes]) -> bytes:
    body = b"".join(n + struct.pack("<I", len(d)) + d + b"\0" * (len(d) % 2) for n, d in chunks)
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body


def png_with(*extra: bytes, size: tuple[int, int] = (64, 48)) -> bytes:
    """A good PNG with chunks slipped in behind its header."""
    plain = drawn("PNG", size)
    return plain[:33] + b"".join(extra) + plain[33:]


def png_claiming(width: int, height: int, rows: bytes = b"\0" * 1000) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return PNG + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def jpeg_with(*extra: bytes, tail: bytes = b"", plain: bytes | None = None) -> bytes:
    """A good JPEG with segments slipped in at its beginning and bytes behind its end."""
    plain = plain or drawn()
    return plain[:2] + b"".join(extra) + plain[2:] + tail


def jpeg_claiming(width: int, height: int) -> bytes:
    plain = drawn()
    at = plain.index(b"\xff\xc0") + 5
    return plain[:at] + struct.pack(">HH", height, width) + plain[at + 4 :]


def jpeg_of_many_passes(passes: int = 40_000) -> bytes:
    """A progressive JPEG whose last pass is told again and again: each costs the decoder a whole picture."""
    plain = drawn(size=(5000, 5000), progressive=True)
    last = plain.rindex(b"\xff\xda")
    return plain[:-2] + plain[last:-2] * (min(passes, 6_000_000 // (len(plain) - last))) + plain[-2:]


def exif(**options: Any) -> bytes:
    """Place, device, owner, a remark, lying on its side, and a thumbnail of its own."""
    tags = Image.Exif()
    tags[0x0112] = options.get("orientation", 6)
    tags[0x010F] = EVIL.decode()
    tags[0x013B] = EVIL.decode()
    tags[0x9C9C] = EVIL
    place = tags.get_ifd(0x8825)
    place[1], place[2], place[3], place[4] = "N", (23.0, 42.0, 0.5), "E", (117.0, 25.0, 0.5)
    return tags.tobytes() + b"\xff\xd8\xff" + EVIL + b"\xff\xd9"


def exif_bomb() -> bytes:
    """65,535 tags that all point at the same megabytes."""
    entries = b"".join(struct.pack("<HHII", n, 7, 60_000, 8) for n in range(5000))
    return b"Exif\0\0II*\0\x08\0\0\0" + struct.pack("<H", 5000) + entries


def profile() -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes() + EVIL


def moving(kind: str, frames: int = 60) -> bytes:
    pictures = [Image.new("RGB", (64, 48), (200, n, n)) for n in range(frames)]
    buffer = io.BytesIO()
    more: dict[str, Any] = {"exif": exif(), "icc_profile": profile()} if kind == "WEBP" else {}
    pictures[0].save(buffer, kind, save_all=True, append_images=pictures[1:], duration=20, loop=0, **more)
    return buffer.getvalue()


def two_in_one() -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (64, 48), "red").save(
        buffer, "MPO", save_all=True, append_images=[Image.new("RGB", (640, 480), "blue")]
    )
    return buffer.getvalue()


def archive(content: bytes = EVIL, count: int = 1) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as packed:
        for n in range(count):
            packed.writestr(f"META-INF/{n}.class", content)
    return buffer.getvalue()


def pdf(*objects: bytes, trailer: bytes = b"", tail: bytes = b"") -> bytes:
    """A small whole PDF, its cross references right."""
    out, places = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", []
    pages = (b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>", b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 99 99] >>")
    catalog = b"<< /Type /Catalog /Pages 2 0 R" + (b" /OpenAction 4 0 R" if objects else b"") + b" >>"
    for number, body in enumerate((catalog, *pages, *objects), start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start, count = len(out), len(places) + 1
    out += b"xref\n0 %d\n0000000000 65535 f \n" % count + b"".join(b"%010d 00000 n \n" % at for at in places)
    return out + b"trailer\n<< /Size %d /Root 1 0 R %s>>\nstartxref\n%d\n%%%%EOF\n" % (count, trailer, start) + tail


def other_kind(kind: str) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (32, 32), "red").save(buffer, kind)
    return buffer.getvalue()


def tiff() -> bytes:
    info = TiffImagePlugin.ImageFileDirectory_v2()
    info[270] = EVIL.decode()
    buffer = io.BytesIO()
    Image.new("RGB", (32, 32)).save(buffer, "TIFF", tiffinfo=info)
    return buffer.getvalue()


@cache
def corpus() -> dict[str, Hostile]:
    """All of them, by what they are."""
    return _no_pictures() | _bombs() | _broken() | _with_a_payload() | _odd_pictures() | _papers()


def _no_pictures() -> dict[str, Hostile]:
    svg = b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'><script>EVIL-PAYLOAD</script></svg>"
    eps = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(%pipe%touch /tmp/EVIL-PAYLOAD) (w) file\nshowpage\n%%EOF"
    heic = struct.pack(">I", 24) + b"ftypheic\0\0\0\0mif1heic" + struct.pack(">I", 16) + b"mdat" + b"\0" * 8
    entities = b"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b 'EVIL'>]><svg>&b;</svg>"
    files = {
        "nothing at all": b"", "a page of HTML": SCRIPT, "SVG with a script": svg, "XML with entities": entities,
        "packed SVG": gzip.compress(svg), "EPS": eps, "HEIC": heic, "GIF": drawn("GIF"), "BMP": drawn("BMP"),
        "TIFF": tiff(), "JPEG 2000": other_kind("JPEG2000"), "AVIF": other_kind("AVIF"), "ICO": other_kind("ICO"),
        "PPM": other_kind("PPM"), "TGA": other_kind("TGA"), "PSD": b"8BPS\0\x01" + b"\0" * 20 + EVIL,
        "GIFAR": drawn("GIF") + archive(), "a program": b"MZ\x90\0" + b"\0" * 60 + drawn(),
        "PHP": b"<?php system('EVIL-PAYLOAD'); ?>", "a film": struct.pack(">I", 20) + b"ftypisom\0\0\0\0isomavc1",
        "random": bytes(range(256)) * 20,
    }  # fmt: skip
    return {what: Hostile("现场照片.jpg", content) for what, content in files.items()}


def _bombs() -> dict[str, Hostile]:
    vp8l = b"\x2f" + struct.pack("<I", 16382 | 16382 << 14) + b"\0" * 40
    sheets = archive(b"\0" * 5_000_000, count=4)
    files = {
        "PNG that says 50,000 × 50,000": png_claiming(50_000, 50_000),
        "PNG that says 2³¹ − 1 squared": png_claiming(2**31 - 1, 2**31 - 1),
        "PNG one pixel high and endless": png_claiming(2**31 - 1, 1),
        "JPEG that says 65,535 × 65,535": jpeg_claiming(65_535, 65_535),
        "WebP that says 16,383 × 16,383": riff((b"VP8L", vp8l)),
        "JPEG of many passes": jpeg_of_many_passes(),
        "PNG of very many chunks": png_with(chunk(b"tEXt", b"k\0v") * 100_000),
        "a workbook that unfolds": sheets,
        "a packed nothing that unfolds": gzip.compress(b"\0" * 20_000_000),
    }
    return {what: Hostile("现场照片.png", content) for what, content in files.items()}


def _broken() -> dict[str, Hostile]:
    png, webp = drawn("PNG"), drawn("WEBP", lossless=True)
    data = png.index(b"IDAT") + 6
    two_frames = drawn()
    frame = two_frames[two_frames.index(b"\xff\xc0") :][:19]
    files = {
        "JPEG cut off": drawn(size=(400, 300))[:-300], "JPEG without its end": drawn()[:-2],
        "PNG cut off": drawn("PNG", (400, 300))[:-60], "WebP cut off": webp[:-9],
        "PNG with a wrong check sum": png[:data] + b"\x55" + png[data + 1 :],
        "PNG with two headers": png_with(png[8:33]), "JPEG with two frames": jpeg_with(frame),
        "JPEG of nothing but marks": b"\xff\xd8" + b"\xff" * 5000,
    }  # fmt: skip
    return {what: Hostile("现场照片.webp", content) for what, content in files.items()}


def _with_a_payload() -> dict[str, Hostile]:
    xmp = b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta>" + EVIL + b"</x:xmpmeta>"
    pieces = b"".join(segment(0xE2, b"ICC_PROFILE\0" + bytes([n, 40]) + EVIL * 5000) for n in range(1, 41))
    unfolding = zlib.compress(EVIL * 4_000_000, 9)
    webp = drawn("WEBP", exif=exif(orientation=1), xmp=EVIL, icc_profile=profile())
    files = {
        "JPEG that is a page of HTML too": jpeg_with(segment(0xFE, SCRIPT), tail=SCRIPT),
        "JPEG that is an archive too": jpeg_with(tail=archive()),
        "JPEG that is a PDF too": jpeg_with(segment(0xFE, b"%PDF-1.7 " + EVIL), tail=pdf()),
        "JPEG with PHP in its remark": jpeg_with(segment(0xFE, b"<?php system('EVIL-PAYLOAD'); ?>")),
        "JPEG with place, owner and thumbnail": drawn(exif=exif()),
        "JPEG with XMP": jpeg_with(segment(0xE1, xmp)),
        "JPEG with a large colour profile": jpeg_with(pieces),
        "JPEG whose metadata unfold": jpeg_with(segment(0xE1, exif_bomb())),
        "JPEG with a film behind it": jpeg_with(tail=b"\0\0\0\x18ftypmp42" + EVIL * 1000),
        "PNG whose text unfolds": png_with(chunk(b"iTXt", b"k\0\1\0\0\0" + unfolding)),
        "PNG whose old text unfolds": png_with(chunk(b"zTXt", b"k\0\0" + unfolding)),
        "PNG whose colour profile unfolds": png_with(chunk(b"iCCP", b"k\0\0" + unfolding)),
        "PNG with place and owner": png_with(chunk(b"eXIf", exif(orientation=6).removeprefix(b"Exif\0\0"))),
        "PNG with something behind it": drawn("PNG") + SCRIPT,
        "WebP with all it can carry": webp,
    }
    return {what: Hostile("现场照片.jpg", content, "photo") for what, content in files.items()}


def _odd_pictures() -> dict[str, Hostile]:
    still = drawn("WEBP", lossless=True)
    inner = still[still.index(b"VP8L") + 8 :]
    lying = riff((b"VP8X", b"\0\0\0\0" + b"\xff" * 6), (b"VP8L", inner))
    files = {
        "WebP with a lying canvas": lying, "moving WebP": moving("WEBP"), "moving PNG": moving("PNG"),
        "two pictures in one": two_in_one(), "CMYK": drawn(mode="CMYK"), "grey with 16 bits": drawn("PNG", mode="I;16"),
        "palette": drawn("PNG", mode="P"), "black and white": drawn("PNG", mode="1"), "progressive":
        drawn(progressive=True),
    }  # fmt: skip
    return {what: Hostile("现场照片.exe", content, "photo") for what, content in files.items()}


def _papers() -> dict[str, Hostile]:
    script = b"<< /S /JavaScript /JS (app.alert\\('EVIL-PAYLOAD'\\)) >>"
    launch = b"<< /S /Launch /F (cmd.exe) /P (EVIL-PAYLOAD) >>"
    enclosed = b"<< /Type /EmbeddedFile /Length 12 >>\nstream\n" + EVIL + b"\nendstream"
    kept = {
        "PDF with a script": pdf(script), "PDF that starts a program": pdf(launch),
        "PDF with a file inside": pdf(enclosed), "PDF that is a page of HTML too": pdf(b"(" + SCRIPT + b")"),
    }  # fmt: skip
    refused = {
        "PDF under a password": pdf(trailer=b"/Encrypt 5 0 R "),
        "PDF under a hidden password": pdf(trailer=b"/#45ncr#79pt 5 0 R "),
        "PDF cut off": pdf()[:-40], "PDF in name alone": b"%PDF-1.7\n" + EVIL, "PDF that is an archive too":
        pdf(tail=archive()), "PDF with something before it": b"\n" * 20 + pdf(),
    }  # fmt: skip
    found = {what: Hostile("协议.pdf", content, "pdf") for what, content in kept.items()}
    found["PDF that calls itself a photo"] = Hostile("现场照片.jpg", pdf(), "pdf")
    return found | {what: Hostile("协议.pdf", content) for what, content in refused.items()}
