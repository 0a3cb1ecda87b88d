"""更正走访: what was said before is kept with the reason; a wrong entry is made void."""

from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ledger.forms.fields import DayField, LineField, RowsField, TextField, VersionField
from ledger.forms.saving import SavingForm
from ledger.forms.visits import (
    AT_HOUSEHOLD,
    AT_PLACE,
    MEASURED,
    MOST_DONE,
    MOST_MET,
    NOTES,
    RESULTS,
    SAID_AND_DONE,
    WENT_ON,
    choices_of,
    colleagues_named,
)
from ledger.forms.widgets import Chips, ChipsMultiple, Stepper
from ledger.models import Cadre, Topic, Visit
from ledger.queries.categories import words_in_use
from ledger.queries.visits import NOTE_FIELDS, note_to_correct, recent_companions
from ledger.rules.visits import NOTE_LABELS, PartOfDay, VisitKind, VisitResult


class VisitEditForm(SavingForm):
    """A correction: what was said before is kept with the reason."""

    kind = forms.ChoiceField(label=_("How"), widget=Chips(shown=4))
    result = forms.ChoiceField(label=_("Did you meet somebody?"), choices=choices_of(RESULTS), widget=Chips(shown=5))
    occurred_on = DayField(label=_("Day"))
    part_of_day = forms.ChoiceField(label=_("Part of the day"), choices=PartOfDay.choices, required=False, widget=Chips)
    place = LineField(label=_("Place"), max_length=100, required=False)
    content = TextField(label=SAID_AND_DONE, max_length=5000, required=False)
    people_met = forms.IntegerField(
        label=_("How many people did you meet?"), min_value=0, max_value=MOST_MET, required=False, widget=Stepper
    )
    opinions_heard = forms.IntegerField(
        label=_("How many opinions did you hear?"), min_value=0, max_value=MOST_MET, required=False, widget=Stepper
    )
    quantity = forms.IntegerField(label=_("How much was done"), min_value=1, max_value=MOST_DONE, required=False)
    unit = LineField(label=_("In what"), max_length=10, required=False)
    companions = RowsField(label=_("Companions"), queryset=Cadre.objects.none(), required=False, widget=ChipsMultiple)
    companion_names = LineField(
        label=_("Other companions"), max_length=200, required=False, help_text=_("Names, with a space between them.")
    )
    topics = RowsField(label=_("Topics"), queryset=Topic.objects.none(), required=False, widget=ChipsMultiple(shown=6))
    note_subject = LineField(max_length=100, required=False)
    note_finding = LineField(max_length=500, required=False)
    note_advice = LineField(max_length=500, required=False)
    attendees = LineField(label=_("Who came"), max_length=500, required=False)
    speakers = LineField(label=_("Who spoke"), max_length=200, required=False)
    promise = LineField(label=_("What did you promise?"), max_length=200, required=False)
    follow_up_on = DayField(label=_("Visit again on"), required=False, ahead=True)
    reason = LineField(label=_("Why is it corrected?"), max_length=200)
    version = VersionField()

    APART = frozenset({*NOTES, "companions", "companion_names", "topics", "version", "reason"})
    """What is no plain column of the visit."""

    def __init__(self, *args: Any, visit: Visit, user: Any, **kwargs: Any) -> None:
        self.visit = visit
        self.note = note_to_correct(visit, user)
        initial = {name: getattr(visit, name) for name in self.base_fields if name not in self.APART}
        initial |= {"companions": list(visit.companions.all()), "topics": list(visit.topics.all())}
        if self.note is not None:
            initial |= {f"note_{name}": getattr(self.note, name) for name in NOTE_FIELDS}
        super().__init__(*args, initial=initial | {"version": visit.version}, **kwargs)
        kinds = AT_HOUSEHOLD if visit.household_id is not None else AT_PLACE
        self.fields["kind"].choices = choices_of(kinds)
        if visit.household_id is None:
            del self.fields["result"]
            self.fields["content"].label = WENT_ON
        else:
            del self.fields["place"]
        if visit.kind != VisitKind.MEETING:
            del self.fields["attendees"], self.fields["speakers"]
        self._offer(user)
        self._label_notes()

    def _offer(self, user: Any) -> None:
        """Who came along and the topics until now stay to be chosen, also those that are offered to nobody any more."""
        came = self.initial["companions"]
        near = Q(pk__in=Cadre.objects.visible_to(user).values("pk")) | Q(pk__in=[one.pk for one in came])
        among = Cadre.objects.filter(near).exclude(pk=self.visit.lead_id)
        companions = self.fields["companions"]
        companions.queryset = among
        shown = {one.pk: one for one in [*came, *recent_companions(user)] if one.pk != self.visit.lead_id}
        companions.choices = [(one.pk, one.name) for one in shown.values()]
        said = Q(pk__in=[one.pk for one in self.initial["topics"]])
        self.fields["topics"].queryset = Topic.objects.filter(
            said | Q(pk__in=words_in_use(Topic, user).values("pk"))
        )  # fmt: skip

    def _label_notes(self) -> None:
        """By the words of the profession; nobody has them who does not read the note."""
        labels = NOTE_LABELS.get(self.visit.profession) if self.note is not None else None  # type: ignore[call-overload]
        for name, label in zip(NOTES, labels or NOTES, strict=True):
            if labels is None:
                del self.fields[name]
            else:
                self.fields[name].label = label

    @property
    def notes(self) -> list[forms.BoundField]:
        return [self[name] for name in NOTES if name in self.fields]

    @property
    def plain(self) -> list[forms.BoundField]:
        """The fields of the page but for those that stand together."""
        apart = {*NOTES, "quantity", "unit"}
        return [field for field in self.visible_fields() if field.name not in apart and self._is_offered(field)]

    def _is_offered(self, field: forms.BoundField) -> bool:
        return field.name not in {"companions", "topics"} or bool(list(field.field.choices))

    def clean_companion_names(self) -> list[Cadre]:
        return colleagues_named(self.cleaned_data["companion_names"], self.fields["companions"].queryset)

    def values(self) -> dict[str, Any]:
        """What ``correct_visit`` wants."""
        data = {name: value for name, value in self.cleaned_data.items() if name not in {"version", "reason"}}
        met = data.get("result", VisitResult.MET) == VisitResult.MET
        note = {name: data.pop(f"note_{name}") for name in NOTE_FIELDS if f"note_{name}" in data}
        named = data.pop("companion_names")
        data["companions"] = list({one.pk: one for one in [*data["companions"], *named]}.values())
        if data.get("kind") not in MEASURED or not data.get("quantity"):
            data["quantity"], data["unit"] = None, ""
        return data | ({"note": note} if note else {}) | {
            "people_met": data["people_met"] or 0 if met else 0, "opinions_heard": data["opinions_heard"] or 0,
        }  # fmt: skip

    def shown_now(self, current: Visit) -> list[str]:
        plain = self.differing(current, [name for name in self.fields if name not in self.APART])
        return [*plain, *(line for name in ("companions", "topics") if (line := self._list_now(current, name)))]

    def _list_now(self, current: Visit, name: str) -> str:
        now = list(getattr(current, name).all())
        if {one.pk for one in now} == {one.pk for one in self.cleaned_data.get(name) or ()}:
            return ""
        values = {"field": self.fields[name].label, "value": ", ".join(str(one) for one in now)}
        return _("%(field)s: now “%(value)s”") % values


class VisitVoidForm(SavingForm):
    """Why the entry is wrong."""

    reason = LineField(label=_("Why is it void?"), max_length=200)
    version = VersionField()
