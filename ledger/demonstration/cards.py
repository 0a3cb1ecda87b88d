"""联系服务卡 that the demonstration's own village was given some weeks ago; a few have changed since, some lack one."""

import datetime

from ledger.demonstration.places import DEMONSTRATION_VILLAGE, Town
from ledger.models import ContactCard, Household, PrintKind, PrintRun, Township
from ledger.queries.contact_cards import cards, in_order
from ledger.rules.households import COUNTED_STATUSES

OWN_PHONES = {"青山": ("派出所", "卫生院", "便民服务中心"), "河塘": ("派出所", "卫生院")}
ISSUED_DAYS_AGO = 75
EVERY_CHANGED, EVERY_NEW = 9, 7


def word_phones(towns: list[Town]) -> None:
    """The townships' own numbers on the back of the cards."""
    for town in towns:
        stem = town.township.duty_phone[:-3]
        names = OWN_PHONES.get(town.township.short_name, ())
        lines = "\n".join(f"{name} {stem}{121 + number}" for number, name in enumerate(names))
        Township.objects.filter(pk=town.township.pk).update(card_phones=lines)


def print_cards(town: Town, now: datetime.datetime) -> None:
    """Most households hold a card; of every ninth the cadre's phone was another then."""
    village = next(place.village for place in town.places if place.name == DEMONSTRATION_VILLAGE)
    there = Household.objects.filter(village=village, status__in=COUNTED_STATUSES)
    maker = next(place.village_cadre for place in town.places if place.village == village and place.village_cadre)
    run = PrintRun.objects.create(kind=PrintKind.CARD, made_by=maker.user)
    issued = (now - datetime.timedelta(days=ISSUED_DAYS_AGO)).date()
    rows = []
    for number, card in enumerate(cards(in_order(there), issued), start=1):
        if number % EVERY_NEW == 0:
            continue
        parts = card.fingerprint.split("-")
        parts[1] = "0" * len(parts[1]) if number % EVERY_CHANGED == 0 else parts[1]
        rows.append(
            ContactCard(
                household=card.household, head_name=card.household.head_name, fingerprint="-".join(parts),
                issued_on=issued, run=run,
            )
        )  # fmt: skip
    ContactCard.objects.bulk_create(rows)
    PrintRun.objects.filter(pk=run.pk).update(total=len(rows), made_at=now - datetime.timedelta(days=ISSUED_DAYS_AGO))
