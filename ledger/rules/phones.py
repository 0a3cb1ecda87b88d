"""Telephone numbers of mainland China: mobiles, and land lines with their area code."""

import re

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from ledger.rules.cleaning import clean_number

_COUNTRY = re.compile(r"(?:\(?(?:\+|00)86\)?|\(86\)|86(?=-?1[3-9]))-?")
_MOBILE = re.compile(r"1[3-9][0-9]{9}")
# 010 and 02x are the three-digit area codes, all others have four digits.
_LANDLINE = re.compile(r"(010|02[0-9]|0[3-9][0-9]{2})([2-9][0-9]{6,7})(?:(?:转|-|EXT\.?|#)([0-9]{1,6}))?")
_HYPHENS = str.maketrans(dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-"))


class PhoneFault(TextChoices):
    """Why a text is no telephone number; the code of the import report."""

    INVALID = "phone_invalid", _("Not a mobile number of 11 digits, nor a land line with its area code.")


def normalise_phone(text: str) -> str:
    """``13800001234`` or ``0510-85551234`` (``-801`` for an extension); what is neither comes back cleaned only."""
    cleaned = clean_number(text).translate(_HYPHENS).upper()
    if _MOBILE.fullmatch(cleaned):
        return cleaned
    number = _COUNTRY.sub("", cleaned.removesuffix(".0"), count=1) if cleaned[:1] in "+08(" else cleaned
    number = number.removesuffix(".0")
    joined = number.replace("-", "")
    if _MOBILE.fullmatch(joined):
        return joined
    return _landline(number, has_country=number != cleaned) or cleaned


def _landline(number: str, *, has_country: bool) -> str:
    """The usual spelling of a land line; empty when it is none."""
    area, _sep, rest = number.replace("(", "").replace(")", "-").partition("-")
    digits = area + rest if rest else area
    if has_country and not digits.startswith("0"):
        digits = f"0{digits}"
    match = _LANDLINE.fullmatch(digits)
    if not match:
        return ""
    return "-".join(part for part in match.groups() if part)


def phone_fault(number: str) -> PhoneFault | None:
    """What is wrong with a normalised number; None when somebody can dial it."""
    return None if is_mobile(number) or _is_landline(number) else PhoneFault.INVALID


def is_mobile(number: str) -> bool:
    """Whether a normalised number is a mobile: the kind one may sign in with."""
    return _MOBILE.fullmatch(number) is not None


def _is_landline(number: str) -> bool:
    area, _sep, rest = number.partition("-")
    return bool(rest) and _LANDLINE.fullmatch(area + rest) is not None
