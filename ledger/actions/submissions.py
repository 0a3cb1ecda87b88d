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

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Model

from ledger.models import Submission
from ledger.rules import keyring


class SubmissionConflict(Exception):
    """The same client id came with another body: both sides must see it (409). ``object_id`` is the earlier record."""

    def __init__(self, object_id: int | None, *, form: str, client_id: uuid.UUID) -> None:
        super().__init__("The client id was used with another body.")
        self.object_id, self.form, self.client_id = object_id, form, client_id


LABEL = "submission.body"


def body_digest(body: dict[str, Any]) -> str:
    """A digest of cleaned form data; records count by kind and primary key, files by name, size and digest.

    It is kept sealed: a plain one of a form with an ID number lets a thief of the database try out all numbers.
    """
    return hashlib.sha256(_as_text(body).encode()).hexdigest()


def _same_body(digest: str, written_hash: str, body: dict[str, Any]) -> bool:
    """Whether the body is the earlier one, also when the keys have been rotated since.

    The first release kept a keyed hash alone. Where its key has been retired nobody can tell: then it is no replay,
    and both are looked at.
    """
    if digest:
        return digest == body_digest(body)
    return written_hash in keyring.blind_indexes(LABEL, _as_text(body))


def _as_text(body: dict[str, Any]) -> str:
    return json.dumps(_plain(body), sort_keys=True, ensure_ascii=False)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, Model):
        return [value._meta.label_lower, value.pk]
    if hasattr(value, "size") and hasattr(value, "name"):
        return [value.name, value.size, getattr(value, "digest", "")]
    if isinstance(value, (set, frozenset)):
        return sorted((_plain(item) for item in value), key=str)
    if hasattr(value, "__iter__") and not isinstance(value, (str, bytes)):
        return [_plain(item) for item in value]
    return value if isinstance(value, (int, float, bool, type(None))) else str(value)


def replayed(*, user: Any, form: str, client_id: uuid.UUID | None, body: dict[str, Any]) -> int | None:
    """The id of the record an earlier submission made, or None when this one is new.

    Raises SubmissionConflict when the id was used with another body.
    """
    if client_id is None:
        return None
    found = Submission.objects.filter(user=user.pk, form=form, client_id=client_id)
    for digest, written_hash, object_id in found.values_list("digest", "body_hash", "object_id"):  # one at most
        if not _same_body(digest, written_hash, body):
            raise SubmissionConflict(object_id, form=form, client_id=client_id)
        return object_id
    return None


def remember(*, user: Any, form: str, client_id: uuid.UUID | None, body: dict[str, Any], object_id: int) -> None:
    """Note what a submission made; of two at the same moment the loser's transaction is rolled back.

    Raises SubmissionRace for the loser, whose transaction is lost: leave it, call ``replayed`` again and show the
    winner's record.
    """
    if client_id is None:
        return
    try:
        Submission.objects.create(
            user_id=user.pk, form=form, client_id=client_id, digest=body_digest(body), object_id=object_id
        )
    except IntegrityError as error:
        raise SubmissionRace from error


class SubmissionRace(Exception):
    """The twin of this submission was written a moment earlier: roll back and show its record."""


def submit(
    *, user: Any, form: str, client_id: uuid.UUID | None, body: dict[str, Any], write: Callable[[], int],
    look_first: bool = True,
) -> tuple[int, bool]:  # fmt: skip
    """Run ``write``, which makes the record and returns its id, unless the same submission was already written.

    Returns the record's id and whether it is new. Raises SubmissionConflict as ``replayed`` does, and whatever
    ``write`` raises; then nothing is written.

    ``look_first=False`` saves a query where ``write`` does nothing that its transaction could not take back, and would
    do the same a second time: a repeated submission is then noticed by the constraint.
    """
    earlier = replayed(user=user, form=form, client_id=client_id, body=body) if look_first else None
    if earlier is not None:
        return earlier, False
    try:
        with transaction.atomic():
            made = write()
            remember(user=user, form=form, client_id=client_id, body=body, object_id=made)
    except (SubmissionRace, ValidationError, IntegrityError):
        # The twin may have been faster: what it wrote is what this one finds taken.
        winner = replayed(user=user, form=form, client_id=client_id, body=body)
        if winner is None:
            raise
        return winner, False
    return made, True


def once(*, user: Any, form: str, client_id: uuid.UUID | None, body: dict[str, Any], write: Callable[[], int]) -> int:
    """As ``submit``, for whom only the record's id matters."""
    return submit(user=user, form=form, client_id=client_id, body=body, write=write)[0]
