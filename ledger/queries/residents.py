"""The members of a household as a page shows them: numbers masked, whoever looks."""

import datetime
from dataclasses import dataclass

from ledger.models import Household, Resident
from ledger.rules.days import local_today
from ledger.rules.households import Relation
from ledger.rules.masking import mask_id, mask_phone


@dataclass(frozen=True)
class Member:
    """One line: no full number is in it."""

    pk: int
    version: int
    name: str
    relation: str
    is_head: bool
    gender: str
    age: int | None
    id_no: str
    phone: str
    remark: str


def members_of(household: Household) -> list[Member]:
    """The current members, the head first. One query."""
    today = local_today()
    rows = household.residents.filter(left_on__isnull=True)
    members = [
        Member(
            pk=row.pk,
            version=row.version,
            name=row.name,
            relation=row.relation_text or row.get_relation_display(),
            is_head=row.relation == Relation.HEAD,
            gender=row.get_gender_display() if row.gender else "",
            age=age_on(row.birth_on, today),
            id_no=mask_id(row.id_no),
            phone=mask_phone(row.phone),
            remark=row.remark,
        )
        for row in rows
    ]
    return sorted(members, key=lambda member: not member.is_head)


def callable_member(household: Household, asked: str = "") -> Resident | None:
    """Whom a call goes to: the member asked for, else the head, else anybody with a phone."""
    rows = [row for row in household.residents.filter(left_on__isnull=True) if row.phone]
    if asked:
        return next((row for row in rows if str(row.pk) == asked), None)
    return next((row for row in rows if row.relation == Relation.HEAD), rows[0] if rows else None)


def age_on(born_on: datetime.date | None, day: datetime.date) -> int | None:
    """Completed years; None when the birth date is not known."""
    if born_on is None:
        return None
    return day.year - born_on.year - ((day.month, day.day) < (born_on.month, born_on.day))
