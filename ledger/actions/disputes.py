"""矛盾纠纷: parties, mediator, agreement; planning and making follow-up visits; a party's phone."""

import datetime
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from ledger.actions.audit import record
from ledger.actions.reveals import CALLS, MOST_CALLS_AN_HOUR, refuse_too_many
from ledger.actions.versions import StaleEdit, update_version
from ledger.models import Cadre, DisputeParty, DisputeSettlement, FollowUp, Issue
from ledger.models.scope import scope_of
from ledger.queries.disputes import may_follow_up, may_note, settlement_of
from ledger.queries.issues import may_see_phone
from ledger.rules.days import local_today
from ledger.rules.disputes import MOST_PARTIES, Side
from ledger.rules.issues import Outcome

LONGEST_AHEAD = datetime.timedelta(days=3 * 366)


def begin_dispute(issue: Issue, data: dict[str, Any]) -> None:
    """What the registration says of a dispute: who raised it, against whom; on the spot also what was agreed."""
    parties = []
    if issue.raised_by_name or issue.household is not None:
        name = issue.raised_by_name or str(issue.household and issue.household.head_name)
        parties.append(
            DisputeParty(
                issue=issue, name=name, side=Side.FIRST, phone=issue.raised_by_phone, household=issue.household
            )
        )
    if other := str(data.get("other_party") or "").strip():
        phone = data.get("other_phone") or ""
        parties.append(DisputeParty(issue=issue, name=other, side=Side.SECOND, phone=phone))
    DisputeParty.objects.bulk_create(parties)
    if data.get("on_spot") and Outcome.MEDIATED in (data.get("outcomes") or ()):
        agreement = str(data.get("result_text") or "").strip()
        DisputeSettlement.objects.create(
            issue=issue, agreement=agreement, agreed_on=local_today() if agreement else None
        )


@transaction.atomic
def note_settlement(
    *, by: Any, issue: Issue, version: int, parties: list[dict[str, Any]], **said: Any
) -> DisputeSettlement:  # fmt: skip
    """Write down mediator, agreement, its day (``said``) and the parties as the form of ``version`` saw them.

    Each party is ``{id, name, side, phone, household, remove}``; an empty ``phone`` keeps the one on record. Raises
    PermissionDenied, StaleEdit when somebody saved it in between, ValidationError for one party too many.
    """
    if not may_note(by, issue):
        raise PermissionDenied
    kept = [party for party in parties if not party.get("remove")]
    if len(kept) > MOST_PARTIES:
        raise ValidationError(_("At most %(most)d parties.") % {"most": MOST_PARTIES})
    if version == 0:
        try:
            with transaction.atomic():
                settlement = DisputeSettlement.objects.create(issue=issue, **said)
        except IntegrityError as fault:
            raise StaleEdit(settlement_of(issue)) from fault
    else:
        settlement = settlement_of(issue)
        update_version(DisputeSettlement.objects.filter(issue=issue), pk=settlement.pk, version=version, **said)
    own = {party.pk: party for party in issue.parties.all()}
    for party in parties:
        _keep_party(issue, own.get(party.get("id") or 0), party)
    detail = {"parties": issue.parties.count(), "agreed": bool(said.get("agreement"))}
    record(verb="dispute.changed", by=by, obj=issue, label=issue.number, detail=detail)
    return settlement


def _keep_party(issue: Issue, stored: DisputeParty | None, said: dict[str, Any]) -> None:
    if said.get("remove"):
        if stored is not None:
            stored.delete()
        return
    values = {"name": said["name"], "side": said["side"], "household": said.get("household")}
    if said.get("phone"):
        values["phone"] = said["phone"]
    if stored is None:
        DisputeParty.objects.create(issue=issue, **values)
        return
    for name, value in values.items():
        setattr(stored, name, value)
    stored.save()


@transaction.atomic
def plan_follow_up(*, by: Any, issue: Issue, planned_on: datetime.date) -> FollowUp:
    """Plan a visit. Raises PermissionDenied, and ValidationError for a day that lies behind or is planned already."""
    if not may_follow_up(by, issue):
        raise PermissionDenied
    if not local_today() <= planned_on <= local_today() + LONGEST_AHEAD:
        raise ValidationError({"planned_on": _("The day lies between today and three years from now.")})
    try:
        with transaction.atomic():
            made: FollowUp = FollowUp.objects.create(issue=issue, planned_on=planned_on, planned_by=_cadre(by))
    except IntegrityError as fault:
        raise ValidationError({"planned_on": _("A visit is planned for this day already.")}) from fault
    detail = {"day": planned_on.isoformat()}
    record(verb="dispute.follow_up_planned", by=by, obj=issue, label=issue.number, detail=detail)
    return made


@transaction.atomic
def finish_follow_up(*, by: Any, follow_up: FollowUp, done_on: datetime.date, text: str) -> None:
    """Say that a planned visit was made and what was found. Raises as ``plan_follow_up`` does."""
    if not may_follow_up(by, follow_up.issue):
        raise PermissionDenied
    if done_on > local_today():
        raise ValidationError({"done_on": _("This day lies ahead of today.")})
    if not text.strip():
        raise ValidationError({"text": _("This field is needed.")})
    still = FollowUp.objects.filter(pk=follow_up.pk, done_on__isnull=True)
    if still.update(done_on=done_on, done_by=_cadre(by), text=text.strip()) != 1:
        raise ValidationError(_("Somebody has recorded this visit already."))
    detail = {"day": done_on.isoformat()}
    record(verb="dispute.follow_up_made", by=by, obj=follow_up.issue, label=follow_up.issue.number, detail=detail)


@transaction.atomic
def reveal_party_phone(*, by: Any, party: DisputeParty) -> str:
    """A party's full number, for who may see the phone of who raised the issue; the reading is recorded."""
    if not may_see_phone(by, party.issue):
        raise PermissionDenied
    refuse_too_many(by, CALLS, MOST_CALLS_AN_HOUR)
    record(verb="issue.phone_read", by=by, obj=party.issue, label=party.issue.number, detail={"party": party.pk})
    return str(party.phone)


def _cadre(by: Any) -> Cadre:
    if scope_of(by).cadre_id is None:
        raise PermissionDenied
    cadre: Cadre = by.cadre
    return cadre
