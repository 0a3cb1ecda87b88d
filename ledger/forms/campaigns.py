"""专题: what it is called, what for, from when until when, whose households, and its points, one a line."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from ledger.forms.fields import ClientIdField, DayField, LineField, ManyField, TextField, VersionField
from ledger.forms.saving import SavingForm
from ledger.forms.widgets import Chips, ChipsMultiple
from ledger.models import Campaign, County, HouseholdType, Township, Village
from ledger.rules.campaigns import LONGEST_DAYS, LONGEST_POINT, MOST_POINTS, faults_of, lines_of
from ledger.rules.days import local_today

ALL, CHOSEN = "all", "chosen"
SPREAD = [(ALL, _("All villages")), (CHOSEN, _("Chosen villages"))]


class CampaignForm(SavingForm):
    """Of one township or county; ``campaign`` is the one that is changed."""

    name = LineField(label=pgettext_lazy("campaign", "Name"), max_length=40)
    purpose = TextField(
        label=_("What for"), max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Read by everybody it concerns, at the household too."),
    )  # fmt: skip
    start_on = DayField(label=_("First day"), ahead=True, initial=local_today)
    last_on = DayField(label=_("Last day"), ahead=True)
    points = TextField(
        label=_("Points at each household, one on a line"), max_length=MOST_POINTS * (LONGEST_POINT + 2),
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Up to eight, each a few words: asked, shown, handed over, looked at."),
    )  # fmt: skip
    spread = forms.ChoiceField(label=_("In which villages"), choices=SPREAD, initial=ALL, widget=Chips)
    villages = ManyField(
        label=_("Chosen villages"), queryset=Village.objects.none(), required=False, widget=ChipsMultiple
    )
    types = ManyField(
        label=_("Only households of these types"), queryset=HouseholdType.objects.none(), required=False,
        widget=ChipsMultiple, help_text=_("None ticked: all households."),
    )  # fmt: skip
    client_id = ClientIdField()
    version = VersionField()

    def __init__(self, *args: Any, place: County | Township, campaign: Campaign | None = None, **kwargs: Any) -> None:
        initial = _stored(campaign) if campaign is not None else {}
        super().__init__(*args, initial=initial, **kwargs)
        del self.fields["version" if campaign is None else "client_id"]
        county = place if isinstance(place, County) else place.county
        here = {"township__county": place} if isinstance(place, County) else {"township": place}
        villages = Village.objects.filter(successor__isnull=True, **here)
        self.all_here = villages.order_by("township__sort_order", "sort_order", "code")
        self.fields["villages"].queryset = self.all_here
        kinds = HouseholdType.objects.filter(county=county, is_active=True) | HouseholdType.objects.filter(
            pk__in=campaign.types.values("pk") if campaign is not None else ()
        )
        self.fields["types"].queryset = kinds.order_by("sort_order", "pk")

    def clean_points(self) -> list[str]:
        points = lines_of(self.cleaned_data["points"])
        fault = faults_of(points)
        if fault == "none":
            raise ValidationError(gettext("Name at least one point."), code=fault)
        if fault == "many":
            raise ValidationError(gettext("No more than %(n)s points."), code=fault, params={"n": MOST_POINTS})
        if fault == "long":
            message = gettext("A point has up to %(n)s characters.")
            raise ValidationError(message, code=fault, params={"n": LONGEST_POINT})
        return points

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        start, last = data.get("start_on"), data.get("last_on")
        if start and last and last < start:
            self.add_error("last_on", _("The last day lies before the first."))
        elif start and last and (last - start).days >= LONGEST_DAYS:
            self.add_error("last_on", _("A campaign lasts a year at most."))
        if data.get("spread") == CHOSEN and not data.get("villages") and "villages" not in self.errors:
            self.add_error("villages", _("Tick the villages."))
        return data

    @property
    def values(self) -> dict[str, Any]:
        """What ``begin`` and ``change`` want."""
        said = self.cleaned_data
        is_all = said["spread"] == ALL
        data = {name: said[name] for name in ("name", "purpose", "start_on", "last_on")} | {"all_villages": is_all}
        return {
            "data": data, "villages": list(self.all_here if is_all else said["villages"]),
            "types": list(said["types"]), "points": said["points"],
        }  # fmt: skip

    def shown_now(self, current: Campaign) -> list[str]:
        return self.differing(current, ["name", "purpose", "start_on", "last_on"])


def _stored(campaign: Campaign) -> dict[str, Any]:
    return {
        **{name: getattr(campaign, name) for name in ("name", "purpose", "start_on", "last_on", "version")},
        "points": "\n".join(point.text for point in campaign.points.all()),
        "spread": ALL if campaign.all_villages else CHOSEN,
        "villages": list(campaign.places.values_list("village_id", flat=True)),
        "types": list(campaign.types.values_list("pk", flat=True)),
    }  # fmt: skip


class PlaceForm(forms.Form):
    """Whose campaign it is to be, for who runs them at several places."""

    home = forms.ChoiceField(label=_("Whose campaign"), required=False)

    def __init__(self, *args: Any, places: list[County | Township], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.places = {f"{place._meta.model_name}-{place.pk}": place for place in places}
        self.fields["home"].choices = [(key, str(place)) for key, place in self.places.items()]

    @property
    def place(self) -> County | Township | None:
        """The chosen one, the only one, or the first; none for a foreign one."""
        if not self.is_valid():
            return None
        return self.places.get(self.cleaned_data["home"] or next(iter(self.places), ""))
