"""Fields of our own: text encrypted at rest, and the declaration of what is personal.

Every model names its personal fields in ``PERSONAL`` and all others in ``NOT_PERSONAL`` (a guard
test fails on a field in neither): ``PERSONAL`` says what must be masked, encrypted or left out of
exports and logs.
"""

from typing import Any

from django.db import models

from ledger.rules import keyring


class EncryptedTextField(models.TextField):
    """Text kept as an AES-GCM token; the label binds a token to its kind, so that it can't be moved to another column.

    Not searchable: keep a blind index beside it (``keyring.blind_index``). Empty stays empty.
    """

    def __init__(self, *args: Any, label: str = "", **kwargs: Any) -> None:
        self.label = label
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> tuple[str, str, list[Any], dict[str, Any]]:
        name, path, args, kwargs = super().deconstruct()
        return name, path, list(args), {**kwargs, "label": self.label}

    def from_db_value(self, value: str | None, expression: object, connection: object) -> str | None:
        return keyring.decrypt(self.label, value) if value else value

    def get_prep_value(self, value: Any) -> Any:
        value = super().get_prep_value(value)
        return keyring.encrypt(self.label, value) if value else value

    def get_lookup(self, lookup_name: str) -> Any:
        if lookup_name not in {"exact", "isnull", "in"}:
            raise TypeError(f"An encrypted field can't be searched with '{lookup_name}': use its blind index.")
        return super().get_lookup(lookup_name)


ID_LABEL = "resident.id_no"
PHONE_LABEL = "resident.phone"


def id_index(number: str) -> str:
    """The blind index of a resident's ID number; empty for no number."""
    return keyring.blind_index(ID_LABEL, number) if number else ""


def phone_index(number: str) -> str:
    """The blind index of a resident's phone; empty for none."""
    return keyring.blind_index(PHONE_LABEL, number) if number else ""
