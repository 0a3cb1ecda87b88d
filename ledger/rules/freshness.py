"""How long ago a household was last met, in the bands of design.md 6."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Band(TextChoices):
    """Days since the last contact; listed worst first, as every list shows them."""

    NEVER = "never", _("Never visited")
    OVER_90 = "over_90", _("More than 90 days ago")
    TO_90 = "to_90", _("61 to 90 days ago")
    TO_60 = "to_60", _("31 to 60 days ago")
    TO_30 = "to_30", _("In the last 30 days")


_UPPER_LIMITS = ((Band.TO_30, 30), (Band.TO_60, 60), (Band.TO_90, 90))
"""The most days ago that still belong to the band, freshest first."""


@dataclass(frozen=True)
class Limits:
    """The days of last contact that make a band, both included; None is open. ``never`` means no day at all."""

    earliest: date | None
    latest: date | None
    never: bool = False


def band_of(last_met_on: date | None, today: date) -> Band:
    """The band of a household last met on that day. A day ahead of today counts as today."""
    if last_met_on is None:
        return Band.NEVER
    days = (today - last_met_on).days
    return next((band for band, most in _UPPER_LIMITS if days <= most), Band.OVER_90)


def band_limits(today: date) -> dict[Band, Limits]:
    """The same bands as day limits for a database filter, worst first."""
    limits = {Band.NEVER: Limits(None, None, never=True)}
    latest: date | None = None
    for band, most in _UPPER_LIMITS:
        earliest = today - timedelta(days=most)
        limits[band] = Limits(earliest, latest)
        latest = earliest - timedelta(days=1)
    limits[Band.OVER_90] = Limits(None, latest)
    return {band: limits[band] for band in Band}
