"""The kept database of the tests is never another state's: each thing it is made of is in its name."""

import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests import pattern
from tests.guards.sources import ROOT


def test_what_a_migrated_database_comes_from_is_in_its_name():
    own = {file.relative_to(ROOT).as_posix() for file in pattern.sources() if file.is_relative_to(ROOT)}
    on_disk = {file.relative_to(ROOT).as_posix() for app in ("accounts", "ledger") for file in migrations_of(app)}
    imported = {"ledger/models/fields.py", "ledger/rules/keyring.py"}
    assert on_disk | imported | {"tests/pattern.py", "config/sqlite3/base.py"} <= own
    libraries = {file.parent.parent.name for file in pattern.sources() if "site-packages" in file.parts}
    assert {"auth", "contenttypes", "sessions", "mfa", "django_tasks_db"} <= libraries


def migrations_of(app: str) -> list[Path]:
    return sorted((ROOT / app / "migrations").glob("*.py"))


def test_a_changed_migration_makes_another_pattern(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    migration = tmp_path / "0001_initial.py"
    migration.write_text("operations = []", encoding="utf-8")
    monkeypatch.setattr(pattern, "sources", lambda: [migration])
    before = pattern.digest.__wrapped__()
    assert pattern.digest.__wrapped__() == before
    migration.write_text("operations = [1]", encoding="utf-8")
    assert pattern.digest.__wrapped__() != before


def test_it_is_made_once_however_many_come_at_the_same_time(tmp_path: Path):
    folder = tmp_path / "kept"
    made: list[Path] = []

    def make(file: Path) -> None:
        made.append(file)
        file.write_bytes(b"pattern")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: pattern.copy_file(tmp_path / f"{n}.sqlite3", folder, make), range(8)))
    assert len(made) == 1
    assert {(tmp_path / f"{n}.sqlite3").read_bytes() for n in range(8)} == {b"pattern"}


def test_half_a_pattern_is_never_copied(tmp_path: Path):
    def killed(file: Path) -> None:
        file.write_bytes(b"half")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        pattern.copy_file(tmp_path / "one.sqlite3", tmp_path / "kept", killed)
    pattern.copy_file(tmp_path / "two.sqlite3", tmp_path / "kept", lambda file: file.write_bytes(b"whole"))
    assert not (tmp_path / "one.sqlite3").exists()
    assert (tmp_path / "two.sqlite3").read_bytes() == b"whole"


def test_a_folder_that_others_may_write_to_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(pattern, "FOLDER", tmp_path)
    everybodys = tmp_path / "kept"
    everybodys.mkdir()
    everybodys.chmod(0o777)
    planted = everybodys / f"{pattern.digest()}.sqlite3"
    planted.write_bytes(b"planted")
    pattern.copy_file(tmp_path / "one.sqlite3", everybodys, lambda file: file.write_bytes(b"made"))
    assert (tmp_path / "one.sqlite3").read_bytes() == b"made"


def test_what_nobody_copied_for_days_goes(tmp_path: Path):
    folder = tmp_path / "kept"
    folder.mkdir(mode=0o700)
    old, recent = folder / "old.sqlite3", folder / "recent.sqlite3"
    for file, age in ((old, pattern.UNUSED + 60), (recent, pattern.UNUSED - 60)):
        file.touch()
        os.utime(file, (time.time() - age,) * 2)
    pattern.copy_file(tmp_path / "one.sqlite3", folder, lambda file: file.write_bytes(b"made"))
    kept = {file.name for file in folder.iterdir() if file.suffix == ".sqlite3"}
    assert kept == {"recent.sqlite3", f"{pattern.digest()}.sqlite3"}
