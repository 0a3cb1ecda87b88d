"""报送快照: freeze a table as it is reported. Nothing changes one afterwards."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from ledger.actions.audit import record
from ledger.models import County, District, StatisticsSnapshot, Township, Village
from ledger.queries.figures_window import Window
from ledger.queries.statistics import Statistics


def freeze(
    *, by: Any, place: County | Township | District | Village, name: str, window: Window, by_village: bool,
    found: Statistics,
) -> StatisticsSnapshot:  # fmt: skip
    """Keep the table under a name; raises ValidationError where the area has a snapshot of this name."""
    assert window.first is not None
    level = place._meta.model_name
    lines = [[line.name, line.key, line.period, line.total] for line in (*found.lines, found.whole)]
    try:
        with transaction.atomic():
            made: StatisticsSnapshot = StatisticsSnapshot.objects.create(
                **_above(place), area=f"{level}-{place.pk}", name=name, since=window.first, until=window.last,
                by_village=by_village, lines=lines, made_by=by,
            )  # fmt: skip
            detail = {"area": str(place), "until": str(window.last)}
            record(verb="snapshot.frozen", by=by, obj=made, label=name, detail=detail,
                   county_id=made.county_id, township_id=made.township_id)  # fmt: skip
    except IntegrityError as fault:
        raise ValidationError({"name": _("A snapshot of this area has this name already: choose another.")}) from fault
    return made


def _above(place: Any) -> dict[str, Any]:
    """The place with all above it."""
    if isinstance(place, County):
        return {"county": place}
    if isinstance(place, Township):
        return {"county": place.county, "township": place}
    if isinstance(place, District):
        return {"county": place.township.county, "township": place.township, "district": place}
    return {
        "county": place.township.county, "township": place.township, "district": place.district, "village": place,
    }  # fmt: skip
