"""What the wall shows: the part of the map, the unit, and what is asked of the room."""

from collections.abc import Sequence
from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from ledger.filters.area import area_q
from ledger.models import District, Issue, Organisation, Village
from ledger.queries.desk import Desk
from ledger.rules.meeting import Need

ASKED, LATE, EVERY = "asked", "late", "every"
NEED_CHOICES = ((LATE, _("Overdue only")), (EVERY, _("Everything open")))
LATE_NEEDS = (Need.OVERDUE, Need.TRIAGE_LATE, Need.REPORT_LATE)


class MeetingFilter(django_filters.FilterSet):
    """``area`` (``district-3``, ``village-5``), ``unit``, ``show``; without ``show`` what needs a decision."""

    area = django_filters.ChoiceFilter(label=_("Place"), empty_label=_("All places"), method="by_area")
    unit = django_filters.ModelChoiceFilter(
        label=_("lead unit"), empty_label=_("All units"), queryset=Organisation.objects.none(),
        field_name="lead_organisation",
    )  # fmt: skip
    show = django_filters.ChoiceFilter(
        label=_("Which matters"), empty_label=_("What needs a decision"), choices=NEED_CHOICES, method="by_need"
    )

    class Meta:
        model = Issue
        fields: tuple[str, ...] = ()

    def __init__(self, *args: Any, desks: Sequence[Desk], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        villages = Village.objects.none()
        for desk in desks:
            villages |= desk.villages
        districts = District.objects.filter(villages__in=villages).distinct()
        choices = [(f"district-{d.pk}", str(d)) for d in districts] if len(districts[:2]) > 1 else []
        choices += [(f"village-{v.pk}", str(v)) for v in villages.order_by("sort_order", "pk")]
        self.filters["area"].field.choices = [("", _("All places")), *choices]
        led = self.queryset.order_by().values("lead_organisation")
        self.filters["unit"].field.queryset = Organisation.objects.filter(pk__in=led)

    @property
    def qs(self) -> QuerySet[Issue]:
        """Without a choice: what has a need. A choice that is none of theirs shows nothing instead of everything."""
        rows: QuerySet[Issue] = super().qs
        if self.form.errors:
            return rows.none()
        return rows if self.data.get("show") in {EVERY, LATE} else rows.exclude(need=Need.NONE)

    def by_area(self, rows: QuerySet[Issue], name: str, value: str) -> QuerySet[Issue]:
        """Inside a district or village."""
        return rows.filter(area_q(value))

    def by_need(self, rows: QuerySet[Issue], name: str, value: str) -> QuerySet[Issue]:
        """Late in any way, or everything."""
        return rows.filter(need__in=LATE_NEEDS) if value == LATE else rows
