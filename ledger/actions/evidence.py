"""佐证材料: keep a photo or a PDF of a visit, of an issue or of an entry kept for review (design.md 8).

The file goes under a random name below ``MEDIA_ROOT/evidence``; only ``views/evidence.py`` serves it.
"""

import uuid
from collections.abc import Iterable, Sequence
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.translation import gettext as _

from ledger.actions.audit import record
from ledger.models import Evidence, EvidenceKind, Issue, IssueStep, KeptEntry, Visit
from ledger.rules.evidence import BadEvidence, Prepared, prepare
from ledger.rules.kept_entries import form_name

MOST_FILES = 30
"""Of one visit or one issue: more is a mistake or an attack."""


def read(file: Any) -> Prepared:
    """What would be stored of an uploaded file. Raises ValidationError with the sentence; writes nothing."""
    if isinstance(file, Prepared):
        return file
    limit = settings.EVIDENCE_MAX_BYTES
    try:
        # One byte past the limit is enough to refuse it: a larger file is never read whole.
        return prepare(file.read(limit + 1), str(file.name or ""), limit=limit)
    except BadEvidence as fault:
        raise ValidationError(str(fault), code="bad_evidence") from fault
    finally:
        file.seek(0)


@transaction.atomic
def store(
    *, by: Any, file: Any, visit: Visit | None = None, issue: Issue | None = None, step: IssueStep | None = None,
    entry: KeptEntry | None = None, client_id: uuid.UUID | None = None,
) -> Evidence:  # fmt: skip
    """Keep an uploaded file (or what ``read`` made of it) with a visit, a kept entry, or an issue and perhaps its step.

    The same ``client_id`` of the same person again is the same evidence. Raises ValidationError for a file that
    can't be kept and for one too many; then nothing is left on the disk either.
    """
    earlier = Evidence.objects.filter(added_by=by, client_id=client_id).first() if client_id is not None else None
    if earlier is not None:
        return earlier
    ready = read(file)
    owner = {name: one for name, one in (("visit", visit), ("issue", issue), ("entry", entry)) if one is not None}
    if Evidence.objects.filter(**owner).count() >= MOST_FILES:
        raise ValidationError(_("There are %(most)d files already, that is the most.") % {"most": MOST_FILES})
    stored_as = f"evidence/{uuid.uuid4().hex}{'.jpg' if ready.is_photo else '.pdf'}"
    try:
        default_storage.save(stored_as, ContentFile(ready.content))
        if ready.is_photo:
            default_storage.save(thumbnail_of(stored_as), ContentFile(ready.thumbnail))
        evidence = Evidence.objects.create(
            **owner, step=step, kind=EvidenceKind.PHOTO if ready.is_photo else EvidenceKind.PDF, stored_as=stored_as,
            name=ready.name, size=ready.size, digest=ready.digest, client_id=client_id, added_by=by,
        )  # fmt: skip
        place = next(iter(owner.values()))
        detail = {"evidence": evidence.pk, "kind": evidence.kind, "size": evidence.size, "digest": evidence.digest}
        label = issue.number if issue is not None else str(form_name(entry.form)) if entry is not None else ""
        record(verb="evidence.added", by=by, obj=place, label=label, detail=detail)
    except BaseException:
        _remove(stored_as)
        raise
    return evidence


def store_all(
    *, by: Any, files: Sequence[Any], visit: Visit | None = None, issue: Issue | None = None,
    step: IssueStep | None = None, entry: KeptEntry | None = None, client_id: uuid.UUID | None = None,
) -> list[Evidence]:  # fmt: skip
    """Keep all of these files with a visit, an issue or a kept entry, or none; each has a key below the form's.

    Whoever writes more in the same transaction afterwards takes them off the disk with ``take_back`` when that fails.
    """
    kept: list[Evidence] = []
    if not files:  # no savepoint for nothing: most visits come without a photo
        return kept
    try:
        with transaction.atomic():
            for index, file in enumerate(files):
                key = uuid.uuid5(client_id, str(index)) if client_id is not None else None
                kept.append(store(by=by, file=file, visit=visit, issue=issue, step=step, entry=entry, client_id=key))
    except BaseException:
        take_back(kept)
        raise
    return kept


def take_back(kept: Iterable[Evidence]) -> None:
    """Remove the files of evidence whose rows were rolled back: the disk knows no rollback."""
    for evidence in kept:
        _remove(evidence.stored_as)


def _remove(stored_as: str) -> None:
    default_storage.delete(stored_as)
    default_storage.delete(thumbnail_of(stored_as))


def thumbnail_of(stored_as: str) -> str:
    """The name of a photo's small copy."""
    return stored_as.removesuffix(".jpg") + ".small.jpg"
