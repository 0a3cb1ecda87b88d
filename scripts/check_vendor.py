#!/usr/bin/env python3
"""Checks static/vendor against vendor.lock: every file is there, unchanged, and nothing else is.

``--write`` records the files as they are now (after a deliberate update; say the version in the lock).
Exit code 1 names each difference.
"""

import hashlib
import json
import sys
from pathlib import Path

VENDOR = Path(__file__).resolve().parent.parent / "static" / "vendor"
LOCK = VENDOR / "vendor.lock"


def digest(path: Path) -> str:
    """The SHA-256 of a file, in hex."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def found() -> dict[str, str]:
    """Each file below static/vendor with its digest, but the lock itself."""
    return {
        path.relative_to(VENDOR).as_posix(): digest(path)
        for path in sorted(VENDOR.rglob("*"))
        if path.is_file() and path != LOCK
    }


def differences(lock: dict[str, dict[str, object]], files: dict[str, str]) -> list[str]:
    """A sentence for each file that is missing, changed, unlocked, or names a source map (collectstatic would fail)."""
    locked: dict[str, str] = {}
    for name, package in lock.items():
        entries = package["files"]
        assert isinstance(entries, dict)
        locked |= {f"{name}/{file}": sha for file, sha in entries.items()}
    problems = [f"{file}: missing" for file in locked.keys() - files.keys()]
    problems += [f"{file}: not in vendor.lock" for file in files.keys() - locked.keys()]
    problems += [f"{file}: changed" for file in locked.keys() & files.keys() if locked[file] != files[file]]
    problems += [
        f"{file}: strip its sourceMappingURL line"
        for file in files
        if file.endswith((".css", ".js")) and b"sourceMappingURL" in (VENDOR / file).read_bytes()
    ]
    problems += [f"{name}: its LICENSE is not beside it" for name in lock if not (VENDOR / name / "LICENSE").exists()]
    return sorted(problems)


def write(lock: dict[str, dict[str, object]]) -> None:
    """Put the digests of the files as they are into the lock; names and versions stay as written."""
    files = found()
    for name, package in lock.items():
        package["files"] = {
            file.removeprefix(f"{name}/"): sha for file, sha in files.items() if file.startswith(f"{name}/")
        }
    LOCK.write_text(json.dumps(lock, indent=2) + "\n", encoding="utf-8")


def main() -> int:
    """Check, or with --write record. Returns the exit code."""
    lock = json.loads(LOCK.read_text(encoding="utf-8"))
    if sys.argv[1:] == ["--write"]:
        write(lock)
        return 0
    problems = differences(lock, found())
    for problem in problems:
        print(f"static/vendor/{problem}")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
