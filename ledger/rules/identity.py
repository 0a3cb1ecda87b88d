"""Resident ID numbers by GB 11643-1999: six digits of area, eight of birth, three of order, one check digit."""

import re
from collections.abc import Callable
from datetime import date
from operator import mul

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from ledger.rules.cleaning import clean_number
from ledger.rules.households import Gender

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK_DIGITS = "10X98765432"
_SHAPE = re.compile(r"[0-9]{17}[0-9X]")
_FIRST_GENERATION = re.compile(r"[0-9]{15}")
_SCIENTIFIC = re.compile(r"[0-9](\.[0-9]+)?E\+?1[4-9]")
OLDEST_AGE = 130
"""Years; an earlier birth date is a slip of the pen."""


class IdFault(TextChoices):
    """Why a number is no valid resident ID number; the codes of the import report."""

    LENGTH = "id_length", _("An ID number has 18 characters.")
    OLD_15 = "id_old_15", _("This is a 15-digit ID number of the first generation, no longer valid.")
    CHARSET = "id_charset", _("An ID number has 17 digits and then a digit or X.")
    BIRTH_DATE = "id_birthdate", _("The birth date in the ID number does not exist or lies in the future.")
    CHECK_DIGIT = "id_check_digit", _("The last character of the ID number does not fit: one digit is mistyped.")
    PRECISION_LOST = "id_precision_lost", _("The spreadsheet kept this ID number as a rounded number: digits are lost.")


def normalise_id(text: str) -> str:
    """The number as it would be printed: half-width, without spaces, X in capitals. Says nothing of its validity."""
    return clean_number(text).upper()


def id_fault(number: str, today: date) -> IdFault | None:
    """What is wrong with a normalised number; None when it is valid. The first fault of this order counts."""
    if not _SHAPE.fullmatch(number):
        return _shape_fault(number)
    born_on = _date(number[6:14])
    if not _is_possible(born_on, today):
        return IdFault.BIRTH_DATE
    if check_digit(number[:17]) != number[17]:
        return IdFault.CHECK_DIGIT
    return None


def fault_finder(today: date) -> Callable[[str], IdFault | None]:
    """``id_fault`` for many numbers on one day: the areas, birth dates and orders of a county repeat."""
    areas, births, orders = _Weighed(0, 6), _Births(today), _Weighed(14, 17)

    def fault(number: str) -> IdFault | None:
        if not _SHAPE.fullmatch(number):
            return _shape_fault(number)
        born = births[number[6:14]]
        if born is None:
            return IdFault.BIRTH_DATE
        rest = (areas[number[:6]] + born + orders[number[14:17]]) % 11
        return None if _CHECK_DIGITS[rest] == number[17] else IdFault.CHECK_DIGIT

    return fault


class _Weighed(dict[str, int]):
    """What some of the digits add to the sum that the check digit is made of."""

    def __init__(self, first: int, last: int) -> None:
        super().__init__()
        self.weights = _WEIGHTS[first:last]
        self.zeros = ord("0") * sum(self.weights)  # what the sum of the characters' codes has more than the digits'

    def __missing__(self, digits: str) -> int:
        made = self[digits] = sum(map(mul, digits.encode(), self.weights)) - self.zeros
        return made


class _Births(dict[str, int | None]):
    """The same of birth dates; None for one that is impossible."""

    def __init__(self, today: date) -> None:
        super().__init__()
        self.today, self.weighed = today, _Weighed(6, 14)

    def __missing__(self, digits: str) -> int | None:
        try:
            is_possible = _is_possible(date.fromisoformat(digits), self.today)
        except ValueError:
            is_possible = False
        made = self[digits] = self.weighed[digits] if is_possible else None
        return made


def _shape_fault(number: str) -> IdFault:
    if _FIRST_GENERATION.fullmatch(number):
        return IdFault.OLD_15
    if _SCIENTIFIC.fullmatch(number):
        return IdFault.PRECISION_LOST
    return IdFault.LENGTH if len(number) != 18 else IdFault.CHARSET


def _is_possible(born_on: date | None, today: date) -> bool:
    return born_on is not None and born_on <= today and born_on.year >= today.year - OLDEST_AGE


def _date(digits: str) -> date | None:
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return None


def check_digit(body: str) -> str:
    """The 18th character for the first 17 digits (ISO 7064 MOD 11-2)."""
    if len(body) != len(_WEIGHTS):
        raise ValueError("17 digits have a check digit.")
    return _CHECK_DIGITS[sum(map(mul, map(int, body), _WEIGHTS)) % 11]


def birth_date(number: str) -> date:
    """The birth date in a valid number; ValueError for one that has none."""
    born_on = _date(number[6:14])
    if born_on is None:
        raise ValueError("This number holds no birth date.")
    return born_on


def gender(number: str) -> Gender:
    """An odd order is a man's, an even one a woman's."""
    return Gender.MALE if int(number[16]) % 2 else Gender.FEMALE


def make_id_number(area: str, birth: date, order: int) -> str:
    """A number with a valid check digit for invented people; ``area`` is six digits, ``order`` 0 to 999."""
    if not re.fullmatch(r"[0-9]{6}", area) or not 0 <= order <= 999:
        raise ValueError("An area has six digits, an order is 0 to 999.")
    body = f"{area}{birth:%Y%m%d}{order:03}"
    return body + check_digit(body)
