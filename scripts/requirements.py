"""What the project depends on, read from pyproject.toml (standard library only: it runs before anything is installed).

    requirements.py          print the requirements for ``pip install --requirement``
    requirements.py pin      write constraints.txt: the installed version of each of them and of all they need

After changing a dependency: edit pyproject.toml, ``make setup``, ``.venv/bin/python scripts/requirements.py pin``.
"""

import re
import sys
import tomllib
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HEADER = "# Exact versions, written by scripts/requirements.py pin; `make setup` installs these and no others.\n"


def requirements() -> list[str]:
    """The lines of ``dependencies`` and of the ``dev`` extra."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return [*project["dependencies"], *project["optional-dependencies"]["dev"]]


def closure() -> dict[str, str]:
    """Canonical name → installed version, for every requirement and everything it pulls in here."""
    from packaging.requirements import Requirement
    from packaging.utils import canonicalize_name

    waiting = [Requirement(line) for line in requirements()]
    versions: dict[str, str] = {}
    seen: set[tuple[str, frozenset[str]]] = set()
    while waiting:
        requirement = waiting.pop()
        name = canonicalize_name(requirement.name)
        extras = frozenset(requirement.extras)
        if (name, extras) in seen:
            continue
        seen.add((name, extras))
        package = metadata.distribution(name)
        versions[name] = package.version
        for line in package.requires or []:
            needed = Requirement(line)
            if needed.marker is None or any(needed.marker.evaluate({"extra": extra}) for extra in ("", *extras)):
                waiting.append(needed)
    return versions


def pin() -> None:
    lines = [f"{name}=={re.sub(r'[+].*', '', version)}\n" for name, version in sorted(closure().items())]
    (ROOT / "constraints.txt").write_text(HEADER + "".join(lines), encoding="utf-8")


if __name__ == "__main__":
    if sys.argv[1:] == ["pin"]:
        pin()
    else:
        print("\n".join(requirements()))
