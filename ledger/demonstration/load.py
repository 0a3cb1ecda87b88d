"""Puts the demonstration county together, once."""

import datetime
import random
from dataclasses import asdict, dataclass

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from ledger.actions import planner
from ledger.actions.audit import SYSTEM, record
from ledger.actions.defaults import load_defaults
from ledger.demonstration import cards, extras, homes, places, staff
from ledger.demonstration.campaigns import begin_campaigns
from ledger.demonstration.duties import arrange_duties
from ledger.demonstration.gatherings import Gatherings, make_enterprises
from ledger.demonstration.issues import Chronicle, Told
from ledger.demonstration.kinds import store_kinds
from ledger.demonstration.notices import tell_people
from ledger.demonstration.recordings import store_recordings
from ledger.demonstration.reports import report_last_month
from ledger.demonstration.scenes import arrange_round, own_round, set_scenes
from ledger.demonstration.storing import store_contacts, store_issues, store_kept_columns
from ledger.demonstration.supplement import hand_in_supplement
from ledger.demonstration.turns import Turns
from ledger.demonstration.visits import Contact, Diary
from ledger.demonstration.writing import Writer
from ledger.models import Category, County
from ledger.rules.days import SHANGHAI, local_day

SEED = 20260101
SECOND_SHARE = 0.03
"""Issues of the small township, against those of the main one."""
VISITED_ISSUES = 0.35
"""How many of the closed issues were called back at the household's door, with a visit of its own."""


class DemonstrationRefused(Exception):
    """Why the demonstration is not loaded here; the text is a sentence for whoever asked."""


@dataclass(frozen=True)
class Loaded:
    """How much there is of what."""

    townships: int
    villages: int
    organisations: int
    cadres: int
    households: int
    residents: int
    visits: int
    issues: int


@transaction.atomic
def load(*, scale: float = 1.0) -> Loaded:
    """Load everything; ``scale`` shrinks households, visits and issues alike (tests).

    Raises DemonstrationRefused in production and where a county exists already.
    """
    if not settings.DEMONSTRATION_ALLOWED:
        raise DemonstrationRefused(_("The demonstration is not loaded in production."))
    if County.objects.exists():
        raise DemonstrationRefused(_("There is a county already: the demonstration wants an empty database."))
    rng, now = random.Random(SEED), timezone.now()
    register = homes.Register(rng, local_day(now))
    county = places.make_county()
    towns = places.make_towns(rng, county, scale)
    load_defaults(by=SYSTEM, county=county)
    people = _hire(rng, county, register, towns)
    year = Year(rng, now, people, register, scale)
    for number, town in enumerate(towns):
        year.tell(town, _categories(county), is_main=number == 0)
    year.write(county)
    extras.exclude_some(rng, towns[0], year.homes, people, now)
    extras.propose_corrections(rng, towns[0], year.homes, now)
    cards.word_phones(towns)
    cards.print_cards(towns[0], now)
    tell_people(county, now)
    arrange_duties(towns[0])
    hand_in_supplement(towns[0], year.homes)
    begin_campaigns(random.Random(SEED), towns[0], local_day(now))
    store_recordings(towns[0], local_day(now))
    report_last_month(towns[0], local_day(now))
    loaded = Loaded(
        townships=len(towns), villages=sum(len(town.places) for town in towns),
        organisations=extras.organisations(county), cadres=len(people.cadres), households=len(year.homes),
        residents=sum(len(home.residents) for home in year.homes), visits=len(year.contacts), issues=len(year.told),
    )  # fmt: skip
    record(verb="demonstration.loaded", by=SYSTEM, obj=county, detail=asdict(loaded))
    planner.after_bulk_write()
    return loaded


def _hire(rng: random.Random, county: County, register: homes.Register, towns: list[places.Town]) -> staff.Staff:
    office = staff.Office(rng, county, register)
    staff.hire_county(office, towns)
    staff.hire_main(office, towns[0])
    for town in towns[1:]:
        staff.hire_second(office, town)
    staff.store(office)
    return office.staff


class Year:
    """What happened in the townships: told one after the other, then written all at once in order of time."""

    def __init__(
        self, rng: random.Random, now: datetime.datetime, people: staff.Staff, register: homes.Register, scale: float
    ) -> None:  # fmt: skip
        self.rng, self.now, self.people, self.register, self.scale = rng, now, people, register, scale
        self.diary = Diary(rng, register.today)
        self.meetings = Gatherings(rng, register.today, scale)
        self.homes: list[homes.Home] = []
        self.contacts: list[Contact] = []
        self.told: list[Told] = []

    def tell(self, town: places.Town, categories: dict[tuple[str, str], Category], *, is_main: bool) -> None:
        """Households (stored at once, since the rest points at them), contacts and issues of one township."""
        own = homes.make_homes(self.register, town)
        homes.store(own, self.register.founded_on, self.rng, self.register.today)
        enterprises = make_enterprises(self.rng, town, self.people)
        visits = arrange_round(self.diary, own, self.diary.visit_homes(own) + self.meetings.plan(town, enterprises))
        self.diary.schedule(visits)
        chronicle = Chronicle(self.rng, self.now, town, self.people, categories)
        chronicle.reserved = own_round(own)
        chronicle.tell(visits, own, self.scale if is_main else self.scale * SECOND_SHARE)
        turns = Turns(self.rng, chronicle.clock, town, self.people)
        turns.take(chronicle.told, self.scale if is_main else self.scale * SECOND_SHARE)
        if is_main:
            visits += set_scenes(chronicle, self.diary, town, own, visits)
        visits += _call_backs(self.diary, chronicle.told)
        self.homes += own
        self.contacts += visits
        self.told += chronicle.told

    def write(self, county: County) -> None:
        """Give the contacts their notes and store everything."""
        self.contacts.sort(key=lambda contact: (contact.row.occurred_on, contact.row.occurred_time))
        writer = Writer(self.rng)
        for contact in self.contacts:
            writer.write(contact)
        store_contacts(self.contacts, self.now, self.rng, county)
        store_issues(self.told, self.meetings.questions(self.contacts))
        store_kinds(random.Random(SEED), self.told, self.homes, self.register.today)
        store_kept_columns(self.homes)


def _categories(county: County) -> dict[tuple[str, str], Category]:
    """(top, child) → category; a top one alone stands under an empty child name."""
    rows = Category.objects.filter(county=county).select_related("parent")
    return {(row.parent.name, row.name) if row.parent else (row.name, ""): row for row in rows}


def _call_backs(diary: Diary, told: list[Told]) -> list[Contact]:
    """Some households were asked at their door or by telephone, by their own cadre."""
    contacts = []
    for each in told:
        issue = each.course.issue
        home, asked = each.home, issue.called_back_at
        if home is None or asked is None or issue.called_back_by is not home.cadre or issue.is_sensitive:
            continue
        if issue.state != "closed" or diary.rng.random() > VISITED_ISSUES:
            continue
        contact = diary.by(
            home.cadre, home, asked.astimezone(SHANGHAI).date(), diary.rng.choice(("household", "phone")), "met"
        )
        contact.about = f"回访{issue.title}一事，{{who}}表示已经解决。"
        contact.row.occurred_time = asked.astimezone(SHANGHAI).time().replace(second=0, microsecond=0)
        contacts.append(contact)
    return contacts
