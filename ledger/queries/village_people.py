"""Who stands for a village on the papers: its links (包村), its village cadres by posting, its secretary (村支书)."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass, field

from ledger.models import Cadre, LinkKind, Posting, VillageLink
from ledger.rules.contact_cards import is_secretary
from ledger.rules.permissions import Role


@dataclass(frozen=True)
class Person:
    """A cadre as a paper names them; the phone is the work phone, in full."""

    pk: int
    name: str
    unit: str = ""
    title: str = ""
    phone: str = ""

    @property
    def office(self) -> str:
        """单位职务 in one cell."""
        return "".join(part for part in (self.unit, self.title) if part)


@dataclass
class VillagePeople:
    """Each in the order of the county's own lists."""

    county_leaders: list[Person] = field(default_factory=list)
    county_units: list[str] = field(default_factory=list)
    township_leaders: list[Person] = field(default_factory=list)
    township_units: list[str] = field(default_factory=list)
    cadres: list[Person] = field(default_factory=list)
    secretary: Person | None = None


def person_of(cadre: Cadre | None) -> Person | None:
    """``cadre.organisation`` is read."""
    if cadre is None:
        return None
    unit = cadre.organisation.name if cadre.organisation is not None else ""
    return Person(cadre.pk, cadre.name, unit, cadre.title, cadre.phone)


def people_of(villages: Iterable[int], day: datetime.date) -> dict[int, VillagePeople]:
    """Village id → its people on that day; two questions for any number of villages."""
    found = {pk: VillagePeople() for pk in villages}
    links = VillageLink.objects.open_on(day).filter(village__in=list(found))
    for link in links.select_related("cadre__organisation", "organisation").order_by(
        "cadre__sort_order", "organisation__sort_order", "pk"
    ):
        _add_link(found[link.village_id], link)
    postings = Posting.objects.open_on(day).filter(
        village__in=list(found), role__in=(Role.VILLAGE_CADRE, Role.VILLAGE_OFFICIAL), cadre__left_on__isnull=True
    )
    for posting in postings.select_related("cadre__organisation").order_by("cadre__sort_order", "pk"):
        _add_posting(found[posting.village_id], posting)
    return found


def _add_link(people: VillagePeople, link: VillageLink) -> None:
    lists = {
        LinkKind.COUNTY_LEADER: people.county_leaders, LinkKind.TOWNSHIP_LEADER: people.township_leaders,
        LinkKind.VILLAGE_CADRE: people.cadres,
    }  # fmt: skip
    units = {LinkKind.COUNTY_UNIT: people.county_units, LinkKind.TOWNSHIP_UNIT: people.township_units}
    kind = LinkKind(link.kind)
    person = person_of(link.cadre)
    if person is not None:
        lists[kind].append(person)
    elif link.organisation is not None:
        units[kind].append(link.organisation.name)


def _add_posting(people: VillagePeople, posting: Posting) -> None:
    person = person_of(posting.cadre)
    assert person is not None
    if posting.role == Role.VILLAGE_CADRE:
        if all(person.pk != other.pk for other in people.cadres):
            people.cadres.append(person)
    elif people.secretary is None and is_secretary(person.title):
        people.secretary = person
