"""分配联系户 at the size of a county: 61 villages, 33,410 households, 1,694 cadres, through ``manage.py allocate``.

The county is the roster of ``import_bench`` without the column of cadres. Each step is the command in a process of its
own: ``proposal`` and ``apply`` when nobody has a household, ``again`` on its own result, ``anew`` without regard to it.
Wall seconds with the start of Python in them, on a machine that does nothing else; CPU seconds of the process (without
PostgreSQL's own) tell how busy it was. At most 60, nobody left without a cadre, and ``again`` changes nothing.
Then one village of 600 households and 30 cadres in CPU seconds: at most 2, proven best where nobody has a wish; with
wishes the gap to the bound. Exit code 1 otherwise.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

from benchmarks import import_bench

COUNTY = "530101"
STEPS = {"proposal": (), "apply": ("--apply",), "again": ("--apply",), "anew": ("--anew",)}
MOST_WALL, MOST_CPU = 60.0, 2.0
SHOWN = ("households", "cadres", "uncovered", "in_band", "below", "above", "cut_groups", "changed")


def make_county(file: str) -> None:
    """Places and cadres, then the roster: nobody has a household yet."""
    import django

    django.setup()
    import_bench.make_places()
    import_bench.ours(file)


def step(env: dict[str, str], words: tuple[str, ...]) -> tuple[float, float, dict[str, Any]]:
    """Run the command; wall seconds, CPU seconds of its process, and what it says."""
    from benchmarks.databases import run

    began, before = time.monotonic(), os.times()
    said = run("manage.py", "allocate", "--county", COUNTY, "--json", *words, env=env)
    wall, after = time.monotonic() - began, os.times()
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return wall, cpu, json.loads(said)


def villages() -> Iterator[list[object]]:
    """A village of 600 households in 8 groups and 30 cadres, without wishes and with some of each sort."""
    from ledger.rules.allocation import propose
    from ledger.rules.allocation_score import Hand, House

    houses = [House(at, at // 75) for at in range(600)]
    plain = [Hand(100 + n) for n in range(30)]
    part = [Hand(100 + n, 50 if n < 6 else 100, 5 if n > 26 else 0) for n in range(30)]
    pins = {at: 100 + at % 30 for at in range(0, 600, 31)}
    avoid = {(100 + at % 30, at + 1) for at in range(0, 580, 12) if at + 1 not in pins}
    for name, hands, wishes in (("plain", plain, {}), ("wishes", part, {"pins": pins, "avoid": avoid})):
        began = time.process_time()
        found = propose(houses, hands, **wishes)
        yield [name, f"{time.process_time() - began:.2f}", found.is_best, found.uncovered, found.gap]


def main() -> int:
    from benchmarks.databases import databases, run, table

    code = 0
    with databases() as sources:
        for name, source in sources.items():
            file = source.folder / "households.xlsx"
            if not file.exists():
                import_bench.make_file(file, cadres=False)
            env = source.environment("allocation")
            run("manage.py", "migrate", "--verbosity", 0, env=env)
            subprocess.run(
                [sys.executable, "-m", "benchmarks.allocation_bench", "--county", str(file)], env=env, check=True
            )
            lines: list[list[object]] = []
            for label, words in STEPS.items():
                wall, cpu, said = step(env, words)
                totals = said["totals"]
                code |= wall > MOST_WALL or bool(totals["uncovered"]) or (label == "again" and bool(totals["changed"]))
                lines.append([label, f"{wall:.1f}", f"{cpu:.1f}", *(totals[each] for each in SHOWN)])
            print(f"{name}, {said['average']}")
            table(["", "wall s", "CPU s", *SHOWN], lines)
    rows = list(villages())
    code |= any(float(str(row[1])) > MOST_CPU or row[3] for row in rows) or not rows[0][2]
    table(["600 x 30", "CPU s", "proven best", "uncovered", "gap to the bound"], rows)
    return code


if __name__ == "__main__":
    if "--county" in sys.argv:
        make_county(sys.argv[-1])
    else:
        sys.exit(main())
