"""``manage.py import_history``: its words, its exit codes, its report, and arguments that are rubbish."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from ledger.models import Household, ImportBatch, Visit
from tests.importing.history_tables import as_files, as_workbook, past
from tests.world import World


def run(*words: Any) -> str:
    out = StringIO()
    call_command("import_history", *map(str, words), stdout=out, stderr=out)
    return out.getvalue()


@pytest.fixture
def folder(tmp_path: Path, world: World) -> Path:
    made = tmp_path / "history"
    made.mkdir()
    for name, data in as_files(past(world)):
        (made / name).write_bytes(data)
    (made / "expected_answers.json").write_text("{}")
    (made / ".~lock.events.csv#").write_text("x")
    return made


def test_a_folder_is_imported_and_reported(folder: Path, world: World, tmp_path: Path) -> None:
    report = tmp_path / "out.json"
    out = run(folder, "--scope", world.township.code, "--report", report)
    assert "events: " in out
    said = json.loads(report.read_text(encoding="utf-8"))
    assert (said["outcome"], said["error"], said["counts"]["created"]) == ("ok", None, 16)
    first = next(row for row in said["rows"] if row["role"] == "events")
    assert (first["sheet"], first["row"], first["outcome"], first["codes"]) == ("events", 2, "created", [])
    assert len(said["rows"]) == 17
    assert report.stat().st_mode & 0o077 == 0
    run(folder, "--scope", world.township.code, "--report", report)
    assert json.loads(report.read_text(encoding="utf-8"))["counts"]["unchanged"] == 17
    assert ImportBatch.objects.count() == 1


def test_a_workbook_is_imported(world: World, tmp_path: Path) -> None:
    file = tmp_path / "past.xlsx"
    file.write_bytes(as_workbook(past(world)))
    run(file, "--scope", world.township.code)
    assert Visit.objects.exclude(earlier_number="").count() == 5


def test_a_dry_run_writes_nothing(folder: Path, world: World) -> None:
    before = Household.objects.count()
    run(folder, "--scope", world.township.code, "--dry-run")
    assert (Household.objects.count(), ImportBatch.objects.count()) == (before, 0)


@pytest.mark.parametrize("name", ["empty", "events.csv", "missing", "x" * 300, "loop", "nul\0", "\udcff", "below"])
def test_what_is_no_past_ends_in_a_sentence(folder: Path, world: World, tmp_path: Path, name: str) -> None:
    """Nothing is written, whatever the word: a folder without tables, a broken one, no such file, a loop, a NUL."""
    place = tmp_path / name
    (tmp_path / "empty").mkdir()
    (tmp_path / "events.csv").write_bytes(b"\x89PNG\r\n\x1a\n" + b"\0" * 60)
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    if name == "below":
        (folder / "issues.csv").write_bytes(b"issue_id\n1\n")
        place = folder
    before, out = Household.objects.count(), StringIO()
    with pytest.raises((CommandError, SystemExit)) as end:
        call_command("import_history", str(place), "--scope", world.township.code, stdout=out, stderr=out)
    said = out.getvalue() or str(end.value)
    assert said.strip()
    assert len(said) < 600
    if isinstance(end.value, SystemExit):
        assert end.value.code == 2
    assert (Household.objects.count(), ImportBatch.objects.count()) == (before, 0)


@pytest.mark.parametrize("scope", ["", "999999999", "\udcff", "\x00", "9" * 5000])
def test_an_unknown_scope_is_refused(folder: Path, world: World, scope: str) -> None:
    with pytest.raises(CommandError):
        run(folder, "--scope", scope)
    assert not ImportBatch.objects.exists()
