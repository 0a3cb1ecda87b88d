"""会议: what the meeting was, a question as it is asked, and what becomes of it."""

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from ledger.actions.meeting_drafts import Question
from ledger.forms.evidence import EvidenceField, FilesInput
from ledger.forms.fields import ClientIdField, LineField, NameField, RowsField, TextField
from ledger.forms.issues import CategoryField
from ledger.forms.picks import number_of
from ledger.forms.visit_issues import KINDS
from ledger.forms.visits import NOTES, PlaceVisitForm
from ledger.forms.widgets import Chips
from ledger.models import Category, Household
from ledger.queries.categories import words_in_use
from ledger.queries.visits_together import walkable
from ledger.rules.visits import VisitKind

NOT_KEPT = frozenset({"csrfmiddlewaretoken", "client_id", "search", "q"})
MOST_PRESENT = 100


class MeetingHeadForm(PlaceVisitForm):
    """Form, village, day, who came and spoke; everything but form, village and day may wait for the end."""

    attendees = LineField(label=_("Who came"), max_length=500, required=False)
    speakers = LineField(label=_("Who spoke"), max_length=200, required=False)
    households = RowsField(label=_("Households present"), queryset=Household.objects.none(), required=False)

    def __init__(self, *args: Any, user: Any, typed: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, user=user, **kwargs)
        for name in (*NOTES, "kind", "enterprise", "photos", "opinions_heard", "quantity", "unit"):
            self.fields.pop(name, None)
        self.typed = typed if typed is not None else self.data
        self.fields["meeting_form"].required = True
        self.fields["households"].queryset = walkable(user)

    def clean_households(self) -> list[Household]:
        found: list[Household] = self.cleaned_data["households"]
        if len(found) > MOST_PRESENT:
            raise forms.ValidationError(_("At most %(most)d households at once.") % {"most": MOST_PRESENT})
        return found

    def clean(self) -> dict[str, Any]:
        form = self.cleaned_data.get("meeting_form", "")
        self.cleaned_data["kind"] = VisitKind.MEETING
        data = super().clean()
        return data | {"meeting_form": form}

    @property
    def ticked(self) -> set[int]:
        sent = self.typed.getlist("households") if hasattr(self.typed, "getlist") else []
        return {number_of(value) for value in sent[:MOST_PRESENT]} - {0}

    def head(self) -> dict[str, list[str]]:
        """What was sent, to be kept and checked again when the meeting is finished."""
        return {name: self.data.getlist(name) for name in self.data if name not in NOT_KEPT}

    def values(self) -> dict[str, Any]:
        """What ``visits.store`` wants."""
        data = super().values()
        present = data.pop("households")
        data.pop("opinions_heard", None)
        return {**data, "kind": VisitKind.MEETING, "other_households": present}


def as_sent(head: dict[str, list[str]]) -> QueryDict:
    """The head of a draft as its form sent it."""
    sent = QueryDict(mutable=True)
    for name, values in head.items():
        sent.setlist(name, values)
    return sent


class AskForm(forms.Form):
    """A question, with the answer where it was given at once."""

    text = TextField(label=_("Question"), max_length=500, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    asked_by = NameField(label=_("Asked by"), max_length=50, required=False)
    answer = LineField(label=_("Answered at once (may stay empty)"), max_length=1000, required=False)
    client_id = ClientIdField()


class SettleForm(forms.Form):
    """What becomes of one question."""

    use_required_attribute = False

    text = TextField(label=_("Question"), max_length=500, widget=forms.TextInput)
    asked_by = NameField(label=_("Asked by"), max_length=50, required=False)
    answer = TextField(
        label=_("Answer on the spot"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    kind = forms.ChoiceField(label=_("kind"), choices=KINDS, required=False, widget=Chips(shown=4))
    category = CategoryField(
        label=_("Or number it as an issue of"), queryset=Category.objects.none(), required=False,
        empty_label=_("Not as an issue"),
    )  # fmt: skip
    household = forms.ModelChoiceField(
        label=_("Of which household"), queryset=Household.objects.none(), required=False, empty_label=_("The village"),
    )  # fmt: skip

    def __init__(
        self, *args: Any, user: Any, question: Question, choices: Any = None, present: list[int], **kwargs: Any
    ) -> None:
        first = {name: getattr(question, name) for name in self.base_fields} | {"kind": question.kind or "request"}
        super().__init__(*args, prefix=f"q{question.key}", initial=first, **kwargs)
        self.question = question
        category, household = self.fields["category"], self.fields["household"]
        category.queryset = words_in_use(Category, user)
        household.queryset = walkable(user).filter(pk__in=present)
        if choices is not None:
            category.choices, household.choices = choices
        if not present:
            del self.fields["household"]

    def data_kept(self) -> dict[str, Any]:
        """What ``settle`` writes."""
        said = dict(self.cleaned_data)
        for name in ("category", "household"):
            said[name] = said[name].pk if said.get(name) else None
        return said


class FinishForm(forms.Form):
    """The photos of the meeting."""

    photos = EvidenceField(required=False, widget=FilesInput({"class": "form-control"}))
