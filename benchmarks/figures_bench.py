"""A dashboard at two sizes: its server time should be the same, as its figures are sums kept by area and day.

    python -m benchmarks.figures_bench [SMALL LARGE]     visits, 200,000 and 2,000,000 by default

Each size is a sample (``manage.py generate_sample``) with as many villages, households and issues as belong to it; the
page is that of the first county's leader, so that both have the same number of parts. Measured through Django's test
client, in turn; exit code 1 when the larger takes more than 1.5 × the smaller.
"""

import statistics
import sys

from benchmarks.databases import Databases, databases, run, table

RUNS, MOST = 15, 1.5
_MEASURE = """
import time, django
django.setup()
from django.conf import settings
settings.ALLOWED_HOSTS = ["*"]
from django.test import Client
from accounts.models import User
client = Client()
client.force_login(User.objects.get(username="sample-leader"))
for _n in range({runs} + 2):
    begin = time.perf_counter()
    assert client.get("/dashboard/").status_code == 200
    print((time.perf_counter() - begin) * 1000)
"""


def made(source: Databases, visits: int) -> dict[str, str]:
    """A migrated database with that sample; its environment."""
    env = source.environment(f"sample{visits}")
    villages = max(61, visits // 5000)
    households, issues = villages * 500, visits // 10
    run("manage.py", "migrate", "--verbosity", 0, env=env)
    run("manage.py", "generate_sample", f"--villages={villages}", f"--households={households}", f"--visits={visits}",
        f"--issues={issues}", env=env)  # fmt: skip
    return env


def milliseconds(env: dict[str, str]) -> list[float]:
    """Of each run, without the two that warm up."""
    return [float(line) for line in run("-c", _MEASURE.format(runs=RUNS), env=env).split()][2:]


def main(small: int, large: int) -> int:
    rows, worst = [], 0.0
    with databases() as found:
        for name, source in found.items():
            both = [made(source, small), made(source, large)]
            medians = [statistics.median(milliseconds(env)) for env in both]
            ratio = medians[1] / medians[0]
            worst = max(worst, ratio)
            rows.append([name, f"{medians[0]:.1f}", f"{medians[1]:.1f}", f"{ratio:.2f}"])
    table(["dashboard", f"{small:,} visits, ms", f"{large:,} visits, ms", "ratio"], rows)
    return 1 if worst > MOST else 0


if __name__ == "__main__":
    given = [int(word) for word in sys.argv[1:3]]
    sys.exit(main(*(given or (200_000, 2_000_000))))
