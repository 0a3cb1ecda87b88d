"""Write the places and people of an earlier ledger, inside the caller's transaction; what is there already stays.

The tables name no day on which a household, an assignment or a tie began: it is the first day of which they say
anything at all (``first_day``), so that the figures of that time count them.
"""

import datetime
from collections import defaultdict
from typing import Any

from django.db.models import Max

from ledger.actions.assignments import assign_many
from ledger.actions.cadres import STEP, named
from ledger.importing.history_now import PastNow, Person
from ledger.importing.plan import Outcome, Planned
from ledger.importing.writing import insert, now_stored, reserve
from ledger.models import (
    Assignment,
    Cadre,
    Enterprise,
    Group,
    Household,
    HouseholdCode,
    ImportBatch,
    LinkKind,
    Organisation,
    OrganisationKind,
    Resident,
    StatusPeriod,
    VillageLink,
)
from ledger.rules.cadre_lists import Rank
from ledger.rules.history import Table
from ledger.rules.households import Relation
from ledger.rules.pinyin import initials, pinyin_key

CHUNK = 1_000
_HOUSEHOLD = (
    "id", "village_id", "group_id", "code", "code_is_generated", "address", "remark", "status", "head_name", "pinyin",
    "initials", "cadre_id", "open_issues", "version", "created_at", "updated_at",
)  # fmt: skip
_HEAD = (
    "id", "household_id", "township_id", "name", "pinyin", "initials", "relation", "relation_text", "gender", "id_no",
    "id_index", "id_index_next", "phone", "phone_index", "phone_index_next", "remark", "version",
)  # fmt: skip


class PeopleWriter:
    """Writes villages' units, cadres, enterprises and households; new things get their keys."""

    def __init__(self, *, by: Any, batch: ImportBatch, now: PastNow, first_day: datetime.date) -> None:
        self.by, self.batch, self.now, self.first_day = by, batch, now, first_day
        self.day = first_day.isoformat()
        self.names: dict[str, dict[str, str]] = {}
        self.added_units: list[int] = []
        """Units that only a cadre's row named."""
        self.added_groups: list[int] = []

    def write(self, rows: dict[Table, list[Planned]]) -> None:
        """Units first, then who works in them, then what they look after."""
        self._units(rows[Table.UNITS])
        self._cadres(rows[Table.CADRES], rows[Table.HOUSEHOLDS])
        self._firms(rows[Table.ENTERPRISES])
        self.make_groups([*rows[Table.HOUSEHOLDS], *rows[Table.EVENTS]])
        self._households([p for p in rows[Table.HOUSEHOLDS] if p.outcome == Outcome.CREATED])
        self._responsible([p for p in rows[Table.HOUSEHOLDS] if p.outcome == Outcome.UPDATED])

    def _units(self, rows: list[Planned]) -> None:
        new = [unit for unit in self.now.units.values() if unit.pk is None]
        last: dict[int, int] = dict(
            Organisation.objects.filter(township__in=self.now.counties, village=None)
            .order_by().values_list("township").annotate(last=Max("sort_order"))
        )  # fmt: skip
        made = []
        for unit in new:
            last[unit.township] = last.get(unit.township, 0) + STEP
            made.append(
                Organisation(
                    county_id=self.now.counties[unit.township], township_id=unit.township, name=unit.name,
                    kind=OrganisationKind.INTERNAL, sort_order=last[unit.township],
                )
            )  # fmt: skip
        for unit, row in zip(new, Organisation.objects.bulk_create(made), strict=True):
            unit.pk = row.pk
        named = {id(p.row.fields["unit"]) for p in rows if p.outcome == Outcome.CREATED}
        self.added_units = [unit.pk for unit in new if unit.pk is not None and id(unit) not in named]
        self._tie([
            (p, VillageLink(village_id=village, kind=LinkKind.TOWNSHIP_UNIT, organisation_id=p.row.fields["unit"].pk,
                            start_on=self.first_day))
            for p in rows for village in p.row.fields.get("ties", ())
        ])  # fmt: skip

    @staticmethod
    def _tie(links: list[tuple[Planned, VillageLink]]) -> None:
        """Write the ties, and beside each row which are its own."""
        for (planned, _link), made in zip(
            links, VillageLink.objects.bulk_create([link for _planned, link in links]), strict=True
        ):
            planned.row.fields.setdefault("links", []).append(made.pk)

    def _cadres(self, rows: list[Planned], households: list[Planned]) -> None:
        created = [p for p in rows if p.outcome == Outcome.CREATED]
        made = Cadre.objects.bulk_create(
            [self._cadre(p, place) for place, p in enumerate(created, start=1)], batch_size=CHUNK
        )
        for planned, row in zip(created, made, strict=True):
            planned.row.fields["person"].pk = row.pk
        for planned in rows:
            if planned.outcome == Outcome.UPDATED:
                self._fill_cadre(planned)
        self._tie_people(rows, households)

    def _cadre(self, planned: Planned, place: int) -> Cadre:
        fields = planned.row.fields
        township = fields["village"].township_id if fields["village"] else self.now.only_township
        assert township is not None
        unit = fields.get("unit")
        return Cadre(
            county_id=self.now.counties[township], township_id=township, cadre_no=fields["person"].number,
            organisation_id=unit.pk if unit else None, rank=fields["rank"], phone=fields["phone"],
            sort_order=place * STEP, **named(fields["name"]),
        )  # fmt: skip

    def _fill_cadre(self, planned: Planned) -> None:
        fields = planned.row.fields
        values: dict[str, Any] = {name: fields[name] for name in fields.get("fills", ()) if name != "unit"}
        if "unit" in fields.get("fills", ()):
            values["organisation_id"] = fields["unit"].pk
        if values:
            Cadre.objects.filter(pk=fields["person"].pk).update(**values)

    def _tie_people(self, rows: list[Planned], households: list[Planned]) -> None:
        """Leaders to their villages; of a new cadre else the villages in which no household is theirs."""
        own: dict[int, set[int]] = defaultdict(set)
        for planned in households:
            person: Person | None = planned.row.fields.get("person")
            if person is not None:
                own[id(person)].add(planned.row.fields["village"].pk)
        links = []
        for planned in rows:
            if planned.outcome not in (Outcome.CREATED, Outcome.UPDATED):
                continue
            fields = planned.row.fields
            person = fields["person"]
            is_leader = fields["rank"] == Rank.LEADER
            villages = fields.get("ties", ())
            if planned.outcome == Outcome.CREATED:
                villages = [v for v in fields["villages"] if is_leader or v not in own[id(person)]]
            kind = LinkKind.TOWNSHIP_LEADER if is_leader else LinkKind.VILLAGE_CADRE
            links += [
                (planned, VillageLink(village_id=village, kind=kind, cadre_id=person.pk, start_on=self.first_day))
                for village in villages
            ]
        self._tie(links)

    def _firms(self, rows: list[Planned]) -> None:
        created = [p for p in rows if p.outcome == Outcome.CREATED]
        made = Enterprise.objects.bulk_create(
            Enterprise(
                village_id=p.row.fields["village"].pk, code=p.row.fields["firm"].code, name=p.row.fields["name"],
                organisation_id=p.row.fields["unit"].pk if p.row.fields["unit"] else None,
                pinyin=pinyin_key(p.row.fields["name"])[:200],
            )
            for p in created
        )  # fmt: skip
        for planned, row in zip(created, made, strict=True):
            planned.row.fields["firm"].pk = row.pk
        for planned in rows:
            if planned.outcome == Outcome.UPDATED:
                fields = planned.row.fields
                Enterprise.objects.filter(pk=fields["firm"].pk).update(organisation_id=fields["unit"].pk)

    # Households

    def make_groups(self, rows: list[Planned]) -> None:
        """The groups that new rows name and the ledger lacks."""
        wanted = {
            (p.row.fields["village"].pk, group)
            for p in rows
            if p.outcome == Outcome.CREATED and (group := p.row.fields.get("group")) is not None
        }
        missing = sorted(wanted - self.now.groups.keys(), key=str)
        made = Group.objects.bulk_create(
            Group(village_id=village, **({"number": group} if isinstance(group, int) else {"name": group}))
            for village, group in missing
        )
        for key, row in zip(missing, made, strict=True):
            self.now.groups[key] = row.pk
        self.added_groups += [row.pk for row in made]

    def group_of(self, fields: dict[str, Any]) -> int | None:
        """The key of the group that a row names."""
        group = fields.get("group")
        return None if group is None else self.now.groups[fields["village"].pk, group]

    def _households(self, created: list[Planned]) -> None:
        moment = now_stored()
        homes = reserve(Household, len(created)) if created else ()
        heads = reserve(Resident, len(created)) if created else ()
        households, people = [], []
        for planned, home, head in zip(created, homes, heads, strict=True):
            fields = planned.row.fields
            planned.household = fields["home"].pk = home
            name, place = self._named(fields["head"]), fields["village"]
            fields["home"].group_pk = self.group_of(fields)
            cadre = fields["person"].pk if fields["person"] else None
            households.append((
                home, place.pk, fields["home"].group_pk, fields["home"].code, False, "", "", fields["status"],
                *name, cadre, 0, 1, moment, moment,
            ))  # fmt: skip
            people.append((
                head, home, place.township_id, *name, Relation.HEAD.value, "户主", "", "", "", "", "", "", "", "", 1,
            ))  # fmt: skip
        if not created:
            return
        insert(Household, _HOUSEHOLD, households)
        insert(Resident, _HEAD, people)
        insert(HouseholdCode, ("household_id", "code", "start_on"), [(h[0], h[3], self.day) for h in households])
        statuses = [(h[0], h[7], "", self.day) for h in households]
        insert(StatusPeriod, ("household_id", "status", "reason", "start_on"), statuses)
        # The first assignment of a household that is being made: nothing to end, so it goes with the rest.
        assignments = [(h[0], h[11], "", self.day) for h in households if h[11] is not None]
        insert(Assignment, ("household_id", "cadre_id", "reason", "start_on"), assignments)

    def _named(self, name: str) -> tuple[str, str, str]:
        known = self.names.get(name)
        if known is None:
            known = self.names[name] = {"pinyin": pinyin_key(name), "initials": initials(name)}
        return name, known["pinyin"], known["initials"]

    def _responsible(self, updated: list[Planned]) -> None:
        """Households of the ledger that had no cadre get theirs, from today on."""
        pairs = []
        for planned in updated:
            home, person = planned.row.fields["home"], planned.row.fields["person"]
            assert home.pk is not None
            pairs.append((home.pk, person.pk))
        if pairs:
            assign_many(by=self.by, pairs=pairs, on=self.now.ledger.today, batch=self.batch)
        given: dict[int, int] = {}
        for at in range(0, len(pairs), CHUNK):
            held = Assignment.objects.open().filter(household__in=[home for home, _person in pairs[at : at + CHUNK]])
            given |= dict(held.values_list("household_id", "pk"))
        for planned in updated:
            planned.row.fields["assignment"] = [None, given[planned.row.fields["home"].pk]]
