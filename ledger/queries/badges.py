"""工作牌: what the badge of a cadre says now, and whether it says something else than the one they wear."""

import hashlib
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from ledger.models import Cadre
from ledger.models.scope import scope_of
from ledger.rules.permissions import Permission

A_SHEET = 10
"""Badges on one A4: two across, five down."""


@dataclass(frozen=True)
class BadgeText:
    """What a badge says; ``unit_above`` is the county's or the township's name over it."""

    unit_above: str
    name: str
    unit: str
    title: str
    number: str
    supervision_phone: str

    @property
    def fingerprint(self) -> str:
        said = (self.unit_above, self.name, self.unit, self.title, self.number, self.supervision_phone)
        return hashlib.sha256("\x1f".join(said).encode()).hexdigest()[:16]


def badge_cadres(user: Any) -> QuerySet[Cadre]:
    """Whose badges somebody may print: those of the cadres one looks after, and one's own."""
    own = Q(pk=scope_of(user).cadre_id)
    managed = Cadre.objects.visible_to(user, Permission.MANAGE_CADRES).values("pk")
    return Cadre.objects.filter(own | Q(pk__in=managed), left_on__isnull=True)


def badge_of(cadre: Cadre) -> BadgeText:
    """``organisation``, ``township`` and ``county`` are read."""
    place = cadre.township or cadre.county
    unit = cadre.organisation.name if cadre.organisation is not None else ""
    phone = cadre.township.supervision_phone if cadre.township is not None else ""
    return BadgeText(str(place), cadre.name, unit, cadre.title, cadre.cadre_no, phone)


def standing_of(cadre: Cadre) -> str:
    """``never``, ``changed`` or ``current``; ``cadre.badge`` is read."""
    printed = getattr(cadre, "badge", None)
    if printed is None:
        return "never"
    return "current" if printed.fingerprint == badge_of(cadre).fingerprint else "changed"
