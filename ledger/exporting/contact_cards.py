"""Printing 联系服务卡 and 工作牌: it is noted what was printed, so that only changes are printed again."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from ledger.actions.audit import record
from ledger.exporting.exports import home_of
from ledger.models import Badge, Cadre, ContactCard, Household, PrintKind, PrintRun
from ledger.queries.badges import badge_of
from ledger.queries.contact_cards import Card, cards, in_order, waiting_cards
from ledger.rules.days import local_today

MOST_CARDS = 800
"""Of one printing: a hundred sheets."""


class NothingChanged(Exception):
    """All these cards are printed as they stand."""


def print_changed_cards(*, by: Any, households: QuerySet[Household]) -> PrintRun:
    """The cards among these households that were never printed or have changed since, as one printing.

    For the page of cards, and after a hand-over with the households that changed hands. Opens at
    ``contact_card_sheet``. Raises NothingChanged; beyond ``MOST_CARDS`` the rest waits for the next printing.
    """
    return _print(by=by, found=waiting_cards(in_order(households), local_today()))


def print_cards(*, by: Any, households: QuerySet[Household]) -> PrintRun:
    """All these cards, changed or not. Raises NothingChanged where none of them has a cadre."""
    return _print(by=by, found=cards(in_order(households)[:MOST_CARDS], local_today()))


@transaction.atomic
def _print(*, by: Any, found: Sequence[Card]) -> PrintRun:
    found = found[:MOST_CARDS]
    if not found:
        raise NothingChanged
    run: PrintRun = PrintRun.objects.create(kind=PrintKind.CARD, total=len(found), made_by=by)
    day = local_today()
    ContactCard.objects.bulk_create(
        [
            ContactCard(
                household=card.household, head_name=card.household.head_name, fingerprint=card.fingerprint,
                issued_on=day, run=run,
            )
            for card in found
        ],
        update_conflicts=True, unique_fields=["household"],
        update_fields=["head_name", "fingerprint", "issued_on", "run"], batch_size=500,
    )  # fmt: skip
    villages = {card.household.village_id: card.household.village for card in found}
    place = next(iter(villages.values())) if len(villages) == 1 else None
    home = {} if place is not None else home_of(by)
    detail = {"households": len(found), "villages": sorted(village.name for village in villages.values())[:20]}
    record(verb="contact_card.printed", by=by, obj=place, detail=detail, **home)
    return run


@transaction.atomic
def print_badges(*, by: Any, cadres: QuerySet[Cadre]) -> PrintRun:
    """工作牌 of these cadres, as one printing. Raises NothingChanged where there are none."""
    people = list(cadres.select_related("organisation", "township", "county").order_by("sort_order", "pk")[:MOST_CARDS])
    if not people:
        raise NothingChanged
    run: PrintRun = PrintRun.objects.create(kind=PrintKind.BADGE, total=len(people), made_by=by)
    Badge.objects.bulk_create(
        [
            Badge(cadre=cadre, fingerprint=badge_of(cadre).fingerprint, issued_on=local_today(), run=run)
            for cadre in people
        ],
        update_conflicts=True, unique_fields=["cadre"], update_fields=["fingerprint", "issued_on", "run"],
        batch_size=500,
    )  # fmt: skip
    record(verb="badge.printed", by=by, detail={"cadres": len(people)}, **home_of(by))
    return run
