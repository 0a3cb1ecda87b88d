"""The people of the test world as the oracle knows them, and the database as plain tables."""

from typing import Any

from django.db import connection

from tests.access.actors import COUNTY, DISTRICT, LIFE, NOWHERE, READS_ONLY, TOWNSHIP, VILLAGE
from tests.access.world import PLACES
from tests.canary.circle import WAY_HOME, Reader, Tables, World
from tests.world import World as TestWorld

LEADERS = {"county_leader": COUNTY, "township_leader": TOWNSHIP, "village_cadre": VILLAGE, "substitute": VILLAGE}
"""Who is in the circle of sensitive matters at village level: leaders over their area, the desk in charge."""
MORE = {
    "nobody": NOWHERE, "moved": frozenset({"other township"}), "township_leader@前楼": frozenset({"other township"}),
    "district_secretary": DISTRICT, "township_desk@elsewhere": frozenset({"other county"}),
    "household_cadre@马銮": frozenset({"sibling"}), "substitute": VILLAGE,
}  # fmt: skip
READERS = [*LIFE, *(key for key in MORE if key not in LIFE)]
IN_AUDIT = {"county_admin", "township_admin", "moved"}


def read_tables() -> World:
    """All rows of the tables that the oracle knows, without a word of the app."""
    tables: Tables = {}
    with connection.cursor() as cursor:
        for table in WAY_HOME:
            cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608 - names of our own tables
            names = [column[0] for column in cursor.description]
            tables[table] = {row[names.index("id")]: dict(zip(names, row, strict=True)) for row in cursor.fetchall()}
        cursor.execute("SELECT importbatch_id, township_id FROM ledger_importbatch_townships")
        batches: dict[int, set[int]] = {}
        for batch, township in cursor.fetchall():
            batches.setdefault(batch, set()).add(township)
    return World(tables, batches)


def reader_of(world: TestWorld, key: str) -> Reader:
    """Where somebody of the world serves."""
    places = LIFE.get(key, MORE.get(key, NOWHERE))
    cadre = world.cadre(key)
    far = key.endswith("@elsewhere")
    county = world.other_county if far else world.county
    of_county = key in {"county_admin", "county_desk", "county_leader"}
    township = 0 if of_county else cadre.township_id or 0
    own_only = key.startswith("household_cadre")
    place = next(iter(places), "")
    issues = {world.issues[PLACES["own"]].pk} if key == "department_handler" else set()
    sets_up = {world.other_township.pk} if key == "moved" else {world.township.pk} if key == "township_admin" else set()
    if key == "county_admin":
        sets_up = {world.township.pk, world.other_township.pk}
    return Reader(
        cadre=cadre.pk, county=county.pk, township=township, serves=key != "nobody",
        villages=frozenset() if own_only else _villages(world, places),
        households=frozenset(h.pk for h in world.households[PLACES[place]][:2]) if own_only else frozenset(),
        issues=frozenset(issues), secret_villages=_villages(world, _circle(key, places)),
        audits_townships=frozenset(sets_up), audits_county=key == "county_admin",
        imports_townships=frozenset(sets_up), pools=_pools(world, key, places, township),
    )  # fmt: skip


def _pools(world: TestWorld, key: str, places: frozenset[str], township: int) -> frozenset[int]:
    """Of the townships they serve in, but for who takes no matter on."""
    if key in {"nobody", *READS_ONLY}:
        return frozenset()
    return frozenset(world.villages[PLACES[place]].township_id for place in places) or frozenset({township})


def _circle(key: str, places: frozenset[str]) -> frozenset[str]:
    return places if key == "township_leader@前楼" else LEADERS.get(key, NOWHERE)


def _villages(world: Any, places: frozenset[str]) -> frozenset[int]:
    return frozenset(world.villages[PLACES[place]].pk for place in places)
