"""Puts the demonstration county together, once."""

import datetime
import random
from dataclasses import asdict, dataclass

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from ledger.actions.audit import SYSTEM, record
from ledger.actions.defaults import load_defaults
from ledger.demonstration import extras, homes, places, staff
from ledger.demonstration.gatherings import Gatherings, make_enterprises
from ledger.demonstration.issues import Chronicle, Told
from ledger.demonstration.scenes import arrange_round, own_round, set_scenes
from ledger.demonstration.storing import store_contacts, store_issues, store_kept_columns
from ledger.demonstration.visits import Contact, Diary
from ledger.demonstration.writing import Writer
from ledger.models import Category, County
from ledger.rules.days import SHANGHAI

SEED = 20260101
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
        raise DemonstrationRefused(
            _("There is a county already: the demonstration is loaded into an empty database only.")
        )
    rng = random.Random(SEED)
    now = timezone.now()
    today = now.astimezone(SHANGHAI).date()
    county = places.make_county()
    towns = places.make_towns(rng, county, scale)
    load_defaults(by=SYSTEM, county=county)
    register = homes.Register(rng, today)
    office = staff.Office(rng, county, register)
    staff.hire_county(office, towns)
    staff.hire_main(office, towns[0])
    staff.hire_second(office, towns[1])
    staff.store(office)
    categories = _categories(county)
    all_homes = []
    contacts: list[Contact] = []
    told: list[Told] = []
    meetings = Gatherings(rng, today, scale)
    diary, writer = Diary(rng, now, today), Writer(rng)
    for town in towns:
        own = homes.make_homes(register, town)
        homes.store(own, register.founded_on, rng, today)
        visits = diary.visit_homes(own) + meetings.plan(town, make_enterprises(rng, town, office.staff))
        visits = arrange_round(diary, own, visits)
        diary.schedule(visits)
        chronicle = Chronicle(rng, now, town, office.staff, categories)
        chronicle.reserved = own_round(own)
        share = scale if town is towns[0] else scale * 0.03
        chronicle.tell(visits, own, share)
        if town is towns[0]:
            visits += set_scenes(chronicle, diary, town, own, visits)
        visits += _call_backs(diary, chronicle.told)
        all_homes += own
        contacts += visits
        told += chronicle.told
    contacts = _in_order(contacts, now)
    for contact in contacts:
        writer.write(contact)
    store_contacts(contacts, now, rng, county)
    questions = meetings.questions(contacts)
    store_issues(told, questions)
    store_kept_columns(all_homes)
    extras.exclude_some(rng, towns[0], all_homes, office.staff, now)
    extras.propose_corrections(rng, towns[0], all_homes, now)
    loaded = Loaded(
        townships=len(towns), villages=sum(len(town.places) for town in towns),
        organisations=extras.organisations(county), cadres=len(office.staff.cadres), households=len(all_homes),
        residents=sum(len(home.residents) for home in all_homes), visits=len(contacts), issues=len(told),
    )  # fmt: skip
    record(verb="demonstration.loaded", by=SYSTEM, obj=county, detail=asdict(loaded))
    return loaded


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


def _in_order(contacts: list[Contact], now: datetime.datetime) -> list[Contact]:
    """By day and hour, without what would lie ahead of now."""
    local = now.astimezone(SHANGHAI)
    key = (local.date(), local.time())
    past = [contact for contact in contacts if (contact.row.occurred_on, contact.row.occurred_time) <= key]
    return sorted(past, key=lambda contact: (contact.row.occurred_on, contact.row.occurred_time))
