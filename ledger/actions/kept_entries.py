"""A form sent under a used id with other words: both sides are kept, and one of two things is decided (design.md 8).

Saving it as a record of its own is done by its form (``views.kept_entries``), under ``next_id``.
"""

import json
from typing import Any

from django.db import transaction
from django.utils import timezone

from ledger.actions.audit import record
from ledger.actions.submissions import SubmissionConflict
from ledger.models import Cadre, KeptEntry, Submission
from ledger.rules.kept_entries import form_name

MOST_OF_ONE = 20
"""Different bodies kept of one form: more come from no person."""
MOST_CHARACTERS = 200_000
"""Of one body; every form's own limits lie far below."""


@transaction.atomic
def keep(*, by: Any, conflict: SubmissionConflict, body: dict[str, Any]) -> KeptEntry | None:
    """Keep what was sent second; the same again is the entry that is kept already. None for what is no form's size."""
    sent = json.dumps(body, ensure_ascii=False, sort_keys=True)
    of_one = {"user_id": by.pk, "form": conflict.form, "client_id": conflict.client_id}
    # Locked, so that the same body sent twice at one moment is kept once.
    list(Submission.objects.select_for_update().filter(**of_one))
    kept = list(KeptEntry.objects.filter(**of_one))
    for entry in kept:
        if entry.body == sent:
            return entry
    if len(kept) >= MOST_OF_ONE or len(sent) > MOST_CHARACTERS:
        return None
    cadre = Cadre.objects.filter(user=by).first()
    place = {"township_id": cadre.township_id, "county_id": cadre.county_id} if cadre is not None else {}
    entry = KeptEntry.objects.create(**of_one, **place, object_id=conflict.object_id, body=sent)
    record(verb="kept_entry.kept", by=by, obj=entry, label=str(form_name(entry.form)))
    return entry


@transaction.atomic
def discard(*, by: Any, entry: KeptEntry) -> bool:
    """Decide that the first sending was the right one; False when somebody decided before. It stays on record."""
    waiting = KeptEntry.objects.filter(~KeptEntry.saved(), pk=entry.pk, discarded_at__isnull=True)
    if waiting.update(discarded_at=timezone.now(), discarded_by=by) != 1:
        return False
    record(verb="kept_entry.discarded", by=by, obj=entry, label=str(form_name(entry.form)))
    return True
