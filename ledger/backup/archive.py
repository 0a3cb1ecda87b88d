"""Make a backup, and restore one.

A backup is a folder ``ledger-<day>T<time>`` with ``database.sealed``, ``media.sealed`` and ``manifest.json``: the
manifest says how many rows each table has and the SHA-256 of both files, and is signed. It is written last and the
folder gets its name after it, so that a backup with a name is a whole one.

The keyring is not in it: keep that apart, since without the keyring of its day a backup can't be opened.
"""

import contextlib
import hashlib
import json
import os
import shutil
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _

from ledger.actions.audit import SYSTEM, record
from ledger.backup.databases import DatabaseFault, is_empty, put_back, row_counts, snapshot
from ledger.backup.sealed import Damaged, Sealer, Unsealer
from ledger.models import County
from ledger.rules import keyring

FORMAT = 1
MANIFEST = "manifest.json"
PREFIX = "ledger-"
UNFINISHED = ".unfinished-"
_CHUNK = 1024 * 1024
_LONGEST_MANIFEST = 1_000_000

Say = Callable[[str], None]


class BackupFault(Exception):
    """Why no backup was made or restored: a sentence that says what to do. Nothing was changed."""


@dataclass(frozen=True)
class Part:
    """One sealed file of a backup, as the manifest has it."""

    name: str
    size: int
    digest: str


def make(*, folder: Path, keep: int = 0, say: Say = lambda text: None) -> Path:
    """Back up database and files into a new folder below ``folder``; returns it.

    ``keep`` deletes all but so many of the newest afterwards; 0 deletes none. Raises BackupFault.
    """
    moment = timezone.localtime()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for rest in folder.glob(f"{UNFINISHED}*"):
            shutil.rmtree(rest)
        workplace = Path(tempfile.mkdtemp(prefix=UNFINISHED, dir=folder))
        try:
            manifest = _fill(workplace, say) | {"format": FORMAT, "made_at": f"{moment:%Y-%m-%d %H:%M}"}
            _write_manifest(workplace / MANIFEST, manifest)
            made = folder / f"{PREFIX}{moment:%Y-%m-%dT%H%M%S}"
            workplace.rename(made)
        except BaseException:
            shutil.rmtree(workplace, ignore_errors=True)
            raise
        _sync(folder)
    except (OSError, DatabaseFault) as fault:
        raise BackupFault(_("No backup was made: %(reason)s") % {"reason": fault}) from fault
    _note("backup.made", sum(manifest["counts"].values()))
    if keep:
        for old in sorted(folder.glob(f"{PREFIX}*"))[:-keep]:
            shutil.rmtree(old)
            say(_("Deleted: %(name)s") % {"name": old.name})
    return made


def restore(*, folder: Path, say: Say = lambda text: None) -> dict[str, Any]:
    """Put a backup back into an empty database and an empty media folder; returns its manifest.

    Every byte is checked before anything is written, and the rows are counted afterwards. Raises BackupFault.
    """
    manifest = _read_manifest(folder)
    media = Path(settings.MEDIA_ROOT)
    _refuse_wrong_place(manifest, media)
    parts = {part["name"]: Part(**part) for part in manifest["parts"]}
    for part in parts.values():
        say(_("Checking %(name)s…") % {"name": part.name})
        _check(folder, part)
    arriving = media.with_name(f".restoring-{media.name}")
    try:
        shutil.rmtree(arriving, ignore_errors=True)
        say(_("Restoring the files…"))
        with _opened(folder, "media.sealed") as stream:
            _unpack(stream, arriving)
        say(_("Restoring the database…"))
        with _opened(folder, "database.sealed") as stream:
            put_back(stream)
    except (OSError, DatabaseFault, tarfile.TarError) as fault:
        shutil.rmtree(arriving, ignore_errors=True)
        raise BackupFault(_("Nothing was restored: %(reason)s") % {"reason": fault}) from fault
    if media.exists():
        media.rmdir()
    arriving.rename(media)
    found = row_counts()
    if found != manifest["counts"]:
        differing = sorted(name for name in found.keys() | manifest["counts"].keys()
                           if found.get(name) != manifest["counts"].get(name))  # fmt: skip
        raise BackupFault(
            _("The restored rows differ from the backup in: %(tables)s") % {"tables": ", ".join(differing)}
        )
    _note("backup.restored", sum(found.values()))
    return manifest


def _fill(workplace: Path, say: Say) -> dict[str, Any]:
    say(_("Copying the database…"))
    with snapshot(workplace) as moment:
        database = _seal(workplace / "database.sealed", lambda out: shutil.copyfileobj(moment.stream, out, _CHUNK))
    # After the database: what its rows name is there, and a file more does no harm.
    say(_("Copying the files…"))
    media = _seal(workplace / "media.sealed", _pack)
    parts = [vars(part) for part in (database, media)]
    return {"vendor": moment.vendor, "counts": moment.counts, "parts": parts, "migrations": _migrations()}


def _seal(path: Path, write: Callable[[IO[bytes]], Any]) -> Part:
    with path.open("xb") as file:
        os.fchmod(file.fileno(), 0o600)
        sealer = Sealer(file, path.name)
        write(sealer)  # type: ignore[arg-type]
        sealer.close()
        return Part(path.name, sealer.size, sealer.digest)


def _pack(out: IO[bytes]) -> None:
    """The media folder as a tar; a file that somebody deletes meanwhile is left out."""
    root = Path(settings.MEDIA_ROOT)
    with tarfile.open(mode="w|", fileobj=out, format=tarfile.PAX_FORMAT) as tar:
        for path in sorted(root.rglob("*")):
            with contextlib.suppress(FileNotFoundError):
                if path.is_file() and not path.is_symlink():
                    with path.open("rb") as file:
                        entry = tar.gettarinfo(arcname=str(path.relative_to(root)), fileobj=file)
                        entry.uname = entry.gname = ""
                        tar.addfile(entry, file)


def _unpack(stream: IO[bytes], place: Path) -> None:
    place.mkdir(mode=0o700, parents=True)
    with tarfile.open(mode="r|", fileobj=stream) as tar:
        tar.extractall(place, filter="data")


@contextlib.contextmanager
def _opened(folder: Path, name: str) -> Iterator[Unsealer]:
    with (folder / name).open("rb") as file:
        yield Unsealer(file, name)


def _migrations() -> list[str]:
    from django.db.migrations.recorder import MigrationRecorder

    return sorted(f"{app}.{name}" for app, name in MigrationRecorder(connection).applied_migrations())


def _write_manifest(path: Path, manifest: dict[str, Any]) -> None:
    text = json.dumps(manifest, ensure_ascii=False, sort_keys=True)
    with path.open("x", encoding="utf-8") as file:
        json.dump({"manifest": text, "signature": keyring.sign(text.encode())}, file)
        file.flush()
        os.fsync(file.fileno())
    path.chmod(0o600)


def _read_manifest(folder: Path) -> dict[str, Any]:
    path = folder / MANIFEST
    try:
        with path.open("rb") as file:
            signed = json.loads(file.read(_LONGEST_MANIFEST))
        text, signature = str(signed["manifest"]), str(signed["signature"])
    except OSError as fault:
        raise BackupFault(_("There is no backup in %(folder)s.") % {"folder": folder}) from fault
    except (ValueError, KeyError, TypeError) as fault:
        raise BackupFault(_("%(name)s is damaged: take another backup.") % {"name": MANIFEST}) from fault
    if not keyring.signature_holds(text.encode(), signature):
        raise BackupFault(
            _("%(name)s is damaged, or was made with another keyring: put the keyring of that day in its place.")
            % {"name": MANIFEST}
        )
    manifest: dict[str, Any] = json.loads(text)
    if manifest["format"] != FORMAT:
        raise BackupFault(_("The backup is of another version of the program: restore it with that one."))
    return manifest


def _refuse_wrong_place(manifest: dict[str, Any], media: Path) -> None:
    if manifest["vendor"] != connection.vendor:
        raise BackupFault(
            _("The backup is of %(theirs)s and DATABASE_URL names %(ours)s: they must be the same.")
            % {"theirs": manifest["vendor"], "ours": connection.vendor}
        )
    if not is_empty():
        raise BackupFault(_("The database is not empty: let DATABASE_URL name a new one. Nothing was changed."))
    if media.exists() and any(media.iterdir()):
        raise BackupFault(_("The media folder is not empty: let MEDIA_ROOT name a new one. Nothing was changed."))


def _check(folder: Path, part: Part) -> None:
    """Every byte against the manifest, and every piece against its seal."""
    path = folder / part.name
    try:
        with path.open("rb") as file:
            whole = path.stat().st_size == part.size and hashlib.file_digest(file, "sha256").hexdigest() == part.digest
        if not whole:
            raise Damaged
        with _opened(folder, part.name) as stream:
            while stream.read(_CHUNK):
                pass
    except keyring.KeyringError as fault:
        raise BackupFault(
            _("The keyring lacks the key of this backup: put the keyring of that day in its place.")
        ) from fault
    except (OSError, Damaged) as fault:
        raise BackupFault(
            _("%(name)s is damaged: take another backup. Nothing was changed.") % {"name": part.name}
        ) from fault


def _note(verb: str, rows: int) -> None:
    """On the trail of each county, since all of them are in it."""
    for county in County.objects.all():
        record(verb=verb, by=SYSTEM, obj=county, detail={"rows": rows})


def _sync(folder: Path) -> None:
    """The rename itself reaches the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
