"""The county's own holidays and make-up days; what is due is counted with them from then on."""

import datetime
from typing import Any

from django.db import transaction

from ledger.actions.audit import record
from ledger.models import CalendarDay, County


@transaction.atomic
def set_day(*, by: Any, county: County, day: datetime.date, is_working: bool, note: str) -> CalendarDay:
    """Say whether offices work on a day, whatever the official calendar says; the latest word holds."""
    row, _made = CalendarDay.objects.update_or_create(
        county=county, day=day, defaults={"is_working": is_working, "note": note}
    )
    detail = {"day": day.isoformat(), "is_working": is_working}
    record(verb="calendar.set", by=by, obj=row, label=note or day.isoformat(), detail=detail)
    return row


@transaction.atomic
def clear_day(*, by: Any, day: CalendarDay) -> None:
    """Leave a day to the official calendar again."""
    detail = {"day": day.day.isoformat(), "is_working": day.is_working}
    if CalendarDay.objects.filter(pk=day.pk).delete()[0]:
        record(
            verb="calendar.cleared",
            by=by,
            label=day.note or day.day.isoformat(),
            county_id=day.county_id,
            detail=detail,
        )
