"""工作交接: a row for each thing in hand, with who is proposed for it; each row may go to somebody else."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ledger.forms.fields import DayField, LineField
from ledger.forms.saving import SavingForm
from ledger.models import Cadre
from ledger.queries.handovers import Successors
from ledger.rules.days import local_today
from ledger.rules.handovers import After


class SuccessorField(forms.ModelChoiceField):
    """One of the people who could take over. They are read once for the whole form; a row offers a few of them."""

    def __init__(self, people: dict[int, Cadre], offered: list[int], persons: dict[int, Any], **kwargs: Any) -> None:
        super().__init__(Cadre.objects.none(), **kwargs)
        self._people = people
        self.choices = [
            *([("", _("Choose a cadre"))] if kwargs.get("initial") is None else []),
            *((pk, _label(people[pk], persons[pk].load)) for pk in offered),
        ]

    def to_python(self, value: Any) -> Cadre | None:
        if value in self.empty_values:
            return None
        text = str(value)
        found = self._people.get(int(text)) if text.isascii() and text.isdigit() and len(text) < 13 else None
        if found is None:
            raise ValidationError(self.error_messages["invalid_choice"], code="invalid_choice")
        return found

    def validate(self, value: Any) -> None:
        forms.Field.validate(self, value)


def _label(cadre: Cadre, load: int) -> str:
    unit = cadre.organisation.name if cadre.organisation is not None else ""
    account = "" if cadre.user_id is not None else _("no account")
    return " · ".join(part for part in (cadre.name, unit, _("%(n)s households") % {"n": load}, account) if part)


class HandOverForm(SavingForm):
    """``everything`` (a cadre chosen for all of it) takes the place of what is proposed."""

    on = DayField(label=gettext_lazy("Handed over on"), initial=local_today)
    reason = LineField(label=gettext_lazy("Reason"), max_length=200)
    after = forms.ChoiceField(label=gettext_lazy("And then"), widget=forms.RadioSelect)
    version = forms.CharField(widget=forms.HiddenInput, max_length=32)

    def __init__(
        self, *args: Any, people: Successors, afters: list[str], everything: Cadre | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        held = people.held
        self.held = held
        self.fields["version"].initial = held.seen
        self.fields["after"].choices = [(each, After(each).label) for each in afters]
        self.fields["after"].initial = afters[0]
        one = everything.pk if everything is not None else None
        self.whys: dict[str, str] = {}
        """Field → why the one who stands in it first is proposed."""
        for household in held.households:
            self._row(people, f"household_{household.pk}", one or people.proposed.get(household.pk),
                      household.village_id, household.head_name)  # fmt: skip
            if one is None and household.pk in people.reasons:
                self.whys[f"household_{household.pk}"] = people.reasons[household.pk].why
        for issue in held.issues:
            able = one in people.able or bool(one and held.households)
            fitting = one if able and one != issue.about_cadre_id else None
            proposed = people.for_issue(issue)
            self._row(people, f"issue_{issue.pk}", fitting or proposed, issue.village_id, issue.title)
            if fitting is None:
                self.whys[f"issue_{issue.pk}"] = people.why_for_issue(issue, proposed)
        for planned in held.follow_ups:
            self._row(people, f"follow_up_{planned.pk}", one or people.for_follow_ups(), planned.issue.village_id,
                      planned.issue.title)  # fmt: skip

    def _row(self, people: Successors, name: str, initial: int | None, village: int, label: str) -> None:
        offered = people.offered(village, initial)
        typed = self.data.get(self.add_prefix(name), "") if self.is_bound else ""
        if typed.isascii() and typed.isdigit() and int(typed[:12]) in people.people and int(typed[:12]) not in offered:
            offered.insert(0, int(typed[:12]))
        self.fields[name] = SuccessorField(people.people, offered, people.persons, initial=initial, label=label)

    def rows(self, kind: str, things: list[Any]) -> Iterator[tuple[Any, Any, str]]:
        """Each thing with its field, and why whoever stands in it is proposed."""
        for thing in things:
            name = f"{kind}_{thing.pk}"
            yield thing, self[name], self.whys.get(name, "")

    @property
    def household_rows(self) -> list[tuple[Any, Any, str]]:
        return list(self.rows("household", self.held.households))

    @property
    def issue_rows(self) -> list[tuple[Any, Any, str]]:
        return list(self.rows("issue", self.held.issues))

    @property
    def follow_up_rows(self) -> list[tuple[Any, Any, str]]:
        return list(self.rows("follow_up", self.held.follow_ups))

    @property
    def to(self) -> dict[str, dict[int, int]]:
        """What was chosen: kind → row → cadre, as ids."""
        found: dict[str, dict[int, int]] = {"household": {}, "issue": {}, "follow_up": {}}
        for name, value in self.cleaned_data.items():
            kind, _sep, number = name.rpartition("_")
            if kind in found and number.isdigit() and value is not None:
                found[kind][int(number)] = value.pk
        return found

    def overtaken(self) -> None:
        """Something came or went since the form was opened: the rows are those of now, what was typed stays."""
        self.status = 409
        self._replace("version", self.held.seen)
        self.add_error(
            None,
            _("Somebody changed what is in hand meanwhile. The rows below are as they are now: look at them again."),
        )
