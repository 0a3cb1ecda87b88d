"""Programs of their own for this folder: they make a ledger, and processes that write in it and may be killed.

Each says one line of JSON. Workers are forked from a process that has Django ready, so that killing them at a random
moment hits what they do and not how they start.
"""

import json
import os
import random
import re
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import django

django.setup()

from django.core.management import call_command  # noqa: E402 - Django comes first
from django.db import connection, connections  # noqa: E402


def say(what: Any) -> None:
    """One line of JSON for the test."""
    sys.stdout.write(json.dumps(what, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def make() -> None:
    """The tests' world, in an empty ledger."""
    from django.test import override_settings

    from tests.world import build

    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
        build()


def forked(work: Callable[[], Any]) -> int:
    """The id of a new process that does ``work`` on a connection of its own; its exit code says how it went."""
    connections.close_all()
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        work()
        code = 0
    except BaseException as fault:
        sys.stderr.write(f"{type(fault).__name__}: {fault}\n")
    finally:
        connections.close_all()
        os._exit(code)


def ended(child: int) -> int:
    """Its exit code; -9 for a killed one."""
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def others_gone() -> None:
    """PostgreSQL notices a moment later that a client has died; until then its transaction may still end."""
    end = time.monotonic() + 20
    while connection.vendor == "postgresql" and time.monotonic() < end:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            if cursor.fetchone()[0] == 0:
                return
        time.sleep(0.01)


# Crowds of writers on SQLite


def crowd(processes: int, threads: int, seconds: float, journal: str) -> None:
    """Visits from all of them without a pause, through requests; how many, the longest wait, and every refusal."""
    folder = Path(os.environ["SAYS"])
    options = connections.settings["default"]["OPTIONS"]
    options["init_command"] = re.sub(r"journal_mode=\w+", f"journal_mode={journal}", options["init_command"])
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA journal_mode")
        mode = cursor.fetchone()[0]
    children = [forked(lambda n=n: _writers(folder / f"{n}.json", threads, seconds, n)) for n in range(processes)]
    codes = [ended(child) for child in children]
    told = [json.loads((folder / f"{n}.json").read_text()) for n in range(processes)]
    from ledger.models import AuditRow, Visit

    answers: Counter[str] = Counter()
    for one in told:
        answers.update(one["answers"])
    waits = sorted(wait for one in told for wait in one["waits"])
    say({
        "mode": mode, "codes": codes, "answers": answers, "longest": round(waits[-1], 2),
        "least": min(one["least"] for one in told),
        "median": round(waits[len(waits) // 2], 3), "visits": Visit.objects.filter(content="挤").count(),
        "rows": AuditRow.objects.filter(verb="visit.logged").count(),
    })  # fmt: skip


def _writers(told: Path, threads: int, seconds: float, seed: int) -> None:
    import threading

    from django.test import Client
    from django.urls import reverse

    from accounts.models import User
    from ledger.models import Household
    from ledger.rules.days import local_today

    user = User.objects.get(cadre__postings__role="household_cadre", cadre__postings__village__name="城垵村")
    url = f"{reverse('visit_create')}?household={Household.objects.filter(village__name='城垵村').first().pk}"
    said = {"kind": "household", "result": "met", "content": "挤", "occurred_on": local_today().isoformat()}
    answers: Counter[str] = Counter()
    waits: list[float] = []
    each: list[int] = []
    login = Client()
    login.force_login(user)
    end = time.monotonic() + seconds

    def write() -> None:
        from uuid import uuid4

        client, mine = Client(raise_request_exception=False), 0
        client.cookies.load({name: morsel.value for name, morsel in login.cookies.items()})
        while time.monotonic() < end:
            began = time.monotonic()
            answers[str(client.post(url, {**said, "client_id": str(uuid4())}).status_code)] += 1
            waits.append(time.monotonic() - began)
            mine += 1
        each.append(mine)
        connections.close_all()

    crowd_of = [threading.Thread(target=write) for _ in range(threads)]
    for thread in crowd_of:
        thread.start()
    for thread in crowd_of:
        thread.join()
    told.write_text(json.dumps({"answers": answers, "waits": waits, "least": min(each)}))


# Imports that are killed

ROWS = 60
"""Households of one roster: enough statements for a kill to fall between any two of them."""


def imports(rounds: int, seed: int) -> None:
    """Imports by the command and by the worker, killed at random moments; what was found not to be all or nothing."""
    rng, faults, outcomes = random.Random(seed), [], Counter[str]()
    for name, one_round in (("command", _by_command), ("worker", _by_worker)):
        whole = one_round(0, None, rng, outcomes)[1]  # nobody kills the first: how long a whole one takes
        for number in range(1, rounds + 1):
            wrong, _seconds = one_round(number, rng.uniform(0, 1.1 * whole), rng, outcomes)
            faults += [f"{name} {number}: {fault}" for fault in wrong]
    say({"faults": faults, "outcomes": outcomes})


def _roster(kind: str, number: int) -> bytes:
    from ledger.models import Cadre
    from tests.importing.test_plan import row
    from tests.importing.workbooks import roster

    cadre = Cadre.objects.filter(postings__role="household_cadre", postings__village__name="城垵村").get().cadre_no
    codes = [f"{kind}{number:03d}{n:03d}" for n in range(ROWS)]
    return roster(
        *(row(户编号=code, 户主姓名=f"户主{code}", 身份证号="", 手机号="", 挂户干部工号=cadre) for code in codes)
    )


def _found(kind: str, number: int) -> tuple[int, ...]:
    """Households, members, codes, assignments and audit rows that one roster left."""
    from ledger.models import Assignment, AuditRow, Household, HouseholdCode, Resident

    code = f"{kind}{number:03d}"
    return (
        Household.objects.filter(code__startswith=code).count(),
        Resident.objects.filter(household__code__startswith=code).count(),
        HouseholdCode.objects.filter(code__startswith=code).count(),
        Assignment.objects.filter(household__code__startswith=code).count(),
        AuditRow.objects.filter(verb="import.applied", detail__file=f"{code}.xlsx").count(),
    )


def _killed(work: Callable[[], Any], after: float | None) -> tuple[int, float]:
    """The exit code of ``work`` in a process that is killed ``after`` so many seconds, and how long it ran."""
    began, child = time.monotonic(), forked(work)
    if after is not None:
        time.sleep(after)
        os.kill(child, signal.SIGKILL)
    code = ended(child)
    others_gone()
    return code, time.monotonic() - began


NOTHING, ALL = (0, 0, 0, 0, 0), (ROWS, ROWS, ROWS, ROWS, 1)


def _by_command(
    number: int, after: float | None, _rng: random.Random, outcomes: Counter[str]
) -> tuple[list[str], float]:
    from ledger.models import ImportBatch, Township

    file = Path(os.environ["SAYS"]) / f"C{number:03d}.xlsx"
    file.write_bytes(_roster("C", number))
    scope = Township.objects.get(name__startswith="康美").code

    def run() -> None:
        call_command("import_households", file, scope=scope, stdout=sys.stderr)

    code, seconds = _killed(run, after)
    found, batches = (
        _found("C", number),
        list(ImportBatch.objects.filter(file_name=file.name).values_list("state", flat=True)),
    )
    outcomes[f"command {'all' if found == ALL else 'nothing'}"] += 1
    wrong = []
    if (found, batches) not in [(NOTHING, []), (ALL, ["applied"])] or (code == 0 and found != ALL):
        wrong.append(f"left {found}, batches {batches}, exit code {code}")
    run()
    if _found("C", number)[:4] != ALL[:4]:
        wrong.append(f"importing again left {_found('C', number)}")
    return wrong, seconds


def _by_worker(
    number: int, after: float | None, _rng: random.Random, outcomes: Counter[str]
) -> tuple[list[str], float]:
    from accounts.models import User
    from ledger.importing.batches import apply_batch, create_batch, plan_batch, request_apply, take_back
    from ledger.models import ImportBatch, Township

    by = User.objects.get(cadre__postings__role="township_admin", cadre__postings__township__name__startswith="康美")
    townships = Township.objects.filter(name__startswith="康美")
    data, name = _roster("W", number), f"W{number:03d}.xlsx"
    pk = create_batch(by=by, townships=townships, file_name=name, data=data).pk

    def state() -> ImportBatch:
        return ImportBatch.objects.get(pk=pk)

    def apply() -> None:
        plan_batch(pk)
        request_apply(by=by, batch=state(), version=state().version)
        apply_batch(pk)

    _code, seconds = _killed(apply, after)
    found, batch = _found("W", number), state()
    outcomes[f"worker {batch.state}"] += 1
    wrong = []
    if found != (ALL if batch.state == "applied" else NOTHING):
        wrong.append(f"left {found}, the batch says {batch.state}")
    if batch.state != "applied":
        if batch.state != "planned" and not (batch.state == "waiting" or take_back(by=by, batch=batch)):
            wrong.append(f"cannot be started again from {batch.state}")
        apply()
        if (_found("W", number), state().state) != (ALL, "applied"):
            wrong.append(f"applying again left {_found('W', number)}, the batch says {state().state}")
    return wrong, seconds


# Numbers of issues

SEEDED = 103
"""The last number of the township in tests/world.py, which has some of its own."""


def numbers(rounds: int, seed: int) -> None:
    """Twenty processes register issues, every third is killed; the numbers have no gap and no number is twice."""
    from ledger.models import Issue, NumberCounter

    rng, faults, killed = random.Random(seed), [], 0
    for number in range(rounds):
        children = [forked(lambda n=n, number=number: _register(f"{number}-{n}", n % 4 == 3)) for n in range(20)]
        for child in children[::3]:
            time.sleep(rng.uniform(0, 0.05))
            os.kill(child, signal.SIGKILL)
        codes = [ended(child) for child in children]
        killed += codes.count(-9)
        others_gone()
        counter = NumberCounter.objects.get(township__name__startswith="康美", last__gt=0)
        serials = Issue.objects.filter(township=counter.township, year=counter.year, serial__gt=SEEDED)
        given = sorted(serials.values_list("serial", flat=True))
        if given != list(range(SEEDED + 1, counter.last + 1)):
            faults.append(f"{number}: the counter stands at {counter.last}, given {given[-25:]}")
        if codes.count(1):
            faults.append(f"{number}: exit codes {codes}")
    say({"faults": faults, "killed": killed, "issues": Issue.objects.filter(title__startswith="并发").count()})


def _register(title: str, rolls_back: bool) -> None:
    """Three issues of one process; one that rolls back loses the middle one."""
    from django.db import transaction

    from accounts.models import User
    from ledger.actions.issues import register
    from ledger.models import Category, Household

    user = User.objects.get(cadre__postings__role="household_cadre", cadre__postings__village__name="城垵村")
    household = Household.objects.select_related("village__township").filter(village__name="城垵村").first()
    category = Category.objects.filter(county=household.village.township.county_id, name="村道破损").get()
    for n in range(3):
        with transaction.atomic():
            data = {"kind": "request", "title": f"并发{title}-{n}", "category": category, "household": household}
            register(by=user, data=data)
            transaction.set_rollback(rolls_back and n == 1)


# Somebody to send visits to a real server


def session() -> None:
    """A signed-in cadre: the session's key, and a household to visit."""
    from django.test import Client

    from accounts.models import User
    from ledger.models import Household

    client = Client()
    client.force_login(
        User.objects.get(cadre__postings__role="household_cadre", cadre__postings__village__name="城垵村")
    )
    household = Household.objects.filter(village__name="城垵村").first()
    say({"session": client.cookies["sessionid"].value, "household": household.pk})


PROGRAMS: dict[str, Callable[..., None]] = {
    "make": make, "crowd": crowd, "imports": imports, "numbers": numbers, "session": session,
}  # fmt: skip
if __name__ == "__main__":
    name, *rest = sys.argv[1:]
    PROGRAMS[name](*(int(word) if word.isdigit() else word for word in rest))
