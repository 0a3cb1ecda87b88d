"""What the tables hold: whether anything changed, and whether anything is stored that one of the databases refuses."""

import hashlib
from collections.abc import Iterable
from functools import cache

from django.apps import apps
from django.db import connection
from django.db.models import Model

MOST = {"PositiveSmallIntegerField": 32767, "PositiveIntegerField": 2147483647, "IntegerField": 2147483647}


def contents(tables: Iterable[str]) -> dict[str, str]:
    """Table → a hash of all its rows."""
    found = {}
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608 - a name of our own
            rows = sorted(repr(row) for row in cursor.fetchall())
            found[table] = hashlib.sha256("\n".join(rows).encode("utf-8", "surrogatepass")).hexdigest()
    return found


def unkeepable(tables: Iterable[str]) -> str:
    """Columns that hold more than they may; PostgreSQL says so itself, SQLite keeps everything."""
    if connection.vendor != "sqlite":
        return ""
    wrong = []
    with connection.cursor() as cursor:
        for table in sorted(tables):
            for column, condition in _limits().get(table, ()):
                cursor.execute(f'SELECT EXISTS (SELECT 1 FROM "{table}" WHERE {condition})')  # noqa: S608
                if cursor.fetchone()[0]:
                    wrong.append(f"{table}.{column}")
    return f"PostgreSQL would not keep {wrong}" if wrong else ""


@cache
def _limits() -> dict[str, list[tuple[str, str]]]:
    return {model._meta.db_table: list(_of(model)) for model in apps.get_models(include_auto_created=True)}


def _of(model: type[Model]) -> Iterable[tuple[str, str]]:
    """One condition a table would be quicker, but would not say which column."""
    for field in model._meta.local_concrete_fields:
        name, kind = f'"{field.column}"', field.get_internal_type()
        if kind == "JSONField":
            yield field.column, rf"instr(replace({name}, '\\', ''), '\u0000')"
        elif kind in MOST:
            yield field.column, f"{name} > {MOST[kind]}"
        elif kind in {"CharField", "TextField", "SlugField"}:
            longer = f" OR length({name}) > {field.max_length}" if field.max_length else ""
            yield field.column, f"instr({name}, char(0)){longer}"
