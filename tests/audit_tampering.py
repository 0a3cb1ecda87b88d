"""What somebody with the database, but without the keys, can do to the trail: raw SQL, the triggers dropped."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection

from ledger.models import AuditRow
from ledger.rules import keyring
from tests.conftest import TRIGGERS


class _Statements:
    """As much of a schema editor as the triggers need; a real one wants a transaction of its own."""

    connection = connection

    def execute(self, statement: str, params: Any = None) -> None:
        sql(statement)


def sql(statement: str, *values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, list(values) or None)


@contextmanager
def triggers_dropped() -> Iterator[None]:
    """As the owner of the tables would do it: nothing is noticed, and afterwards everything is in its place."""
    editor: Any = _Statements()
    for migration in reversed(TRIGGERS):
        migration.remove(None, editor)
    yield
    for migration in TRIGGERS:
        migration.add(None, editor)


def insert_copy(row: AuditRow, **changes: Any) -> int:
    """Put a row in by SQL: a copy of ``row`` but for ``changes``; its id. The trigger lines it up like any other."""
    fields = [field for field in AuditRow._meta.fields if field.name != "id"]
    copy = AuditRow(**{field.attname: getattr(row, field.attname) for field in fields} | changes)
    AuditRow.objects.bulk_create([copy])
    return AuditRow.objects.latest("pk").pk


def signed_by_thief(message: bytes, key_id: str = "1") -> str:
    """A signature of the right form, with a key the thief made up."""
    return f"{key_id}:{keyring._mac(secrets.token_bytes(32), message)}"
