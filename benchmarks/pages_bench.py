"""Queries and CPU of the daily pages at 1 and at 7,000 households; the number of queries must be the same.

CPU ms is this process' time for one request through Django's client, median of 15 (on PostgreSQL without the
server's own). Exit code 1 when a page asks the database more often in the larger county.
"""

import json
import statistics
import sys
import time

SIZES = {1: (1, 1), 7000: (18000, 900)}
REPEATS = 15
PAGES = (
    ("cadre", "today", "today"),
    ("cadre", "household_list", "households"),
    ("desk", "household_list", "households"),
    ("desk", "desk", "desk"),
    ("leader", "dashboard", "dashboard"),
)


def measure() -> dict[str, tuple[int, float]]:
    """Each page's queries and CPU ms in the county of this process' DATABASE_URL."""
    import django

    django.setup()
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext
    from django.urls import reverse

    from accounts.models import User

    if connection.vendor == "postgresql":
        connection.cursor().execute("ANALYZE")
    found = {}
    for person, name, label in PAGES:
        address = reverse(name)
        client = Client()
        client.force_login(User.objects.get(username=person))
        client.get(address)  # templates and catalogues are read once per process
        with CaptureQueriesContext(
            connection,
        ) as asked:
            response = client.get(address)
        queries = len(asked)  # the next request empties the log
        if response.status_code != 200:
            raise SystemExit(f"{label} of {person}: {response.status_code}")
        times = []
        for _ in range(REPEATS):
            start = time.process_time()
            client.get(address)
            times.append(1000 * (time.process_time() - start))
        found[f"{label} of {person}"] = (queries, statistics.median(times))
    return found


def main() -> int:
    from benchmarks.databases import databases, ledger, run, table

    code = 0
    with databases() as sources:
        for name, source in sources.items():
            found = {}
            for size, rows in SIZES.items():
                env = ledger(source, size, *rows)
                found[size] = json.loads(run("-m", "benchmarks.pages_bench", "--measure", env=env))
            small, large = found.values()
            lines = []
            for page, (asked, cpu) in small.items():
                more, cpu_more = large[page]
                code |= asked != more
                lines.append([page, asked, more, f"{cpu:.1f}", f"{cpu_more:.1f}", "" if asked == more else "GROWS"])
            print(name)
            table(["page", "queries at 1", "at 7,000", "CPU ms at 1", "at 7,000", ""], lines)
    return code


if __name__ == "__main__":
    if "--measure" in sys.argv:
        print(json.dumps(measure()))
    else:
        sys.exit(main())
