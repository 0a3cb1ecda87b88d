"""The form of a district: a name and the villages that it is made of."""

from typing import Any

from django.db.models import BooleanField, ExpressionWrapper, Q
from django.utils.translation import gettext_lazy as _

from ledger.forms.fields import ManyField
from ledger.forms.records import RecordForm
from ledger.forms.widgets import ChipsMultiple
from ledger.models import District, Township, Village


class VillageTicks(ManyField):
    """Villages to tick; one that lies in another district says so."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.name} · {obj.district.name}" if obj.district_id and not obj.mine else str(obj.name)


class DistrictForm(RecordForm):
    villages = VillageTicks(
        label=_("Villages of the district"), queryset=Village.objects.none(), required=False,
        widget=ChipsMultiple,
        help_text=_("A village lies in one district: ticking it here takes it out of the one named behind it."),
    )  # fmt: skip

    class Meta:
        model = District
        fields = ("name", "sort_order")
        labels = {"name": _("Name of the district"), "sort_order": _("Place in lists (small numbers first)")}

    def __init__(self, *args: Any, township: Township, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.instance.township = township
        field = self.fields["villages"]
        assert isinstance(field, VillageTicks)
        mine = Q(district=self.instance.pk) if self.instance.pk else Q(pk__in=())
        villages = Village.objects.filter(township=township, successor__isnull=True).select_related("district")
        field.queryset = villages.annotate(mine=ExpressionWrapper(mine, output_field=BooleanField()))
        if self.instance.pk:
            field.initial = [v.pk for v in field.queryset if v.mine]
