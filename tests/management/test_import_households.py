"""``manage.py import_households``: its words, its exit codes, its report."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from ledger.models import AuditRow, Household, ImportBatch
from tests.importing.test_plan import row
from tests.importing.workbooks import GOOD_ID, HEADINGS, roster
from tests.world import World


@pytest.fixture
def file(tmp_path: Path, world: World) -> Path:
    path = tmp_path / "名册.xlsx"
    path.write_bytes(roster(row(), row(户编号="A2", 身份证号="320206199906019011")))
    return path


def run(*words: Any) -> str:
    out = StringIO()
    call_command("import_households", *map(str, words), stdout=out, stderr=out)
    return out.getvalue()


def test_imports_and_reports(file: Path, world: World, tmp_path: Path) -> None:
    report = tmp_path / "out.json"
    run(file, "--scope", world.township.code, "--report", report)
    said = json.loads(report.read_text(encoding="utf-8"))
    first, second = said["rows"]
    assert (said["outcome"], said["error"], said["counts"]["created"], said["counts"]["refused"]) == ("ok", None, 1, 1)
    assert (first["sheet"], first["row"], first["role"], first["outcome"]) == ("台账", 2, "households", "created")
    assert (second["outcome"], second["codes"]) == ("refused", ["id_check_digit"])
    assert second["messages"][0].startswith("E: ")
    assert GOOD_ID not in report.read_text(encoding="utf-8")
    assert report.stat().st_mode & 0o077 == 0


def test_fields_are_full_and_recorded(file: Path, world: World, tmp_path: Path) -> None:
    report = tmp_path / "out.json"
    run(file, "--scope", world.township.code, "--report", report, "--fields")
    fields = json.loads(report.read_text(encoding="utf-8"))["rows"][0]["fields"]
    assert (fields["id_no"], fields["village_code"], fields["group_no"]) == (GOOD_ID, world.villages["城垵"].code, 1)
    assert AuditRow.objects.filter(verb="import.report_in_full", township_id=world.township.pk).count() == 1


def test_a_dry_run_writes_nothing(file: Path, world: World) -> None:
    before = Household.objects.count()
    run(file, "--scope", world.township.code, "--dry-run")
    assert (Household.objects.count(), ImportBatch.objects.count()) == (before, 0)


def test_a_refused_file_ends_with_two(world: World, tmp_path: Path) -> None:
    picture, report = tmp_path / "a.xlsx", tmp_path / "out.json"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n" + b"\0" * 50)
    with pytest.raises(SystemExit) as end:
        run(picture, "--scope", world.township.code, "--report", report)
    assert end.value.code == 2
    said = json.loads(report.read_text(encoding="utf-8"))
    assert (said["outcome"], said["error"]["code"], said["rows"]) == ("refused", "wrong_type", [])


def test_a_mapping_names_the_columns(world: World, tmp_path: Path) -> None:
    path, chosen = tmp_path / "a.xlsx", tmp_path / "map.json"
    path.write_bytes(roster(row(), headings=[f"甲{n}" for n, _ in enumerate(HEADINGS)]))
    columns = dict(zip("ABCDE", ("village", "group", "hh_no", "head", "id_no"), strict=True))
    sheet = {"name": "台账", "role": "households", "header_rows": [1], "data_rows": [2, 2], "columns": columns}
    chosen.write_text(json.dumps({"sheets": [sheet]}), encoding="utf-8")
    run(path, "--scope", world.township.code, "--map", chosen)
    assert Household.objects.get(code="A001").head_name == "李彩阿"


@pytest.mark.parametrize("scope", ["", "999999999", "350626102,999999999"])
def test_an_unknown_scope_is_refused(file: Path, scope: str) -> None:
    with pytest.raises(CommandError):
        run(file, "--scope", scope)
    assert not ImportBatch.objects.exists()


def test_a_report_that_cannot_be_written_is_known_before_anything_is_imported(
    file: Path, world: World, tmp_path: Path
) -> None:
    before = Household.objects.count()
    for place in (tmp_path, file / "below.json", tmp_path / ("x" * 300)):
        with pytest.raises(CommandError):
            run(file, "--scope", world.township.code, "--report", place)
    assert (Household.objects.count(), ImportBatch.objects.count()) == (before, 0)


@pytest.mark.parametrize("typed", ["\udcff\udcfe", "9" * 5000, "١٢", "a,,b", "\x00"])
def test_a_scope_of_rubbish_is_no_township(file: Path, world: World, typed: str) -> None:
    with pytest.raises(CommandError) as refused:
        run(file, "--scope", typed)
    assert len(str(refused.value)) < 300
    assert ImportBatch.objects.count() == 0


@pytest.mark.parametrize("typed", ['{"sheets": 1}', '{"sheets": ["x"]}', '{"sheets": [{"role": []}]}', "[" * 100_000])
def test_a_mapping_of_rubbish_is_refused(file: Path, world: World, tmp_path: Path, typed: str) -> None:
    chosen = tmp_path / "map.json"
    chosen.write_text(typed, encoding="utf-8")
    with pytest.raises((CommandError, SystemExit)):
        run(file, "--scope", world.township.code, "--map", chosen)
    assert ImportBatch.objects.count() == 0


def test_a_file_whose_name_is_no_utf_8_is_read(file: Path, world: World, tmp_path: Path) -> None:
    """As copied from an old machine: PostgreSQL would not keep such a name."""
    renamed = file.rename(tmp_path / "\udcc3\udcfb.xlsx")
    run(renamed, "--scope", world.township.code)
    assert ImportBatch.objects.get().file_name == "\ufffd\ufffd.xlsx"
