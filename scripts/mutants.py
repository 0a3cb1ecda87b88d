"""``make mutants``: break the promises of SECURITY.md one at a time and see that the tests notice.

``scripts/mutants.toml`` holds each fault as one small replacement in one file, with the tests that should catch it. The
project is copied, the fault put in, its tests run; they must fail. Two at a time, about half an hour in all.

    make mutants                    all of them
    make mutants ARGS="scope"       those whose name has the word
    scripts/mutants.py --check      only that each fault still fits the source and its tests exist (the guards do that)

Exit code 1 when a fault went unnoticed, 2 when one fits no more.
"""

import concurrent.futures
import os
import queue
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LIST = ROOT / "scripts" / "mutants.toml"
WORKERS = 2
MOST_SECONDS = 600
FAILED = 1  # pytest's exit code for "tests failed"; any other means that the run itself went wrong


@dataclass(frozen=True)
class Mutant:
    """One fault."""

    name: str
    file: str
    was: str
    becomes: str
    tests: list[str]

    def misfit(self, root: Path) -> str:
        """Why it can't be put into this source; empty when it can."""
        path = root / self.file
        count = path.read_text(encoding="utf-8").count(self.was) if path.is_file() else 0
        if count != 1:
            return f"{self.file} has its text {count} times"
        missing = [test for test in self.tests if not (root / test.partition("::")[0]).exists()]
        return f"no such tests: {', '.join(missing)}" if missing else ""


def mutants() -> list[Mutant]:
    """All of the list, names unique."""
    with LIST.open("rb") as file:
        found = [Mutant(**entry) for entry in tomllib.load(file)["mutant"]]
    assert len({mutant.name for mutant in found}) == len(found), "Two mutants have one name."
    return found


def copy_of_the_project(place: Path) -> Path:
    """What git tracks or would track, as it lies here now."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    ).stdout
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, place / name)
    return place


def run_tests(tests: Iterable[str], place: Path) -> int | None:
    """pytest's exit code; None when it did not end."""
    env = {name: value for name, value in os.environ.items() if name != "LEDGER_TEST_DIR"}
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *tests]
    try:
        return subprocess.run(
            command, cwd=place, env=env | {"PYTHONDONTWRITEBYTECODE": "1"}, capture_output=True, timeout=MOST_SECONDS,
            check=False,
        ).returncode  # fmt: skip
    except subprocess.TimeoutExpired:
        return None


def verdict(mutant: Mutant, place: Path) -> str:
    """``caught``, ``SURVIVED``, or what went wrong."""
    path = place / mutant.file
    healthy = path.read_text(encoding="utf-8")
    path.write_text(healthy.replace(mutant.was, mutant.becomes), encoding="utf-8")
    try:
        code = run_tests(mutant.tests, place)
    finally:
        path.write_text(healthy, encoding="utf-8")
    said = {0: "SURVIVED", FAILED: "caught", None: "did not end"}
    return said.get(code, f"no test ran (exit code {code})")


def run_all(chosen: list[Mutant]) -> dict[str, str]:
    """Name → verdict, told as they come."""
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        places: queue.Queue[Path] = queue.Queue()
        for number in range(WORKERS):
            place = Path(folder) / str(number)
            place.mkdir()
            places.put(copy_of_the_project(place))

        def told(name: str, act: Callable[[Path], str]) -> tuple[str, str]:
            place, began = places.get(), time.monotonic()
            try:
                said = act(place)
            finally:
                places.put(place)
            print(f"{said:10} {time.monotonic() - began:5.0f} s  {name}", flush=True)
            return name, said

        def healthy(test: str) -> tuple[str, str]:
            return told(test, lambda place: "passes" if run_tests([test], place) == 0 else "FAILS")

        def one(mutant: Mutant) -> tuple[str, str]:
            return told(mutant.name, lambda place: verdict(mutant, place))

        with concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
            # A test that fails on the healthy source would "catch" anything.
            ill = [test for test, said in pool.map(healthy, tests_of(chosen)) if said != "passes"]
            if ill:
                raise SystemExit(f"These fail without any fault: {', '.join(ill)}")
            return dict(pool.map(one, chosen))


def tests_of(chosen: list[Mutant]) -> list[str]:
    """Each test named by one of them, once."""
    return sorted({test for mutant in chosen for test in mutant.tests})


def main() -> int:
    found = mutants()
    misfits = {mutant.name: misfit for mutant in found if (misfit := mutant.misfit(ROOT))}
    for name, misfit in misfits.items():
        print(f"{name}: {misfit}", file=sys.stderr)
    if misfits or "--check" in sys.argv:
        return 2 if misfits else 0
    words = sys.argv[1:]
    chosen = [mutant for mutant in found if not words or any(word in mutant.name for word in words)]
    verdicts = run_all(chosen)
    unnoticed = [name for name, said in verdicts.items() if said != "caught"]
    print(f"\n{len(verdicts) - len(unnoticed)} of {len(verdicts)} faults were noticed.")
    for name in unnoticed:
        print(f"  not noticed: {name} ({verdicts[name]})")
    return 1 if unnoticed else 0


if __name__ == "__main__":
    sys.exit(main())
