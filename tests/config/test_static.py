"""An address is worked out once, is what Django's own would be, and a file that is missing is said each time."""

from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles.storage import StaticFilesStorage

from config.static import Hashed, Plain


def test_plain_addresses_are_django_s() -> None:
    ours, plain = Plain(), StaticFilesStorage()
    for name in ("css/base.css", "icons/favicon.svg", "js/a b.js"):
        assert ours.url(name) == ours.url(name) == plain.url(name)


def test_hashed_addresses_are_those_of_the_collected_files(tmp_path: Path, settings: Any) -> None:
    settings.STATIC_ROOT = str(tmp_path)
    (tmp_path / "css").mkdir()
    (tmp_path / "css/base.css").write_text("body{color:red}")
    collecting = Hashed(location=str(tmp_path))
    assert [name for name, *_rest in collecting.post_process({"css/base.css": (collecting, "css/base.css")})]
    serving = Hashed(location=str(tmp_path))
    (hashed,) = set(serving.hashed_files.values())
    assert serving.url("css/base.css") == serving.url("css/base.css") == f"/static/{hashed}"
    assert hashed != "css/base.css"
    for _again in range(2):
        with pytest.raises(ValueError, match=r"none\.css"):
            serving.url("css/none.css")


def test_it_is_asked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(StaticFilesStorage, "url", lambda _storage, name: asked.append(name) or f"/{name}")
    storage = Plain()
    assert [storage.url("a.css"), storage.url("a.css"), storage.url("b.css")] == ["/a.css", "/a.css", "/b.css"]
    assert asked == ["a.css", "b.css"]
