"""户的变动: what happened to a household, and whether a wrong entry can still be reversed."""

import datetime
from collections.abc import Callable
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from ledger.models import Assignment, Exclusion, Household, HouseholdEvent, Resident, StatusPeriod
from ledger.rules.days import local_day, local_today
from ledger.rules.household_events import UNDO_DAYS, EventKind

SHOWN = 10


def events_of(household: Household) -> list[tuple[HouseholdEvent, bool]]:
    """The latest events, those of other households that concern it too, each with whether it is the one that can be
    reversed: the last one that holds. One query, with a few more when there is one."""
    rows = HouseholdEvent.objects.filter(Q(household=household) | Q(other=household))
    found = list(rows.select_related("household", "other", "village", "by").order_by("-at", "-pk")[:SHOWN])
    last = next((event for event in found if event.reversed_at is None), None)
    own = last is not None and last.household_id == household.pk
    return [(event, own and event is last and not standing_in_the_way(event)) for event in found]


def standing_in_the_way(event: HouseholdEvent) -> str:
    """Why the event can't be reversed (any more); empty when it can."""
    if event.reversed_at is not None:
        return _("It has been reversed already.")
    if local_today() - local_day(event.at) > datetime.timedelta(days=UNDO_DAYS):
        return _("It was entered more than %(days)d days ago: enter what is right from today on.") % {"days": UNDO_DAYS}
    concerned = [pk for pk in (event.household_id, event.other_id) if pk is not None]
    later = HouseholdEvent.objects.filter(Q(household__in=concerned) | Q(other__in=concerned), reversed_at__isnull=True)
    if later.filter(Q(at__gt=event.at) | Q(at=event.at, pk__gt=event.pk)).exists():
        return _("Something else has happened to the household since: reverse that first.")
    return IN_THE_WAY[event.kind](event)


def _status(event: HouseholdEvent) -> str:
    if not StatusPeriod.objects.filter(pk=event.kept["period"], end_on__isnull=True).exists():
        return _("The status has changed since.")
    return _term(event)


def _split(event: HouseholdEvent) -> str:
    made = event.other
    if made is None:
        return _("The household that was split off is gone.")
    others = made.issues.exclude(pk__in=event.kept["issues"])
    if made.visits.exists() or others.exists() or made.corrections.exists():
        return _("The household that was split off has visits or matters of its own by now.")
    return _members(event, made)


def _merge(event: HouseholdEvent) -> str:
    if event.other is None:
        return _("The other household is gone.")
    return _members(event, event.other) or _status(event)


def _move(event: HouseholdEvent) -> str:
    household = event.household
    since = event.at
    if household.visits.filter(recorded_at__gte=since).exists() or household.issues.filter(
        registered_at__gte=since
    ).exists():  # fmt: skip
        return _("The household has been visited or has raised matters in its new place.")
    kept = event.kept
    if Household.objects.filter(village=kept["village"], code=kept["code"]).exclude(pk=household.pk).exists():
        return _("Its earlier code has been given to another household.")
    return _term(event)


def _term(event: HouseholdEvent) -> str:
    """Whoever was given the household since then keeps it."""
    now = Assignment.objects.open().filter(household=event.household).values_list("pk", flat=True).first()
    changed = "term" in event.kept or "term_before" in event.kept
    return _("Somebody else looks after the household by now.") if changed and now != event.kept.get("term") else ""


def _members(event: HouseholdEvent, now_in: Household) -> str:
    ids = [int(pk) for pk in event.kept["members"]]
    there = Resident.objects.filter(pk__in=ids, household=now_in, left_on__isnull=True).count()
    return "" if there == len(ids) else _("Not all of the members are there any more.")


IN_THE_WAY: dict[str, Callable[[HouseholdEvent], str]] = {
    EventKind.STATUS: _status, EventKind.SPLIT: _split, EventKind.MERGE: _merge, EventKind.MOVE: _move,
}  # fmt: skip


def exclusions(user: Any) -> QuerySet[Exclusion]:
    """Households left out of coverage today, with the reason and who approved it."""
    rows: QuerySet[Exclusion] = Exclusion.objects.visible_to(user).filter(
        Q(end_on__isnull=True) | Q(end_on__gt=local_today())
    )
    names = ("household__village__township", "household__group", "approved_by__cadre")
    return rows.select_related(*names).order_by(
        "household__village__sort_order", "household__village", "start_on", "pk"
    )
