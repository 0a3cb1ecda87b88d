"""A form sent under a used id with other words: both sides are kept, and one of two things is decided (design.md 8).

Saving it as a record of its own is done by its form (``views.kept_entries``), under ``next_id``.
"""

import json
import uuid
from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone

from ledger.actions.audit import record
from ledger.actions.submissions import SubmissionConflict, remember
from ledger.actions.visits import log_visit
from ledger.models import Assignment, Cadre, Household, KeptEntry, Submission, Visit
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
def keep_moved(*, by: Any, household_id: int, client_id: uuid.UUID, body: dict[str, Any]) -> KeptEntry | None:
    """Keep a visit to a household that was assigned to its sender once and is out of their area now.

    The same again is the entry that is kept already. None for a household that never was theirs: of that one nothing
    is said.
    """
    was_theirs = Assignment.objects.filter(household=household_id, cadre__user=by.pk)
    homes = Household.objects.filter(pk=household_id, pk__in=was_theirs.values("household"))
    household = homes.select_related("village__township").first()
    sent = json.dumps(body, ensure_ascii=False, sort_keys=True)
    if household is None or len(sent) > MOST_CHARACTERS:
        return None
    of_one = {"user_id": by.pk, "form": "visit", "client_id": client_id}
    list(Household.objects.select_for_update(no_key=True).filter(pk=household.pk).values_list("pk"))
    kept = list(KeptEntry.objects.filter(**of_one))
    same = next((entry for entry in kept if entry.body == sent), None)
    if same is not None or len(kept) >= MOST_OF_ONE:
        return same
    township = household.village.township
    place = {"township_id": township.pk, "county_id": township.county_id}
    entry = KeptEntry.objects.create(**of_one, **place, household=household, body=sent)
    record(verb="kept_entry.moved", by=by, obj=entry, label=household.head_name)
    return entry


@transaction.atomic
def take_over(*, by: Any, entry: KeptEntry, data: dict[str, Any], issues: Sequence[dict[str, Any]]) -> int:
    """Log a kept visit as its sender's, by the desk of the household's place; its matters are registered by the desk.

    Raises SubmissionRace when somebody did so a moment earlier, IssueFault for a matter that can't be registered.
    """
    visit_id, _is_new = log_visit(by=by, data=data, issues=issues)
    remember(user=entry.user, form="visit", client_id=entry.next_id, body={}, object_id=visit_id)
    Visit.objects.filter(pk=visit_id).update(lead=Cadre.objects.get(user=entry.user_id))
    record(verb="kept_entry.taken_over", by=by, obj=entry, label=str(form_name(entry.form)))
    return visit_id


@transaction.atomic
def discard(*, by: Any, entry: KeptEntry) -> bool:
    """Decide that the first sending was the right one; False when somebody decided before. It stays on record."""
    waiting = KeptEntry.objects.filter(~KeptEntry.saved(), pk=entry.pk, discarded_at__isnull=True)
    if waiting.update(discarded_at=timezone.now(), discarded_by=by) != 1:
        return False
    record(verb="kept_entry.discarded", by=by, obj=entry, label=str(form_name(entry.form)))
    return True
