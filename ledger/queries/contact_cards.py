"""联系服务卡: what the card of a household says now, and which cards say something else than what was printed."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import BooleanField, Case, Count, F, Q, QuerySet, Value, When

from ledger.models import Cadre, Household, Township, Village
from ledger.models.scope import scope_of, scope_q
from ledger.queries.village_people import Person, VillagePeople, people_of, person_of
from ledger.rules.contact_cards import changed_parts, fingerprint, phone_lines
from ledger.rules.households import COUNTED_STATUSES
from ledger.rules.permissions import Permission

PRINTERS = (Permission.CALL_OWN, Permission.DESK, Permission.ASSIGN_HOUSEHOLDS)
"""Whose cards somebody prints: the own households', those of one's desk, those of who gives households to cadres."""
HEAD_CHANGED = "head"


@dataclass(frozen=True)
class Card:
    """One card, all it says; never the household's type."""

    household: Household
    cadre: Person
    village_cadres: list[Person]
    secretary: Person | None
    duty_phone: str
    phones: list[tuple[str, str]]
    supervision_phone: str
    base: str
    """The beginning of the address in the QR code; empty for none."""

    @property
    def fingerprint(self) -> str:
        """Of everything but the head's name, which is compared as it stands."""
        return _fingerprint(self.cadre, self.village_cadres, self.secretary, self)


@dataclass
class Standing:
    """How the cards of a village stand."""

    village: Village
    never: int = 0
    changed: int = 0
    current: int = 0
    ownerless: int = 0
    """Households without a cadre: there is nobody to put on a card."""

    @property
    def waiting(self) -> int:
        """What is to be printed."""
        return self.never + self.changed

    @property
    def total(self) -> int:
        return self.never + self.changed + self.current


@dataclass
class _Place:
    """What all cards of a village share."""

    people: VillagePeople
    duty_phone: str
    supervision_phone: str
    base: str
    phones: list[tuple[str, str]] = field(default_factory=list)


def card_households(user: Any) -> QuerySet[Household]:
    """The households whose card somebody may print, living here or away."""
    scope, mine = scope_of(user), Q(pk__in=())
    for permission in PRINTERS:
        mine |= scope_q(Household, scope, permission)
    return Household.objects.filter(mine, status__in=COUNTED_STATUSES)


def in_order(households: QuerySet[Household]) -> QuerySet[Household]:
    """As they are handed out, group by group along the road; who has nobody to put on a card is left out."""
    return households.filter(cadre__isnull=False).order_by(
        "village__sort_order", "village_id", "group__number", "group__name", "house_order", "code", "pk"
    )


def cards(households: QuerySet[Household], day: datetime.date) -> list[Card]:
    """The cards of these households (each with a cadre, see ``in_order``) as they would be printed now."""
    rows = list(households.select_related("village__township__county", "group", "cadre__organisation", "contact_card"))
    places = _places({row.village_id: row.village for row in rows}, day)
    return [_card(row, places[row.village_id]) for row in rows]


def changed_of(card: Card) -> list[Any]:
    """The words of what differs from the card that was printed; empty for one that was never printed, or is current."""
    printed = getattr(card.household, "contact_card", None)
    if printed is None:
        return []
    head = [HEAD_CHANGED] if printed.head_name != card.household.head_name else []
    return head + changed_parts(printed.fingerprint, card.fingerprint)


def is_waiting(card: Card) -> bool:
    """Whether the household should get a card: it has none, or one that says something else."""
    return getattr(card.household, "contact_card", None) is None or bool(changed_of(card))


def waiting_cards(households: QuerySet[Household], day: datetime.date) -> list[Card]:
    """The cards to print among these households: never printed, or changed since."""
    return [card for card in cards(households, day) if is_waiting(card)]


def standings(households: QuerySet[Household], day: datetime.date) -> list[Standing]:
    """Village by village, counted by the database: one row a village, cadre and printed fingerprint."""
    same = Case(
        When(contact_card__head_name=F("head_name"), then=Value(True)), default=Value(False),
        output_field=BooleanField(),
    )  # fmt: skip
    grouped = list(
        households.order_by().values("village_id", "cadre_id", "contact_card__fingerprint")
        .annotate(same=same, n=Count("pk"))
        .values_list("village_id", "cadre_id", "contact_card__fingerprint", "same", "n")
    )  # fmt: skip
    villages = Village.objects.select_related("township__county").in_bulk({row[0] for row in grouped})
    places = _places(villages, day)
    persons = _persons({row[1] for row in grouped if row[1] is not None})
    found = {pk: Standing(village) for pk, village in villages.items()}
    for village, cadre, printed, is_same, count in grouped:
        _count(found[village], places[village], persons.get(cadre), printed, is_same, count)
    return sorted(found.values(), key=lambda each: (each.village.township.sort_order, each.village.sort_order))


def _count(at: Standing, place: _Place, cadre: Person | None, printed: str | None, is_same: bool, count: int) -> None:
    if cadre is None:
        at.ownerless += count
    elif printed is None:
        at.never += count
    elif is_same and printed == _fingerprint(cadre, place.people.cadres, place.people.secretary, place):
        at.current += count
    else:
        at.changed += count


def _persons(cadres: Iterable[int]) -> dict[int, Person]:
    rows = Cadre.objects.filter(pk__in=cadres).select_related("organisation")
    return {cadre.pk: person for cadre in rows if (person := person_of(cadre)) is not None}


def _places(villages: dict[int, Village], day: datetime.date) -> dict[int, _Place]:
    people, phones = people_of(villages, day), dict[int, list[tuple[str, str]]]()
    found = {}
    for pk, village in villages.items():
        town = village.township
        if town.pk not in phones:
            phones[town.pk] = service_phones(town)
        found[pk] = _Place(
            people[pk], town.duty_phone, town.supervision_phone, town.county.card_address, phones[town.pk]
        )
    return found


def service_phones(township: Township) -> list[tuple[str, str]]:
    """The township's own, then those of the county's list; ``township.county`` is read."""
    return phone_lines(township.card_phones) + phone_lines(township.county.card_phones)


def _card(household: Household, place: _Place) -> Card:
    cadre = person_of(household.cadre)
    assert cadre is not None
    return Card(
        household, cadre, place.people.cadres, place.people.secretary, place.duty_phone, place.phones,
        place.supervision_phone, place.base,
    )  # fmt: skip


def _fingerprint(cadre: Person, village_cadres: list[Person], secretary: Person | None, place: Any) -> str:
    return fingerprint({
        "cadre": (cadre.name, cadre.unit, cadre.title), "phone": (cadre.phone,),
        "village": [f"{person.name}{person.phone}" for person in village_cadres],
        "secretary": (secretary.name, secretary.phone) if secretary is not None else (),
        "phones": (place.duty_phone, place.supervision_phone, *(f"{name} {number}" for name, number in place.phones)),
        "code": (place.base,),
    })  # fmt: skip
