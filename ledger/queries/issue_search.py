"""Finding an issue: by its number, its words, who raised it, its household; and by who handles it.

Names, initials and codes are found by their beginning, title and text by any part. The conditions are asked inside a
scope that is chosen first; docs/decisions says what that costs on which database.
"""

import re

from django.db.models import Q

from ledger.models import Cadre, Household, Township
from ledger.models.scope import NOTHING
from ledger.rules.cleaning import is_storable
from ledger.rules.pinyin import search_key

LONGEST = 60
_PRINTED = re.compile(r"(?P<short>.*?)\W?(?P<year>20\d\d)\W(?P<serial>\d{1,6})\D?")


def search_q(text: str) -> Q:
    """Issues that a typed text may mean: number (stored, printed or earlier), title, text, who raised it, household."""
    typed = text.strip()[:LONGEST]
    if not typed:
        return Q()
    if not is_storable(typed):
        return NOTHING
    printed = _PRINTED.fullmatch(typed.replace(" ", ""))
    if printed:
        named = Q(year=int(printed["year"]), serial=int(printed["serial"]))
        short = printed["short"].rstrip("-")
        if short:
            named &= Q(township__in=Township.objects.filter(short_name=short).values("pk"))
        return named | Q(earlier_number=typed)
    condition = (
        Q(number__icontains=typed)
        | Q(earlier_number__icontains=typed)
        | Q(title__icontains=typed)
        | Q(text__icontains=typed)
        | Q(raised_by_name__startswith=typed)
        | Q(household__in=_households(typed))
    )
    if typed.isascii() and typed.isdigit() and len(typed) <= 6:
        condition |= Q(serial=int(typed))
    return condition


def handler_q(text: str) -> Q:
    """Issues whose handler's name or initials begin so; a letter or two of pinyin are enough."""
    typed = text.strip()[:LONGEST]
    if not typed or not is_storable(typed):
        return NOTHING if typed else Q()
    key = search_key(typed)
    people = Q(name__startswith=typed)
    if key and key.isascii():
        people |= _initials(key)
    return Q(handler__in=Cadre.objects.filter(people).values("pk"))


def _households(typed: str) -> object:
    """A question of its own, answered once by its indexes, instead of a look at the household of every issue."""
    heads = Q(head_name__startswith=typed)
    key = search_key(typed)
    if key and key.isascii():
        heads |= _initials(key)
    return Household.objects.filter(heads).values("pk")


def _initials(key: str) -> Q:
    return Q(initials__startswith=key) | Q(initials__contains=f" {key}")
