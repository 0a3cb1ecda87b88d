"""批量补记: one day and one sentence for all the households just walked, a line of its own where needed."""

from dataclasses import dataclass, field, replace
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from ledger.actions.visits_together import Walked
from ledger.forms.fields import LineField, RowsField
from ledger.forms.picks import number_of
from ledger.forms.together_points import Asked, TogetherPoints
from ledger.forms.visits import NOTES, RESULTS, VisitForm
from ledger.forms.widgets import Chips
from ledger.models import Household, Visit
from ledger.queries.visits_together import walkable
from ledger.rules.visits import VisitKind, VisitResult

KINDS = (VisitKind.HOUSEHOLD, VisitKind.NIGHT, VisitKind.PHONE)
ON_ROWS = [(str(result), result.label) for result in RESULTS]
MOST_AT_ONCE = 60
LONGEST_LINE = 500


@dataclass
class Row:
    """A household as the page shows it, with what was typed at it."""

    household: Household
    ticked: bool = False
    line: str = ""
    result: str = VisitResult.MET
    fault: str = ""
    there: list[Visit] = field(default_factory=list)
    points: list[Asked] = field(default_factory=list)

    @property
    def has_answers(self) -> bool:
        """Whether something is said of a point here, so that it must be seen."""
        return any(one.chosen for one in self.points)


class VisitsTogetherForm(VisitForm):
    """``households`` are the ticked ones; ``line-ID`` and ``result-ID`` are what was typed at one."""

    kind = forms.ChoiceField(
        label=_("How"), choices=[(str(kind), kind.label) for kind in KINDS], initial="household", widget=Chips
    )
    households = RowsField(
        label=_("Households"), queryset=Household.objects.none(), required=True,
        error_messages={"required": _("Tick the households you were at.")},
    )  # fmt: skip
    content = LineField(
        label=_("For all without a line of their own"), max_length=LONGEST_LINE, required=False,
        initial=_("Nothing new."),
    )  # fmt: skip

    OF_ONE = frozenset({"households", "walked", "people_met", "opinions_heard"})

    def __init__(self, *args: Any, user: Any, typed: Any = None, **kwargs: Any) -> None:
        """``typed`` is what was sent to look for more households: shown again, not checked yet."""
        super().__init__(*args, user=user, initial=typed.dict() if typed else None, **kwargs)
        self.typed = typed if typed is not None else self.data
        for name in (*NOTES, "people_met", "opinions_heard", "quantity", "unit", "promise", "follow_up_on", "photos"):
            self.fields.pop(name, None)
        self.fields["households"].queryset = walkable(user).select_related("village__township")
        self.faults: dict[int, str] = {}
        self.points = TogetherPoints(self.typed, user)

    def clean_households(self) -> list[Household]:
        found: list[Household] = self.cleaned_data["households"]
        if len(found) > MOST_AT_ONCE:
            raise forms.ValidationError(_("At most %(most)d households at once.") % {"most": MOST_AT_ONCE})
        return found

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        walked = [self._walked(one) for one in data.get("households") or ()]
        ticked = {one.household.pk: one.result == VisitResult.MET for one in walked}
        said = self.points.said(ticked, data.get("occurred_on"), self.faults) if ticked else {}
        data["walked"] = [replace(one, points=tuple(said.get(one.household.pk, ()))) for one in walked]
        if self.faults or self.points.fault:
            self.add_error(None, _("A line can't be kept as it is: see below."))
        return data

    def _walked(self, household: Household) -> Walked:
        field = LineField(max_length=LONGEST_LINE, required=False)
        result = self.data.get(f"result-{household.pk}") or str(VisitResult.MET)
        try:
            line = field.clean(self.data.get(f"line-{household.pk}"))
        except forms.ValidationError as fault:
            line, self.faults[household.pk] = "", fault.messages[0]
        if result not in VisitResult.values:
            self.faults[household.pk] = str(_("Choose what came of it."))
        return Walked(household, result, line)

    def values(self) -> dict[str, Any]:
        """What ``log_together`` wants for all."""
        data = super().values()
        return {name: value for name, value in data.items() if name not in self.OF_ONE}

    @property
    def ticked(self) -> set[int]:
        """What was ticked, also when the form is not sent off yet; an id that is none counts as none."""
        sent = self.typed.getlist("households") if hasattr(self.typed, "getlist") else []
        return {number_of(value) for value in sent[:MOST_AT_ONCE]} - {0}

    def rows(self, households: list[Household], there: list[Visit]) -> list[Row]:
        """The rows of the page."""
        ticked, visits = self.ticked, {}
        self.points.offer(households)
        for visit in there:
            visits.setdefault(visit.household_id, []).append(visit)
        return [
            Row(
                one, ticked=one.pk in ticked, line=self.typed.get(f"line-{one.pk}", ""),
                result=self.typed.get(f"result-{one.pk}", VisitResult.MET), fault=self.faults.get(one.pk, ""),
                there=visits.get(one.pk, []),
                points=self.points.at_one.get(one.pk, []),
            )
            for one in households
        ]  # fmt: skip
