"""Fold what waits into the kept counts, and make them anew (``manage.py rebuild_counts``).

Folding changes no figure: a figure is the folded lines and what waits. It may run beside users, several times at once,
or never.
"""

from collections.abc import Iterator

from django.db import connection, transaction

from ledger.actions import count_triggers
from ledger.queries.count_sources import CHANGES, SOURCES, base_relation, lines_of, of_source
from ledger.rules.counting import AreaLevel

MOST = 100_000
"""Changes folded in one transaction: a second, and the only writer that SQLite has."""
_LOCK = 0x76_6C_63_74  # one number for all who fold or rebuild in this database ("vlct")
_KEY = "level, area_id, sort, day, key, other_day"
_SUMS = "SUM(n) AS n, SUM(people) AS people, SUM(opinions) AS opinions"
_LINE = "sort, day, key, other_day"
_TAKE_UP = (
    f"INSERT INTO ledger_countline ({_KEY}, n, people, opinions) {{lines}} "
    f"ON CONFLICT ({_KEY}) DO UPDATE SET n = ledger_countline.n + excluded.n, "
    "people = ledger_countline.people + excluded.people, opinions = ledger_countline.opinions + excluded.opinions"
)


def fold() -> int:
    """Fold all that waits; how many changes were folded. Another who folds at this moment goes on with it instead."""
    return sum(sum(_chunks(source)) for source in SOURCES)


def _chunks(source: str) -> Iterator[int]:
    while True:
        with transaction.atomic():
            done = _fold(source) if _alone() else 0
        if done:
            yield done
        if done < MOST:
            return


def _alone() -> bool:
    if connection.vendor != "postgresql":
        return True
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])
        return bool(cursor.fetchone()[0])


def _fold(source: str) -> int:
    changes = CHANGES.format(name=source)
    some = f"SELECT id FROM {changes} ORDER BY id LIMIT {MOST}"
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # One statement: rows that are committed meanwhile with a lower number stay for the next time.
            cursor.execute(
                f"WITH gone AS (DELETE FROM {changes} WHERE id IN ({some}) RETURNING *), "
                f"up AS ({_TAKE_UP.format(lines=_areas(source, 'SELECT * FROM gone'))}) SELECT COUNT(*) FROM gone"
            )
            return int(cursor.fetchone()[0])
        cursor.execute(f"SELECT COUNT(*), MAX(id) FROM ({some}) s")
        count, last = cursor.fetchone()
        if count:
            cursor.execute(_TAKE_UP.format(lines=_areas(source, f"SELECT * FROM {changes} WHERE id <= {int(last)}")))
            cursor.execute(f"DELETE FROM {changes} WHERE id <= %s", [last])
        return int(count)


def _areas(source: str, relation: str) -> str:
    """The lines of a relation for each level, added up."""
    levels = {
        AreaLevel.VILLAGE: "v.id", AreaLevel.TOWNSHIP: "v.township_id", AreaLevel.COUNTY: "t.county_id",
    }  # fmt: skip
    each = " UNION ALL ".join(
        f"SELECT {int(level)} AS level, {area} AS area_id, {_LINE}, {_SUMS} FROM summed l "
        "JOIN ledger_village v ON v.id = l.village_id JOIN ledger_township t ON t.id = v.township_id "
        f"GROUP BY {area}, {_LINE}"
        for level, area in levels.items()
    )
    rows = lines_of(of_source(source), relation)
    summed = f"SELECT village_id, {_LINE}, {_SUMS} FROM ({rows}) r GROUP BY village_id, {_LINE}"
    return f"SELECT * FROM (WITH summed AS ({summed}) {each}) x WHERE n <> 0 OR people <> 0 OR opinions <> 0"


@transaction.atomic
def rebuild() -> None:
    """Count everything again from the tables. Who writes visits, households or issues meanwhile waits.

    Lines are written in the order in which figures read them: PostgreSQL keeps rows where they were written, and a
    year of one area is then some pages instead of one page a line, however long the past is.
    """
    is_postgres = connection.vendor == "postgresql"
    with connection.cursor() as cursor:
        if is_postgres:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
            cursor.execute("LOCK TABLE ledger_household, ledger_visit, ledger_issue IN SHARE ROW EXCLUSIVE MODE")
        for source in SOURCES:
            cursor.execute(f"DELETE FROM {CHANGES.format(name=source)}")
        cursor.execute("TRUNCATE ledger_countline" if is_postgres else "DELETE FROM ledger_countline")
        into = f"INSERT INTO ledger_countline ({_KEY}, n, people, opinions)"
        for source in SOURCES:
            for sort in of_source(source):
                cursor.execute(
                    f"{into} SELECT {int(AreaLevel.VILLAGE)}, village_id, {_LINE}, {_SUMS} "
                    f"FROM ({lines_of([sort], base_relation(source))}) r GROUP BY village_id, {_LINE} "
                    f"ORDER BY village_id, {_LINE}"
                )
        for level, below, table, parent in (
            (AreaLevel.TOWNSHIP, AreaLevel.VILLAGE, "ledger_village", "township_id"),
            (AreaLevel.COUNTY, AreaLevel.TOWNSHIP, "ledger_township", "county_id"),
        ):
            cursor.execute(
                f"{into} SELECT {int(level)}, p.{parent}, {_LINE}, {_SUMS} FROM ledger_countline c "
                f"JOIN {table} p ON p.id = c.area_id WHERE c.level = {int(below)} GROUP BY p.{parent}, {_LINE} "
                f"ORDER BY p.{parent}, {_LINE}"
            )


@transaction.atomic
def install_again() -> None:
    """Put the triggers in place where nothing was written without them."""
    count_triggers.install()


@transaction.atomic
def begin() -> None:
    """Put the triggers in place and count everything: after a migration, in one transaction."""
    count_triggers.install()
    rebuild()
