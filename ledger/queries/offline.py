"""What a cadre takes along: today's list and the briefs of the own households, every number masked.

Sensitive matters stay on the server. The same number of queries for 3 and for 300 households.
"""

import datetime
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.db.models import F, Window
from django.db.models.functions import RowNumber
from django.utils.formats import date_format

from ledger.models import Household, Issue, Resident, Visit
from ledger.models.scope import scope_of
from ledger.queries.benefits import benefits_received
from ledger.queries.campaigns import points_ahead
from ledger.queries.households import by_need, own_q, with_line
from ledger.queries.residents import age_on
from ledger.queries.today import promises
from ledger.rules.households import ORDINARY_TYPE, Relation
from ledger.rules.issues import UNFINISHED_STATES
from ledger.rules.masking import mask_id, mask_phone
from ledger.rules.offline import MOST_HOUSEHOLDS, VISITS_SHOWN

Plain = dict[str, Any]


def taken_along(user: Any, day: datetime.date) -> Plain:
    """``households`` by need, ``promises`` by day, ``issues`` that are open at the own households."""
    own = Household.objects.visible_to(user).filter(own_q(scope_of(user).cadre_id))
    homes = list(with_line(by_need(own))[:MOST_HOUSEHOLDS])
    ids = [home.pk for home in homes]
    members, visits, issues = _members(ids, day), _visits(user, ids), _issues(user, ids)
    points, benefits = _points(user, ids, day), _benefits(ids, day)
    promised = [visit for visit in promises(own, day) if visit.household_id in set(ids)]
    return {
        "households": [
            _home(home, members[home.pk], visits[home.pk], issues[home.pk])
            | {"points": points[home.pk], "benefits": benefits[home.pk]}
            for home in homes
        ],
        "promises": [
            {"household": visit.household_id, "text": visit.promise, "on": _day(visit.follow_up_on)}
            for visit in promised
        ],
    }


def _home(home: Household, members: list[Plain], visits: list[Plain], issues: list[Plain]) -> Plain:
    place = f"{home.village} {home.group}" if home.group else str(home.village)
    address = home.address if home.address.startswith(home.village.name) else f"{place} · {home.address}".rstrip(" ·")
    types = [str(kind) for kind in home.types.all() if kind.name != ORDINARY_TYPE]
    return {
        "id": home.pk, "name": home.head_name, "initials": home.initials, "code": home.code, "place": place,
        "address": address, "population": home.population, "met": _day(home.last_met_on),
        "types": types, "members": members, "visits": visits, "issues": issues,
    }  # fmt: skip


def _members(ids: list[int], day: datetime.date) -> dict[int, list[Plain]]:
    """The head first."""
    rows = Resident.objects.filter(household__in=ids, left_on__isnull=True)
    found = sorted(rows, key=lambda row: row.relation != Relation.HEAD)
    return _by_household(
        (
            row.household_id,
            {"name": row.name, "relation": row.relation_text or row.get_relation_display(),
             "age": age_on(row.birth_on, day), "phone": mask_phone(row.phone), "id_no": mask_id(row.id_no)},
        )
        for row in found
    )  # fmt: skip


def _visits(user: Any, ids: list[int]) -> dict[int, list[Plain]]:
    """The last three of each that still stand, by anybody."""
    latest = Window(RowNumber(), partition_by=[F("household_id")], order_by=[F("occurred_on").desc(), F("id").desc()])
    rows = Visit.objects.visible_to(user).filter(household__in=ids, voided_at__isnull=True).annotate(nth=latest)
    shown = rows.filter(nth__lte=VISITS_SHOWN).select_related("lead").order_by("household_id", "nth")
    return _by_household(
        (
            row.household_id,
            {"on": _day(row.occurred_on), "result": row.get_result_display(), "by": row.lead.name,
             "said": row.content[:300], "promise": row.promise},
        )
        for row in shown
    )  # fmt: skip


def _issues(user: Any, ids: list[int]) -> dict[int, list[Plain]]:
    open_ones = Issue.objects.visible_to(user).filter(
        household__in=ids, state__in=UNFINISHED_STATES, is_sensitive=False
    )
    return _by_household(
        (
            row.household_id,
            {"number": row.printed_number, "title": row.title, "state": row.get_state_display(),
             "due": _day(row.due_on)},
        )
        for row in open_ones.order_by(F("due_on").asc(nulls_last=True), "pk")
    )  # fmt: skip


def _points(user: Any, ids: list[int], day: datetime.date) -> dict[int, list[Plain]]:
    """What running campaigns still ask at each."""
    return _by_household(
        (home, {"id": point.pk, "text": point.text, "campaign": point.campaign.name})
        for home, point in points_ahead(ids, day, user)
    )


def _benefits(ids: list[int], day: datetime.date) -> dict[int, list[Plain]]:
    """What each receives."""
    return _by_household(
        (one.household_id, {"kind": str(one.kind), "amount": one.amount, "since": _day(one.start_on)})
        for one in benefits_received(ids, day)
    )


def _by_household(rows: Iterable[tuple[int | None, Plain]]) -> dict[int, list[Plain]]:
    found: dict[int, list[Plain]] = defaultdict(list)
    for household_id, plain in rows:
        if household_id is not None:
            found[household_id].append(plain)
    return found


def _day(day: datetime.date | None) -> str:
    return date_format(day, "DATE_FORMAT") if day else ""
