"""The desk's filter: what every list of issues is narrowed by, and whose work it is, one's own or a lower desk's."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import django_filters
from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from ledger.filters.issues import DeskFilter
from ledger.models import Issue
from ledger.queries.calendar import Calendar
from ledger.queries.desk import LANES, Desk, Lane, at_own_level, desks_of, lane_conditions, on_desk
from ledger.queries.issues import calendar_for
from ledger.rules.permissions import Level

OWN, BELOW = "own", "below"
REACH_CHOICES = ((OWN, _("Of this desk itself")), (BELOW, _("At desks below")))


class BoardFilter(DeskFilter):
    """Also ``reach``: what the chosen desks are in charge of themselves, or what lies at desks below them.

    ``desk`` is chosen by the chips above; its rows are taken by the view, the name only stays in the address.
    """

    reach = django_filters.ChoiceFilter(
        label=_("At which desk"), empty_label=_("Own and lower desks"), choices=REACH_CHOICES, method="by_reach"
    )
    desk = django_filters.CharFilter(method="by_lane", widget=forms.HiddenInput, max_length=20)

    kept_when_cleared = ("lane", "desk")

    def __init__(self, *args: Any, desks: Sequence[Desk], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.desks = desks
        if all(desk.level == Level.VILLAGE for desk in desks):
            del self.filters["reach"]

    def by_reach(self, rows: QuerySet[Issue], name: str, value: str) -> QuerySet[Issue]:
        """``own`` counts what vacant desks below have left to this one."""
        own = at_own_level(self.desks)
        return rows.filter(own) if value == OWN else rows.exclude(own)


@dataclass(frozen=True)
class Board:
    """What an address of the desk asks for."""

    calendar: Calendar
    desks: list[Desk]
    lane: Lane
    filter: BoardFilter
    conditions: dict[str, Q]

    @property
    def rows(self) -> QuerySet[Issue]:
        """All that lies on the chosen desks and passes the filters."""
        rows: QuerySet[Issue] = self.filter.qs
        return rows

    @property
    def waiting(self) -> QuerySet[Issue]:
        """Those of the lane."""
        return self.rows.filter(self.conditions[self.lane.key])


def chosen_desks(user: Any, asked: Any) -> list[Desk]:
    """The desk of the user that ``desk`` names; all of them when it names none of theirs."""
    held = desks_of(user)
    return [desk for desk in held if desk.key == asked.get("desk")] or held


def read_board(user: Any, asked: Any) -> Board:
    """Read ``lane``, ``desk`` and the filters; an unknown lane is the first, an unknown desk is all of them."""
    calendar, desks = calendar_for(user), chosen_desks(user, asked)
    lane = LANES.get(asked.get("lane", ""), LANES["to_assign"])
    narrowed = BoardFilter(asked, on_desk(user, desks), user=user, calendar=calendar, desks=desks)
    return Board(calendar, desks, lane, narrowed, lane_conditions(calendar, desks))
