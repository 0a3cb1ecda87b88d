"""专题要点 in the form of a visit: one choice and one line for each point that a campaign asks at this household."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from ledger.forms.fields import LineField
from ledger.forms.widgets import Chips
from ledger.models import CampaignPoint, CampaignTick, Household, Visit
from ledger.queries.campaigns import AtDoor, at_door, points_offered, points_said
from ledger.rules.campaigns import LONGEST_TEXT, Answer
from ledger.rules.days import local_today

ANSWERS = [("", _("Not yet")), *Answer.choices]
_SENT = re.compile(r"point-(\d{1,18})(?:-text)?")


@dataclass(frozen=True)
class Row:
    """One point with its two fields, and what was said of it before."""

    point: CampaignPoint
    said: CampaignTick | None
    answer: forms.BoundField
    text: forms.BoundField


@dataclass(frozen=True)
class Door:
    """One campaign with its rows."""

    of: AtDoor
    rows: list[Row]

    @property
    def campaign(self) -> Any:
        return self.of.campaign

    @property
    def is_over(self) -> bool:
        return self.of.is_over


class _PointsForm(forms.Form):
    """``point-ID`` and ``point-ID-text`` for each of the points."""

    use_required_attribute = False

    def __init__(self, data: Any, *, points: Iterable[CampaignPoint], said: dict[int, CampaignTick]) -> None:
        super().__init__(data)
        self.points = {point.pk: point for point in points}
        for pk, point in self.points.items():
            mine = said.get(pk)
            self.fields[f"point-{pk}"] = forms.ChoiceField(
                label=point.text, choices=ANSWERS, required=False, widget=Chips, initial=mine.answer if mine else "",
            )  # fmt: skip
            self.fields[f"point-{pk}-text"] = LineField(
                label=_("Remark"), max_length=LONGEST_TEXT, required=False, initial=mine.text if mine else "",
                widget=forms.TextInput(attrs={"placeholder": _("Remark (optional)"), "class": "form-control"}),
            )  # fmt: skip


class VisitPoints:
    """The points of one form. Sent none, and not to be shown, none is asked for."""

    def __init__(self, data: Any, *, user: Any, household: Household | None, visit: Visit | None = None) -> None:
        self.data, self.user, self.household, self.visit = data, user, household, visit
        self.fault = ""
        self.said = {tick.point_id: tick for tick in points_said(visit, user)} if visit is not None else {}
        self.sent = {int(match[1]) for name in data or () if (match := _SENT.fullmatch(name)) and data[name]}
        self.form = _PointsForm(data, points=self.offered if self.sent else (), said=self.said)

    @cached_property
    def offered(self) -> list[CampaignPoint]:
        """Those of running and late campaigns; of a correction, those of the visit's own day and what it says."""
        if self.household is None:
            return []
        points = list(points_offered(self.household, local_today(), self.user))
        if self.visit is None:
            return points
        day = self.visit.occurred_on
        fits = [point for point in points if point.campaign.start_on <= day <= point.campaign.last_on]
        there = {point.pk for point in fits}
        return [*fits, *(tick.point for tick in self.said.values() if tick.point_id not in there)]

    def is_valid(self, day: Any) -> bool:
        """Whether each that is answered is one of this household's, and its campaign runs on the visit's ``day``."""
        if not self.form.is_valid():
            return False
        if self.sent - self.form.points.keys():
            self.fault = _("A point is no part of a campaign at this household any more: look at them below.")
            return False
        for pk in sorted(self.sent):
            campaign, answer = self.form.points[pk].campaign, self.form.cleaned_data[f"point-{pk}"]
            if not answer and self.form.cleaned_data[f"point-{pk}-text"]:
                self.form.add_error(f"point-{pk}", _("Say what became of it, or leave the remark out."))
            elif answer and day is not None and not campaign.start_on <= day <= campaign.last_on:
                self.form.add_error(f"point-{pk}", _("The day of this visit is none of the campaign's."))
        return not self.form.errors

    @property
    def has_errors(self) -> bool:
        return bool(self.fault or self.form.errors)

    def values(self) -> list[dict[str, Any]]:
        """What ``log_visit`` wants: point, answer and text of each that is answered."""
        return [one for one in self.shown() if one["answer"]]

    def shown(self) -> list[dict[str, Any]]:
        """What ``correct_visit`` wants: the same of all that were shown; one without an answer says nothing now."""
        said = self.form.cleaned_data
        points = self.form.points.values() if self.visit is None else self.offered
        named = [(point, f"point-{point.pk}") for point in points]
        return [
            {"point": point, "answer": said.get(name, ""), "text": said.get(f"{name}-text", "")}
            for point, name in named
        ]

    @cached_property
    def at_door(self) -> list[Door]:
        """The rows by campaign, for a page that is shown."""
        if self.household is None:
            return []
        doors = at_door(self.household, self.offered, local_today())
        form = self.form if self.form.points else _PointsForm(self.data, points=self.offered, said=self.said)
        return [Door(door, [self._row(form, point, tick) for point, tick in door.points]) for door in doors]

    def _row(self, form: forms.Form, point: CampaignPoint, tick: CampaignTick | None) -> Row:
        earlier = tick if tick is not None and (self.visit is None or tick.visit_id != self.visit.pk) else None
        return Row(point, earlier, form[f"point-{point.pk}"], form[f"point-{point.pk}-text"])
