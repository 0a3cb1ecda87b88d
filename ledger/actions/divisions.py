"""Loading the official divisions: first the plan (nothing written), then all of it or nothing."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ledger.actions.audit import record
from ledger.actions.defaults import load_defaults
from ledger.models import County, Township, Village, VillageKind
from ledger.rules.divisions import (
    DivisionLine,
    joined_aliases,
    short_township_name,
    split_aliases,
)
from ledger.rules.lists import LineFault, ListRefused

STEP = 10
FIELDS = {
    "name": gettext_lazy("Name of the place"), "province": gettext_lazy("Province"), "city": gettext_lazy("City"),
    "official_name": gettext_lazy("Official name"), "kind": gettext_lazy("Kind of place"),
    "aliases": gettext_lazy("Other names"),
}  # fmt: skip


@dataclass(frozen=True)
class Difference:
    """One field of a stored division that the list words otherwise."""

    field: str
    before: str
    after: str

    @property
    def label(self) -> str:
        """What the field is called."""
        return str(FIELDS[self.field])

    @property
    def shown_before(self) -> str:
        return self._shown(self.before)

    @property
    def shown_after(self) -> str:
        return self._shown(self.after)

    def _shown(self, value: str) -> str:
        return str(VillageKind(value).label) if self.field == "kind" else value


@dataclass
class Planned:
    """What becomes of one county, township or village; ``pk`` None means that it is new."""

    level: str
    code: str
    name: str
    parent_code: str
    values: dict[str, Any]
    pk: int | None = None
    differences: list[Difference] = field(default_factory=list)

    @property
    def is_new(self) -> bool:
        return self.pk is None


@dataclass
class DivisionPlan:
    """Everything a list would do."""

    entries: list[Planned]

    @property
    def new(self) -> list[Planned]:
        return [entry for entry in self.entries if entry.is_new]

    @property
    def changed(self) -> list[Planned]:
        return [entry for entry in self.entries if entry.differences]

    @property
    def unchanged(self) -> int:
        return len(self.entries) - len(self.new) - len(self.changed)

    def of(self, level: str) -> list[Planned]:
        return [entry for entry in self.entries if entry.level == level]


def plan_divisions(lines: Sequence[DivisionLine], *, within: Iterable[str] | None = None) -> DivisionPlan:
    """What the list would make and change. ``within`` names the counties it may touch (None: any).

    Raises ListRefused for lines of other counties and for codes that lie elsewhere in the stored divisions.
    """
    if within is not None:
        allowed = frozenset(within)
        strangers = [line for line in lines if line.county_code not in allowed]
        if strangers:
            text = _("The county %(code)s is not yours to set up.")
            raise ListRefused(LineFault(line.line, text % {"code": line.county_code}) for line in strangers)
    entries = [*_counties(lines), *_townships(lines), *_villages(lines)]
    return DivisionPlan(entries)


@transaction.atomic
def load_divisions(
    *, by: Any, lines: Sequence[DivisionLine], file_name: str, within: Iterable[str] | None = None
) -> DivisionPlan:
    """Apply the list and return what was done. A new county or township begins with the default lists.

    Nothing is removed: a division that the list does not name stays. Writes one audit row for each county that
    was touched. Raises ListRefused as ``plan_divisions`` does.
    """
    plan = plan_divisions(lines, within=within)
    counties = _write(County, plan.of("county"), {})
    townships = _write(Township, plan.of("township"), {code: {"county_id": pk} for code, pk in counties.items()})
    _write(Village, plan.of("village"), {code: {"township_id": pk} for code, pk in townships.items()})
    for county in County.objects.filter(code__in=counties):
        mine = [entry for entry in plan.entries if entry.code.startswith(county.code)]
        new, changed = sum(entry.is_new for entry in mine), sum(bool(entry.differences) for entry in mine)
        if new or changed:
            detail = {"file": file_name[:100], "new": new, "changed": changed, "unchanged": len(mine) - new - changed}
            record(verb="division.loaded", by=by, obj=county, detail=detail)
        if new:
            load_defaults(by=by, county=county)
    return plan


def _counties(lines: Sequence[DivisionLine]) -> list[Planned]:
    wanted = {line.county_code: {"name": line.county, "province": line.province, "city": line.city} for line in lines}
    stored = {county.code: county for county in County.objects.filter(code__in=wanted)}
    return [_planned("county", code, "", values, stored.get(code)) for code, values in wanted.items()]


def _townships(lines: Sequence[DivisionLine]) -> list[Planned]:
    wanted = {line.township_code: line for line in lines}
    stored = {township.code: township for township in Township.objects.filter(code__in=wanted)}
    taken: dict[str, set[str]] = {}
    for county, short in Township.objects.values_list("county__code", "short_name"):
        taken.setdefault(county, set()).add(short)
    entries = []
    for place, (code, line) in enumerate(wanted.items(), start=1):
        values: dict[str, Any] = {"name": line.township}
        if code not in stored:
            used = taken.setdefault(line.county_code, set())
            values |= {"short_name": _free_short_name(line.township, used), "sort_order": place * STEP}
            used.add(values["short_name"])
        entries.append(_planned("township", code, line.county_code, values, stored.get(code)))
    return entries


def _free_short_name(name: str, taken: set[str]) -> str:
    """The short name leads ledger numbers, so two townships of a county can't share one: then the whole name serves."""
    limit = Township._meta.get_field("short_name").max_length or 0
    short = short_township_name(name)[:limit]
    return short if short not in taken else name[:limit]


def _villages(lines: Sequence[DivisionLine]) -> list[Planned]:
    stored = {
        village.code: village for village in Village.objects.filter(code__in=[line.village_code for line in lines])
    }
    entries = []
    for place, line in enumerate(lines, start=1):
        known = stored.get(line.village_code)
        values: dict[str, Any] = {"name": line.village, "kind": line.kind}
        if line.official_name or known is None:
            values["official_name"] = line.official_name
        # Names the county added itself stay; a former name would be missed by the next roster.
        own = split_aliases(known.aliases) if known else ()
        former = (known.name,) if known and known.name != line.village else ()
        values["aliases"] = joined_aliases(name for name in (*own, *line.aliases, *former) if name != line.village)
        if known is None:
            values["sort_order"] = place * STEP
        entries.append(_planned("village", line.village_code, line.township_code, values, known))
    return entries


def _planned(level: str, code: str, parent_code: str, values: dict[str, Any], stored: Any) -> Planned:
    if stored is None:
        return Planned(level, code, values["name"], parent_code, values)
    differences = [
        Difference(name, str(getattr(stored, name)), str(value))
        for name, value in values.items()
        # A list that leaves province and city out does not empty them.
        if getattr(stored, name) != value and (value or name == "aliases")
    ]
    return Planned(level, code, values["name"], parent_code, values, stored.pk, differences)


def _write(model: Any, entries: list[Planned], parents: dict[str, dict[str, int]]) -> dict[str, int]:
    """Write what is new or changed; returns the ids by code."""
    made = model.objects.bulk_create(
        model(code=entry.code, **entry.values, **parents.get(entry.parent_code, {}))
        for entry in entries
        if entry.is_new
    )
    for entry in entries:
        if entry.differences:
            changes = {difference.field: entry.values[difference.field] for difference in entry.differences}
            model.objects.filter(pk=entry.pk).update(**changes)
    ids = {entry.code: entry.pk for entry in entries if entry.pk is not None}
    return ids | {row.code: row.pk for row in made}
