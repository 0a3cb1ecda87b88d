"""A form sent under a used id with other words: both sides are kept, and one of two things is decided (design.md 8).
What waited on a phone and can't be saved any more is kept for the desk of its place, with its photos.

Saving it as a record of its own is done by its form (``views.kept_entries``), under ``next_id``.
"""

import json
import uuid
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from ledger.actions import evidence
from ledger.actions.audit import record
from ledger.actions.notices import tell_desk, tell_sender
from ledger.actions.submissions import SubmissionConflict, remember
from ledger.actions.visits import log_visit
from ledger.models import Assignment, Cadre, Evidence, Household, KeptEntry, Posting, Submission, Village, Visit
from ledger.rules.evidence import Prepared
from ledger.rules.kept_entries import OF_PHONES, form_name
from ledger.rules.permissions import Level, Permission, roles_with

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


def keep_moved(
    *, by: Any, household_id: int, client_id: uuid.UUID, body: dict[str, Any], photos: Sequence[Prepared] = ()
) -> KeptEntry | None:
    """Keep a visit with its photos to a household that was its sender's once and is out of their area now.

    The same again is the entry that is kept already. None for a household that never was theirs: of that one nothing
    is said.
    """
    household = _once_theirs(by, [household_id]).get(household_id)
    if household is None:
        return None
    entry = _keep_for_desk(by, client_id, body, photos, "kept_entry.moved", form="visit", household=household)
    return _told([entry])[0]


@transaction.atomic
def keep_walk(
    *, by: Any, client_id: uuid.UUID, parts: Iterable[tuple[int, dict[str, Any]]], is_handed_in: bool
) -> list[KeptEntry]:
    """Keep each household of a walk for the desk of its place, as a visit of its own; ``parts`` are id and body.

    Those that never were its sender's are left out: of them nothing is said. Each desk is told once.
    """
    bodies = dict(parts)
    theirs = _once_theirs(by, bodies)
    verb = "kept_entry.handed_in" if is_handed_in else "kept_entry.moved"
    kept = [
        _keep_for_desk(
            by, client_id, bodies[pk], (), verb, form="visit", household=theirs[pk], is_handed_in=is_handed_in
        )
        for pk in bodies if pk in theirs
    ]  # fmt: skip
    return [entry for entry in _told(kept) if entry is not None]


def _told(entries: Sequence[KeptEntry | None]) -> Sequence[KeptEntry | None]:
    """Tell the desk of each village once of those that are kept just now."""
    new = [entry for entry in entries if entry is not None and entry.is_new]
    for entry in {entry.household.village_id if entry.household else 0: entry for entry in reversed(new)}.values():
        sender = Cadre.objects.filter(user=entry.user_id).values_list("pk", flat=True).first()
        tell_desk(entry, sender=sender)
    return entries


def hand_in(
    *, by: Any, form: str, client_id: uuid.UUID, body: dict[str, Any], photos: Sequence[Prepared] = (),
    household_id: int = 0, village_id: int = 0,
) -> KeptEntry | None:  # fmt: skip
    """Keep what its sender hands in because the server would take it no more, for the desk of its place to decide.

    Its place is the household, else the village, that the form names, where that was theirs once; else where they
    serve: nobody learns by it what is there. The same again is the entry that is kept already.
    """
    household = _once_theirs(by, [household_id]).get(household_id)
    village = None if household is not None else Village.objects.filter(_served(by), pk=village_id).first()
    entry = _keep_for_desk(
        by, client_id, body, photos, "kept_entry.handed_in", form=form, household=household, village=village,
        is_handed_in=True,
    )  # fmt: skip
    return _told([entry])[0]


def made_of(by: Any, client_id: uuid.UUID) -> Submission | None:
    """What an earlier sending of the form made: its answer may have been lost on the way to the phone."""
    made: Submission | None = Submission.objects.filter(user=by, client_id=client_id, form__in=OF_PHONES).first()
    return made


def has_served(by: Any) -> bool:
    """Whether they ever logged visits for a place or for households of their own: nobody else hands anything in."""
    own = Assignment.objects.filter(cadre__user=by.pk).exists()
    return own or Posting.objects.filter(cadre__user=by.pk, role__in=roles_with(Permission.LOG_VISIT)).exists()


def _once_theirs(by: Any, households: Collection[int]) -> dict[int, Household]:
    """Those that were assigned to the person or lay in a territory of theirs at some time."""
    assigned = Assignment.objects.filter(household__in=list(households), cadre__user=by.pk).values("household")
    villages = Village.objects.filter(_served(by)).values("pk")
    homes = Household.objects.filter(Q(pk__in=assigned) | Q(village__in=villages), pk__in=list(households))
    return {home.pk: home for home in homes.select_related("village__township")}


def _served(by: Any) -> Q:
    """Villages of all postings that the person ever held and that let them log visits."""
    held = Posting.objects.filter(cadre__user=by.pk, role__in=roles_with(Permission.LOG_VISIT))
    own = {str(level): held.filter(**{f"{level}__isnull": False}).values(str(level)) for level in Level}
    return (
        Q(pk__in=own[Level.VILLAGE]) | Q(district__in=own[Level.DISTRICT]) | Q(township__in=own[Level.TOWNSHIP])
        | Q(township__county__in=own[Level.COUNTY])
    )  # fmt: skip


@transaction.atomic
def _keep_for_desk(
    by: Any, client_id: uuid.UUID, body: dict[str, Any], photos: Sequence[Prepared], verb: str, *, form: str,
    household: Household | None, **more: Any,
) -> KeptEntry | None:  # fmt: skip
    sent = json.dumps(body, ensure_ascii=False, sort_keys=True)
    # Locked, so that the same body sent twice at one moment is kept once.
    cadre = Cadre.objects.select_for_update(no_key=True, of=("self",)).filter(user=by).first()
    if cadre is None or len(sent) > MOST_CHARACTERS:
        return None
    of_one = {"user_id": by.pk, "form": form, "client_id": client_id}
    kept = list(KeptEntry.objects.filter(**of_one, household=household))
    same = next((entry for entry in kept if entry.body == sent), None)
    if same is not None or len(kept) >= MOST_OF_ONE:
        return same
    village = household.village if household is not None else more.get("village")
    at = village.township if village is not None else None
    place = {
        "township_id": at.pk if at is not None else cadre.township_id,
        "county_id": at.county_id if at is not None else cadre.county_id,
    }
    entry = KeptEntry.objects.create(**of_one, **place, household=household, **more, body=sent)
    record(verb=verb, by=by, obj=entry, label=household.head_name if household else str(form_name(form)))
    entry.is_new = True
    # Last: files on the disk know no rollback.
    evidence.store_all(by=by, files=photos, entry=entry)
    return entry


@transaction.atomic
def take_over(*, by: Any, entry: KeptEntry, data: dict[str, Any], issues: Sequence[dict[str, Any]]) -> int:
    """Log a kept visit as its sender's, by the desk of the household's place; its matters are registered by the desk.

    Raises SubmissionRace when somebody did so a moment earlier, IssueFault for a matter that can't be registered.
    """
    visit_id, _is_new = log_visit(by=by, data=data, issues=issues)
    remember(user=entry.user, form="visit", client_id=entry.next_id, body={}, object_id=visit_id)
    Visit.objects.filter(pk=visit_id).update(lead=entry.user.cadre)
    Evidence.objects.filter(entry=entry).update(entry=None, visit=visit_id)
    record(verb="kept_entry.taken_over", by=by, obj=entry, label=str(form_name(entry.form)))
    tell_sender(entry, by=by, at=timezone.now())
    return visit_id


@transaction.atomic
def discard(*, by: Any, entry: KeptEntry, answer: str = "") -> bool:
    """Decide that the first sending was the right one, or that a desk has seen to it, with a word to its sender.

    False when somebody decided before. It stays on record.
    """
    now = timezone.now()
    waiting = KeptEntry.objects.filter(~KeptEntry.saved(), pk=entry.pk, discarded_at__isnull=True)
    if waiting.update(discarded_at=now, discarded_by=by, answer=answer) != 1:
        return False
    record(verb="kept_entry.discarded", by=by, obj=entry, label=str(form_name(entry.form)))
    tell_sender(entry, by=by, at=now)
    return True
