"""The vendored files are the locked ones, and a tampered one is named."""

import json

import pytest

from scripts import check_vendor


@pytest.fixture
def vendor(tmp_path, monkeypatch):
    """A vendor folder with one locked package."""
    (tmp_path / "thing").mkdir()
    (tmp_path / "thing" / "LICENSE").write_text("free")
    (tmp_path / "thing" / "thing.css").write_text("a{}")
    monkeypatch.setattr(check_vendor, "VENDOR", tmp_path)
    monkeypatch.setattr(check_vendor, "LOCK", tmp_path / "vendor.lock")
    check_vendor.write({"thing": {"version": "1", "files": {}}})
    return tmp_path


def problems(folder):
    return check_vendor.differences(json.loads((folder / "vendor.lock").read_text()), check_vendor.found())


def test_the_projects_own_files_are_the_locked_ones():
    assert check_vendor.differences(json.loads(check_vendor.LOCK.read_text()), check_vendor.found()) == []


def test_untouched_is_clean(vendor):
    assert problems(vendor) == []


def test_changed_missing_and_added_files_are_named(vendor):
    (vendor / "thing" / "thing.css").write_text("a{color:red}")
    (vendor / "thing" / "LICENSE").unlink()
    (vendor / "thing" / "more.js").write_text("1")
    assert problems(vendor) == [
        "thing/LICENSE: missing",
        "thing/more.js: not in vendor.lock",
        "thing/thing.css: changed",
        "thing: its LICENSE is not beside it",
    ]


def test_source_map_is_refused(vendor):
    (vendor / "thing" / "thing.css").write_text("a{}\n/*# sourceMappingURL=thing.css.map */")
    check_vendor.write(json.loads((vendor / "vendor.lock").read_text()))
    assert problems(vendor) == ["thing/thing.css: strip its sourceMappingURL line"]
