"""记走访: the form of a visit to a household, and the one of meetings, duty and patrols in a village."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from ledger.forms.evidence import EvidenceField
from ledger.forms.fields import ClientIdField, DayField, DeviceClockField, LineField, RowsField, TextField
from ledger.forms.saving import SavingForm
from ledger.forms.widgets import Chips, ChipsMultiple, Stepper
from ledger.models import Cadre, Enterprise, Topic, Village
from ledger.models.scope import Scope, scope_of
from ledger.queries.categories import words_in_use
from ledger.queries.visits import profession_of, recent_companions, villages_of_visitor
from ledger.rules.cleaning import clean_name
from ledger.rules.days import local_today
from ledger.rules.visits import NOTE_LABELS, MeetingForm, PartOfDay, VisitKind, VisitResult

AT_HOUSEHOLD = (
    VisitKind.HOUSEHOLD, VisitKind.PHONE, VisitKind.NIGHT, VisitKind.TALK, VisitKind.RECEPTION, VisitKind.ERRAND,
    VisitKind.SERVICE, VisitKind.MEDIATION, VisitKind.ON_SITE,
)  # fmt: skip
"""Kinds that one household is the subject of; the three daily ones first."""
AT_PLACE = (
    VisitKind.MEETING, VisitKind.DUTY, VisitKind.PATROL, VisitKind.ENTERPRISE, VisitKind.ON_SITE, VisitKind.STAY,
    VisitKind.MEDIATION, VisitKind.RECEPTION, VisitKind.SERVICE,
)  # fmt: skip
RESULTS = (
    VisitResult.MET, VisitResult.ABSENT, VisitResult.AWAY, VisitResult.DECLINED, VisitResult.MOVED,
)  # fmt: skip
NOTES = ("note_subject", "note_finding", "note_advice")
MOST_MET = 999
MOST_DONE = 9_999
MEASURED = (VisitKind.SERVICE, VisitKind.ERRAND)
"""Kinds of which a quantity may be said: so many errands, so many mu ploughed."""
NAME_BREAKS = re.compile(r"[\s,，、;；/]+")


def choices_of(values: tuple[Any, ...]) -> list[tuple[str, Any]]:
    return [(str(value), value.label) for value in values]


SAID_AND_DONE = _("What was said and done")
WENT_ON = _("What went on")


def colleagues_named(typed: str, among: QuerySet[Cadre]) -> list[Cadre]:
    """The colleagues behind the typed names; each name must mean exactly one."""
    names = [clean_name(name) for name in NAME_BREAKS.split(typed) if name]
    if not names:
        return []
    found: dict[str, list[Cadre]] = {name: [] for name in names}
    for cadre in among.filter(name__in=names, left_on__isnull=True):
        found[cadre.name].append(cadre)
    unknown = [name for name, cadres in found.items() if not cadres]
    several = [name for name, cadres in found.items() if len(cadres) > 1]
    if unknown:
        raise ValidationError(_("No colleague is called %(names)s."), params={"names": ", ".join(unknown)})
    if several:
        raise ValidationError(
            _("More than one colleague is called %(names)s: leave the name out and write it below."),
            params={"names": ", ".join(several)},
        )
    return [cadres[0] for cadres in found.values()]


class VisitForm(SavingForm):
    """What every kind of visit may say. Required: kind and day, both already chosen."""

    content = TextField(
        label=SAID_AND_DONE, max_length=5000, required=False, widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("The microphone of the keyboard takes dictation."),
    )  # fmt: skip
    people_met = forms.IntegerField(
        label=_("How many people did you meet?"), min_value=0, max_value=MOST_MET, required=False, widget=Stepper
    )
    opinions_heard = forms.IntegerField(
        label=_("How many opinions did you hear?"), min_value=0, max_value=MOST_MET, required=False, widget=Stepper
    )
    quantity = forms.IntegerField(label=_("How much was done"), min_value=1, max_value=MOST_DONE, required=False)
    unit = LineField(
        label=_("In what"), max_length=10, required=False,
        widget=forms.TextInput(attrs={"placeholder": _("times, people, mu …")}),
    )  # fmt: skip
    occurred_on = DayField(label=_("Day"), initial=local_today)
    part_of_day = forms.ChoiceField(label=_("Part of the day"), choices=PartOfDay.choices, required=False, widget=Chips)
    companions = RowsField(
        label=_("Companions"), queryset=Cadre.objects.none(), required=False, widget=ChipsMultiple(shown=6)
    )
    companion_names = LineField(
        label=_("Other companions"), max_length=200, required=False, help_text=_("Names, with a space between them.")
    )
    topics = RowsField(label=_("Topics"), queryset=Topic.objects.none(), required=False, widget=ChipsMultiple(shown=6))
    note_subject = LineField(max_length=100, required=False)
    note_finding = LineField(max_length=500, required=False)
    note_advice = LineField(max_length=500, required=False)
    promise = LineField(label=_("What did you promise?"), max_length=200, required=False)
    follow_up_on = DayField(label=_("Visit again on"), required=False, ahead=True)
    photos = EvidenceField(required=False)
    device_at = DeviceClockField()
    client_id = ClientIdField()

    FOLDED = ("opinions_heard", "photos", "companions", "companion_names", "topics", "occurred_on", "part_of_day")
    FOLLOW = ("promise", "follow_up_on")

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self._label_notes(scope_of(user))
        # Nobody chosen, nobody looked up: these two cost more than all the rest of a form in the daily case.
        if self._is_filled("companions", "companion_names"):
            self.fields["companions"].queryset = Cadre.objects.visible_to(user).exclude(pk=scope_of(user).cadre_id)
        if self._is_filled("topics"):
            self.fields["topics"].queryset = self._topics()

    def _label_notes(self, scope: Scope) -> None:
        """The three short fields of a profession, by its own words; nobody else has them."""
        labels = NOTE_LABELS.get(profession_of(scope))  # type: ignore[call-overload]
        for name, label in zip(NOTES, labels or NOTES, strict=True):
            if labels is None:
                del self.fields[name]
            else:
                self.fields[name].label = label

    @property
    def notes(self) -> list[forms.BoundField]:
        return [self[name] for name in NOTES if name in self.fields]

    def _is_filled(self, *names: str) -> bool:
        return self.is_bound and any(self.data.get(name) for name in names)

    def _topics(self) -> QuerySet[Topic]:
        return words_in_use(Topic, self.user)

    def offer_choices(self) -> None:
        """What a page that is shown needs: the topics, and as chips those who came along lately."""
        self.fields["topics"].queryset = self._topics()
        companions = self.fields["companions"]
        companions.choices = [(cadre.pk, cadre.name) for cadre in recent_companions(self.user)]

    def clean_companion_names(self) -> list[Cadre]:
        return colleagues_named(self.cleaned_data["companion_names"], self.fields["companions"].queryset)

    def values(self) -> dict[str, Any]:
        """What ``log_visit`` wants; who came along in one list."""
        data = {name: value for name, value in self.cleaned_data.items() if name not in {"client_id", "photos"}}
        named = data.pop("companion_names")
        note = {name.removeprefix("note_"): data.pop(name, "") for name in NOTES}
        if any(note.values()):
            data["note"] = note
        data["companions"] = list({cadre.pk: cadre for cadre in [*data["companions"], *named]}.values())
        for name in ("people_met", "opinions_heard"):
            data[name] = data.get(name) or 0
        if data.get("kind") not in MEASURED or not data.get("quantity"):
            data["quantity"], data["unit"] = None, ""
        return data

    def has_folded_errors(self) -> bool:
        """Whether the folded part must be open, so that its faults are seen."""
        return any(name in self.errors for name in (*self.FOLDED, *self.FOLLOW))


class HouseholdVisitForm(VisitForm):
    """见到人了吗: a visit to one household."""

    result = forms.ChoiceField(label=_("Did you meet somebody?"), choices=choices_of(RESULTS), widget=Chips(shown=4))
    kind = forms.ChoiceField(
        label=_("How"), choices=choices_of(AT_HOUSEHOLD), initial="household", widget=Chips(shown=3)
    )

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, user=user, **kwargs)
        self.fields["people_met"].initial = 1

    def values(self) -> dict[str, Any]:
        data = super().values()
        if data["result"] != VisitResult.MET:
            data["people_met"] = 0
        return data


class PlaceVisitForm(VisitForm):
    """Meetings, duty, patrols: what happens in a village and not with one household."""

    kind = forms.ChoiceField(
        label=_("What was it?"), choices=choices_of(AT_PLACE), initial="meeting", widget=Chips(shown=4)
    )
    meeting_form = forms.ChoiceField(
        label=_("Form of the meeting"), choices=MeetingForm.choices, required=False, widget=Chips(shown=4)
    )
    village = forms.ModelChoiceField(
        label=_("Village"), queryset=Village.objects.none(), empty_label=_("Choose a village")
    )
    place = LineField(label=_("Place"), max_length=100, required=False)
    enterprise = forms.ModelChoiceField(
        label=_("Enterprise"), queryset=Enterprise.objects.none(), required=False, empty_label=_("Not in the list")
    )

    def __init__(self, *args: Any, user: Any, enterprise: int = 0, **kwargs: Any) -> None:
        super().__init__(*args, user=user, **kwargs)
        self.fields["people_met"].label = _("How many people took part?")
        self.fields["content"].label = WENT_ON
        villages = villages_of_visitor(user)
        self.fields["village"].queryset = villages
        if not self.is_bound and len(only := villages[:2]) == 1:
            self.fields["village"].initial = only[0]
        companies = Enterprise.objects.filter(village__in=villages, is_active=True)
        self.fields["enterprise"].queryset = companies
        if enterprise and not self.is_bound and (found := companies.filter(pk=enterprise).first()) is not None:
            self.initial |= {"kind": VisitKind.ENTERPRISE, "enterprise": found.pk, "village": found.village_id}

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        kind, enterprise = data.get("kind"), data.get("enterprise")
        if kind != VisitKind.MEETING:
            data["meeting_form"] = ""
        if kind != VisitKind.ENTERPRISE:
            data["enterprise"] = None
        elif enterprise is None and not data.get("place"):
            self.add_error("place", _("Choose the enterprise, or write its name here."))
        elif enterprise is not None and enterprise.village_id != getattr(data.get("village"), "pk", None):
            self.add_error("enterprise", _("This enterprise lies in another village."))
        return data
