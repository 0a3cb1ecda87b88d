"""What is sealed in the database and in the media folder, and with which keys: what a rotation has to find."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import connection, models

from ledger.models.fields import EncryptedTextField
from ledger.rules import keyring

TEXT = (models.CharField, models.TextField, models.JSONField)


@dataclass(frozen=True)
class SealedColumn:
    """A column of tokens: its table, key and name as SQL writes them, and the label its tokens are bound to."""

    table: str
    key: str
    name: str
    label: str

    def __str__(self) -> str:
        return f"{self.table}.{self.name}"

    @property
    def otherwise_sealed(self) -> str:
        """SQL: holds a token of another key than the one whose start, and its length before it, are bound to it."""
        return f"{_quoted(self.name)} <> '' AND substr({_quoted(self.name)}, 1, %s) <> %s"


def sealed_columns() -> list[SealedColumn]:
    """Every encrypted field of every installed model."""
    return [
        SealedColumn(model._meta.db_table, str(model._meta.pk.column), str(field.column), field.label)
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if isinstance(field, EncryptedTextField) and model._meta.managed
    ]


def count_otherwise(column: SealedColumn, key_id: str) -> int:
    """Values of the column that another key than this one sealed."""
    start = keyring.token_start(key_id)
    question = f"SELECT count(*) FROM {_quoted(column.table)} WHERE {column.otherwise_sealed}"  # noqa: S608
    return number_of(question, [len(start), start])


def tokens_elsewhere(key_ids: list[str]) -> dict[str, int]:
    """Tokens of these keys in text that no encrypted field declares, by column: kept by a library, say."""
    known = {str(column) for column in sealed_columns()}
    found: dict[str, int] = {}
    for model in apps.get_models():
        table = model._meta.db_table
        for field in model._meta.concrete_fields:
            name = f"{table}.{field.column}"
            if isinstance(field, TEXT) and name not in known and model._meta.managed:
                count = sum(_mentions(table, str(field.column), key_id) for key_id in key_ids)
                if count:
                    found[name] = count
    return found


def _mentions(table: str, column: str, key_id: str) -> int:
    """Rows with a token of the key in a text; what somebody typed that only begins like one does not count."""
    start, name = keyring.token_start(key_id), f"CAST({_quoted(column)} AS text)"
    position = "strpos" if connection.vendor == "postgresql" else "instr"
    whole = re.compile(re.escape(start) + r"[A-Za-z0-9_-]{38,}")
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {name} FROM {_quoted(table)} WHERE {position}({name}, %s) > 0", [start])  # noqa: S608
        return sum(whole.search(text) is not None for (text,) in cursor.fetchall())


def sealed_files() -> Iterator[tuple[Path, str]]:
    """Files of the media folder that are sealed as a token, with the id of their key."""
    root = Path(settings.MEDIA_ROOT)
    for path in sorted(root.rglob("*")):
        key_id = _key_of(path) if path.is_file() else ""
        if key_id:
            yield path, key_id


def _key_of(path: Path) -> str:
    """The id of the key that sealed a file; empty for other files, and for one that went away meanwhile."""
    try:
        with path.open("rb") as file:
            head = file.read(24)
    except FileNotFoundError:
        return ""
    found = re.match(rb"v1\.([A-Za-z0-9_-]{1,16})\.", head)
    return found[1].decode() if found else ""


def number_of(statement: str, values: list[Any]) -> int:
    """The one number that a statement of our own asks for."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return int(cursor.fetchone()[0])


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)
