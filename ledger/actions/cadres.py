"""Cadres: loading a list of them, adding and changing one."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import actions as accounts
from ledger.actions import records
from ledger.actions.audit import record
from ledger.actions.submissions import replayed
from ledger.models import Cadre, Organisation, OrganisationKind, Township
from ledger.queries.postings import current
from ledger.rules.cadre_lists import CadreLine
from ledger.rules.lists import LineFault, ListRefused
from ledger.rules.phones import is_mobile
from ledger.rules.pinyin import initials, pinyin_key

STEP = 10
FIELDS = {
    "name": gettext_lazy("Name"), "phone": gettext_lazy("Work phone"), "title": gettext_lazy("Title"),
    "unit": gettext_lazy("Unit"), "township": gettext_lazy("Township"),
}  # fmt: skip


@dataclass
class PlannedCadre:
    """What becomes of one line: a new cadre, or the fields of a stored one that the list words otherwise."""

    line: CadreLine
    township: Township
    stored: Cadre | None
    changes: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Field → (before, after); empty for a new cadre and for one that the list changes nothing about."""

    @property
    def shown(self) -> list[dict[str, str]]:
        """The changes with the words of their fields."""
        return [
            {"label": str(FIELDS[name]), "before": before, "after": after}
            for name, (before, after) in self.changes.items()
        ]


@dataclass
class CadrePlan:
    """Everything a list would do; ``organisations`` are the (township, name) it would make on the way."""

    cadres: list[PlannedCadre]
    organisations: list[tuple[Township, str]]

    @property
    def new(self) -> list[PlannedCadre]:
        return [planned for planned in self.cadres if planned.stored is None]

    @property
    def changed(self) -> list[PlannedCadre]:
        return [planned for planned in self.cadres if planned.changes]

    @property
    def unchanged(self) -> int:
        return len(self.cadres) - len(self.new) - len(self.changed)


def plan_cadres(
    lines: Sequence[CadreLine], *, townships: Iterable[int] | None = None, cadres: Iterable[int] | None = None
) -> CadrePlan:
    """What the list would make and change.

    ``townships`` are the ids it may name, ``cadres`` the ids of those it may change (None: any).
    Raises ListRefused for unknown townships and for cadre numbers that belong to somebody out of reach.
    """
    known = _townships(lines, townships)
    stored = _stored(lines, known)
    units = _units(known.values())
    reach = None if cadres is None else frozenset(cadres)
    faults: list[LineFault] = []
    planned: list[PlannedCadre] = []
    missing: dict[tuple[int, str], tuple[Township, str]] = {}
    for line in lines:
        township = known.get(line.township_code)
        if township is None:
            faults.append(LineFault(line.line, _unknown_township(line.township_code)))
            continue
        cadre = stored.get((township.county_id, line.cadre_no.lower()))
        if cadre is not None and reach is not None and cadre.pk not in reach:
            text = _("The cadre number %(number)s is taken by somebody whom you do not manage.")
            faults.append(LineFault(line.line, text % {"number": line.cadre_no}))
            continue
        if line.unit and (township.pk, line.unit) not in units:
            missing.setdefault((township.pk, line.unit), (township, line.unit))
        planned.append(PlannedCadre(line, township, cadre, _changes(line, township, cadre)))
    if faults:
        raise ListRefused(faults)
    return CadrePlan(planned, list(missing.values()))


@transaction.atomic
def load_cadres(
    *, by: Any, lines: Sequence[CadreLine], file_name: str, townships: Iterable[int] | None = None,
    cadres: Iterable[int] | None = None,
) -> CadrePlan:  # fmt: skip
    """Apply the list and return what was done; an account follows its cadre's name and mobile number.

    Writes one audit row for each township that was touched. Raises ListRefused as ``plan_cadres`` does, and for a
    mobile number that another account signs in with; then nothing is written.
    """
    plan = plan_cadres(lines, townships=townships, cadres=cadres)
    _make_units(plan.organisations)
    units = _units({planned.township.pk: planned.township for planned in plan.cadres}.values())
    Cadre.objects.bulk_create(
        Cadre(
            county_id=planned.township.county_id, township=planned.township, cadre_no=planned.line.cadre_no,
            organisation_id=units.get((planned.township.pk, planned.line.unit)), title=planned.line.title,
            phone=planned.line.phone, sort_order=place * STEP, **named(planned.line.name),
        )
        for place, planned in enumerate(plan.cadres, start=1)
        if planned.stored is None
    )  # fmt: skip
    faults = [fault for planned in plan.changed if (fault := _update(planned, units, by))]
    if faults:
        raise ListRefused(faults)
    for township in {planned.township.pk: planned.township for planned in plan.cadres}.values():
        _record_load(plan, township, by, file_name)
    return plan


def named(name: str) -> dict[str, str]:
    """The name and the keys that sort and find it."""
    return {"name": name, "pinyin": pinyin_key(name), "initials": initials(name)}


def _townships(lines: Sequence[CadreLine], allowed: Iterable[int] | None) -> dict[str, Township]:
    found = Township.objects.filter(code__in={line.township_code for line in lines}).select_related("county")
    if allowed is not None:
        found = found.filter(pk__in=list(allowed))
    return {township.code: township for township in found}


def _unknown_township(code: str) -> str:
    return _("There is no township %(code)s, or it lies outside your area.") % {"code": code[:20]}


def _stored(lines: Sequence[CadreLine], townships: dict[str, Township]) -> dict[tuple[int, str], Cadre]:
    """Who has these numbers in these counties, whatever the case of letters."""
    counties = {township.county_id for township in townships.values()}
    cadres = Cadre.objects.filter(county__in=counties).select_related("organisation", "user")
    wanted = {line.cadre_no.lower() for line in lines}
    return {(cadre.county_id, cadre.cadre_no.lower()): cadre for cadre in cadres if cadre.cadre_no.lower() in wanted}


def _units(townships: Iterable[Township]) -> dict[tuple[int, str], int]:
    """(township, name) → organisation; an office of the township goes before a village committee of that name."""
    rows = Organisation.objects.filter(township__in=[t.pk for t in townships]).order_by("village_id")
    units: dict[tuple[int, str], int] = {}
    for pk, township, name, village in rows.values_list("pk", "township_id", "name", "village_id"):
        if village is None or (township, name) not in units:
            units[(township, name)] = pk
    return units


def _changes(line: CadreLine, township: Township, cadre: Cadre | None) -> dict[str, tuple[str, str]]:
    """What the list says and the stored cadre does not; an empty cell changes nothing."""
    if cadre is None:
        return {}
    before = {
        "name": cadre.name, "phone": cadre.phone, "title": cadre.title,
        "unit": cadre.organisation.name if cadre.organisation else "",
        "township": township.name if cadre.township_id == township.pk else str(cadre.township or ""),
    }  # fmt: skip
    after = {
        "name": line.name, "phone": line.phone, "title": line.title, "unit": line.unit, "township": township.name,
    }  # fmt: skip
    return {name: (before[name], said) for name, said in after.items() if said and said != before[name]}


def _make_units(missing: list[tuple[Township, str]]) -> None:
    rows = []
    for number, (township, name) in enumerate(missing, start=1):
        last = Organisation.objects.filter(township=township, village__isnull=True).aggregate(last=Max("sort_order"))
        rows.append(
            Organisation(
                county_id=township.county_id, township=township, name=name, kind=OrganisationKind.INTERNAL,
                sort_order=(last["last"] or 0) + number * STEP,
            )
        )  # fmt: skip
    Organisation.objects.bulk_create(rows)


def _update(planned: PlannedCadre, units: dict[tuple[int, str], int], by: Any) -> LineFault | None:
    cadre, line = planned.stored, planned.line
    assert cadre is not None
    values: dict[str, Any] = {name: after for name, (_before, after) in planned.changes.items()}
    if "name" in values:
        values |= named(line.name)
    if "unit" in values:
        values["organisation_id"] = units[(planned.township.pk, values.pop("unit"))]
    if "township" in values:
        values["township_id"] = planned.township.pk
        del values["township"]
    Cadre.objects.filter(pk=cadre.pk).update(**values)
    if cadre.user is None or not {"name", "phone"} & values.keys():
        return None
    try:
        follow(cadre, name=line.name, phone=line.phone or cadre.phone, by=by)
    except ValidationError as error:
        return LineFault(line.line, " ".join(error.messages))
    return None


def follow(cadre: Cadre, *, name: str, phone: str, by: Any) -> None:
    """Let the cadre's account take over name and mobile number; raises ValidationError for a number in use."""
    assert cadre.user is not None
    actor = None if isinstance(by, str) else by
    accounts.update_account(user=cadre.user, name=name, mobile=phone if is_mobile(phone) else None, by=actor)


def _record_load(plan: CadrePlan, township: Township, by: Any, file_name: str) -> None:
    new = sum(planned.township.pk == township.pk for planned in plan.new)
    changed = sum(planned.township.pk == township.pk for planned in plan.changed)
    units = sum(place.pk == township.pk for place, _name in plan.organisations)
    if new or changed:
        detail = {"file": file_name[:100], "new": new, "changed": changed, "organisations": units}
        record(verb="cadre.loaded", by=by, obj=township, detail=detail)


def create(*, by: Any, cadre: Cadre, client_id: uuid.UUID | None, body: dict[str, Any]) -> Cadre:
    """A new cadre; the same form sent again gives the first one.

    Raises ValidationError when the number is taken in the county.
    """
    for key, value in named(cadre.name).items():
        setattr(cadre, key, value)
    if Cadre.objects.filter(county=cadre.county_id, cadre_no__iexact=cadre.cadre_no).exists():
        earlier = replayed(user=by, form="new-cadre", client_id=client_id, body=body)
        if earlier is None:
            raise ValidationError({"cadre_no": _("This cadre number is taken.")}, code="taken")
    made: Cadre = records.create(by=by, row=cadre, verb="cadre.created", client_id=client_id, body=body)
    return made


@transaction.atomic
def edit(*, by: Any, cadre: Cadre, values: dict[str, Any], seen: str | None) -> Cadre:
    """Change a cadre; the account follows name and mobile number, and is closed when the cadre has left.

    Raises Overtaken, and ValidationError for a taken number or while a leaving cadre still has postings or households.
    """
    held: Cadre = records.lock(cadre, values, seen)
    if values.get("left_on") and held.left_on is None:
        _refuse_leaving(held)
    if "name" in values:
        values = values | named(values["name"])
    before = held.name, held.phone
    saved: Cadre = records.write(by=by, held=held, values=values, verb="cadre.changed")
    if saved.user is not None and before != (saved.name, saved.phone):
        follow(saved, name=saved.name, phone=saved.phone, by=by)
    if saved.left_on is not None and saved.user is not None and saved.user.is_active:
        accounts.set_active(user=saved.user, active=False, by=None if isinstance(by, str) else by)
        record(verb="account.closed", by=by, obj=saved)
    return saved


def _refuse_leaving(cadre: Cadre) -> None:
    if current().filter(cadre=cadre).exists():
        raise ValidationError({"left_on": _("End the postings first.")}, code="posted")
    if cadre.households.exists():
        raise ValidationError({"left_on": _("Give the households to other cadres first.")}, code="households")
