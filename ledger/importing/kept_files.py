"""The uploaded files, kept sealed below MEDIA_ROOT until their batch is old."""

import base64
import uuid
from pathlib import Path

from django.conf import settings

from ledger.models import ImportBatch
from ledger.models.imports import FILE_LABEL
from ledger.rules import keyring


def keep_file(data: bytes) -> str:
    """Store an upload sealed below MEDIA_ROOT and return its name there."""
    name = f"{uuid.uuid4().hex}.sealed"
    place = folder()
    place.mkdir(parents=True, exist_ok=True)
    path = place / name
    path.touch(mode=0o600)
    path.write_text(keyring.encrypt(FILE_LABEL, base64.b64encode(data).decode()), encoding="ascii")
    return name


def kept_file(batch: ImportBatch) -> bytes:
    """The bytes that were uploaded; raises FileNotFoundError when they are no longer kept."""
    if not batch.stored_as:
        raise FileNotFoundError
    sealed_text = (folder() / Path(batch.stored_as).name).read_text(encoding="ascii")
    return base64.b64decode(keyring.decrypt(FILE_LABEL, sealed_text))


def is_kept(batch: ImportBatch) -> bool:
    """Whether the file of a batch can still be had."""
    return bool(batch.stored_as) and (folder() / Path(batch.stored_as).name).is_file()


def drop_file(name: str) -> None:
    """Take a kept file off the disk; one that is gone already is no fault."""
    if name:
        (folder() / Path(name).name).unlink(missing_ok=True)


def folder() -> Path:
    """Where the kept files lie."""
    return Path(settings.MEDIA_ROOT) / "imports"
