"""Finished workbooks, kept sealed below MEDIA_ROOT in parts, so that neither keeping nor sending one needs its size.

Each part is one token, as an uploaded roster is: a rotation of the keys finds and reseals it.
"""

import base64
import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from ledger.models.imports import FILE_LABEL
from ledger.rules import keyring

PART = 512 * 1024


def keep(source: Path) -> str:
    """Seal a file in parts and return the name under which ``parts`` finds it."""
    name = uuid.uuid4().hex
    place = folder() / name
    place.mkdir(mode=0o700, parents=True)
    with source.open("rb") as file:
        for number, data in enumerate(iter(lambda: file.read(PART), b""), start=1):
            path = place / f"{number:05d}.sealed"
            path.touch(mode=0o600)
            path.write_text(keyring.encrypt(FILE_LABEL, base64.b64encode(data).decode()), encoding="ascii")
    return name


def parts(name: str) -> Iterator[bytes]:
    """The file again, part by part; raises FileNotFoundError at once when it is not kept any more."""
    place = folder() / Path(name).name
    paths = sorted(place.glob("*.sealed")) if name else []
    if not paths:
        raise FileNotFoundError(name)
    return (base64.b64decode(keyring.decrypt(FILE_LABEL, path.read_text(encoding="ascii"))) for path in paths)


def drop(name: str) -> None:
    """Take a kept file off the disk; one that is gone already is no fault."""
    if name:
        shutil.rmtree(folder() / Path(name).name, ignore_errors=True)


def folder() -> Path:
    """Where the kept files lie."""
    return Path(settings.MEDIA_ROOT) / "exports"
