"""Finding a household: by the name of the head or of a member, pinyin, code, address; by a full number exactly.

A full ID number or phone is found through its blind index only, so that no part of a number can be fished for.
"""

from django.db.models import Q

from ledger.models import Resident
from ledger.models.fields import ID_LABEL, PHONE_LABEL
from ledger.models.number_indexes import residents_with, tokens
from ledger.rules.cleaning import is_storable
from ledger.rules.days import local_today
from ledger.rules.identity import id_fault, normalise_id
from ledger.rules.phones import normalise_phone, phone_fault
from ledger.rules.pinyin import pinyin_prefixes, search_key

NOTHING = Q(pk__in=())
LONGEST = 60
_BETWEEN = "-"


def number_token(text: str) -> str:
    """What stands for a full ID number or phone in an address: its blind index. Empty for any other text.

    While the keys are rotated there is one for each key, so that it is found at every moment.
    """
    number = normalise_id(text)
    if id_fault(number, local_today()) is None:
        return _BETWEEN.join(sorted(tokens(ID_LABEL, number)))
    phone = normalise_phone(text)
    return _BETWEEN.join(sorted(tokens(PHONE_LABEL, phone))) if phone_fault(phone) is None else ""


def search_terms(text: str) -> dict[str, str]:
    """What an address says of a search: the token of a full number, any other text as it is, nothing for nothing."""
    token = number_token(text)
    if token:
        return {"number": token}
    return {"q": text.strip()} if text.strip() else {}


def token_q(token: str) -> Q:
    """Households with a current member who has the number behind the token."""
    if not token:
        return NOTHING
    current = Resident.objects.filter(residents_with(frozenset(token.split(_BETWEEN)) - {""}), left_on__isnull=True)
    return Q(pk__in=current.values("household_id"))


def search_q(text: str) -> Q:
    """Households that a typed text may mean; to be narrowed to a scope before it is asked.

    Names, codes and initials by their beginning; the address by any part, since people remember the lane.
    """
    typed = text.strip()[:LONGEST]
    if not typed:
        return Q()
    if not is_storable(typed):
        return NOTHING
    token = number_token(typed)
    if token:
        return token_q(token)
    key = search_key(typed)
    condition = Q(code__startswith=typed) | Q(code__startswith=typed.upper()) | Q(address__icontains=typed)
    if not key:  # nothing but marks, which begin no name
        return condition
    condition |= Q(head_name__startswith=key)
    members = Q(name__startswith=key)
    if key.isascii():
        condition |= _letters(key)
        members |= _letters(key)
    current = Resident.objects.filter(members, left_on__isnull=True)
    return condition | Q(pk__in=current.values("household_id"))


def _letters(key: str) -> Q:
    """Pinyin initials, each reading of them, or the beginning of the whole pinyin."""
    condition = Q(initials__startswith=key) | Q(initials__contains=f" {key}")
    for prefix in pinyin_prefixes(key):
        condition |= Q(pinyin__startswith=prefix)
    return condition
