"""What becomes of uploaded files: pictures drawn anew, PDFs as they are, everything else refused."""

import io
import zlib

import pytest
from PIL import Image, ImageOps

from ledger.rules.evidence import LONGEST_EDGE, THUMBNAIL_EDGE, BadEvidence, clean_name, prepare
from tests.hostile_files import drawn, pdf

LIMIT = 10 * 1024 * 1024


def picture(kind: str = "JPEG", size: tuple[int, int] = (60, 40), mode: str = "RGB", **options: object) -> bytes:
    buffer = io.BytesIO()
    Image.new(mode, size, "red" if mode == "RGB" else 0).save(buffer, kind, **options)
    return buffer.getvalue()


def opened(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content))


def photo_from_a_phone() -> bytes:
    """Taken upright on a phone: lying pixels, the orientation, the place and the owner in its metadata."""
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "SECRET-PHONE"
    exif.get_ifd(0x8825)[2] = (23.0, 42.0, 0.0)
    return picture(size=(60, 40), exif=exif, comment=b"SECRET-COMMENT")


@pytest.mark.parametrize(
    ("kind", "mode"), [("JPEG", "RGB"), ("JPEG", "L"), ("PNG", "RGBA"), ("PNG", "P"), ("WEBP", "RGB"), ("PNG", "I;16")]
)
def test_pictures_become_plain_jpegs(kind: str, mode: str) -> None:
    ready = prepare(picture(kind, mode=mode), "photo.png", limit=LIMIT)
    assert ready.is_photo
    assert ready.name == "photo.jpg"
    for content in (ready.content, ready.thumbnail):
        assert opened(content).format == "JPEG"
        assert opened(content).mode == "RGB"


def test_a_photo_is_turned_upright_and_forgets_place_device_and_remarks() -> None:
    before = photo_from_a_phone()
    assert b"SECRET-PHONE" in before
    ready = prepare(before, "IMG_1.JPG", limit=LIMIT)
    assert opened(ready.content).size == (40, 60)
    assert not opened(ready.content).getexif()
    assert b"SECRET" not in ready.content
    assert b"SECRET" not in ready.thumbnail


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_every_orientation_of_every_kind_ends_upright(kind: str, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    before = drawn(kind, (64, 32), exif=exif)
    expected = ImageOps.exif_transpose(opened(before)).convert("RGB")
    after = opened(prepare(before, "x", limit=LIMIT).content)
    assert after.size == expected.size
    for corner in ((3, 3), (after.width - 4, 3), (3, after.height - 4), (after.width - 4, after.height - 4)):
        assert _is_red(after.getpixel(corner)) == _is_red(expected.getpixel(corner)), corner


def _is_red(pixel: object) -> bool:
    assert isinstance(pixel, tuple)
    return pixel[0] > 200 and pixel[1] < 80


@pytest.mark.parametrize("mode", ["CMYK", "L", "RGB"])
def test_colours_survive(mode: str) -> None:
    after = opened(prepare(drawn(mode=mode), "x", limit=LIMIT).content)
    left, right = after.getpixel((10, 20)), after.getpixel((50, 20))
    assert isinstance(left, tuple)
    assert isinstance(right, tuple)
    assert min(right) > 240
    assert _is_red(left) or mode == "L"


def test_sixteen_bits_of_grey_stay_grey() -> None:
    half = Image.new("I;16", (40, 40), 0x8000)
    buffer = io.BytesIO()
    half.save(buffer, "PNG")
    grey = opened(prepare(buffer.getvalue(), "x", limit=LIMIT).content).getpixel((20, 20))
    assert isinstance(grey, tuple)
    assert 120 < grey[0] < 136


def test_what_is_hidden_behind_a_picture_is_gone() -> None:
    ready = prepare(picture() + b"<?php system($_GET['c']); ?>" + b"PK\x03\x04", "x.jpg", limit=LIMIT)
    assert b"php" not in ready.content
    assert b"PK\x03\x04" not in ready.content


def test_transparency_lands_on_white() -> None:
    ready = prepare(picture("PNG", mode="RGBA"), "x.png", limit=LIMIT)
    assert opened(ready.content).getpixel((5, 5)) == (255, 255, 255)


def test_large_pictures_are_made_smaller() -> None:
    ready = prepare(picture(size=(4000, 1000)), "x.jpg", limit=LIMIT)
    assert opened(ready.content).width == LONGEST_EDGE
    assert opened(ready.thumbnail).width == THUMBNAIL_EDGE


def bomb(width: int, height: int) -> bytes:
    """A PNG of some hundred bytes that says it unfolds into so many pixels."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4, "big") + name + data + zlib.crc32(name + data).to_bytes(4, "big")

    header = width.to_bytes(4, "big") + height.to_bytes(4, "big") + b"\x08\x02\x00\x00\x00"
    data = chunk(b"IDAT", zlib.compress(b"\0" * 1000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + data + chunk(b"IEND", b"")


@pytest.mark.parametrize("size", [(8000, 2501), (20000, 20000), (2**31 - 1, 2**31 - 1)])
def test_a_bomb_is_refused_before_it_unfolds(size: tuple[int, int]) -> None:
    with pytest.raises(BadEvidence):
        prepare(bomb(*size), "x.png", limit=LIMIT)


@pytest.mark.parametrize(
    "content",
    [
        b"", b"hello", b"<html><script>alert(1)</script></html>", b"<svg onload=alert(1)>", b"GIF89a\x01\x00\x01\x00",
        b"PK\x03\x04rest", b"\xff\xd8\xff\xe0", b"\x89PNG\r\n\x1a\n", b" %PDF-1.4", b"\0" * 100,
        picture()[:200], picture("PNG")[:40], picture("GIF"), picture("BMP"), picture("TIFF"), bomb(100, 100),
    ],
)  # fmt: skip
def test_everything_else_is_refused_with_a_sentence(content: bytes) -> None:
    with pytest.raises(BadEvidence) as refused:
        prepare(content, "photo.jpg", limit=LIMIT)
    assert str(refused.value)


def test_a_pdf_is_kept_as_it_is_by_its_bytes_not_its_name() -> None:
    content = pdf()
    ready = prepare(content, "contract.jpg", limit=LIMIT)
    assert (ready.content, ready.is_photo, ready.name, ready.thumbnail) == (content, False, "contract.pdf", b"")


def test_one_byte_over_the_limit_is_refused() -> None:
    content = pdf()
    assert prepare(content, "a.pdf", limit=len(content)).size == len(content)
    with pytest.raises(BadEvidence):
        prepare(content + b"\n", "a.pdf", limit=len(content))


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("现场照片.JPG", "现场照片.jpg"), ("../../etc/passwd", "passwd.jpg"), ("C:\\fakepath\\a b.png", "a b.jpg"),
        ("", "file.jpg"), (".jpg", "jpg.jpg"), ("a\r\nSet-Cookie: x.jpg", "aSet-Cookie: x.jpg"),
        ("exe\u202egpj.jpg", "exegpj.jpg"), ("长" * 300 + ".jpg", "长" * 116 + ".jpg"), ("a\0b.jpg", "ab.jpg"),
    ],
)  # fmt: skip
def test_names_carry_no_folders_and_no_tricks(name: str, shown: str) -> None:
    assert clean_name(name, is_photo=True) == shown
