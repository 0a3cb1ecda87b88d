"""What figures cost, each a ratio with its bound; exit code 1 when one is above it.

    python -m benchmarks.figures [CASE …] [--visits N] [--households N]

- ``dashboard``: a county's and a township's at 200,000 visits and at N (10,000,000) of the same villages, households
  and matters that wait: only the past is longer, two years or twenty. At most 1.5 ×.
- ``province``: the same county's dashboard where N visits and 2,000 villages stand in the database. p95 at most 50 ms,
  on a machine that does nothing else.
- ``household-list``: first, middle and last page of N (1,000,000) households. At most 1.5 × of each other.
- ``write-cost``: the visit action with the kept counts and without, where a household has 6 visits and where it has
  as many as ``dashboard`` makes. At most 1.25 × on SQLite, 1.4 × on PostgreSQL.
- ``export``: the ledger as a workbook against XlsxWriter's floor (``benchmarks/figures_export``).

Made by ``manage.py generate_sample``: ten million visits take five to fifteen minutes and 5 GB for each database, a
smaller N less; ``--keep FOLDER`` leaves them there for the next time. Ratios are of CPU (ours and PostgreSQL's
backend), each the median of pairs measured in turn.
"""

import argparse
import json
import statistics
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks import figures_export
from benchmarks.databases import Databases, databases, run, table

SMALL, PAST, ROUNDS = 200_000, 20, 5
WAITING = 6_000
MOST, MOST_MS = 1.5, 50.0
WRITE = {"SQLite": 1.25, "PostgreSQL": 1.4}


class Samples:
    """The databases of one engine, each made once."""

    def __init__(self, name: str, source: Databases, asked: argparse.Namespace) -> None:
        self.name, self.source, self.asked = name, source, asked
        self.made: dict[str, dict[str, str]] = {}

    def sample(self, name: str, **size: int) -> dict[str, str]:
        """A migrated database with that sample; its environment."""
        if name not in self.made:
            full = "-".join([name, *(str(n) for n in size.values())])
            env, done = self.source.environment(full), self.source.folder / f"{full}.{self.name.split()[0]}"
            run("manage.py", "migrate", "--verbosity", 0, env=env)
            if not done.exists():
                run("manage.py", "generate_sample", *(f"--{key}={n}" for key, n in size.items()), env=env)
                done.touch()
            self.made[name] = env
        return self.made[name]

    def small(self) -> dict[str, str]:
        return self.sample("small", visits=SMALL, issues=SMALL // 10, waiting=WAITING)

    def large(self) -> dict[str, str]:
        """The same county with a longer past."""
        visits = self.asked.visits
        return self.sample("large", visits=visits, issues=visits // 10, waiting=WAITING, days=PAST * 365)

    def province(self) -> dict[str, str]:
        visits = self.asked.visits
        return self.sample(
            "province", villages=visits // 5_000, households=visits // 10, visits=visits, issues=visits // 10
        )

    def homes(self) -> dict[str, str]:
        return self.sample("homes", households=self.asked.households, visits=SMALL, issues=SMALL // 10)


def measured(env: dict[str, str], what: str) -> Any:
    return json.loads(run("-m", "benchmarks.figures_measured", what, env=env))


def dashboard(at: Samples) -> bool:
    both = [at.small(), at.large()]
    runs = [[measured(env, "dashboard") for env in both] for _round in range(ROUNDS)]
    rows, worst = [], 0.0
    for area in runs[0][0]:
        cpu = [[statistics.mean(one[area]["cpu"]) for one in pair] for pair in runs]
        ratio = statistics.median(large / small for small, large in cpu)
        worst = max(worst, ratio)
        middle = [statistics.median(pair[n] for pair in cpu) for n in (0, 1)]
        rows.append([f"of a {area}", *(f"{ms:.1f}" for ms in middle), f"{ratio:.2f}", MOST])
    table([f"dashboard, {at.name}", f"CPU ms at {SMALL:,}", f"at {at.asked.visits:,}", "ratio", "bound"], rows)
    return worst <= MOST


def province(at: Samples) -> bool:
    env = at.province()
    runs = [measured(env, "dashboard") for _round in range(ROUNDS)]
    rows, worst = [], 0.0
    for area in runs[0]:
        walls = sorted(ms for one in runs for ms in one[area]["wall"])
        p95 = walls[len(walls) * 95 // 100]
        worst = max(worst, p95)
        cpu = statistics.median(one[area]["cpu"][0] for one in runs)
        rows.append([f"of a {area}", f"{cpu:.1f}", f"{statistics.median(walls):.1f}", f"{p95:.1f}", MOST_MS])
    table([f"province of {at.asked.visits:,} visits, {at.name}", "CPU ms", "p50 ms", "p95 ms", "bound"], rows)
    return worst <= MOST_MS


def household_list(at: Samples) -> bool:
    found = {name: statistics.median(one["cpu"]) for name, one in measured(at.homes(), "list").items()}
    ratio = max(found.values()) / min(found.values())
    head = [f"list of {at.asked.households:,} households, {at.name}", *found, "ratio", "bound"]
    table(head, [["CPU ms", *(f"{ms:.1f}" for ms in found.values()), f"{ratio:.2f}", MOST]])
    return ratio <= MOST


def write_cost(at: Samples) -> bool:
    bound, rows, worst = WRITE[at.name.split()[0]], [], 0.0
    for name, env in (("short past", at.small()), ("long past", at.large())):
        found = measured(env, "writes")
        for key, what in (("cpu", "CPU ms"), ("wall", "wall ms")):
            pairs = list(zip(found["without"][key], found["with"][key], strict=True))
            ratio = statistics.median(kept / bare for bare, kept in pairs)
            if key == "cpu":
                worst = max(worst, ratio)
            middle = [statistics.median(pair[n] for pair in pairs) for n in (0, 1)]
            rows.append([f"{name}, {what}", *(f"{ms:.2f}" for ms in middle), f"{ratio:.2f}", bound])
    table([f"visit action, {at.name}", "without counts", "with", "ratio", "bound"], rows)
    return worst <= bound


CASES: dict[str, Callable[[Samples], bool]] = {
    "dashboard": dashboard, "province": province, "household-list": household_list, "write-cost": write_cost,
}  # fmt: skip


def main(words: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cases", nargs="*", metavar="CASE", help=f"of {', '.join([*CASES, 'export'])}; by default all")
    parser.add_argument("--visits", type=int, default=10_000_000, metavar="N")
    parser.add_argument("--households", type=int, default=1_000_000, metavar="N")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="where the databases stay for the next time")
    parser.add_argument("--on", metavar="ENGINE", help="only the databases whose name begins so: sqlite, postgresql")
    asked = parser.parse_args(words)
    if asked.visits < 3 * SMALL:
        parser.error(f"Give {3 * SMALL:,} visits or more: of fewer in twenty years too few matters would wait.")
    cases = asked.cases or [*CASES, "export"]
    if unknown := set(cases) - {*CASES, "export"}:
        parser.error(f"There is no case {', '.join(sorted(unknown))}.")
    holds = []
    with databases(asked.keep) as found:
        for name, source in found.items():
            if not name.lower().startswith((asked.on or "").lower()):
                continue
            at = Samples(name, source, asked)
            holds += [CASES[case](at) for case in cases if case in CASES]
    if "export" in cases:
        holds.append(figures_export.main() == 0)
    return 0 if all(holds) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
