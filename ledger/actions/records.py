"""Plain records of setting up (organisations, words of the lists, places): made once, edited one after the other.

They carry no version column: a fingerprint of what the editor saw stands for it. Each act is on the trail with
what was there before.
"""

import hashlib
import json
import uuid
from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext as _

from ledger.actions.audit import record
from ledger.actions.submissions import once


class Overtaken(Exception):
    """Somebody else saved the record in between; ``current`` is it as it is now."""

    def __init__(self, current: Any) -> None:
        super().__init__(f"{type(current).__name__} {current.pk} was changed by somebody else.")
        self.current = current


def fingerprint(row: models.Model, fields: Iterable[str]) -> str:
    """What these fields hold, in 32 characters; the same values give the same fingerprint."""
    values = [[name, _plain(row, name)] for name in sorted(fields)]
    return hashlib.sha256(json.dumps(values, ensure_ascii=False).encode()).hexdigest()[:32]


def create(*, by: Any, row: Any, verb: str, client_id: uuid.UUID | None = None, body: dict[str, Any]) -> Any:
    """Store a new record; the same form sent again gives the record of the first time.

    Raises ValidationError when its name or number is taken, SubmissionConflict for a used client id.
    """

    def write() -> int:
        row.clean_fields()
        with transaction.atomic():
            row.save(force_insert=True)
        record(verb=verb, by=by, obj=row)
        return int(row.pk)

    try:
        made = once(user=by, form=f"new-{row._meta.model_name}", client_id=client_id, body=body, write=write)
    except IntegrityError as error:
        raise taken() from error
    return type(row)._default_manager.get(pk=made)


@transaction.atomic
def change(*, by: Any, row: Any, values: dict[str, Any], seen: str | None, verb: str) -> Any:
    """Write ``values`` to a stored record if it still is what the editor saw (``seen``, a fingerprint).

    Nothing to change is no act. Raises Overtaken, and ValidationError when a name or number is taken.
    """
    return write(by=by, held=lock(row, values, seen), values=values, verb=verb)


def write(*, by: Any, held: Any, values: dict[str, Any], verb: str) -> Any:
    """``change`` for a record that ``lock`` gave; ``held`` is changed and returned."""
    before = {name: _plain(held, name) for name in values}
    for name, value in values.items():
        setattr(held, name, value)
    held.clean_fields(exclude={f.name for f in held._meta.fields} - set(values))
    after = {name: _plain(held, name) for name in values}
    changed = {name: [before[name], after[name]] for name in values if before[name] != after[name]}
    if not changed:
        return held
    try:
        with transaction.atomic():
            held.save(update_fields=list(changed))
    except IntegrityError as error:
        raise taken() from error
    record(verb=verb, by=by, obj=held, detail={"changed": changed})
    return held


def lock(row: Any, fields: Iterable[str], seen: str | None) -> Any:
    """The record, locked until the end of the transaction; raises Overtaken when it is no longer what was seen."""
    held = type(row)._default_manager.select_for_update(of=("self",)).get(pk=row.pk)
    if seen is not None and fingerprint(held, fields) != seen:
        raise Overtaken(held)
    return held


def taken() -> ValidationError:
    """The sentence for a name or number that is in use."""
    return ValidationError(_("There is one with this name or number already."), code="taken")


def _plain(row: models.Model, name: str) -> Any:
    value = getattr(row, row._meta.get_field(name).attname)  # type: ignore[union-attr]
    return value if isinstance(value, (int, str, bool, type(None))) else str(value)
