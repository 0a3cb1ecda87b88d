"""登记事项: four things to fill in at most (kind, category, title, place); the rest may wait."""

from typing import Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from ledger.forms.evidence import EvidenceField
from ledger.forms.fields import ClientIdField, LineField, NameField, PhoneField, RowsField, TextField
from ledger.forms.issue_results import Group, add_result_fields, check_result, result_groups, without_result
from ledger.forms.picks import PickField, cadre_pick, household_pick, number_of
from ledger.forms.saving import SavingForm
from ledger.forms.widgets import Chips, ChipsMultiple
from ledger.models import Cadre, Category, Guide, Household, Village
from ledger.queries.categories import CategoryHelp, helps
from ledger.queries.guides import readable
from ledger.queries.household_search import search_q
from ledger.queries.issues import cadres_found
from ledger.rules.early_signs import Colour
from ledger.rules.issues import MAY_BE_SENSITIVE, OUTCOMES_BY_KIND, IssueKind, Outcome, Source, Urgency
from ledger.rules.permissions import Permission

MOST_HITS = 12
TYPED_SOURCES = [(value, label) for value, label in Source.choices if value != Source.IMPORTED]
KIND_FIELDS = {IssueKind.DISPUTE: ("other_party", "other_phone"), IssueKind.EARLY_SIGN: ("colour", "cause")}
"""What only one kind asks for; of any other kind it is left out."""
SEARCHES = {"household_find": "household", "about_find": "about_cadre"}
"""Search box → the rows it fills."""


class OutcomeChips(ChipsMultiple):
    """Each outcome carries the kinds it fits (``data-kinds``), so that a script can show only those."""

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option: dict[str, Any] = super().create_option(name, value, *args, **kwargs)
        option["attrs"]["data-kinds"] = " ".join(kind for kind, fit in OUTCOMES_BY_KIND.items() if value in fit)
        return option


class CategoryField(forms.ModelChoiceField):
    """The county's categories, children under their parent."""

    def label_from_instance(self, obj: Category) -> str:
        return str(obj)

    def grouped(self) -> list[tuple[str, Any]]:
        """The choices of the select, by parent; a parent without children stands alone."""
        rows = list(self.queryset)
        children: dict[int | None, list[Category]] = {}
        for row in rows:
            children.setdefault(row.parent_id, []).append(row)
        shown: list[tuple[str, Any]] = [("", self.empty_label)]
        for top in children.get(None, []):
            below = children.get(top.pk, [])
            own = (top.pk, str(_("%(category)s: other")) % {"category": top}) if below else (top.pk, str(top))
            shown.append((str(top), [*((child.pk, str(child)) for child in below), own]) if below else own)
        return shown


class IssueForm(SavingForm):
    """A new issue of a household or of a village, for who may raise it there."""

    kind = forms.ChoiceField(
        label=_("kind"), choices=IssueKind.choices, widget=Chips(shown=4), initial=IssueKind.REQUEST
    )
    category = CategoryField(
        label=_("category"), queryset=Category.objects.none(), empty_label=_("Choose a category"),
        error_messages={"required": _("Choose a category.")},
    )  # fmt: skip
    title = LineField(label=_("What it is about, in a few words"), max_length=80)
    text = TextField(label=_("details"), max_length=4000, required=False, widget=forms.Textarea(attrs={"rows": 4}))
    village = forms.ModelChoiceField(
        label=_("village"), queryset=Village.objects.none(), required=False, empty_label=_("Choose a village")
    )
    household_find = LineField(label=_("Find the household"), max_length=60, required=False)
    household = PickField(label=_("household"), required=False)
    urgency = forms.ChoiceField(
        label=_("urgency"), choices=Urgency.choices, widget=Chips, required=False, initial=Urgency.NORMAL
    )
    source = forms.ChoiceField(
        label=_("source"), choices=TYPED_SOURCES, widget=Chips(shown=4), required=False, initial=Source.VISIT
    )
    raised_by_name = NameField(label=_("raised by"), max_length=50, required=False)
    raised_by_phone = PhoneField(label=_("phone"), required=False)
    is_sensitive = forms.BooleanField(
        label=_("Keep this dispute to its handler, the desk in charge and leaders"), required=False
    )
    about_find = LineField(label=_("Find the person complained of"), max_length=60, required=False)
    about_cadre = PickField(label=_("complaint about"), required=False)
    other_party = NameField(label=_("The other party"), max_length=50, required=False)
    other_phone = PhoneField(label=_("Their phone"), required=False)
    colour = forms.ChoiceField(
        label=_("Colour"), choices=Colour.choices, widget=Chips, required=False, initial=Colour.YELLOW
    )
    cause = LineField(
        label=_("Cause, in a few words"), max_length=60, required=False,
        help_text=_("Written alike, the same cause in several places is seen together."),
    )  # fmt: skip
    files = EvidenceField(required=False)
    on_spot = forms.BooleanField(label=_("Settled on the spot"), required=False)
    outcomes = forms.MultipleChoiceField(
        label=_("How it ended"), choices=Outcome.choices, widget=OutcomeChips, required=False
    )
    result_text = TextField(
        label=_("What was done"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    guides = RowsField(
        label=_("Guides given with the reply"), queryset=Guide.objects.none(), widget=ChipsMultiple(shown=6),
        required=False,
    )  # fmt: skip
    client_id = ClientIdField()

    def __init__(self, *args: Any, user: Any, household: Household | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user, self.fixed = user, household
        add_result_fields(self)
        for field in self.fields.values():
            field.label = capfirst(field.label)
        self.villages = Village.objects.visible_to(user, Permission.RAISE_ISSUE)
        self.households = Household.objects.visible_to(user, Permission.RAISE_ISSUE)
        place = household.village if household is not None else self.villages.first()
        county = place.township.county_id if place is not None else getattr(_own_county(user), "pk", None)
        self.fields["category"].queryset = categories(county)
        self._offer_guides(user)
        self.fields["cause"].widget.attrs["list"] = "causes"
        self.fields["category"].widget.choices = self.fields["category"].grouped()
        if household is not None:
            for name in ("village", "household", "household_find"):
                del self.fields[name]
        else:
            self.fields["village"].queryset = self.villages
            if not self.is_bound and len(only := self.villages[:2]) == 1:
                self.fields["village"].initial = only[0]
            self.fields["household"].find = self._household
        self.fields["about_cadre"].find = self._cadre
        self._offer()

    def _offer_guides(self, user: Any) -> None:
        self.fields["guides"].queryset = readable(user).filter(is_active=True).order_by("sort_order", "pk")
        if not self.fields["guides"].queryset:
            del self.fields["guides"]

    @property
    def category_helps(self) -> list[CategoryHelp]:
        """What is shown below the category while it is chosen."""
        return helps(self.fields["category"].queryset)

    def _offer(self) -> None:
        """The rows of both searches; what is chosen stays in sight."""
        said = self.data if self.is_bound else self.initial
        if "household" in self.fields:
            typed = str(said.get("household_find") or "").strip()
            found = self.households.filter(search_q(typed)).select_related("village", "group") if typed else []
            rows = [(str(h.pk), household_pick(h)) for h in found[:MOST_HITS]]
            chosen = self._household(str(said.get("household") or ""))
            if chosen is not None and str(chosen.pk) not in dict(rows):
                rows.insert(0, (str(chosen.pk), household_pick(chosen)))
            self.fields["household"].show(rows, searched=bool(typed))
        typed = str(said.get("about_find") or "").strip()
        hits = cadres_found(Cadre.objects.visible_to(self.user), typed, MOST_HITS) if typed else []
        rows = [(str(c.pk), cadre_pick(c)) for c in hits]
        about = self._cadre(str(said.get("about_cadre") or ""))
        if about is not None and str(about.pk) not in dict(rows):
            rows.insert(0, (str(about.pk), cadre_pick(about)))
        self.fields["about_cadre"].show(rows, searched=bool(typed))

    def _household(self, value: str) -> Household | None:
        found = self.households.select_related("village__township", "group").filter(pk=number_of(value))
        household: Household | None = found.first()
        return household

    def _cadre(self, value: str) -> Cadre | None:
        found = Cadre.objects.visible_to(self.user).select_related("organisation").filter(pk=number_of(value))
        cadre: Cadre | None = found.first()
        return cadre

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if (
            self.fixed is None
            and not data.get("household")
            and not data.get("village")
            and "village" not in self.errors
        ):
            self.add_error("village", _("Choose a village, or find the household."))
        if data.get("on_spot"):
            check_result(self, data)
        return data

    @property
    def result_groups(self) -> list[Group]:
        """What each outcome asks for when the matter is settled on the spot."""
        return result_groups(self)

    @property
    def said(self) -> dict[str, Any]:
        """What ``issues.register`` is told."""
        data = {name: value for name, value in self.cleaned_data.items() if name not in {"client_id", *SEARCHES}}
        if self.fixed is not None:
            data["household"] = self.fixed
        if not data["on_spot"]:
            data = without_result(data) | {"outcomes": [], "result_text": "", "guides": []}
        for kind, names in KIND_FIELDS.items():
            data |= {name: "" for name in names if data["kind"] != kind}
        data["is_sensitive"] = data["is_sensitive"] and data["kind"] in MAY_BE_SENSITIVE
        return data

    @property
    def folded(self) -> list[forms.BoundField]:
        """The optional fields that are folded away."""
        return [self[name] for name in ("urgency", "source", "raised_by_name", "raised_by_phone", "files")]

    @property
    def open_fold(self) -> bool:
        """Whether one of them has an error."""
        return any(field.errors for field in self.folded)


def categories(county_id: int | None) -> Any:
    """The categories in use of the county."""
    return Category.objects.filter(county_id=county_id, is_active=True).order_by("sort_order", "pk")


def _own_county(user: Any) -> Any:
    cadre = Cadre.objects.filter(user=user).select_related("county").first()
    return cadre.county if cadre is not None else None
