"""What a proposed correction says: its values as objects, and as lines of old and new to read."""

import datetime
import json
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.text import capfirst

from ledger.models import Correction, CorrectionState, Group, Household, HouseholdType, Resident
from ledger.rules.masking import mask_id, mask_phone

ANSWER_DAYS = 14
MOST_SHOWN = 5
MASKS = {"id_no": mask_id, "phone": mask_phone}


@dataclass(frozen=True)
class Line:
    """One field of a proposal, as people read it; numbers are masked, empty means not recorded."""

    label: str
    old: str
    new: str


def shown_on_page(household: Household) -> list[tuple[Correction, list[Line]]]:
    """What waits for a decision, and for two weeks what was decided, so that the cadre reads the answer."""
    lately = Q(decided_at__gte=timezone.now() - datetime.timedelta(days=ANSWER_DAYS))
    rows = household.corrections.filter(Q(state=CorrectionState.PENDING) | lately)
    found = rows.select_related("household__village", "resident", "proposed_by").order_by("-proposed_at")[:MOST_SHOWN]
    return [(correction, lines(correction)) for correction in found]


def proposed_values(correction: Correction) -> dict[str, Any]:
    """The proposal with groups, types and days as objects; what has since been deleted is left out."""
    values: dict[str, Any] = json.loads(correction.proposed)
    if values.get("group"):
        values["group"] = Group.objects.filter(village=correction.household.village_id, pk=values["group"]).first()
    if "types" in values:
        values["types"] = list(HouseholdType.objects.filter(pk__in=values["types"]))
    for name in ("birth_on", "left_on"):
        if values.get(name):
            values[name] = datetime.date.fromisoformat(values[name])
    return values


def lines(correction: Correction) -> list[Line]:
    """Old and new of each proposed field. Three queries at most, whatever is proposed."""
    values = proposed_values(correction)
    model: Any = Resident if correction.resident_id or "name" in values else Household
    target: Any = correction.resident if correction.resident_id else correction.household
    old_of = target if isinstance(target, model) else None
    return [
        Line(_label(model, name), _shown(old_of, name, _old(old_of, name)), _shown(old_of, name, value, model))
        for name, value in values.items()
    ]


def _label(model: Any, name: str) -> str:
    return capfirst(str(model._meta.get_field(name).verbose_name))


def _old(target: Any, name: str) -> Any:
    if target is None:
        return None
    return list(target.types.all()) if name == "types" else getattr(target, name)


def _shown(target: Any, name: str, value: Any, model: Any = None) -> str:
    if name in MASKS:
        return MASKS[name](value or "")
    if name == "types":
        return "、".join(str(kind) for kind in value or ())
    choices = dict((model or type(target))._meta.get_field(name).flatchoices) if (model or target) else {}
    if value in choices:
        return str(choices[value])
    return "" if value is None else str(value)
