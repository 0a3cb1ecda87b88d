"""Which local day it is: a day of the ledger is a day in China, whatever zone the server or a request uses."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone

SHANGHAI = ZoneInfo("Asia/Shanghai")


def local_today() -> date:
    """Today in China."""
    return local_day(timezone.now())


def local_day(moment: datetime) -> date:
    """The day in China on which an aware moment falls."""
    return moment.astimezone(SHANGHAI).date()


def day_start(day: date) -> datetime:
    """The first moment of a local day: ``created_at__gte=day_start(day)``, ``__lt=day_start(day + one)``."""
    return datetime.combine(day, time.min, tzinfo=SHANGHAI)


def month_limits(day: date) -> tuple[date, date]:
    """First and last day of the month of ``day``."""
    first = day.replace(day=1)
    return first, (first + timedelta(days=32)).replace(day=1) - timedelta(days=1)
