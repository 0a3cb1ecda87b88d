"""How the clock of an issue is worded."""

import datetime

from django import template
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ledger.models import Extension
from ledger.queries.issue_clock import IssueClock
from ledger.rules import issue_clock

register = template.Library()


def _day(day: datetime.date, today: datetime.date) -> str:
    return date_format(day, "MONTH_DAY_FORMAT" if day.year == today.year else "DATE_FORMAT")


@register.filter
def working_day_words(days: int) -> str:
    """``3 working days``."""
    return ngettext("%(n)s working day", "%(n)s working days", days) % {"n": days}


@register.filter
def clock_sentence(clock: IssueClock, today: datetime.date) -> str:
    """``12 working days, 3 paused, due 14 March``."""
    assert clock.counted is not None, "ask counted first"
    values = {"given": working_day_words(clock.counted.given), "day": _day(clock.counted.due, today)}
    if clock.stands_since is not None:
        return _("%(given)s, %(paused)s paused so far") % {**values, "paused": clock.paused}
    if clock.counted.paused:
        return _("%(given)s, %(paused)s paused, due %(day)s") % {**values, "paused": clock.counted.paused}
    if not clock.counted.given:
        return _("due %(day)s") % values
    return _("%(given)s, due %(day)s") % values


@register.filter
def clock_standing(clock: IssueClock, today: datetime.date) -> str:
    """How that stands today: left, overdue, standing still; in time or late once it is resolved."""
    if clock.stands_since is not None:
        values = {"since": _day(clock.stands_since, today), "planned": _day(clock.planned or clock.stands_since, today)}
        return _("The clock has stood still since %(since)s; planned for %(planned)s.") % values
    if clock.late is not None:
        values = {"working": working_day_words(clock.late.working), "days": _days(clock.late.days)}
        if clock.resolved_on is not None:
            return _("Resolved late: %(working)s, %(days)s past the date.") % values
        return _("Overdue: %(working)s, %(days)s past the date.") % values
    if clock.resolved_on is not None:
        return _("Resolved in time, on %(day)s.") % {"day": _day(clock.resolved_on, today)}
    if clock.left is None:
        return ""
    return _("Due today.") if not clock.left else _("%(left)s left.") % {"left": working_day_words(clock.left)}


def _days(days: int) -> str:
    return ngettext("%(n)s day", "%(n)s days", days) % {"n": days}


@register.filter
def run_words(run: issue_clock.DaysOff, today: datetime.date) -> str:
    """``1 October – 7 October · 7 days``."""
    if run.count == 1:
        return _day(run.first, today)
    return f"{_day(run.first, today)} – {_day(run.last, today)} · {_days(run.count)}"


@register.filter
def extension_words(extension: Extension, today: datetime.date) -> str:
    """From which date to which, and who said so when."""
    values = {
        "old": _day(extension.due_on, today), "wanted": _day(extension.wanted_on, today),
        "asker": extension.requested_by.name, "who": extension.decided_by.name if extension.decided_by else "",
        "at": date_format(extension.decided_at, "MONTH_DAY_FORMAT") if extension.decided_at else "",
        "new": _day(extension.granted_on, today) if extension.granted_on else "",
    }  # fmt: skip
    if extension.decided_at is None:
        return _("%(old)s → %(wanted)s, asked for by %(asker)s, not decided yet") % values
    if extension.is_granted:
        return _("%(old)s → %(new)s, asked for by %(asker)s, granted by %(who)s on %(at)s") % values
    if extension.decided_by is None:
        return _("%(old)s → %(wanted)s, asked for by %(asker)s; the matter moved on first") % values
    return _("%(old)s → %(wanted)s, asked for by %(asker)s, refused by %(who)s on %(at)s") % values


@register.filter
def guess_words(years: tuple[int, ...]) -> str:
    """That some years were counted Monday to Friday."""
    return issue_clock.guess_words(years)
