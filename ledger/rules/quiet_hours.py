"""Quiet hours: what arises in them is listed at once and rings from the morning on."""

import datetime
from dataclasses import dataclass

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from ledger.rules.days import SHANGHAI


class Quiet(TextChoices):
    """Whose quiet hours hold for a person."""

    COUNTY = "county", _("As in the whole county")
    OWN = "own", _("My own hours")
    NEVER = "never", _("None: ring at any hour")


@dataclass(frozen=True)
class QuietHours:
    """From one time of the day to another, over midnight when the first is later; the same twice is none."""

    start: datetime.time
    until: datetime.time

    def rings_at(self, now: datetime.datetime) -> datetime.datetime:
        """When a notice that arises now rings: at once, or at the end of the hours that ``now`` lies in."""
        local = now.astimezone(SHANGHAI)
        clock = local.time()
        if self.start <= self.until:
            quiet, days = self.start <= clock < self.until, 0
        else:
            quiet, days = clock >= self.start or clock < self.until, int(clock >= self.start)
        if not quiet:
            return now
        end: datetime.datetime = datetime.datetime.combine(
            local.date() + datetime.timedelta(days=days), self.until, tzinfo=SHANGHAI
        )
        return end


AT_ANY_HOUR = QuietHours(datetime.time.min, datetime.time.min)
