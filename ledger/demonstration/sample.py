"""A made county or province of any size, by set-based SQL: what yardsticks measure. The same call makes the same rows.

People have no ID numbers or phones and nobody can sign in; only what lists and figures read is made.
"""

import datetime
import json
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import connection, models, transaction
from django.utils import timezone

from accounts.models import User
from ledger.actions import count_triggers, counts, planner
from ledger.models import (
    Assignment,
    Cadre,
    Category,
    County,
    District,
    Household,
    Issue,
    Posting,
    StatusPeriod,
    Township,
    Village,
    Visit,
)  # fmt: skip
from ledger.rules.days import local_today
from ledger.rules.permissions import Role

START = datetime.date(2020, 1, 1)
VILLAGES_OF_COUNTY, VILLAGES_OF_TOWNSHIP, CADRES_OF_VILLAGE = 61, 15, 25
DAYS = 730
"""By default visits and issues lie in the two years before today; what is not struck off is never older."""
HASH, HASH2 = 2654435761, 2246822519
LEADER = "sample-leader"
"""The account of the first county's leader; it has no password."""


class SampleRefused(Exception):
    """Why no sample is made: one sentence."""


@dataclass(frozen=True)
class Size:
    """How many rows of each; ``waiting`` issues of ``issues`` are not struck off, ``days`` is how far back they go."""

    villages: int
    households: int
    visits: int
    issues: int
    waiting: int
    days: int = DAYS


def generate(size: Size) -> None:
    """Make it in an empty database; refuses in production and where there is a county already."""
    if not settings.DEMONSTRATION_ALLOWED:
        raise SampleRefused("Production makes no sample.")
    if County.objects.exists():
        raise SampleRefused("There is a county already: a sample wants an empty database.")
    with transaction.atomic():
        count_triggers.remove()
        places = _places(size)
        with connection.cursor() as cursor:
            if connection.vendor == "sqlite":
                cursor.execute("PRAGMA cache_size = -1000000")  # KiB, as long as this connection lives
            indexes = _indexes()
            for name in indexes:
                cursor.execute(f"DROP INDEX {name}")
            for statement in _statements(size, places):
                cursor.execute(statement)
            if connection.vendor == "postgresql":
                connection.check_constraints()  # while they wait to be checked no index can be made
            for statement in indexes.values():
                cursor.execute(statement)
        counts.begin()
        planner.after_bulk_write()
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("ANALYZE")  # it would look by itself, but in a minute


def _indexes() -> dict[str, str]:
    """The indexes of the two large tables and what makes them: ten times as fast when all rows are there."""
    tables = [Visit._meta.db_table, Issue._meta.db_table]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT indexname, indexdef FROM pg_indexes WHERE tablename IN (%s, %s) AND schemaname = current_schema() "
            "AND indexname NOT IN (SELECT conname FROM pg_constraint)"
            if connection.vendor == "postgresql"
            else "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name IN (%s, %s) "
            "AND sql IS NOT NULL",
            tables,
        )
        return dict(cursor.fetchall())


@dataclass(frozen=True)
class Places:
    """The first ids of what was made one by one; they follow each other without gaps."""

    village: int
    cadre: int
    category: int


def _places(size: Size) -> Places:
    numbers = range(size.villages)
    counties = [
        County.objects.create(code=f"{900000 + n}", name=f"样本{n + 1}县")
        for n in range(-(-size.villages // VILLAGES_OF_COUNTY))
    ]
    townships = Township.objects.bulk_create(
        Township(county=counties[first // VILLAGES_OF_COUNTY], code=f"{900000000 + first}", name=f"样本{first}镇",
                 short_name=f"样{first}")
        for first in numbers if first % VILLAGES_OF_COUNTY % VILLAGES_OF_TOWNSHIP == 0
    )  # fmt: skip
    by_first = {int(each.code) - 900000000: each for each in townships}
    districts = {each: District.objects.create(township=by_first[each], name="管区") for each in by_first}
    firsts = [n - n % VILLAGES_OF_COUNTY % VILLAGES_OF_TOWNSHIP for n in numbers]
    villages = Village.objects.bulk_create(
        Village(township=by_first[firsts[n]], district=districts[firsts[n]], code=f"{900000000000 + n}",
                name=f"样本{n}村", sort_order=n)
        for n in numbers
    )  # fmt: skip
    cadres = Cadre.objects.bulk_create(
        Cadre(county=villages[n // CADRES_OF_VILLAGE].township.county, cadre_no=f"S{n}", name=f"干部{n}")
        for n in range(size.villages * CADRES_OF_VILLAGE)
    )
    categories = Category.objects.bulk_create(
        Category(county=counties[0], name=name, days=15) for name in ("道路交通", "水利饮水", "民政救助", "其他")
    )
    leader = Cadre.objects.create(county=counties[0], cadre_no=LEADER, name="领导", user=_account())
    Posting.objects.bulk_create([Posting(cadre=leader, role=Role.COUNTY_LEADER, start_on=START, county=counties[0])])
    return Places(villages[0].pk, cadres[0].pk, categories[0].pk)


def _account() -> User:
    user = User(username=LEADER, name="领导", must_change_password=False, password_changed_at=timezone.now())
    user.set_unusable_password()
    user.save()
    return user


def _statements(size: Size, at: Places) -> list[str]:
    homes, visits = Household._meta.db_table, Visit._meta.db_table
    village = f"({at.village} + (i - 1) * {size.villages} / {size.households})"
    cadre = f"({at.cadre} + (i - 1) * {size.villages * CADRES_OF_VILLAGE} / {size.households})"
    made = [_insert(Household, f"SELECT i FROM {_series(size.households)}", {
        "village_id": village, "cadre_id": cadre, "code": "'H' || i", "head_name": f"'户' || (i * {HASH} % 9973)",
        "pinyin": f"'hu' || (i * {HASH} % 9973)", "initials": "'h'",
        "status": "CASE WHEN i % 20 = 0 THEN 'away' ELSE 'active' END",
    })]  # fmt: skip
    house = f"SELECT id, village_id, cadre_id, status FROM {homes}"
    for model, values in (
        (StatusPeriod, {"household_id": "id", "status": "status"}),
        (Assignment, {"household_id": "id", "cadre_id": "cadre_id"}),
    ):
        made.append(_insert(model, house, {**values, "start_on": _quoted(START)}))
    first = f"(SELECT MIN(id) FROM {homes})"
    made.append(_insert(Visit, _with_home(size.visits, size.households, first), {
        "village_id": "village_id", "household_id": "home", "lead_id": "cadre_id",
        "kind": "CASE i % 10 WHEN 0 THEN 'phone' WHEN 1 THEN 'night' WHEN 2 THEN 'talk' ELSE 'household' END",
        "result": "CASE WHEN i % 9 = 0 THEN 'absent' ELSE 'met' END", "occurred_on": _ago(size, size.visits),
        "people_met": "1 + i % 3", "opinions_heard": "i % 2", "content": "'入户走访，未发现新的困难。'",
    }))  # fmt: skip
    made.append(_issues(size, at, first))
    made.append(
        f"UPDATE {homes} SET last_met_on = t.met, last_visit_on = t.any_day FROM (SELECT household_id, "
        "MAX(occurred_on) AS any_day, MAX(CASE WHEN kind IN ('household', 'night') AND result = 'met' "
        f"THEN occurred_on END) AS met FROM {visits} GROUP BY household_id) t WHERE t.household_id = {homes}.id"
    )
    return made


def _issues(size: Size, at: Places, first: str) -> str:
    """As many that wait as were asked for, evenly over the last two years: a longer past adds only what is done."""
    recent = size.issues * min(DAYS, size.days) // size.days
    nth = f"(i - {size.issues - recent})"
    waits = f"({nth} > 0 AND {nth} * {size.waiting} / {recent} <> ({nth} - 1) * {size.waiting} / {recent})"
    state = (
        f"CASE WHEN NOT {waits} THEN 'closed' ELSE CASE i * {HASH2} % 4294967296 % 3 WHEN 0 THEN 'resolved' "
        "WHEN 1 THEN 'in_progress' ELSE 'assigned' END END"
    )
    day = _ago(size, size.issues)
    home = _with_home(size.issues, size.households, first, joined=True)
    source = f"SELECT q.*, {state} AS state, {day} AS day, {_moment(day)} AS moment FROM ({home}) q"
    return _insert(Issue, source, {
        "village_id": "village_id", "township_id": "township_id", "household_id": "home", "handler_id": "cadre_id",
        "category_id": f"{at.category} + i % 4", "number": "'S-' || i", "year": "2026", "title": "'饮水困难' || i",
        "state": "state", "kind": "CASE WHEN i % 7 = 0 THEN 'suggestion' ELSE 'request' END",
        "level": "CASE i % 5 WHEN 0 THEN 'township' WHEN 1 THEN 'district' ELSE 'village' END",
        "registered_at": "moment", "due_on": _ago(size, size.issues, 15),
        "resolved_at": "CASE WHEN state IN ('resolved', 'closed') THEN moment END",
        "resolved_in_time": "CASE WHEN state IN ('resolved', 'closed') THEN i % 6 > 0 END",
        "called_back_at": "CASE WHEN state = 'closed' OR state = 'resolved' AND i % 11 = 0 THEN moment END",
        "answer": "CASE WHEN state = 'closed' THEN CASE WHEN i % 4 = 0 THEN 'acceptable' ELSE 'satisfied' END "
                  "WHEN state = 'resolved' AND i % 11 = 0 THEN 'dissatisfied' ELSE '' END",
        "closed_at": "CASE WHEN state = 'closed' THEN moment END",
        "close_basis": "CASE WHEN state = 'closed' THEN 'called_back' ELSE '' END",
    })  # fmt: skip


def _with_home(count: int, households: int, first: str, *, joined: bool = False) -> str:
    place = ", v.township_id" if joined else ""
    return (
        f"SELECT s.i, h.id AS home, h.village_id, h.cadre_id{place} FROM {_series(count)} "
        f"JOIN ledger_household h ON h.id = {first} + (s.i * {HASH} % 4294967296) % {households}"
        + (" JOIN ledger_village v ON v.id = h.village_id" if joined else "")
    )


def _series(count: int) -> str:
    if connection.vendor == "postgresql":
        return f"generate_series(1::bigint, {count}) AS s(i)"
    return f"(WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count}) SELECT i FROM n) AS s"


def _ago(size: Size, count: int, later: int = 0) -> str:
    """A day of those before today: of ``count`` rows the n-th lies n days of ``count`` along."""
    days, today = f"({size.days - 1} - i * {size.days} / ({count} + 1) - {later})", local_today().isoformat()
    if connection.vendor == "postgresql":
        return f"(DATE '{today}' - {days}::int)"
    return f"date('{today}', (-{days}) || ' days')"


def _moment(day: str) -> str:
    return (
        f"({day} + time '04:00') AT TIME ZONE 'UTC'" if connection.vendor == "postgresql" else f"({day} || ' 04:00:00')"
    )


def _insert(model: type[models.Model], source: str, values: dict[str, str]) -> str:
    """INSERT … SELECT of all columns: those given, and for the others what the model begins with."""
    columns = dict(values)
    for each in model._meta.local_concrete_fields:
        if each.column not in columns and not each.null and not each.primary_key:
            columns[each.column] = _first_value(each)
    return (
        f"INSERT INTO {model._meta.db_table} ({', '.join(columns)}) "  # names and values of our own
        f"SELECT {', '.join(columns.values())} FROM ({source}) r"
    )


def _first_value(each: models.Field[Any, Any]) -> str:
    if isinstance(each, models.DateTimeField):
        return _quoted(timezone.now().replace(microsecond=0, tzinfo=None))
    value = each.get_default()
    if isinstance(each, models.JSONField):
        return _quoted(json.dumps(value))
    if isinstance(value, bool):
        return str(value).upper()
    return _quoted(value) if isinstance(value, str) else str(value)


def _quoted(value: object) -> str:
    text = str(value).replace("'", "''")
    return f"'{text}'"
