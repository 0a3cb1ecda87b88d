"""The ledger's year: about 900 issues in every state, from the contacts that brought them to the striking off."""

import datetime
import random
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass

from ledger.demonstration.courses import Clock, Course
from ledger.demonstration.fates import FATES, Fate
from ledger.demonstration.homes import Home
from ledger.demonstration.journeys import Journey
from ledger.demonstration.matters import Deck, Matter
from ledger.demonstration.places import Place, Town
from ledger.demonstration.staff import Staff
from ledger.demonstration.visits import Contact
from ledger.models import Cadre, Category, Issue
from ledger.rules.days import SHANGHAI
from ledger.rules.households import HouseholdStatus
from ledger.rules.issues import Answer, IssueKind, Source, State, must_be_sensitive
from ledger.rules.permissions import Level
from ledger.rules.visits import VisitKind, VisitResult

VISITED = frozenset({VisitKind.HOUSEHOLD, VisitKind.NIGHT, VisitKind.PHONE, VisitKind.TALK})
OTHER_SOURCES = {
    Source.GRID: 16, Source.RECEPTION: 12, Source.HOTLINE: 7, Source.MEETING: 14, Source.SUPERIOR: 2, Source.LEADER: 3,
    Source.SCAN: 4,
}  # fmt: skip
MOST_PER_HOUSEHOLD = 3


@dataclass
class Told:
    """An issue with its course and what it needs to be stored."""

    course: Course
    home: Home | None
    contact: Contact | None


class Chronicle:
    """Tells the issues of one township."""

    def __init__(
        self, rng: random.Random, now: datetime.datetime, town: Town, staff: Staff,
        categories: dict[tuple[str, str], Category],
    ) -> None:  # fmt: skip
        self.rng, self.now, self.town, self.staff, self.categories = rng, now, town, staff, categories
        self.today = now.astimezone(SHANGHAI).date()
        self.clock, self.deck = Clock(rng, now), Deck(rng)
        self.told: list[Told] = []
        self._by_day: dict[datetime.date, list[Contact]] = {}
        self._count: dict[int, int] = defaultdict(int)
        self._spoken: set[int] = set()
        self._titled: Counter[Matter] = Counter()
        self.reserved: frozenset[int] = frozenset()
        """Households (``id``) that get no open matter by chance."""

    def tell(self, contacts: list[Contact], homes: list[Home], scale: float) -> list[Told]:
        """Everything, in shares of ``FATES``."""
        self.homes = [home for home in homes if home.is_there and home.cadre]
        for contact in contacts:
            if contact.home is not None and contact.row.kind in VISITED and contact.row.result == VisitResult.MET:
                self._by_day.setdefault(contact.row.occurred_on, []).append(contact)
        wanted = [fate for fate, share in FATES for _time in range(max(1, round(share * scale)))]
        # The year's closed matters in the order of time, so that the same one does not come twice in a few weeks.
        closed = [(self.rng.randint(fate.days + 4, 357), order) for order, fate in enumerate(wanted) if fate.is_closed]
        for ago, order in sorted(closed, reverse=True):
            self.one(wanted[order], ago=ago)
        for fate in wanted:
            if not fate.is_closed:
                self.one(fate)
        return self.told

    def one(
        self, fate: Fate, *, ago: int | None = None, home: Home | None = None,
        want: Callable[[Matter], bool] | None = None,
        handler: Cadre | None = None, place: Place | None = None,
        call: Callable[[Home, datetime.date], Contact] | None = None, is_called: bool = False,
    ) -> Told:  # fmt: skip
        """One issue of that fate; for a given household, place or handler when the demonstration needs it there.

        ``ago``: registered so many days ago at least. ``call`` makes the visit that brought it, when there is none, or
        in any case (``is_called``): somebody else's of that day would make it theirs.
        """
        for _try in range(400):
            matter = self.deck.draw(lambda m: self._fits(m, fate, home, place) and (want is None or want(m)))
            journey = Journey(
                self.rng, self.clock, self.staff, self.town, matter, self.categories[matter.category], fate
            )
            day = journey.registered_on(ago)
            if day is None:
                continue
            contact = None if is_called else self._contact(matter, day, place, home, fate)
            if contact is None and call is not None and home is not None:
                contact = call(home, day)
            found = (
                contact.home if contact else home or (None if matter.public else self._home(matter, day, place, fate))
            )
            if found is not None or matter.public:
                return self._tell(journey, day, found, contact, place, handler)
        raise LookupError("No household of the township fits any matter.")

    def _tell(
        self, journey: Journey, day: datetime.date, home: Home | None, contact: Contact | None, place: Place | None,
        handler: Cadre | None,
    ) -> Told:  # fmt: skip
        place = home.place if home is not None else place or self._public_place(journey.matter)
        course = self._draft(journey.matter, home, place, contact, day)
        journey.travel(course, place, home, handler)
        if contact is not None:
            if not course.issue.is_sensitive:  # who reads the visit may not know of it
                contact.raised.append(course.issue.title)
            self._spoken.add(id(contact))
        if home is not None:
            self._count[id(home)] += 1
        self.told.append(Told(course, home, contact))
        return self.told[-1]

    def _public_place(self, matter: Matter) -> Place:
        """Somewhere a matter of no single household may lie."""
        fitting = [place for place in self.town.places if matter.rule.needs <= _nature(place)]
        return self.rng.choice(fitting or self.town.places)

    def _fits(self, matter: Matter, fate: Fate, home: Home | None, place: Place | None) -> bool:
        months = matter.rule.months
        if matter.kind == IssueKind.COMPLAINT and (fate.state == State.REGISTERED or fate.on_spot or fate.returned):
            return False
        if not fate.is_old and months and self.today.month not in months:
            return False
        if fate.on_spot and (matter.unit or matter.public or matter.sensitive):
            return False
        if fate.answer == Answer.ON_SITE and not self.categories[matter.category].is_public_works:
            return False
        if home is not None:
            return matter.rule.needs <= home.tags and matter.rule.forbids.isdisjoint(home.tags)
        if place is not None and matter.public:
            return matter.rule.needs <= _nature(place)
        return True

    def _contact(
        self, matter: Matter, day: datetime.date, place: Place | None, home: Home | None, fate: Fate
    ) -> Contact | None:  # fmt: skip
        """A contact of about that day at a household the matter fits, where nothing else was raised."""
        if self.rng.random() < 0.25:
            return None
        recent = bool(fate.due) or day >= self.today - datetime.timedelta(days=8)
        for offset in (0, -1) if recent else sorted(range(-6, 7), key=abs):
            contacts = self._by_day.get(day + datetime.timedelta(days=offset), [])
            if place is not None or home is not None:
                contacts = [c for c in contacts if c.home is home or (home is None and c.place is place)]
            for contact in self.rng.sample(contacts, min(len(contacts), 30)):
                other = contact.home
                free = id(contact) not in self._spoken and (home is not None or self._may_raise(other, fate))
                if other and free and matter.rule.holds(other.tags, contact.row.occurred_on.month):
                    return contact
        return None

    def _home(self, matter: Matter, day: datetime.date, place: Place | None, fate: Fate) -> Home | None:
        """A household the matter fits; one somebody has been to, since he must have heard of it."""
        homes = [home for home in self.homes if place is None or home.place is place]
        for home in self.rng.sample(homes, min(len(homes), 300)):
            if matter.rule.holds(home.tags, day.month) and self._may_raise(home, fate):
                return home
        return None

    def _may_raise(self, home: Home | None, fate: Fate) -> bool:
        """Nobody brings up everything; open matters of a scene's households belong to the scene."""
        if home is None or home.row.status != HouseholdStatus.ACTIVE or self._count[id(home)] >= MOST_PER_HOUSEHOLD:
            return False
        return fate.is_closed or id(home) not in self.reserved

    def _draft(
        self, matter: Matter, home: Home | None, place: Place, contact: Contact | None, day: datetime.date
    ) -> Course:  # fmt: skip
        rng, category = self.rng, self.categories[matter.category]
        complaint = matter.kind == IssueKind.COMPLAINT or category.is_restricted
        level = Level.TOWNSHIP if complaint else Level.VILLAGE if place.village_cadre else Level.DISTRICT
        group = home.row.group if home is not None else rng.choice(place.groups)
        values = {
            "spot": rng.choice(place.spots), "g": group.number if group else 1, "n": rng.randint(3, 9),
            "m": rng.randrange(40, 190, 10), "k": rng.randint(6, 28), "v": place.name,
        }  # fmt: skip
        source, registrant = self._source(home, place, contact)
        at = self._moment(contact, day)
        issue = Issue(
            township=self.town.township, year=at.astimezone(SHANGHAI).year, kind=matter.kind, category=category,
            source=source, urgency=matter.urgency, title=self._title(matter).format(**values),
            text=matter.text.format(**values),
            is_sensitive=matter.sensitive or must_be_sensitive(matter.kind, restricted=category.is_restricted),
            village=place.village, group=group, household=home.row if home else None,
            visit=contact.row if contact else None, registered_by=registrant, registered_at=at, level=level,
        )  # fmt: skip
        if matter.kind == IssueKind.EARLY_SIGN:
            issue.raised_by_name = rng.choice(("网格员", "邻居", "组长"))
        elif home is not None:
            raiser = home.residents[0] if rng.random() < 0.7 else rng.choice(home.grown)
            issue.raised_by_name, issue.raised_by_phone = raiser.name, raiser.phone or home.residents[0].phone
        else:
            issue.raised_by_name = rng.choice(
                (f"{group.number}组村民" if not place.is_community else "居民代表", "组长", "网格员")
            )
        if matter.kind == IssueKind.COMPLAINT:
            issue.about_cadre = rng.choice([cadre for cadre in place.officials if cadre is not registrant])
        return Course(issue, at, values)

    def _title(self, matter: Matter) -> str:
        """The next of its titles."""
        said = self._titled[matter]
        self._titled[matter] += 1
        return matter.titles[said % len(matter.titles)]

    def _source(self, home: Home | None, place: Place, contact: Contact | None) -> tuple[str, Cadre]:
        if contact is not None:
            return (Source.PHONE if contact.row.kind == VisitKind.PHONE else Source.VISIT), contact.row.lead
        source = self.rng.choices(list(OTHER_SOURCES), list(OTHER_SOURCES.values()))[0]
        desk = self.staff.desks[self.town.township.pk]
        who = {
            Source.GRID: place.officials[-1], Source.RECEPTION: self.rng.choice((*place.officials, desk)),
            Source.HOTLINE: desk, Source.SUPERIOR: desk, Source.SCAN: desk,
            Source.MEETING: place.village_cadre or place.secretary,
            Source.LEADER: self.rng.choice(self.staff.leaders[self.town.township.pk]),
        }  # fmt: skip
        registrant = who[source]
        assert registrant is not None
        return source, registrant

    def _moment(self, contact: Contact | None, day: datetime.date) -> datetime.datetime:
        if contact is None:
            return self.clock.on(day)
        row = contact.row
        assert row.occurred_time is not None
        begun = datetime.datetime.combine(row.occurred_on, row.occurred_time, tzinfo=SHANGHAI)
        return begun + datetime.timedelta(minutes=self.rng.randint(5, 22))


def _nature(place: Place) -> set[str]:
    """What holds for a place as such."""
    return {"community"} if place.is_community else {"village", "farm"}
