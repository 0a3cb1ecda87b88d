"""The same ID number in two townships of a county: for the county's administrator alone (design.md 10)."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, QuerySet

from ledger.models import Resident
from ledger.models.number_indexes import index_keys
from ledger.rules.households import HouseholdStatus
from ledger.rules.masking import mask_id
from ledger.rules.permissions import Permission

_GONE = (HouseholdStatus.MERGED, HouseholdStatus.MOVED, HouseholdStatus.CLOSED)


@dataclass
class Match:
    """One ID number, masked, and the members who have it, each in another township."""

    number: str
    people: list[Resident] = field(default_factory=list)


def matched_numbers(user: Any) -> QuerySet[Resident, str]:
    """Indexes of the ID numbers that current members of two townships or more have; those who left do not count."""
    column = index_keys().id_column
    counted = _current(user).order_by(column).values(column).annotate(places=Count("township", distinct=True))
    found: QuerySet[Resident, str] = counted.filter(places__gt=1).values_list(column, flat=True)
    return found


def matches(user: Any, numbers: Iterable[str]) -> list[Match]:
    """The members behind some of these indexes; one query."""
    listed, column = list(numbers), index_keys().id_column
    found: dict[str, Match] = {}
    people = _current(user).filter(**{f"{column}__in": listed})
    for person in people.select_related("household__village", "household__group", "township").order_by(
        "township", "pk"
    ):
        number = getattr(person, column)
        found.setdefault(number, Match(mask_id(person.id_no))).people.append(person)
    return [found[number] for number in listed if number in found]


def _current(user: Any) -> QuerySet[Resident]:
    """Whom a county's administrator compares: current members of households that are there."""
    mine: QuerySet[Resident] = Resident.objects.visible_to(user, Permission.MANAGE_DIVISIONS)
    return mine.filter(left_on=None).exclude(**{index_keys().id_column: ""}).exclude(household__status__in=_GONE)
