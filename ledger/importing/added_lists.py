"""Lists that a roster may add to: groups of villages, household types of counties without a list of their own."""

from typing import Any

from ledger.importing.plan import Planned
from ledger.importing.writing import insert, reserve
from ledger.models import Group, HouseholdType, Township


class Lists:
    """The groups and types that the rows of one plan name, by what the rows call them."""

    def __init__(self, townships: list[Township]) -> None:
        self.counties = {township.pk: township.county_id for township in townships}
        self.groups: dict[tuple[int, int | str], int] = {}
        self.types: dict[tuple[int, str], int] = {}
        self.new_groups: list[int] = []
        """Groups that this plan made."""

    def complete(self, planned: list[Planned]) -> None:
        """Make what the rows name and the ledger lacks."""
        self._make_groups(planned)
        self._make_types(planned)

    def group(self, planned: Planned) -> int | None:
        """The group of a new household."""
        group = planned.row.fields.get("group")
        return None if group is None else self.groups[planned.row.fields["village"].pk, group]

    def group_of(self, village: int, group: int | str) -> int:
        """The group of that number or name, which is there."""
        if (village, group) not in self.groups:
            given = {"number": group} if isinstance(group, int) else {"name": group}
            self.groups[village, group] = Group.objects.get(village=village, **given).pk
        return self.groups[village, group]

    def type_pairs(self, planned: Planned) -> list[tuple[Any, int]]:
        """(household, type) for each type of the row."""
        county = self._county(planned)
        return [(planned.household, self.types[county, name]) for name in planned.row.fields.get("hh_type") or ()]

    def _make_groups(self, planned: list[Planned]) -> None:
        wanted = {(p.row.fields["village"].pk, g) for p in planned if (g := p.row.fields.get("group")) is not None}
        villages = {village for village, _group in wanted}
        for pk, village, number, name in Group.objects.filter(village__in=villages).values_list(
            "pk", "village_id", "number", "name"
        ):
            self.groups[village, number if number is not None else name] = pk
        missing = sorted(wanted - self.groups.keys(), key=str)
        fresh = list(reserve(Group, len(missing))) if missing else []
        self.new_groups += fresh
        for key, pk in zip(missing, fresh, strict=True):
            self.groups[key] = pk
        rows = [(self.groups[v, g], v, *((g, "") if isinstance(g, int) else (None, g))) for v, g in missing]
        if rows:
            insert(Group, ("id", "village_id", "number", "name"), rows)

    def _make_types(self, planned: list[Planned]) -> None:
        """The types in use; of a county without a list those that the roster uses, under their usual names."""
        wanted = {(self._county(p), name) for p in planned for name in p.row.fields.get("hh_type") or ()}
        for pk, county, name in HouseholdType.objects.filter(county__in={c for c, _n in wanted}).values_list(
            "pk", "county_id", "name"
        ):
            self.types[county, name] = pk
        for county, name in sorted(wanted - self.types.keys()):
            self.types[county, name] = HouseholdType.objects.create(county_id=county, name=name, sort_order=999).pk

    def _county(self, planned: Planned) -> int:
        return self.counties[planned.row.fields["village"].township_id]
