"""Triggers that write down every change of what is counted, in the transaction that makes it.

Whoever writes visits, households or issues (a form, an import, an undo, a command) needs to know nothing of the counts.
The rows are only ever added, so no writer waits for another. ``manage.py migrate`` takes the triggers away before and
puts them in place afterwards, as Django makes tables anew on SQLite; they are made of ``queries/count_sources``.
"""

from collections.abc import Iterator

from django.db import connection

from ledger.queries.count_sources import CONTACT, CONTACT_COLUMNS, COUNTED, WATCHED, Source, spans

PREFIX = "ledger_count_"
_SPAN = ", ".join(CONTACT_COLUMNS)
_INTO_CONTACTS = f"INSERT INTO ledger_contactchange (n, {_SPAN})"
_VISIT_MOVES = ("kind", "result", "occurred_on", "voided_at", "household_id")


def remove() -> None:
    """Take all of them away."""
    with connection.cursor() as cursor:
        for name, table in _present():
            cursor.execute(f"DROP TRIGGER {name}" + (f" ON {table}" if _is_postgres() else ""))


def install() -> None:
    """Put them in place as the sources say now; those of before give way."""
    remove()
    with connection.cursor() as cursor:
        for statement in statements():
            cursor.execute(statement)


def missing() -> list[str]:
    """Names of triggers that should be there and are not."""
    there = {name for name, _table in _present()}
    words = [statement.split() for statement in statements()]
    return sorted({each[2] for each in words if each[1] == "TRIGGER"} - there)


def statements() -> Iterator[str]:
    """What makes them, for the database at hand."""
    yield from _postgres() if _is_postgres() else _sqlite()


def _is_postgres() -> bool:
    return connection.vendor == "postgresql"


def _present() -> list[tuple[str, str]]:
    catalogue = (
        "SELECT t.tgname, c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid WHERE t.tgname LIKE %s "
        "AND c.relnamespace = current_schema()::regnamespace"
        if _is_postgres()
        else "SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger' AND name LIKE %s"
    )
    with connection.cursor() as cursor:
        cursor.execute(catalogue, [PREFIX.replace("_", r"_") + "%"])
        return [(name, table) for name, table in cursor.fetchall() if name.startswith(PREFIX)]


# SQLite: one row at a time.


def _sqlite() -> Iterator[str]:
    for source in WATCHED:
        differs = " OR ".join(f"OLD.{name} IS NOT NEW.{name}" for name in source.watched)
        into = f"INSERT INTO {source.changes} (n, {', '.join(source.columns)})"
        gone, come = _one(source, "-1", "OLD."), _one(source, "1", "NEW.")
        for act, body in (("INSERT", come), ("DELETE", gone)):
            yield _row_trigger(source.name, act, "", f"{into} {body}")
        yield _row_trigger(
            source.name, "UPDATE", differs, f"{into} {gone}; {into} {come}", of=", ".join(source.watched)
        )
    yield from _sqlite_contacts()


def _one(source: Source, n: str, row: str) -> str:
    return f"SELECT {n} AS n, {source.read(row)} WHERE {source.condition.format(row=row)}"


def _row_trigger(name: str, act: str, when: str, body: str, of: str = "") -> str:
    head = f"CREATE TRIGGER {PREFIX}{name}_{act.lower()} AFTER {act}" + (f" OF {of}" if of else "")
    table = name.split("_")[0]
    return f"{head} ON ledger_{table}" + (f" WHEN {when}" if when else "") + f" BEGIN {body}; END"


def _sqlite_contacts() -> Iterator[str]:
    new, old = CONTACT.format(row="NEW."), CONTACT.format(row="OLD.")
    differs = " OR ".join(f"OLD.{name} IS NOT NEW.{name}" for name in _VISIT_MOVES)
    come, gone = _neighbours("NEW", 1), _neighbours("OLD", -1)
    yield _row_trigger("visit_contact", "INSERT", new, come)
    yield _row_trigger("visit_contact", "DELETE", old, gone)
    yield _row_trigger(
        "visit_contact", "UPDATE", f"({old} OR {new}) AND ({differs})",
        f"{gone} AND {old}; {come} AND {new}", of=", ".join(_VISIT_MOVES),
    )  # fmt: skip
    own = "SELECT household_id, occurred_on AS day FROM ledger_visit WHERE household_id = NEW.id AND " + (
        CONTACT.format(row="")
    )
    moved = (
        f"{_INTO_CONTACTS} SELECT -1, OLD.village_id, (OLD.status {COUNTED}), day, previous FROM ({spans(own)}) s; "
        f"{_INTO_CONTACTS} SELECT 1, {_SPAN} FROM ({spans(own)}) s"
    )
    changed = f"OLD.village_id <> NEW.village_id OR (OLD.status {COUNTED}) <> (NEW.status {COUNTED})"
    yield _row_trigger("household_contact", "UPDATE", changed, moved, of="village_id, status")


def _neighbours(row: str, n: int) -> str:
    """What a contact day brings (or takes, with ``n`` of -1): itself, and the next one follows it and no other.

    Only the days on either side are looked up, so that a visit costs the same in a household's tenth year; nothing
    changes where the household has another contact on that day.
    """
    others = (
        f"FROM ledger_visit WHERE household_id = {row}.household_id AND id <> {row}.id AND {CONTACT.format(row='')} "
        f"AND occurred_on {{side}} {row}.occurred_on"
    )
    return (
        f"{_INTO_CONTACTS} SELECT k.n, h.village_id, (h.status {COUNTED}), "
        "CASE k.what WHEN 0 THEN s.day ELSE s.later END, CASE k.what WHEN 2 THEN s.day ELSE s.earlier END "
        f"FROM (SELECT {n} AS n, 0 AS what UNION ALL SELECT {-n}, 1 UNION ALL SELECT {n}, 2) k "
        f"JOIN (SELECT {row}.occurred_on AS day, (SELECT MAX(occurred_on) {others.format(side='<')}) AS earlier, "
        f"(SELECT MIN(occurred_on) {others.format(side='>')}) AS later) s "
        f"JOIN ledger_household h ON h.id = {row}.household_id "
        f"WHERE (k.what = 0 OR s.later IS NOT NULL) AND NOT EXISTS (SELECT 1 {others.format(side='=')})"
    )


# PostgreSQL: a whole statement at a time, so that an import of a county is a handful of rows.


def _postgres() -> Iterator[str]:
    for source in WATCHED:
        columns = ", ".join(source.columns)
        into = f"INSERT INTO {source.changes} (n, {columns})"
        condition = source.condition.format(row="")
        gone, come = (f"SELECT {n} AS n, {source.read('')} FROM {rows} WHERE {condition}"
                      for n, rows in (("-1", "gone_rows"), ("1", "come_rows")))  # fmt: skip

        def added(rows: str, into: str = into, columns: str = columns) -> str:
            return f"{into} SELECT SUM(n), {columns} FROM ({rows}) x GROUP BY {columns} HAVING SUM(n) <> 0;"

        yield from _statement_triggers(
            source.name, source.table, added(come), added(gone), added(f"{gone} UNION ALL {come}")
        )
    yield from _postgres_contacts()


def _postgres_contacts() -> Iterator[str]:
    """The household is locked before its days are read: two visits at one moment would not know of each other."""
    contact = CONTACT.format(row="")
    mine = f"SELECT household_id FROM {{rows}} WHERE {contact}"

    def body(*rows: str) -> str:
        touched = " UNION ".join(mine.format(rows=each) for each in rows)
        return (
            f"PERFORM 1 FROM ledger_household WHERE id IN ({touched}) ORDER BY id FOR NO KEY UPDATE; "
            f"IF FOUND THEN {_moved_days(*rows)}; END IF;"
        )

    yield from _statement_triggers(
        "visit_contact", "ledger_visit", body("come_rows"), body("gone_rows"), body("gone_rows", "come_rows")
    )
    # By EXCEPT, which sorts or hashes whatever was planned: a join of the two would compare each row with each, and a
    # county's worth of households that only change their cadre would take minutes.
    place = f"SELECT id, village_id, (status {COUNTED}) AS is_counted FROM"
    come, gone = (f"{place} {one} EXCEPT {place} {other}" for one, other in
                  (("come_rows", "gone_rows"), ("gone_rows", "come_rows")))  # fmt: skip
    moved = (
        f"IF EXISTS ({come}) THEN {_INTO_CONTACTS} WITH come AS ({come}), gone AS ({gone}), "
        "x AS (SELECT -1 AS n, gone.* FROM gone UNION ALL SELECT 1, come.* FROM come) "
        "SELECT x.n, x.village_id, x.is_counted, s.day, s.previous FROM x "
        "JOIN (SELECT household_id, day, LAG(day) OVER (PARTITION BY household_id ORDER BY day) AS previous FROM "
        "(SELECT DISTINCT household_id, occurred_on AS day FROM ledger_visit WHERE household_id IN "
        f"(SELECT id FROM come) AND {contact}) d) s ON s.household_id = x.id; END IF;"
    )
    yield from _statement_triggers("household_contact", "ledger_household", "", "", moved)


def _moved_days(*rows: str) -> str:
    """Contact days that came or went, and those that follow another one now; ``rows``: where the changed visits stand.

    Looked up are only the days on either side of each among the household's other visits, whatever its history.
    """
    contact = CONTACT.format(row="")
    days = " UNION ALL ".join(
        f"SELECT household_id, occurred_on AS day, {each == 'gone_rows'} AS was, {each == 'come_rows'} AS now "
        f"FROM {each} WHERE {contact}"
        for each in rows
    )
    changed = " AND ".join(f"v.id NOT IN (SELECT id FROM {each})" for each in rows)
    other = (
        f"FROM ledger_visit v WHERE v.household_id = {{of}}.household_id AND {CONTACT.format(row='v.')} AND {changed} "
        "AND v.occurred_on {side} {of}.day"
    )
    before = "MAX(e.day) FILTER (WHERE e.{side}) OVER earlier"
    nearest = f"SELECT v.occurred_on {other} ORDER BY v.occurred_on {{way}} LIMIT 1"
    later = nearest.format(of="t", side=">", way="ASC")
    earlier = nearest.format(of="e", side="<", way="DESC")
    return (
        f"{_INTO_CONTACTS} WITH t AS ({days}), "
        "e AS (SELECT household_id, day, BOOL_OR(was) AS was, BOOL_OR(now) AS now FROM ("
        f"SELECT * FROM t UNION ALL SELECT household_id, ({later}), FALSE, FALSE FROM t) a "
        "WHERE day IS NOT NULL GROUP BY household_id, day), "
        "s AS (SELECT e.household_id, e.day, e.was OR o.stays AS was, e.now OR o.stays AS now, "
        f"GREATEST(o.day, {before.format(side='was')}) AS was_after, "
        f"GREATEST(o.day, {before.format(side='now')}) AS now_after FROM e CROSS JOIN LATERAL ("
        f"SELECT ({earlier}) AS day, EXISTS (SELECT 1 {other.format(of='e', side='=')}) AS stays OFFSET 0) o "
        "WINDOW earlier AS "
        "(PARTITION BY e.household_id ORDER BY e.day ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)) "
        f"SELECT SUM(x.n), h.village_id, (h.status {COUNTED}), x.day, x.previous FROM ("
        "SELECT -1 AS n, household_id, day, was_after AS previous FROM s WHERE was UNION ALL "
        "SELECT 1, household_id, day, now_after FROM s WHERE now) x "
        "JOIN ledger_household h ON h.id = x.household_id GROUP BY 2, 3, 4, 5 HAVING SUM(x.n) <> 0"
    )


def _statement_triggers(name: str, table: str, come: str, gone: str, changed: str) -> Iterator[str]:
    function = f"{PREFIX}{name}"
    yield (
        f"CREATE OR REPLACE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF TG_OP = 'INSERT' THEN {come} ELSIF TG_OP = 'DELETE' THEN {gone} ELSE {changed} END IF; "
        "RETURN NULL; END $$"
    )
    new, old = "NEW TABLE AS come_rows", "OLD TABLE AS gone_rows"
    for act, tables, body in (("INSERT", new, come), ("DELETE", old, gone), ("UPDATE", f"{old} {new}", changed)):
        if body:
            yield (
                f"CREATE TRIGGER {function}_{act.lower()} AFTER {act} ON {table} REFERENCING {tables} "
                f"FOR EACH STATEMENT EXECUTE FUNCTION {function}()"
            )
