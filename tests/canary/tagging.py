"""Writes a tag of its own into every text of the test world, and remembers which row and column it marks.

A tag is ten plain characters: it survives HTML, addresses, file names and search keys.
"""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import connection, models

from ledger.models.fields import EncryptedTextField

MACHINE = frozenset({
    "id_index", "phone_index", "id_index_next", "phone_index_next", "number_index", "stored_as", "digest",
    "signature", "request_id", "body_hash", "client_id", "error_code", "code_index", "password", "kind",
    "role", "verb", "object_type", "language", "session_key", "query", "area",
})  # fmt: skip
"""Columns that programs read, not people: tagging them would break what they mean."""
NUMBERS = frozenset(
    {"id_no", "phone", "raised_by_phone", "mobile", "duty_phone", "supervision_phone", "card_phones", "card_address"}
)
"""Must stay numbers and addresses: the sweep looks for the numbers themselves."""
PUBLIC = {
    "ledger_county": {"name", "code"}, "ledger_township": {"name", "code", "short_name"},
    "ledger_village": {"name", "code", "official_name"},
}  # fmt: skip
"""design.md 3: names and codes of counties, townships and villages are public."""
UNTOUCHED = {
    "ledger_submission": "never shown", "ledger_auditseal": "codes of the chain", "ledger_keyrotation": "no texts",
    **dict.fromkeys(("ledger_countline", "ledger_contactchange", "ledger_householdchange", "ledger_issuechange",
                     "ledger_visitchange"), "words of programs, to be added up"),
    "ledger_columnmapping": "a layout's signature", "ledger_numbercounter": "no texts",
}  # fmt: skip
CJK = re.compile("[一-鿿]")


@dataclass(frozen=True)
class Mark:
    """Where a tag was written."""

    table: str
    pk: int
    column: str


def tag_of(number: int) -> str:
    digits = "0123456789abcdefghijklmnopqrstuvwxyz"
    text = ""
    for _place in range(4):
        number, rest = divmod(number, 36)
        text = digits[rest] + text
    return f"zq{text}qz"


class Tagger:
    """``marks`` is tag → where it stands."""

    def __init__(self) -> None:
        self.marks: dict[str, Mark] = {}

    def tag_everything(self) -> dict[str, Mark]:
        ours = [m for m in apps.get_models() if m._meta.app_label in {"ledger", "accounts"}]
        with without_triggers():
            for model in ours:
                if model._meta.db_table in UNTOUCHED:
                    continue
                fields = [field for field in model._meta.concrete_fields if self._is_text(model, field)]
                for row in model._base_manager.all() if fields else ():
                    values = {field.attname: self._tagged(row, field) for field in fields}
                    model._base_manager.filter(pk=row.pk).update(**values)
        return self.marks

    @staticmethod
    def _is_text(model: Any, field: Any) -> bool:
        text = isinstance(field, (models.CharField, models.TextField, models.JSONField))
        public = PUBLIC.get(model._meta.db_table, set())
        return text and not field.choices and field.name not in MACHINE | NUMBERS | public and not field.primary_key

    def _tagged(self, row: Any, field: Any) -> Any:
        value = getattr(row, field.attname)
        if isinstance(field, models.JSONField):
            return self._in_json(value, row, field)
        if isinstance(field, EncryptedTextField) and (not value or value[0] in "{["):
            return json.dumps(self._in_json(json.loads(value), row, field), ensure_ascii=False) if value else value
        tag = self._new(row, field)
        if field.name == "number":  # printed as what stands before the first dash
            return f"{tag}-{value.partition('-')[2]}"
        room = (field.max_length or 10_000) - len(tag)
        return (value or "")[:room] + tag

    def _in_json(self, value: Any, row: Any, field: Any) -> Any:
        if isinstance(value, dict):
            return {key: self._in_json(part, row, field) for key, part in value.items()}
        if isinstance(value, list):
            return [self._in_json(part, row, field) for part in value]
        return value + self._new(row, field) if isinstance(value, str) and CJK.search(value) else value

    def _new(self, row: Any, field: Any) -> str:
        tag = tag_of(len(self.marks) + 1)
        self.marks[tag] = Mark(row._meta.db_table, row.pk, field.column)
        return tag


@contextmanager
def without_triggers() -> Iterator[None]:
    """The tables that nobody changes are changed here, once; the transaction of the test takes it back."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
            triggers = cursor.fetchall()
            for name, _sql in triggers:
                cursor.execute(f'DROP TRIGGER "{name}"')
            yield
            for _name, sql in triggers:
                cursor.execute(sql)
            return
        # Checks that wait for the end would forbid to alter a table.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal")
        tables = [name for (name,) in cursor.fetchall()]
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        yield
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
