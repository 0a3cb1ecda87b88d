"""Programs of their own for test_rotate_keys.py: they make a ledger, work in it, rotate its keys, look at it."""

import datetime
import json
import os
import random
import sys
import traceback
from collections import Counter
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import django

django.setup()

from django.core.exceptions import ValidationError  # noqa: E402 - Django comes first
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402

from ledger.actions.residents import add_resident, edit_resident  # noqa: E402
from ledger.actions.submissions import SubmissionConflict, submit  # noqa: E402
from ledger.importing.batches import keep_file  # noqa: E402
from ledger.models import Correction, Household, ImportBatch, ImportRow, Resident  # noqa: E402
from ledger.models.number_indexes import index_keys  # noqa: E402
from ledger.queries.household_search import number_token, search_q, token_q  # noqa: E402
from ledger.rules.identity import make_id_number  # noqa: E402

PEOPLE = 120
BATCHES = 5
MOST_NEW = 400
"""People who come while it rotates; without an end each rotation of the drill would be longer than the last."""


def say(what: Any) -> None:
    """One line of JSON for the test."""
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


def number(serial: int) -> str:
    """An ID number that nobody else has."""
    return make_id_number("350626", datetime.date(1960, 1, 1) + datetime.timedelta(days=serial // 900), serial % 900)


def mobile(serial: int) -> str:
    return f"138{serial:08d}"


def make() -> None:
    """A world with some more members, imports and corrections than the tests' own."""
    from tests.world import build

    world = build()
    households = list(Household.objects.select_related("village"))
    for serial in range(PEOPLE):
        household = households[serial % len(households)]
        values = {"id_no": number(serial), "phone": mobile(serial)}
        Resident.objects.create(
            household=household, township_id=household.village.township_id, name=f"成员{serial}", relation="other",
            **values, **index_keys().columns(**values),
        )  # fmt: skip
    cadre = world.cadre("household_cadre")
    for serial in range(BATCHES):
        batch = ImportBatch.objects.create(file_name="名册.xlsx", stored_as=keep_file(b"x" * 10_000))
        ImportRow.objects.create(batch=batch, row=1, outcome="updated", values=mobile(serial), before=number(serial))
        Correction.objects.create(household=households[0], proposed=json.dumps({"n": serial}), proposed_by=cadre)


def work(stop: Path) -> None:
    """Edit, add, replay, search, try to enter numbers twice, until the file ``stop`` is there; then say what was done.

    Whatever is wrong is said as it happens; what was saved is said in the end, to be compared with what is there.
    """
    by: Any = "system"
    random.seed(7)
    saved: dict[int, list[str]] = {}
    faults: list[str] = []
    done: Counter[str] = Counter()
    fresh, body_of = count(10_000), {}
    say("ready")
    while not stop.exists():
        pks = list(Resident.objects.filter(name__startswith="成员", left_on=None).values_list("pk", flat=True))
        resident = Resident.objects.select_related("household__village__township").get(pk=random.choice(pks))
        serial = next(fresh)
        change = {"id_no": number(serial)} if serial % 2 else {"phone": mobile(serial)}
        edited = edit_resident(by=by, resident=resident, version=resident.version, data=change)
        saved[edited.pk] = [edited.id_no, edited.phone]
        made, serial = edited, next(fresh)
        if done["rounds"] < MOST_NEW:
            data = {"name": "成员新", "relation": "other", "id_no": number(serial), "phone": mobile(serial)}
            made = add_resident(by=by, household=resident.household, data=data)
            saved[made.pk] = [made.id_no, made.phone]
        _try_twice(by, resident.household, made.id_no, faults)
        _search(made, faults)
        _replay(body_of, serial, faults)
        done["rounds"] += 1
    say({"saved": saved, "faults": faults, "rounds": done["rounds"]})


def _try_twice(by: Any, household: Household, taken: str, faults: list[str]) -> None:
    try:
        add_resident(by=by, household=household, data={"name": "双", "relation": "other", "id_no": taken})
        faults.append("the same ID number was taken twice")
    except ValidationError:
        pass


def _search(made: Resident, faults: list[str]) -> None:
    for condition in (search_q(made.id_no), search_q(made.phone), token_q(number_token(made.id_no))):
        if made.household_id not in Household.objects.filter(condition).values_list("pk", flat=True):
            faults.append(f"member {made.pk} was not found")


def _replay(body_of: dict[Any, Any], serial: int, faults: list[str]) -> None:
    """Send an earlier form again and one of its ids with another body."""
    import uuid

    from accounts.models import User

    user = User.objects.order_by("pk").first()
    client_id = uuid.UUID(int=serial)
    body_of[client_id] = {"id_no": number(serial)}
    submit(user=user, form="t", client_id=client_id, body=body_of[client_id], write=lambda: serial)
    earlier = random.choice(list(body_of))
    again = submit(user=user, form="t", client_id=earlier, body=body_of[earlier], write=lambda: -1)
    if again[1]:
        faults.append("a form sent twice was written twice")
    try:
        submit(user=user, form="t", client_id=earlier, body={"id_no": "another"}, write=lambda: -1)
        faults.append("another body was taken for a replay")
    except SubmissionConflict:
        pass


def look(expected: Path) -> None:
    """Say what is wrong with the ledger after a rotation: values, indexes, numbers in twice."""
    told = json.loads(expected.read_text()) if expected.exists() else {"saved": {}}
    keys, wrong = index_keys(), []
    current: Counter[tuple[int, str]] = Counter()
    for resident in Resident.objects.all():
        mine = keys.columns(id_no=resident.id_no, phone=resident.phone)
        if mine != {name: getattr(resident, name) for name in mine}:
            wrong.append(f"indexes of {resident.pk}")
        if told["saved"].get(str(resident.pk), [resident.id_no, resident.phone]) != [resident.id_no, resident.phone]:
            wrong.append(f"an edit of {resident.pk} is lost")
        if resident.left_on is None and resident.id_no:
            current[resident.township_id, resident.id_no] += 1
    wrong += [f"{times} have one number" for times in current.values() if times > 1]
    rows = sorted(ImportRow.objects.values_list("values", "before"))
    if rows != sorted((mobile(n), number(n)) for n in range(BATCHES)):
        wrong.append("rows of imports")
    if sorted(Correction.objects.values_list("proposed", flat=True)) != [f'{{"n": {n}}}' for n in range(BATCHES)]:
        wrong.append("corrections")
    missing = set(map(int, told["saved"])) - set(Resident.objects.values_list("pk", flat=True))
    wrong += [f"member {pk} is lost" for pk in missing]
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM ledger_resident WHERE id_index_next <> '' OR phone_index_next <> ''")
        if cursor.fetchone()[0]:
            wrong.append("the next columns are not empty")
    say(wrong)


def rotate() -> None:
    """For each line that is read the command in a process of its own, which says its id and begins; then how it ended.

    The processes are forked from one that has loaded everything and asked nothing yet: loading takes most of a run.
    """
    for _line in sys.stdin:
        child = os.fork()
        if not child:
            _run_once()
        _child, status = os.waitpid(child, 0)
        say({"ended": os.waitstatus_to_exitcode(status)})


def _run_once() -> None:
    """In steps small enough to be killed between and inside them."""
    say({"pid": os.getpid()})
    try:
        call_command("rotate_keys", batch=4)
    except BaseException:
        traceback.print_exc()
        os._exit(1)
    sys.stdout.flush()
    os._exit(0)


PROGRAMS: dict[str, Callable[..., None]] = {"make": make, "work": work, "look": look, "rotate": rotate}

if __name__ == "__main__":
    PROGRAMS[sys.argv[1]](*map(Path, sys.argv[2:]))
