"""Large lists: made by the worker, cancelled, begun again, kept sealed for a week for who asked."""

import datetime
import io
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone
from openpyxl import load_workbook

from ledger.exporting import exports, kept_files
from ledger.filters.exports import make_export
from ledger.models import AuditRow, Export, ExportState, Posting
from tests.world import World


@pytest.fixture(autouse=True)
def _own_media(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = str(tmp_path)


def asked(world: World, query: str = "") -> Export:
    user = world.user("village_cadre")
    return exports.ask(by=user, kind="issues", query=query, filter_words="", file_name="台账.xlsx", total=2)


def made(world: World) -> Export:
    export = asked(world)
    make_export.func(export.pk)
    export.refresh_from_db()
    return export


def test_it_is_made_kept_sealed_and_on_record(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ledger.exporting.kept_files.PART", 1_000)
    export = made(world)
    assert (export.state, export.done, export.total) == (ExportState.READY, 2, 2)
    parts = sorted((kept_files.folder() / export.stored_as).glob("*"))
    assert len(parts) > 3
    assert all(path.read_text().startswith("v1.") and "康美" not in path.read_text() for path in parts)
    data = b"".join(kept_files.parts(export.stored_as))
    assert len(data) == export.size
    assert load_workbook(io.BytesIO(data)).active["A1"].value == "城垵村民情事项销号台账"
    verbs = list(AuditRow.objects.order_by("pk").values_list("verb", "object_id"))
    assert verbs == [("export.requested", export.pk), ("export.made", export.pk)]


def test_a_second_run_finds_nothing_to_do(world: World) -> None:
    export = made(world)
    make_export.func(export.pk)
    assert AuditRow.objects.filter(verb="export.made").count() == 1
    assert len(list(kept_files.folder().glob("*"))) == 1
    assert export.stored_as


def test_a_cancelled_one_leaves_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    export = asked(world)
    beat = exports._beat

    def cancel_then_beat(export_id: int, done: int) -> None:
        assert exports.cancel(by=world.user("village_cadre"), export=export)
        beat(export_id, done)

    monkeypatch.setattr("ledger.exporting.exports._beat", cancel_then_beat)
    make_export.func(export.pk)
    export.refresh_from_db()
    assert (export.state, export.stored_as) == (ExportState.CANCELLED, "")
    assert not list(kept_files.folder().glob("*"))
    assert not exports.cancel(by=world.user("village_cadre"), export=export)
    assert not AuditRow.objects.filter(verb="export.made").exists()


def test_what_failed_or_fell_silent_begins_again_and_nothing_else(world: World) -> None:
    export, user = asked(world), world.user("village_cadre")
    assert not exports.again(by=user, export=export)
    Export.objects.filter(pk=export.pk).update(state=ExportState.MAKING)
    assert not exports.again(by=user, export=export)
    Export.objects.filter(pk=export.pk).update(beat_at=timezone.now() - exports.SILENT * 2)
    assert exports.again(by=user, export=export)
    make_export.func(export.pk)
    export.refresh_from_db()
    assert export.state == ExportState.READY


def test_a_fault_is_no_half_file(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ledger.exporting.kept_files.keep", lambda path: 1 / 0)
    export = made(world)
    assert (export.state, export.stored_as) == (ExportState.FAILED, "")


def test_who_lost_the_posting_exports_without_it(world: World) -> None:
    export = asked(world)
    Posting.objects.filter(cadre=world.cadre("village_cadre")).update(end_on=datetime.date(2025, 6, 1))
    make_export.func(export.pk)
    export.refresh_from_db()
    assert (export.state, export.done) == (ExportState.READY, 0)


def test_three_at_a_time(world: World) -> None:
    for _n in range(exports.MOST_UNDER_WAY):
        asked(world)
    with pytest.raises(exports.TooManyExports):
        asked(world)
    assert Export.objects.count() == exports.MOST_UNDER_WAY


def test_after_seven_days(world: World) -> None:
    old, young = made(world), made(world)
    past = timezone.now() - datetime.timedelta(days=7, minutes=1)
    Export.objects.filter(pk=old.pk).update(requested_at=past)
    call_command("tidy_imports")
    old.refresh_from_db()
    assert (old.state, old.stored_as) == (ExportState.EXPIRED, "")
    assert [path.name for path in kept_files.folder().glob("*")] == [young.stored_as]
    assert AuditRow.objects.get(verb="export.expired").object_id == old.pk
