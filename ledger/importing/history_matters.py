"""What the tables of earlier visits and matters would do. What is in the ledger already stays as it is there."""

from typing import Any

from django.utils.translation import gettext as _

from ledger.importing import history_values as read
from ledger.importing import values
from ledger.importing.findings import Code
from ledger.importing.history_now import Contact, Home, Matter, PastNow, Person, Unit
from ledger.importing.history_people import done, place_of, refused
from ledger.importing.history_tables import Line
from ledger.importing.plan import Outcome, Planned
from ledger.importing.row import Row, where
from ledger.importing.villages import Place
from ledger.rules.cleaning import clean_line, is_storable
from ledger.rules.history import (
    ANSWERS,
    EVENT_KINDS,
    OUTCOMES,
    RESULTS,
    SETTLED,
    STATES,
    TRUTHS,
    URGENCIES,
    PastState,
    state_of,
)
from ledger.rules.visits import CONTACT_KINDS, VisitKind

MAX_CATEGORY = 40


class Matters:
    """Plans visits, then issues; both name households, cadres and each other by the numbers of the tables."""

    def __init__(self, now: PastNow) -> None:
        self.now = now
        self.seen: dict[tuple[Any, ...], Row] = {}

    # Visits

    def event(self, line: Line) -> Planned:
        """One visit or meeting."""
        fields = line.row.fields
        place = place_of(self.now, line, "village_code")
        number, kind = line.value("event_id", read.number, show=False), line.word("kind", EVENT_KINDS)
        (day, hour), void = line.value("time", read.moment), line.word("void", TRUTHS)
        result = line.word("result", RESULTS)
        persons, opinions = line.value("persons", read.people), line.value("opinions_from", read.people)
        content = line.value("content", read.text, show=False)
        self._check_day(line, "time", day)
        if place is None or line.row.refused:
            return refused(line)
        if not self._first(line, "event_id", ("event", place.township_id, number)):
            return refused(line)
        lead = self._person(line, "cadre_no", place, Code.VISITOR_UNKNOWN)
        fields |= {
            "number": number, "name": number, "village": place, "kind": kind[0], "form": kind[1], "day": day,
            "hour": hour, "void": void, "result": result, "persons": persons, "opinions": opinions, "content": content,
            "lead": lead, "companions": self._companions(line, place, lead),
            "group": line.value("group_no", values.group),
        }  # fmt: skip
        self._whom(line, place, kind[0])
        return self._placed_event(line, place)

    def _whom(self, line: Line, place: Place, kind: VisitKind) -> None:
        """The household or enterprise that was visited; a visit to a household names it."""
        fields = line.row.fields
        fields["home"] = self._home(line, place, needed=kind in CONTACT_KINDS)
        code = line.text("enterprise_id")
        fields["firm"] = self.now.firms.get((place.pk, code)) if code else None
        if (code or kind == VisitKind.ENTERPRISE) and fields["firm"] is None:
            line.tell(Code.ENTERPRISE_UNKNOWN, "enterprise_id")

    def _placed_event(self, line: Line, place: Place) -> Planned:
        """New, or compared with the visit of that number."""
        if line.row.refused:
            return refused(line)
        fields = line.row.fields
        said = {
            "kind": str(fields["kind"]), "time": fields["day"], "hh_no": _code(fields["home"]),
            "enterprise_id": _code(fields["firm"]), "cadre_no": fields["lead"].number.lower(),
            "persons": fields["persons"], "opinions_from": fields["opinions"], "void": fields["void"],
        }  # fmt: skip
        known = self.now.contacts.get((place.township_id, fields["number"]))
        if known is None:
            made = Contact(fields["number"], place.pk, None, said, fields["kind"] == VisitKind.MEETING)
            self.now.contacts[place.township_id, fields["number"]] = fields["contact"] = made
            return done(line, Outcome.CREATED)
        if (known.village, known.said["kind"], known.said["time"]) != (place.pk, said["kind"], said["time"]):
            line.tell(Code.NUMBER_TAKEN, "event_id", show=False, hint=str(known.said["time"]))
            return refused(line)
        for column in ("hh_no", "enterprise_id", "cadre_no", "persons", "opinions_from"):
            if said[column] != known.said[column]:
                hint = str(known.said[column]).upper() or _("empty")
                line.tell(Code.LEDGER_KEPT, column, show=False, hint=hint)
        return done(line, Outcome.UNCHANGED)

    def _companions(self, line: Line, place: Place, lead: Person | None) -> list[Person]:
        found: list[Person] = []
        for number in read.parts(line.cells.get("co_cadres")):
            person = self._known(number, place)
            if person is None:
                line.tell(Code.COMPANION_UNKNOWN, "co_cadres")
            elif person is not lead and person not in found:
                found.append(person)
        return found

    # Issues

    def issue(self, line: Line) -> Planned:
        """One matter of the earlier ledger."""
        fields = line.row.fields
        place = place_of(self.now, line, "village_code")
        number, title = line.value("issue_id", read.number, show=False), line.value("title", read.title, show=False)
        created, due = line.value("created_date", read.day), line.value("due_date", read.day)
        closed = line.value("closed_date", read.day)
        urgency, past = line.word("urgency", URGENCIES), line.word("status", STATES)
        outcome, answer = line.word("outcome", OUTCOMES), line.word("satisfaction", ANSWERS)
        text, result = line.value("text", read.text, show=False), line.value("result_text", read.text, show=False)
        self._check_day(line, "created_date", created)
        if past in SETTLED:
            self._check_day(line, "closed_date", closed)
            if closed and created and closed < created:
                line.tell(Code.DATES_REVERSED, "closed_date")
        if place is None or line.row.refused:
            return refused(line)
        fields |= {
            "number": number, "name": number, "village": place, "title": title, "day": created, "due": due,
            "past": past, "closed": closed if past in SETTLED else "", "urgency": urgency,
            "outcome": outcome if past in SETTLED else "", "answer": answer if past in SETTLED else "",
            "text": text, "result_text": result, "home": self._home(line, place, needed=False),
            "category": self._category(line, place), "unit": self._unit(line, place, past),
            "person": self._person(line, "cadre_no", place, Code.REGISTRANT_UNKNOWN, needed=False),
            "contact": self._contact(line, place),
        }  # fmt: skip
        if line.row.refused or not self._first(line, "issue_id", ("issue", place.township_id, created[:4], number)):
            return refused(line)
        return self._placed_issue(line, place)

    def _placed_issue(self, line: Line, place: Place) -> Planned:
        fields = line.row.fields
        fields["state"] = state_of(fields["past"], has_handler=fields["unit"] is not None)
        said = {
            "village_code": place.pk, "title": fields["title"], "created_date": fields["day"],
            "category": fields["category"], "urgency": str(fields["urgency"]), "hh_no": _code(fields["home"]),
            "due_date": fields["due"], "status": str(fields["state"]),
        }  # fmt: skip
        key = (place.township_id, int(fields["day"][:4]), fields["number"])
        known = self.now.matters.get(key)
        if known is None:
            self.now.matters[key] = Matter(fields["number"], said)
            return done(line, Outcome.CREATED)
        if any(known.said[name] != said[name] for name in ("village_code", "created_date", "title")):
            line.tell(Code.NUMBER_TAKEN, "issue_id", show=False, hint=f"{known.said['created_date']}")
            return refused(line)
        for column in ("category", "hh_no"):
            if said[column] != known.said[column]:
                line.tell(Code.LEDGER_KEPT, column, show=False, hint=known.said[column] or _("empty"))
        return done(line, Outcome.UNCHANGED)

    def _category(self, line: Line, place: Place) -> str:
        """The category's name; one that the county does not list is kept for the past, and told."""
        name = clean_line(values.text_of(line.cells.get("category")))
        if not name or len(name) > MAX_CATEGORY or not is_storable(name):
            line.tell(Code.WORD_UNKNOWN, "category")
            return ""
        key = (self.now.counties[place.township_id], name)
        if self.now.categories.setdefault(key, (None, False))[0] is None:
            line.tell(Code.CATEGORY_ADDED, "category")
        return name

    def _unit(self, line: Line, place: Place, past: PastState) -> Unit | None:
        """Who handles it: the office of that name; only an open matter may lack one."""
        name = clean_line(values.text_of(line.cells.get("department")))
        unit = self.now.units.get((place.township_id, name)) if name else None
        if name and unit is None:
            line.tell(Code.UNIT_UNKNOWN, "department")
        elif unit is None and past in (PastState.IN_PROGRESS, PastState.RESOLVED):
            line.tell(Code.UNIT_MISSING, "department")
        return unit

    def _contact(self, line: Line, place: Place) -> Contact | None:
        """The visit it came from."""
        number = line.text("event_id")
        if not number:
            return None
        contact = self.now.contacts.get((place.township_id, number))
        if contact is None:
            line.tell(Code.EVENT_UNKNOWN, "event_id")
        return contact

    # Both

    def _check_day(self, line: Line, column: str, day: str) -> None:
        if not day:
            if all(finding.field != column for finding in line.row.findings):
                line.tell(Code.DATE_NEEDED, column)
        elif day > self.now.ledger.today.isoformat():
            line.tell(Code.DATE_AHEAD, column)

    def _person(self, line: Line, column: str, place: Place, code: str, *, needed: bool = True) -> Person | None:
        """A cadre by number, also one who has left."""
        number = line.text(column)
        person = self._known(number, place) if number else None
        if person is None and (number or needed):
            line.tell(code, column)
        return person

    def _known(self, number: str, place: Place) -> Person | None:
        """Of the county's own cadres and those of the scope: nobody else's name is put under a visit."""
        person = self.now.people.get((self.now.counties[place.township_id], number.lower()))
        return person if person is not None and person.township in (None, *self.now.counties) else None

    def _home(self, line: Line, place: Place, *, needed: bool) -> Home | None:
        code = line.text("hh_no")
        home = self.now.homes.get((place.pk, code)) if code else None
        if home is None and (code or needed):
            line.tell(Code.HOUSEHOLD_UNKNOWN, "hh_no")
        return home

    def _first(self, line: Line, column: str, key: tuple[Any, ...]) -> bool:
        first = self.seen.setdefault(key, line.row)
        if first is line.row:
            return True
        line.tell(Code.NUMBER_DUPLICATE, column, hint=where(first, line.row))
        return False


def _code(thing: Any) -> str:
    return thing.code if thing is not None else ""
