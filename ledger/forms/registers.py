"""Of which place 包村表 and 包户表 are."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from ledger.filters.export_lists import LISTS
from ledger.models import District, Township, Village
from ledger.rules.permissions import Level, Permission


class RegisterForm(forms.Form):
    """``?area=township-3`` among the places somebody sees figures of; the first unless one is chosen."""

    area = forms.ChoiceField(label=_("Place"), required=False)

    def __init__(self, data: Any, *, user: Any) -> None:
        super().__init__(data)
        self.user = user
        self.fields["area"].choices = self.places = places(user)  # type: ignore[attr-defined]

    def place(self) -> str:
        """The chosen place as an address says it; empty for who sees no place but their own households."""
        first = self.places[0][0] if self.places else ""
        return (self.cleaned_data["area"] or first) if self.is_valid() else first

    def rows(self, kind: str) -> QuerySet[Any]:
        """The rows that the export of this list would have."""
        area = self.place()
        listed = LISTS[kind]
        return listed.rows(listed.filter_for(self.user, QueryDict(f"area={area}" if area else ""))).order_by()


def places(user: Any) -> list[tuple[str, str]]:
    """Townships, then districts, then villages, each in its order."""
    see = Permission.SEE_DASHBOARD
    townships = Township.objects.visible_to(user, see).values_list("pk", "name")
    districts = District.objects.visible_to(user, see).values_list("pk", "name")
    villages = Village.objects.visible_to(user, see).filter(successor__isnull=True)
    named = villages.order_by("township__sort_order", "sort_order", "code").values_list("pk", "name")
    return [
        *((f"{Level.TOWNSHIP}-{pk}", name) for pk, name in townships),
        *((f"{Level.DISTRICT}-{pk}", name) for pk, name in districts),
        *((f"{Level.VILLAGE}-{pk}", name) for pk, name in named),
    ]
