"""What ``benchmarks/figures`` measures, each in a fresh process on the database of DATABASE_URL, as a line of JSON.

    python -m benchmarks.figures_measured dashboard | list | writes

CPU is this process' and that of PostgreSQL's backend, which has it in steps of 10 ms, so that sums are told.
"""

import datetime
import json
import random
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

PAGES, WRITES, BLOCKS = 12, 40, 12


def client() -> Any:
    """Signed in as the leader of the sample's first county."""
    from django.conf import settings
    from django.test import Client

    import config.wsgi  # noqa: F401 - the process as the server has it
    from accounts.models import User
    from ledger.demonstration.sample import LEADER

    settings.ALLOWED_HOSTS = ["*"]
    browser = Client()
    browser.force_login(User.objects.get(username=LEADER))
    return browser


def cpu() -> float:
    """Milliseconds so far, of this process and of its backend."""
    import psutil
    from django.db import connection

    own = time.process_time()
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            used = psutil.Process(cursor.fetchone()[0]).cpu_times()
        own += used.user + used.system
    return own * 1000


def timed(act: Callable[[], Any], times: int) -> dict[str, list[float]]:
    """Wall milliseconds of each, and CPU of one on average."""
    walls, before = [], cpu()
    for _n in range(times):
        begin = time.perf_counter()
        act()
        walls.append((time.perf_counter() - begin) * 1000)
    return {"wall": walls, "cpu": [(cpu() - before) / times]}


def page(browser: Any, address: str) -> dict[str, list[float]]:
    def get() -> None:
        if browser.get(address).status_code != 200:
            raise SystemExit(f"{address} is refused.")

    timed(get, 3)
    return timed(get, PAGES)


def dashboard() -> Any:
    """A county's, and that of its first township."""
    from ledger.models import Township

    browser, first = client(), Township.objects.order_by("pk")[0]
    return {
        "county": page(browser, "/dashboard/"),
        "township": page(browser, f"/dashboard/?area=township-{first.pk}"),
    }


def pages() -> Any:
    """The list of all households at its first page, in the middle and at its last."""
    from django.urls import reverse

    from ledger.models import Household
    from ledger.queries.households import PLACE_ORDER
    from ledger.queries.keyset import keyset_page

    rows = Household.objects.order_by(*PLACE_ORDER)
    total = rows.count()

    def after(position: int) -> str:
        """The cursor of the row at this position."""
        pair = rows.filter(pk__in=list(rows.values_list("pk", flat=True)[position : position + 2]))
        return f"?after={keyset_page(pair, order=PLACE_ORDER, size=1).next}"

    browser, address = client(), reverse("household_list")
    places = {"first": "", "middle": after(total // 2), "last": after(total - 31)}
    found: dict[str, Any] = {name: {"wall": [], "cpu": []} for name in places}
    for _round in range(5):
        for name, query in places.items():
            for key, values in page(browser, address + query).items():
                found[name][key] += values
    return found


def writes() -> Any:
    """The visit action with the triggers of the counts and without, block by block in turn."""
    from accounts.models import User
    from ledger.actions import count_triggers
    from ledger.actions.visits import log_visit
    from ledger.demonstration.sample import LEADER
    from ledger.models import Household
    from ledger.rules.days import local_today

    chance, leader = random.Random(7), User.objects.get(username=LEADER)
    homes = list(Household.objects.select_related("village__township").order_by("pk")[:400])

    def log() -> None:
        day = local_today() - datetime.timedelta(days=chance.choice((0, 0, 0, 1, 5)))
        data = {"household": chance.choice(homes), "kind": "household", "result": "met", "occurred_on": day,
                "people_met": 2, "content": "入户走访，了解近况"}  # fmt: skip
        log_visit(by=leader, data=data)

    found: dict[str, Any] = {"without": {"wall": [], "cpu": []}, "with": {"wall": [], "cpu": []}}
    for block in range(BLOCKS):
        for name in sorted(found, reverse=bool(block % 2)):
            (count_triggers.install if name == "with" else count_triggers.remove)()
            timed(log, 5)
            measured = timed(log, WRITES)
            found[name]["wall"].append(statistics.median(measured["wall"]))
            found[name]["cpu"] += measured["cpu"]
    count_triggers.install()
    return found


if __name__ == "__main__":
    import django

    django.setup()
    print(json.dumps({"dashboard": dashboard, "list": pages, "writes": writes}[sys.argv[1]]()))
