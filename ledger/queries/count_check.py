"""Whether the kept counts say what the tables say (``manage.py check_counts``)."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from django.db import connection

from ledger.queries.count_sources import CHANGES, SOURCES, base_relation, lines_of, of_source
from ledger.rules.counting import AreaLevel, Sort

_LINE = "sort, day, key, other_day"
_SUMS = "SUM(n), SUM(people), SUM(opinions)"
_DIFFERS = "HAVING SUM(n) <> 0 OR SUM(people) <> 0 OR SUM(opinions) <> 0"


class Difference(NamedTuple):
    """A line whose kept counts are off by ``n`` (and people, opinions): too few when positive."""

    level: AreaLevel
    area: int
    sort: Sort
    day: str
    key: str
    n: int


def differences() -> Iterator[Difference]:
    """Every line that is not what the tables give. Each statement sees one moment of the database."""
    for source in SOURCES:
        for sort in of_source(source):
            yield from _of_sort(source, sort)
    for level, below, table, parent in (
        (AreaLevel.TOWNSHIP, AreaLevel.VILLAGE, "ledger_village", "township_id"),
        (AreaLevel.COUNTY, AreaLevel.TOWNSHIP, "ledger_township", "county_id"),
    ):
        yield from _read(
            level,
            f"SELECT p.{parent} AS area, {_LINE}, n, people, opinions FROM ledger_countline c "
            f"JOIN {table} p ON p.id = c.area_id WHERE c.level = {int(below)} UNION ALL "
            f"SELECT area_id, {_LINE}, -n, -people, -opinions FROM ledger_countline WHERE level = {int(level)}",
        )


def _of_sort(source: str, sort: Sort) -> Iterator[Difference]:
    waiting = lines_of([sort], f"SELECT * FROM {CHANGES.format(name=source)}")
    yield from _read(
        AreaLevel.VILLAGE,
        f"SELECT village_id AS area, {_LINE}, n, people, opinions FROM ({lines_of([sort], base_relation(source))}) b "
        f"UNION ALL SELECT village_id, {_LINE}, -n, -people, -opinions FROM ({waiting}) w "
        f"UNION ALL SELECT area_id, {_LINE}, -n, -people, -opinions FROM ledger_countline "
        f"WHERE level = {int(AreaLevel.VILLAGE)} AND sort = {int(sort)}",
    )


def _read(level: AreaLevel, lines: str) -> Iterator[Difference]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT area, {_LINE}, {_SUMS} FROM ({lines}) x GROUP BY area, {_LINE} {_DIFFERS}")
        rows: list[Any] = cursor.fetchall()
    for area, sort, day, key, _other, n, _people, _opinions in rows:
        yield Difference(level, int(area), Sort(sort), str(day), key, int(n))
