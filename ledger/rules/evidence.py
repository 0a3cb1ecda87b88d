"""What a photo or PDF is made into before it is kept: pictures drawn anew, PDFs as they are (design.md 8).

A picture is decoded and encoded again, so that nothing of the file but its pixels survives: no metadata (place,
device, owner), no hidden payload. It is turned upright first, and large ones are made smaller.
"""

import hashlib
import io
import unicodedata
from dataclasses import dataclass
from pathlib import PurePath

from django.utils.translation import gettext as _
from PIL import Image, ImageOps

MOST_PIXELS = 40_000_000
"""A picture may have this many; a small file can unfold into many more."""
LONGEST_EDGE = 2560
"""Pixels: enough to read a document in a photo."""
THUMBNAIL_EDGE = 320
NAME_LENGTH = 120
_FORMATS = ("JPEG", "PNG", "WEBP")
_PDF = b"%PDF-"


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
        content, thumbnail = _redraw(content)
    digest = hashlib.sha256(content).hexdigest()
    return Prepared(clean_name(name, is_photo=is_photo), is_photo, content, thumbnail, digest)


def clean_name(name: str, *, is_photo: bool) -> str:
    """The file's name without folders, control and direction marks, with the suffix of what it is now."""
    last = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    shown = "".join(char for char in last if unicodedata.category(char)[0] not in {"C", "Z"} or char == " ")
    stem = PurePath(shown).stem.strip(" .") or "file"
    suffix = ".jpg" if is_photo else ".pdf"
    return stem[: NAME_LENGTH - len(suffix)] + suffix


def _redraw(content: bytes) -> tuple[bytes, bytes]:
    """The picture and its thumbnail as fresh JPEGs."""
    unreadable = BadEvidence(_("This is no photo (JPEG, PNG, WebP) and no PDF, or it is damaged."))
    try:
        picture: Image.Image = Image.open(io.BytesIO(content), formats=_FORMATS)
        # Only the header has been read so far: the size decides before any pixel is unfolded.
        if picture.width * picture.height > MOST_PIXELS:
            raise Image.DecompressionBombError
        picture.draft("RGB", (LONGEST_EDGE, LONGEST_EDGE))
        upright = _flat(ImageOps.exif_transpose(picture))
    except Image.DecompressionBombError as error:
        raise BadEvidence(_("The picture has too many pixels. Make it smaller and choose it again.")) from error
    except (OSError, ValueError, SyntaxError, TypeError, IndexError, KeyError, ZeroDivisionError, MemoryError) as error:
        # Pillow answers a broken file with any of these.
        raise unreadable from error
    upright.thumbnail((LONGEST_EDGE, LONGEST_EDGE))
    small = upright.copy()
    small.thumbnail((THUMBNAIL_EDGE, THUMBNAIL_EDGE))
    return _jpeg(upright, 85), _jpeg(small, 75)


def _flat(picture: Image.Image) -> Image.Image:
    """Without transparency and palette: on white paper."""
    if picture.mode in {"RGBA", "LA", "PA"} or "transparency" in picture.info:
        layer = picture.convert("RGBA")
        paper = Image.new("RGB", layer.size, "white")
        paper.paste(layer, mask=layer.getchannel("A"))
        return paper
    return picture.convert("RGB")


def _jpeg(picture: Image.Image, quality: int) -> bytes:
    buffer = io.BytesIO()
    clean = Image.new("RGB", picture.size)
    clean.paste(picture)  # pixels only: what the old picture knew of itself stays behind
    clean.save(buffer, "JPEG", quality=quality, optimize=True)
    return buffer.getvalue()
