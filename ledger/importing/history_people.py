"""What the tables of places and people would do: villages, units, cadres, enterprises, households.

The past fills what is empty here and never overwrites: where the ledger says otherwise, the row says so and the
ledger is left as it is. Villages are only compared: the official divisions are loaded by the county.
"""

from collections.abc import Callable
from typing import Any

from ledger.importing import values
from ledger.importing.findings import Code
from ledger.importing.history_now import Firm, Home, PastNow, Person, Unit
from ledger.importing.history_tables import Line
from ledger.importing.history_values import parts
from ledger.importing.plan import Outcome, Planned
from ledger.importing.row import Row, where
from ledger.importing.villages import Place
from ledger.models import VillageKind
from ledger.rules.cadre_lists import NUMBER_LENGTH, UNIT_LENGTH, Rank
from ledger.rules.cleaning import clean_line, is_storable
from ledger.rules.history import HOUSEHOLD_STATUSES, RANKS, Table
from ledger.rules.households import HouseholdStatus, is_generated_code
from ledger.rules.masking import mask_phone
from ledger.rules.phones import PhoneFault, normalise_phone, phone_fault

MAX_FIRM = 100
_KINDS = {"村": VillageKind.VILLAGE, "社区": VillageKind.COMMUNITY, "": ""}


class People:
    """Plans the rows of these tables, one after the other; what is new can be named by the rows that follow."""

    def __init__(self, now: PastNow) -> None:
        self.now = now
        self.seen: dict[tuple[str, Any], Row] = {}
        self._names = {person.pk: person.name for person in now.people.values()}

    def planners(self) -> dict[Table, Callable[[Line], Planned]]:
        """Table → what plans a row of it."""
        return {
            Table.VILLAGES: self.village, Table.UNITS: self.unit, Table.CADRES: self.cadre,
            Table.ENTERPRISES: self.enterprise, Table.HOUSEHOLDS: self.household,
        }  # fmt: skip

    # Places

    def village(self, line: Line) -> Planned:
        """Compared with the divisions; one that they do not know is refused."""
        place = place_of(self.now, line, "code")
        township = line.text("township_code")
        if place is not None and township and township not in self._codes(place):
            line.tell(Code.VILLAGE_UNKNOWN, "code")
        if place is None or not self._first(line, "code", place.pk):
            return refused(line)
        line.row.fields["village"] = place
        official, kind = self.now.villages[place.pk]
        keep(line, "name", place.name, clean_line(values.text_of(line.cells.get("name"))))
        keep(line, "official", official, clean_line(values.text_of(line.cells.get("official"))))
        said = line.word("kind", _KINDS)
        if said and said != kind:
            keep(line, "kind", str(VillageKind(kind).label), str(said))
        return done(line, Outcome.UNCHANGED)

    def _codes(self, place: Place) -> set[str]:
        return {township.code for township in self.now.ledger.townships if township.pk == place.township_id}

    def unit(self, line: Line) -> Planned:
        """An office of the township; the village it looks after is tied to it."""
        name = self._unit_name(line, "unit", needed=True)
        place = place_of(self.now, line, "village_code") if line.text("village_code") else None
        township = self._township(line, place, "village_code")
        if township is None or not name or line.row.refused or not self._first(line, "unit", (township, name, place)):
            return refused(line)
        unit, is_new = self._unit(township, name)
        line.row.fields |= {"name": name, "unit": unit, "village": place, "is_new": is_new}
        if place is not None and place.pk not in unit.villages:
            unit.villages.add(place.pk)
            line.row.fields["ties"] = [place.pk]
        return done(line, Outcome.CREATED if is_new else _updated(line.row.fields))

    def _unit(self, township: int, name: str) -> tuple[Unit, bool]:
        known = self.now.units.get((township, name))
        if known is not None:
            return known, False
        made = self.now.units[township, name] = Unit(name, township)
        return made, True

    def _unit_name(self, line: Line, column: str, *, needed: bool = False) -> str:
        name = clean_line(values.text_of(line.cells.get(column)))
        if len(name) > UNIT_LENGTH or not is_storable(name):
            line.tell(Code.UNIT_UNKNOWN, column)
            return ""
        if needed and not name:
            line.tell(Code.NAME_MISSING, column)
        return name

    def _township(self, line: Line, place: Place | None, column: str) -> int | None:
        """The township of the row: of the village it names, else the only one of the scope."""
        if place is not None:
            return place.township_id
        if line.text(column):
            return None  # a village was named and is not ours: told already
        if self.now.only_township is None:
            line.tell(Code.TOWNSHIP_OPEN, column)
        return self.now.only_township

    # People

    def cadre(self, line: Line) -> Planned:
        """A cadre with unit and rank. A leader is tied to their villages; of others the villages are mostly those of
        their households (see ``history_write``)."""
        number, name = line.text("cadre_no"), line.value("cadre_name", values.name)
        villages = self._villages(line)
        township = self._township(line, villages[0] if villages else None, "villages")
        rank, unit_name = line.word("role", RANKS), self._unit_name(line, "cadre_unit")
        phone = self._work_phone(line)
        if not number or len(number) > NUMBER_LENGTH or not is_storable(number):
            line.tell(Code.NUMBER_MISSING, "cadre_no")
        if township is None or line.row.refused or not self._first(line, "cadre_no", number.lower()):
            return refused(line)
        key = (self.now.counties[township], number.lower())
        known = self.now.people.get(key)
        if known is not None and known.township not in (None, *self.now.counties):
            line.tell(Code.CADRE_TAKEN, "cadre_no")
            return refused(line)
        line.row.fields |= {
            "name": name, "rank": rank, "phone": phone, "villages": [place.pk for place in villages],
            "village": villages[0] if villages else None,
        }  # fmt: skip
        if unit_name:
            line.row.fields["unit"] = self._unit(township, unit_name)[0]
        if known is None:
            person = Person(number, name, township, None, rank, line.row.fields.get("unit"), unit_name, phone)
            self.now.people[key] = line.row.fields["person"] = person
            return done(line, Outcome.CREATED)
        line.row.fields["person"] = known
        return self._known_cadre(line, known, unit_name)

    def _known_cadre(self, line: Line, known: Person, unit_name: str) -> Planned:
        """What is empty is filled; what differs is told."""
        fields = line.row.fields
        keep(line, "cadre_name", known.name, fields["name"])
        for column, name, before, after, shown in (
            ("role", "rank", known.rank, fields["rank"], str(Rank(known.rank).label) if known.rank else ""),
            ("cadre_phone", "phone", known.phone, fields["phone"], mask_phone(known.phone)),
            ("cadre_unit", "unit", known.unit_name, unit_name, known.unit_name),
        ):  # fmt: skip
            if after and not before:
                fields.setdefault("fills", []).append(name)
            else:
                keep(line, column, before, after, shown=shown)
        if fields["rank"] == Rank.LEADER and (new := set(fields["villages"]) - known.villages):
            fields["ties"] = sorted(new)
            known.villages |= new
        return done(line, _updated(fields))

    def _villages(self, line: Line) -> list[Place]:
        """The villages of the cell; all must be in the scope."""
        found = []
        for text in parts(line.cells.get("villages")):
            match = self.now.ledger.villages.find(text)
            if match.place is None:
                line.tell(match.code, "villages", hint=match.hint)
            elif match.place not in found:
                found.append(match.place)
        return found

    def _work_phone(self, line: Line) -> str:
        text = values.text_of(line.cells.get("cadre_phone"))
        phone = normalise_phone(text) if text.strip() else ""
        if phone and phone_fault(phone) is not None:
            line.tell(PhoneFault.INVALID.value, "cadre_phone", show=False)
            return ""
        return phone

    def enterprise(self, line: Line) -> Planned:
        """An enterprise with the unit that looks after it."""
        place = place_of(self.now, line, "village_code")
        code = line.value("enterprise_id", values.household_code)
        name = clean_line(values.text_of(line.cells.get("name")))
        unit_name = self._unit_name(line, "unit")
        if not code:
            line.tell(Code.NUMBER_MISSING, "enterprise_id")
        if not name or len(name) > MAX_FIRM or not is_storable(name):
            line.tell(Code.NAME_MISSING, "name")
        if place is None or line.row.refused or not self._first(line, "enterprise_id", (place.pk, code)):
            return refused(line)
        unit = self.now.units.get((place.township_id, unit_name)) if unit_name else None
        if unit_name and unit is None:
            line.tell(Code.UNIT_UNKNOWN, "unit")
            return refused(line)
        known = self.now.firms.get((place.pk, code))
        line.row.fields |= {"name": name, "village": place, "unit": unit}
        if known is None:
            line.row.fields["firm"] = self.now.firms[place.pk, code] = Firm(code, name, place.pk)
            return done(line, Outcome.CREATED)
        line.row.fields["firm"] = known
        keep(line, "name", known.name, name)
        if unit is not None and not known.unit_name:
            line.row.fields["fills"] = ["unit"]
        else:
            keep(line, "unit", known.unit_name, unit_name)
        return done(line, _updated(line.row.fields))

    # Households

    def household(self, line: Line) -> Planned:
        """A household by its code in its village; a new one comes with its head and its cadre."""
        place = place_of(self.now, line, "village_code")
        code, head = line.value("hh_no", values.household_code), line.value("head", values.name, show=False)
        group, status = line.value("group_no", values.group), line.word("status", HOUSEHOLD_STATUSES)
        if not code or is_generated_code(code):
            line.tell(Code.NUMBER_MISSING, "hh_no")
        if place is None or line.row.refused:
            return refused(line)
        if not self._first(line, "hh_no", (place.pk, code), Code.HH_NO_DUPLICATE):
            return refused(line)
        cadre = self._responsible(line, place)
        line.row.fields |= {"head": head, "village": place, "group": group, "status": str(status), "person": cadre}
        known = self.now.homes.get((place.pk, code))
        if known is None:
            return self._new_household(line, place, code)
        line.row.fields["home"] = known
        keep(line, "head", known.head, head)
        if group is not None:
            keep(line, "group_no", str(known.group or ""), str(group))
        if known.status != status:
            line.tell(Code.LEDGER_KEPT, "status", show=False, hint=str(HouseholdStatus(known.status).label))
        if cadre is not None and known.cadre is None:
            line.row.fields["fills"] = ["cadre"]
        elif cadre is not None and cadre.pk != known.cadre:
            line.tell(Code.LEDGER_KEPT, "cadre_no", show=False, hint=self._names[known.cadre])
        return done(line, _updated(line.row.fields), household=known.pk)

    def _new_household(self, line: Line, place: Place, code: str) -> Planned:
        head, group = line.row.fields["head"], line.row.fields["group"]
        twins = self.now.ledger.by_name.get((place.pk, group, head), ())
        if any(stored.generated for stored in twins):
            line.tell(Code.POSSIBLE_DUPLICATE, "head", show=False)
            return refused(line)
        home = Home(code, place.pk, None, head, group)
        line.row.fields["home"] = self.now.homes[place.pk, code] = home
        return done(line, Outcome.CREATED)

    def _responsible(self, line: Line, place: Place) -> Person | None:
        """The household's cadre; one who is not known, has left or works elsewhere is told, and left out."""
        number = line.text("cadre_no")
        if not number:
            return None
        person = self.now.people.get((self.now.counties[place.township_id], number.lower()))
        if person is None or person.has_left or person.township not in (None, place.township_id):
            line.tell(Code.CADRE_UNKNOWN, "cadre_no")
            return None
        return person

    def _first(self, line: Line, column: str, key: Any, code: str = Code.NUMBER_DUPLICATE) -> bool:
        """Whether this is the first row of its table about that thing; the second is told."""
        first = self.seen.setdefault((str(line.row.role), key), line.row)
        if first is line.row:
            return True
        line.tell(code, column, hint=where(first, line.row))
        return False


def place_of(now: PastNow, line: Line, column: str) -> Place | None:
    """The village of the row, by code or name; what is wrong with it is told in the contract's words."""
    match = now.ledger.villages.find(line.text(column))
    if match.place is None:
        line.tell(match.code, column, hint=match.hint)
    return match.place


def keep(line: Line, column: str, before: str, after: str, *, shown: str | None = None) -> None:
    """Tell that the ledger says otherwise, where the row says anything; ``shown`` is what is quoted of the ledger."""
    if after and before and before != after:
        line.tell(Code.LEDGER_KEPT, column, show=False, hint=before if shown is None else shown)


def refused(line: Line) -> Planned:
    """The row stays out."""
    return Planned(line.row, Outcome.REFUSED)


def done(line: Line, outcome: Outcome, household: int | None = None) -> Planned:
    """The row with its outcome, or refused after all for what was told of it."""
    return refused(line) if line.row.refused else Planned(line.row, outcome, household=household)


def _updated(fields: dict[str, Any]) -> Outcome:
    return Outcome.UPDATED if fields.get("fills") or fields.get("ties") else Outcome.UNCHANGED
