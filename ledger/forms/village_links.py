"""Who is tied to a village: the kind is in the address, the form asks for the person or unit."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from ledger.forms.records import OnceForm
from ledger.models import Cadre, County, LinkKind, Organisation, Village
from ledger.models.cadres import UNIT_LINKS
from ledger.rules.days import local_today
from ledger.rules.permissions import Permission

COUNTY_KINDS = frozenset({LinkKind.COUNTY_LEADER, LinkKind.COUNTY_UNIT})


class VillageLinkForm(OnceForm):
    start_on = forms.DateField(label=_("From"), widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}))

    def __init__(self, *args: Any, user: Any, village: Village, kind: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["start_on"].initial = local_today()
        township = None if kind in COUNTY_KINDS else village.township_id
        county = village.township.county_id
        if kind in UNIT_LINKS:
            units = Organisation.objects.visible_to(user, Permission.MANAGE_CADRES)
            self.fields["who"] = forms.ModelChoiceField(
                units.filter(county=county, township=township, village=None, is_active=True),
                label=LinkKind(kind).label,
                empty_label=_("Choose"),
            )
        else:
            cadres = Cadre.objects.visible_to(user, Permission.MANAGE_CADRES)
            self.fields["who"] = forms.ModelChoiceField(
                cadres.filter(county=county, township=township, left_on=None).order_by("sort_order", "pinyin"),
                label=LinkKind(kind).label,
                empty_label=_("Choose"),
            )
        self.order_fields(["who", "start_on"])


def kinds_for(user: Any) -> list[tuple[str, str]]:
    """The kinds of link somebody may write: those of the county only for who sets up the county."""
    whole = County.objects.visible_to(user, Permission.MANAGE_CADRES).exists()
    return [(str(kind), str(kind.label)) for kind in LinkKind if whole or kind not in COUNTY_KINDS]
