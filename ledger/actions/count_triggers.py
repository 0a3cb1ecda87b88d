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
    others = "SELECT household_id, occurred_on AS day FROM ledger_visit WHERE {of} AND id <> {row}.id AND " + (
        CONTACT.format(row="")
    )
    come = f"SELECT NEW.household_id AS household_id, NEW.occurred_on AS day WHERE {new}"
    gone = f"SELECT OLD.household_id AS household_id, OLD.occurred_on AS day WHERE {old}"
    for act, when, before, after in (
        ("INSERT", new, "", come),
        ("DELETE", old, gone, ""),
        ("UPDATE", f"({old} OR {new}) AND ({differs})", gone, come),
    ):
        row = "OLD" if act == "DELETE" else "NEW"
        of = (
            "household_id IN (OLD.household_id, NEW.household_id)"
            if act == "UPDATE"
            else (f"household_id = {row}.household_id")
        )
        rest = others.format(of=of, row=row)
        parts = [" UNION ALL ".join(filter(None, [rest, own])) for own in (before, after)]
        of_columns = ", ".join(_VISIT_MOVES) if act == "UPDATE" else ""
        yield _row_trigger("visit_contact", act, when, f"{_INTO_CONTACTS} {_difference(*parts)}", of=of_columns)
    own = "SELECT household_id, occurred_on AS day FROM ledger_visit WHERE household_id = NEW.id AND " + (
        CONTACT.format(row="")
    )
    moved = (
        f"{_INTO_CONTACTS} SELECT -1, OLD.village_id, (OLD.status {COUNTED}), day, previous FROM ({spans(own)}) s; "
        f"{_INTO_CONTACTS} SELECT 1, {_SPAN} FROM ({spans(own)}) s"
    )
    changed = f"OLD.village_id <> NEW.village_id OR (OLD.status {COUNTED}) <> (NEW.status {COUNTED})"
    yield _row_trigger("household_contact", "UPDATE", changed, moved, of="village_id, status")


def _difference(before: str, after: str) -> str:
    """Contact days that are another's successor now, or no longer."""
    return (
        f"SELECT SUM(n), {_SPAN} FROM (SELECT 1 AS n, {_SPAN} FROM ({spans(after)}) a "
        f"UNION ALL SELECT -1 AS n, {_SPAN} FROM ({spans(before)}) b) x GROUP BY {_SPAN} HAVING SUM(n) <> 0"
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
    mine = "SELECT household_id FROM {rows} WHERE " + contact
    come, gone = (f"SELECT household_id, occurred_on AS day FROM {rows} WHERE {contact}"
                  for rows in ("come_rows", "gone_rows"))  # fmt: skip

    def body(*rows: str, before: str, after: str) -> str:
        touched = " UNION ".join(mine.format(rows=each) for each in rows)
        ids = " UNION ALL ".join(f"SELECT id FROM {each}" for each in rows)
        others = (
            "SELECT household_id, occurred_on AS day FROM ledger_visit "
            f"WHERE household_id IN ({touched}) AND {contact} AND id NOT IN ({ids})"
        )
        parts = [" UNION ALL ".join(filter(None, [others, own])) for own in (before, after)]
        return (
            f"PERFORM 1 FROM ledger_household WHERE id IN ({touched}) ORDER BY id FOR NO KEY UPDATE; "
            f"IF FOUND THEN {_INTO_CONTACTS} {_difference(*parts)}; END IF;"
        )

    yield from _statement_triggers(
        "visit_contact", "ledger_visit",
        body("come_rows", before="", after=come),
        body("gone_rows", before=gone, after=""),
        body("gone_rows", "come_rows", before=gone, after=come),
    )  # fmt: skip
    moved = (
        "IF EXISTS (SELECT 1 FROM gone_rows o JOIN come_rows w ON w.id = o.id WHERE o.village_id <> w.village_id "
        f"OR (o.status {COUNTED}) <> (w.status {COUNTED})) THEN {_INTO_CONTACTS} "
        "SELECT x.n, x.village_id, x.is_counted, s.day, s.previous FROM ("
        f"SELECT o.id, -1 AS n, o.village_id, (o.status {COUNTED}) AS is_counted FROM gone_rows o "
        f"UNION ALL SELECT w.id, 1, w.village_id, (w.status {COUNTED}) FROM come_rows w) x "
        "JOIN (SELECT household_id, day, LAG(day) OVER (PARTITION BY household_id ORDER BY day) AS previous FROM "
        "(SELECT DISTINCT household_id, occurred_on AS day FROM ledger_visit WHERE household_id IN "
        "(SELECT o.id FROM gone_rows o JOIN come_rows w ON w.id = o.id WHERE o.village_id <> w.village_id "
        f"OR (o.status {COUNTED}) <> (w.status {COUNTED})) AND {contact}) d) s ON s.household_id = x.id; END IF;"
    )
    yield from _statement_triggers("household_contact", "ledger_household", "", "", moved)


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
