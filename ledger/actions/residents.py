"""家庭成员: add, change, leave. The household beside them keeps its head's name, pinyin and the number of people.

A household always has a head: the head gives way when another member is made head, and neither leaves nor is
given another relation before.
"""

import datetime
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from ledger.actions.audit import record
from ledger.actions.versions import update_version
from ledger.models import Household, Resident
from ledger.models.number_indexes import id_number_q, index_keys
from ledger.rules.days import local_today
from ledger.rules.households import Relation
from ledger.rules.identity import birth_date, gender, id_fault
from ledger.rules.masking import mask_id, mask_phone
from ledger.rules.pinyin import initials, pinyin_key

FIELDS = ("name", "relation", "relation_text", "gender", "birth_on", "id_no", "phone", "remark")
"""What a person may fill in; everything else follows from it."""


@transaction.atomic
def add_resident(*, by: Any, household: Household, data: dict[str, Any]) -> Resident:
    """Add a member; ``data`` holds some of ``FIELDS``, cleaned.

    A new head makes the earlier one an ordinary member. Raises ValidationError when a current member of the
    township has the ID number already.
    """
    held = _hold(household)
    values = completed(data)
    _refuse_known_id(held, values.get("id_no", ""))
    if values.get("relation") == Relation.HEAD:
        _step_down(held)
    with _unique_id():
        resident = Resident.objects.create(household=held, township_id=held.village.township_id, **values)
    _keep_beside(held, added=1)
    record(verb="resident.added", by=by, obj=resident, detail={"relation": resident.relation})
    return resident


@transaction.atomic
def edit_resident(*, by: Any, resident: Resident, version: int, data: dict[str, Any]) -> Resident:
    """Change a member. Raises StaleEdit when somebody was faster, ValidationError as ``add_resident`` does."""
    held = _hold(resident.household)
    before = Resident.objects.get(pk=resident.pk)
    values = completed({name: data.get(name, getattr(before, name)) for name in FIELDS})
    if before.relation == Relation.HEAD and values["relation"] != Relation.HEAD:
        raise ValidationError(_("Make another member the head first."), code="head")
    changed = {name: values[name] for name in FIELDS if values[name] != getattr(before, name)}
    if not changed:
        return before
    if "id_no" in changed:
        _refuse_known_id(held, values["id_no"], but=before)
    if changed.get("relation") == Relation.HEAD:
        _step_down(held)
    with _unique_id():
        update_version(Resident.objects.all(), pk=before.pk, version=version, **values)
    _keep_beside(held)
    after = Resident.objects.select_related("household__village__township").get(pk=before.pk)
    record(verb="resident.changed", by=by, obj=after, detail={"changes": _said(before, after, changed)})
    return after


@transaction.atomic
def leave(*, by: Any, resident: Resident, version: int, on: datetime.date, reason: str) -> None:
    """Note that a member no longer belongs to the household (died, married away, moved). The row stays."""
    held = _hold(resident.household)
    if Resident.objects.get(pk=resident.pk).relation == Relation.HEAD:
        raise ValidationError(_("Make another member the head first."), code="head")
    if on > local_today():
        raise ValidationError(_("The day lies ahead: enter the change on the day it happens."), code="future")
    update_version(Resident.objects.filter(left_on__isnull=True), pk=resident.pk, version=version, left_on=on)
    _keep_beside(held, added=-1)
    record(verb="resident.left", by=by, obj=resident, detail={"on": on.isoformat(), "reason": reason})


def completed(data: dict[str, Any]) -> dict[str, Any]:
    """The member's fields with all that follows from them: pinyin, indexes, birth date and gender by the ID number."""
    values = {name: data[name] for name in FIELDS if name in data}
    number = values.get("id_no", "")
    if number and id_fault(number, local_today()) is None:
        values["birth_on"] = birth_date(number)
        values["gender"] = gender(number)
    return values | {
        "pinyin": pinyin_key(values["name"]),
        "initials": initials(values["name"]),
        **index_keys().columns(id_no=number, phone=values.get("phone", "")),
    }


def _hold(household: Household) -> Household:
    """The household, locked until the transaction ends, with its township."""
    return Household.objects.select_for_update(of=("self",)).select_related("village__township").get(pk=household.pk)


def _step_down(household: Household) -> None:
    heads = household.residents.filter(relation=Relation.HEAD, left_on__isnull=True)
    heads.update(relation=Relation.OTHER, relation_text="", version=F("version") + 1)


def _keep_beside(household: Household, added: int = 0) -> None:
    """Head, pinyin and people of the household, from its members.

    A roster often lists fewer members than its number of people says, so that number only grows when more are
    listed, and falls by one with each who leaves.
    """
    members = list(household.residents.filter(left_on__isnull=True).only("name", "pinyin", "initials", "relation"))
    head = next((m for m in members if m.relation == Relation.HEAD), None)
    people = max((household.population or 0) + min(added, 0), len(members))
    written: dict[str, Any] = {"population": people} if added else {}
    if head is not None:
        written |= {"head_name": head.name, "pinyin": head.pinyin, "initials": head.initials}
    changed = {name: value for name, value in written.items() if getattr(household, name) != value}
    if changed:
        Household.objects.filter(pk=household.pk).update(version=F("version") + 1, updated_at=timezone.now(), **changed)


def _refuse_known_id(household: Household, number: str, but: Resident | None = None) -> None:
    if not number:
        return
    current = Resident.objects.filter(township_id=household.village.township_id, left_on__isnull=True)
    known = current.filter(id_number_q(number))
    others = known.exclude(pk=but.pk) if but is not None else known
    holder = others.select_related("household__village").first()
    if holder is not None:
        raise ValidationError(
            {"id_no": _("%(name)s in the household of %(head)s, %(village)s, has this ID number already.")
             % {"name": holder.name, "head": holder.household.head_name, "village": holder.household.village}}
        )  # fmt: skip


@contextmanager
def _unique_id() -> Iterator[None]:
    """The database has the last word when two people enter the same ID number at the same moment."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        raise ValidationError({"id_no": _("A member of the township has this ID number already.")}) from error


def _said(before: Resident, after: Resident, changed: dict[str, Any]) -> dict[str, list[str]]:
    """What changed, old and new, numbers masked: for the audit trail."""
    mask = {"id_no": mask_id, "phone": mask_phone}
    return {
        name: [mask.get(name, str)(getattr(before, name) or ""), mask.get(name, str)(getattr(after, name) or "")]
        for name in changed
    }
