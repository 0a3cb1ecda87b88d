"""What a photo or PDF is made into before it is kept: pictures drawn anew, PDFs as they are (design.md 8).

A picture is decoded and encoded again, so that nothing of the file but its pixels survives: no metadata (place,
device, owner), no hidden payload. It is turned upright first, and large ones are made smaller. Why PDFs are not taken
apart: docs/decisions/0008-pdfs-are-kept-as-they-are.md.
"""

import hashlib
import io
import re
import threading
import unicodedata
import zipfile
from dataclasses import dataclass
from pathlib import PurePath

from django.utils.translation import gettext as _
from PIL import Image

from ledger.rules.pictures import Damaged, bare

MOST_PIXELS = {"JPEG": 40_000_000, "PNG": 20_000_000, "WEBP": 20_000_000}
"""A picture may have this many; a small file can unfold into many more. A large JPEG is decoded at half its size."""
LONGEST_EDGE = 2560
"""Pixels: enough to read a document in a photo."""
THUMBNAIL_EDGE = 320
NAME_LENGTH = 120
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180, 4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_270, 7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}  # fmt: skip
_ONE_AT_A_TIME = threading.Lock()
"""The largest allowed picture takes up to 500 MB while it is drawn: a process affords one."""
_PDF = b"%PDF-"
_PDF_HEAD = re.compile(rb"%PDF-[12]\.[0-9]")
_PDF_NAME = b"".join(b"(?:%c|#(?i:%02x))" % (letter, letter) for letter in b"Encrypt")  # a name may hide its letters
_PDF_LOCK = re.compile(b"/" + _PDF_NAME + rb"\s*(?:[0-9]+\s+[0-9]+\s+R|<<)")


class BadEvidence(ValueError):
    """The file can't be kept; the text is the sentence to show."""


@dataclass(frozen=True)
class Prepared:
    """A file as it will be stored. ``name`` and ``size`` make it count in a submission's hash."""

    name: str
    is_photo: bool
    content: bytes
    thumbnail: bytes
    digest: str

    @property
    def size(self) -> int:
        """Bytes."""
        return len(self.content)


def prepare(content: bytes, name: str, *, limit: int) -> Prepared:
    """What to store of an uploaded file. ``limit`` is in bytes. Raises BadEvidence with a sentence for the person."""
    if not content:
        raise BadEvidence(_("The file is empty. Choose it again."))
    if len(content) > limit:
        raise BadEvidence(_("The file is larger than %(limit)d MB. Choose a smaller one.") % {"limit": limit >> 20})
    is_photo = not content.startswith(_PDF)
    thumbnail = b""
    if is_photo:
        with _ONE_AT_A_TIME:
            content, thumbnail = _redraw(content)
    else:
        _check_pdf(content)
    digest = hashlib.sha256(content).hexdigest()
    return Prepared(clean_name(name, is_photo=is_photo), is_photo, content, thumbnail, digest)


def clean_name(name: str, *, is_photo: bool) -> str:
    """The file's name with the suffix of what it is now."""
    stem = PurePath(harmless(name)).stem.strip(" .") or "file"
    suffix = ".jpg" if is_photo else ".pdf"
    return stem[: NAME_LENGTH - len(suffix)] + suffix


def harmless(name: str) -> str:
    """A file's name as somebody sent it, without folders, control and direction marks."""
    last = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    return "".join(char for char in last if unicodedata.category(char)[0] not in {"C", "Z"} or char == " ")


def _check_pdf(content: bytes) -> None:
    """A whole PDF that opens without a password, and nothing else besides. What it does when opened is not judged."""
    whole = _PDF_HEAD.match(content) and b"startxref" in content and b"%%EOF" in content[-1024:]
    if not whole or zipfile.is_zipfile(io.BytesIO(content)):  # an archive at its end: a program in a paper's clothes
        raise BadEvidence(_("This is no complete PDF. Save it as PDF once more, then choose it again."))
    if _PDF_LOCK.search(content):
        raise BadEvidence(_("This PDF is locked with a password. Save it without one and choose it again."))


def _redraw(content: bytes) -> tuple[bytes, bytes]:
    """The picture and its thumbnail as fresh JPEGs."""
    try:
        file = bare(content)
        # The size decides before any pixel is unfolded.
        if file.width * file.height > MOST_PIXELS[file.kind]:
            raise BadEvidence(_("The picture has too many pixels. Make it smaller and choose it again."))
        picture: Image.Image = Image.open(io.BytesIO(file.content), formats=(file.kind,))
        if picture.size != (file.width, file.height):
            raise Damaged
        picture.draft("RGB", (LONGEST_EDGE, LONGEST_EDGE))
        flat = _flat(picture)
    except BadEvidence:
        raise
    except (OSError, ValueError, SyntaxError, TypeError, IndexError, KeyError, ZeroDivisionError, MemoryError) as error:
        # Pillow answers a broken file with any of these.
        raise BadEvidence(_("This is no photo (JPEG, PNG, WebP) and no PDF, or it is damaged.")) from error
    upright = flat.transpose(_UPRIGHT[file.orientation]) if file.orientation in _UPRIGHT else flat
    small = upright.copy()
    small.thumbnail((THUMBNAIL_EDGE, THUMBNAIL_EDGE))
    return _jpeg(upright, 85), _jpeg(small, 75)


def _flat(picture: Image.Image) -> Image.Image:
    """At most so large, without transparency and palette: on white paper."""
    if picture.mode == "P":  # a palette can't be made smaller smoothly
        picture = picture.convert("RGBA" if "transparency" in picture.info else "RGB")
    elif picture.mode.startswith("I"):  # grey with 16 bits
        picture = picture.point(lambda value: value * (1 / 256)).convert("L")
    elif "transparency" in picture.info:
        picture = picture.convert("RGBA")
    picture.thumbnail((LONGEST_EDGE, LONGEST_EDGE))
    if picture.mode not in {"RGBA", "LA", "PA"}:
        return picture.convert("RGB")
    layer = picture.convert("RGBA")
    paper = Image.new("RGB", layer.size, "white")
    paper.paste(layer, mask=layer.getchannel("A"))
    return paper


def _jpeg(picture: Image.Image, quality: int) -> bytes:
    buffer = io.BytesIO()
    clean = Image.new("RGB", picture.size)
    clean.paste(picture)  # pixels only: what the old picture knew of itself stays behind
    clean.save(buffer, "JPEG", quality=quality, optimize=True)
    return buffer.getvalue()
