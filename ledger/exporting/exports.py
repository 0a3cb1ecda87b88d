"""导出: a small list is made at once, a large one in the background; each is on record with its filter and its rows."""

import datetime
import logging
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone, translation

from ledger.actions.audit import SYSTEM, record
from ledger.exporting import kept_files
from ledger.exporting.issue_ledger import CHINESE
from ledger.exporting.sheets import Tell, write_table
from ledger.exporting.tables import Head, Table, TooManyRows, Written, keys_of, rows_of
from ledger.models import Cadre, Export, ExportState
from ledger.models.exports import UNDER_WAY, postings_of
from ledger.models.scope import scope_of

AT_ONCE = 2_000
"""Rows of a list that is made while one waits."""
MOST_UNDER_WAY = 3
"""Exports of one person that may wait or run at a time."""
KEPT = datetime.timedelta(days=7)
SILENT = datetime.timedelta(minutes=5)
"""Without a sign of life of the worker: it may have been stopped."""
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Source:
    """What one export is made of: the list's look, its rows in their order, what the paper says of itself."""

    table: Table
    rows: QuerySet[Any]
    head: Head
    told: str = ""
    """The filter as the trail tells it: without what was typed, which may be anybody's name."""


class TooManyExports(Exception):
    """Somebody has as many exports under way as one person may."""


class Stopped(Exception):
    """The export was cancelled while it was made."""


def make_now(*, by: Any, kind: str, source: Source) -> bytes:
    """The workbook of a small list, on record; raises TooManyRows beyond ``AT_ONCE``."""
    keys = keys_of(source.rows)
    if len(keys) > AT_ONCE:
        raise TooManyRows
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "list.xlsx"
        written = _write(path, source, keys)
        data = path.read_bytes()
    note(verb="export.made", by=by, kind=kind, rows=written.rows, told=source.told)
    return data


@transaction.atomic
def ask(*, by: Any, kind: str, query: str, filter_words: str, file_name: str, total: int, told: str = "") -> Export:
    """Note that somebody wants a large list; the caller hands it to the worker. Raises TooManyExports."""
    get_user_model().objects.select_for_update(no_key=True).get(pk=by.pk)
    if Export.objects.filter(requested_by=by, state__in=UNDER_WAY).count() >= MOST_UNDER_WAY:
        raise TooManyExports
    export: Export = Export.objects.create(
        kind=kind, query=query, filter_words=filter_words, file_name=file_name, total=total, requested_by=by
    )
    note(verb="export.requested", by=by, kind=kind, rows=total, told=told, export=export)
    return export


def make(export_id: int, source_of: Callable[[Export], Source]) -> None:
    """Make a waiting export. Run twice, the second run finds nothing to do."""
    taken = Export.objects.filter(pk=export_id, state=ExportState.WAITING)
    if taken.update(state=ExportState.MAKING, done=0, beat_at=timezone.now()) != 1:
        return
    export = Export.objects.select_related("requested_by").get(pk=export_id)
    try:
        with tempfile.TemporaryDirectory() as place:
            path = Path(place) / "list.xlsx"
            # Before the rows are read: what is taken from its requester meanwhile must count as lost.
            postings = sorted(postings_of(scope_of(export.requested_by)))
            Export.objects.filter(pk=export_id).update(postings=postings)
            source = source_of(export)
            keys = keys_of(source.rows)
            Export.objects.filter(pk=export_id).update(total=len(keys))
            written = _write(path, source, keys, lambda done: _beat(export_id, done))
            _finish(export, path, written, source.told)
    except Stopped:
        return
    except Exception:
        _log.exception("Export %s failed.", export_id)
        Export.objects.filter(pk=export_id, state=ExportState.MAKING).update(
            state=ExportState.FAILED, finished_at=timezone.now()
        )


def _write(path: Path, source: Source, keys: Any, tell: Tell = lambda done: None) -> Written:
    with translation.override(CHINESE):
        return write_table(path, source.table, source.head, rows_of(source.table, source.rows.model, keys), tell)


def _beat(export_id: int, done: int) -> None:
    """A sign of life, and the place where a cancelled export stops."""
    held = Export.objects.filter(pk=export_id, state=ExportState.MAKING)
    if held.update(done=done, beat_at=timezone.now()) != 1:
        raise Stopped


def _finish(export: Export, path: Path, written: Written, told: str) -> None:
    name, size = kept_files.keep(path), path.stat().st_size
    try:
        with transaction.atomic():
            held = Export.objects.filter(pk=export.pk, state=ExportState.MAKING)
            ready = {"state": ExportState.READY, "done": written.rows, "total": written.rows, "size": size}
            if held.update(**ready, stored_as=name, finished_at=timezone.now()) != 1:
                raise Stopped
            note(
                verb="export.made", by=export.requested_by, kind=export.kind, rows=written.rows, told=told,
                export=export,
            )  # fmt: skip
    except BaseException:
        kept_files.drop(name)
        raise


@transaction.atomic
def cancel(*, by: Any, export: Export) -> bool:
    """Stop what waits or runs; False when it has ended meanwhile."""
    held = Export.objects.filter(pk=export.pk, state__in=UNDER_WAY)
    if held.update(state=ExportState.CANCELLED, finished_at=timezone.now()) != 1:
        return False
    record(verb="export.cancelled", by=by, obj=export, detail={"list": export.kind}, **home_of(by))
    return True


@transaction.atomic
def again(*, by: Any, export: Export, told: str = "") -> bool:
    """Let what stopped wait once more, for the caller to hand to the worker; False when nothing has stopped."""
    silent = Export.objects.filter(pk=export.pk, state=ExportState.MAKING, beat_at__lt=timezone.now() - SILENT)
    failed = Export.objects.filter(pk=export.pk, state=ExportState.FAILED)
    fresh = {"state": ExportState.WAITING, "done": 0, "beat_at": timezone.now(), "finished_at": None}
    if failed.update(**fresh) + silent.update(**fresh) != 1:
        return False
    note(verb="export.requested", by=by, kind=export.kind, rows=export.total, told=told, export=export)
    return True


def is_silent(export: Export) -> bool:
    """Whether the worker has given no sign of life for too long."""
    return export.state == ExportState.MAKING and export.beat_at < timezone.now() - SILENT


@transaction.atomic
def note(*, verb: str, by: Any, kind: str, rows: int, told: str, export: Export | None = None) -> None:
    """On record: which list, with which filter, how many rows."""
    detail = {"list": kind, "filter": told, "rows": rows}
    record(verb=verb, by=by, obj=export, detail=detail, **home_of(by))


def home_of(by: Any) -> dict[str, Any]:
    """Where whoever exports belongs: the administrators there read of it."""
    return dict(Cadre.objects.filter(user=by.pk).values("county_id", "township_id").first() or {})


def tidy_exports(now: datetime.datetime | None = None) -> int:
    """Delete the workbooks older than ``KEPT``, and what a stopped worker left behind. Run it daily."""
    before = (now or timezone.now()) - KEPT
    dropped = 0
    for export in Export.objects.filter(requested_at__lt=before, state=ExportState.READY).select_related(
        "requested_by"
    ):
        with transaction.atomic():
            held = Export.objects.filter(pk=export.pk, state=ExportState.READY)
            if held.update(state=ExportState.EXPIRED, stored_as="") != 1:
                continue
            record(
                verb="export.expired",
                by=SYSTEM,
                obj=export,
                detail={"list": export.kind},
                **home_of(export.requested_by),
            )
        kept_files.drop(export.stored_as)
        dropped += 1
    Export.objects.filter(requested_at__lt=before, state__in=UNDER_WAY).update(
        state=ExportState.FAILED, finished_at=timezone.now()
    )
    return dropped + _drop_strays(before)


def _drop_strays(before: datetime.datetime) -> int:
    """Files that no export names: the worker was killed between keeping one and saying so."""
    known = frozenset(Export.objects.exclude(stored_as="").values_list("stored_as", flat=True))
    dropped = 0
    for path in kept_files.folder().glob("*"):
        if path.name not in known and path.stat().st_mtime < before.timestamp():
            kept_files.drop(path.name)
            dropped += 1
    return dropped
