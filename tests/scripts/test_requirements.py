"""``make setup`` installs what constraints.txt names: it must name all, in versions that pyproject.toml allows."""

import tomllib

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.guards.sources import ROOT


def pins() -> dict[str, str]:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    return dict(line.split("==") for line in lines if not line.startswith("#"))


def requirements() -> list[Requirement]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lines = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    return [Requirement(line) for line in lines]


def test_every_dependency_is_pinned_to_a_version_it_allows():
    pinned = pins()
    bad = {
        str(wanted): pinned.get(canonicalize_name(wanted.name))
        for wanted in requirements()
        if not wanted.specifier.contains(pinned.get(canonicalize_name(wanted.name), "0"))
    }
    assert bad == {}, "run 'make setup', then '.venv/bin/python scripts/requirements.py pin'"


def test_every_dependency_says_what_it_is_for():
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    bare = [
        line.strip()
        for line in text[: text.index("[build-system]")].splitlines()
        if line.startswith('  "') and "#" not in line
    ]
    assert bare == [], "half a line after it: why this one"
