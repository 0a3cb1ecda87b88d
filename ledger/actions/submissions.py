"""The same form sent twice is one record (design.md 10, idempotency).

    visit_id, is_new = submit(user=…, form="visit", client_id=…, body=form.cleaned_data, write=lambda: …)

or, by hand:

seen = replayed(user=…, form="visit", client_id=…, body=form.cleaned_data)   # before writing
…write…
remember(user=…, form="visit", client_id=…, body=…, object_id=visit.pk)      # in the same transaction
"""

import hashlib
import json
import uuid
from collections.abc import Callable
from typing import Any

from django.db import IntegrityError, transaction

from ledger.models import Submission


class SubmissionConflict(Exception):
    """The same client id came with another body: both sides must see it (409). ``object_id`` is the earlier record."""

    def __init__(self, object_id: int | None = None) -> None:
        super().__init__("The client id was used with another body.")
        self.object_id = object_id


def body_hash(body: dict[str, Any]) -> str:
    """A digest of cleaned form data; model instances count by primary key, files by name and size."""
    return hashlib.sha256(json.dumps(_plain(body), sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if hasattr(value, "pk"):
        return value.pk
    if hasattr(value, "size") and hasattr(value, "name"):
        return [value.name, value.size]
    if hasattr(value, "__iter__") and not isinstance(value, (str, bytes)):
        return [_plain(item) for item in value]
    return value if isinstance(value, (int, float, bool, type(None))) else str(value)


def replayed(*, user: Any, form: str, client_id: uuid.UUID | None, body: dict[str, Any]) -> int | None:
    """The id of the record an earlier submission made, or None when this one is new.

    Raises SubmissionConflict when the id was used with another body.
    """
    if client_id is None:
        return None
    earlier = Submission.objects.filter(user=user, form=form, client_id=client_id).first()
    if earlier is None:
        return None
    if earlier.body_hash != body_hash(body):
        raise SubmissionConflict(earlier.object_id)
    return earlier.object_id


def remember(*, user: Any, form: str, client_id: uuid.UUID | None, body: dict[str, Any], object_id: int) -> None:
    """Note what a submission made; of two at the same moment the loser's transaction is rolled back.

    Raises SubmissionRace for the loser: call ``replayed`` again and show the winner's record.
    """
    if client_id is None:
        return
    try:
        with transaction.atomic():
            Submission.objects.create(
                user=user, form=form, client_id=client_id, body_hash=body_hash(body), object_id=object_id
            )
    except IntegrityError as error:
        raise SubmissionRace from error


class SubmissionRace(Exception):
    """The twin of this submission was written a moment earlier: roll back and show its record."""


def submit(
    *, user: Any, form: str, client_id: uuid.UUID | None, body: dict[str, Any], write: Callable[[], int]
) -> tuple[int, bool]:
    """Run ``write``, which makes the record and returns its id, unless the same submission was already written.

    Returns the record's id and whether it is new. Raises SubmissionConflict as ``replayed`` does, and whatever
    ``write`` raises; then nothing is written.
    """
    earlier = replayed(user=user, form=form, client_id=client_id, body=body)
    if earlier is not None:
        return earlier, False
    try:
        with transaction.atomic():
            made = write()
            remember(user=user, form=form, client_id=client_id, body=body, object_id=made)
    except SubmissionRace:
        winner = replayed(user=user, form=form, client_id=client_id, body=body)
        if winner is None:
            raise
        return winner, False
    return made, True


def once(*, user: Any, form: str, client_id: uuid.UUID | None, body: dict[str, Any], write: Callable[[], int]) -> int:
    """As ``submit``, for whom only the record's id matters."""
    return submit(user=user, form=form, client_id=client_id, body=body, write=write)[0]
