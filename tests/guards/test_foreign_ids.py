"""An id from outside: what lies beyond the scope is answered with the words for what does not exist.

Every field of a form or filter that takes an id, and every name that a view reads itself, is given the id of a row
elsewhere and an id that nobody has; both answers must be the same. The entrances are found in the pages themselves
(tests/access/ids.py).
"""

from collections.abc import Iterator
from urllib.parse import urlencode
from zlib import crc32

import pytest
from django import forms

from ledger.forms.picks import PickField
from ledger.models import Category, Enterprise, HouseholdType
from tests.access.actors import ACTORS, Actor
from tests.access.forms import drawn_forms, forms_of
from tests.access.ids import AREA, Entrance, Unexplained, fields_with_ids, kinds_of, names_read, pages, read_by_views
from tests.access.matrix import without_tokens
from tests.access.site import Answer, Asking, routes
from tests.access.targets import VILLAGE_LIFE
from tests.access.world import KINDS, MISSING, PLACES
from tests.drill import DRILLING
from tests.world import World

MORE_KINDS = KINDS | {
    "group": lambda world, place: world.villages[place].groups.first(),
    "enterprise": lambda world, place: Enterprise.objects.get(village=world.villages[place]),
    "category": lambda world, place: Category.objects.filter(county=_county(world, place), parent=None).first(),
    "household type": lambda world, place: HouseholdType.objects.filter(county=_county(world, place)).first(),
}
IN_COUNTY = frozenset({"topic", "benefit kind", "category", "household type", "calendar day", "county", "guide"})
FOLLOWS_VILLAGE = VILLAGE_LIFE | {"village", "group", "enterprise"}
NEVER_TOLD_APART = {
    ("badge_list BadgePlaceForm", "organisation"),  # the unit has no badges to print
    ("register_list RegisterForm", "area"),  # a household cadre has no whole area
    ("household_split SplitForm", "head"), ("household_split SplitForm", "members"),  # its one member can't leave it
    ("household_move MoveForm", "village"), ("allocation_people TieForm", "household"),  # already so
    ("substitution_create SubstitutionForm", "substitute"),  # the own row is oneself
    ("cadre_create CadreForm", "township"), ("organisation_create OrganisationForm", "township"),
    ("import_create ImportForm", "townships"),  # hidden for who has but one
    ("visit_create HouseholdVisitForm", "companions"), ("visit_create PlaceVisitForm", "companions"),  # oneself
    ("visits_together VisitsTogetherForm", "companions"), ("meeting_draft_create MeetingHeadForm", "companions"),
    ("meeting_draft_head MeetingHeadForm", "companions"), ("visit_edit VisitEditForm", "companions"),
    ("issue_step StepForm", "leader"),  # a leader of the place; the cadre who tries is none
    ("issue_list IssueFilterForm", "district"),  # offered from two districts on; the world has one
    ("meeting MeetingFilterForm", "unit"),  # only units that lead something on the desk
}  # fmt: skip
"""Fields whose own row is answered like a missing one, too, for one of the people who try."""
NAMED_FOR_OTHERS = {
    "district_secretary": {"to"}, "household_cadre": {"to"}, "township_admin": {"enterprise", "member", "border"},
}  # fmt: skip
"""What a view reads that has a row for others only: who hands nobody over meets ``to`` as the address of a form that
waited, who logs no visit has no enterprise to log it at and calls no member. The border of a list is moved with a
message on the next page, which no answer here holds (tests/views/test_allocation.py)."""
PEOPLE = ("township_admin", "district_secretary", "household_cadre", "county_admin")
COUNTY_ALONE = {
    str(route.name)
    for route in routes()
    if not next(actor for actor in ACTORS if actor.name == "township_admin").holds(route.callback.contract.permission)
}
"""Pages that a township's administrator cannot try."""


def _county(world: World, place: str) -> int:
    return world.villages[place].township.county_id


def foreign(actor: Actor, kind: str) -> list[str]:
    """Places whose row of that kind is surely not theirs: lists of the county are the county's, colleagues known."""
    if kind in IN_COUNTY:
        return ["other county"]
    if kind in FOLLOWS_VILLAGE:
        return [place for place in PLACES if place not in actor.life]
    township = {"own", "sibling", "other district"}
    return [place for place in PLACES if place not in actor.life | actor.setting_up | township]


class Entering:
    """One person tries every entrance."""

    def __init__(self, world: World, key: str) -> None:
        self.world, self.asking = world, Asking(world.users[key])
        self.actor = next(actor for actor in ACTORS if actor.key == key)
        self.wrong: list[str] = []
        self.tried: set[tuple[str, str]] = set()
        self.told_apart: set[tuple[str, str]] = set()

    def entrances(self) -> Iterator[Entrance]:
        """What the views read themselves; then in the pages that open, each form once."""
        yield from read_by_views(self.world)
        seen: set[tuple[str, ...]] = set()
        for name, url in pages(self.world):
            with drawn_forms() as drawn:
                page = self.asking.ask("GET", url)
            if page.status != 200 or not drawn:
                continue
            sent = forms_of(page.body, ticked_only=True)
            for form in drawn:
                for field, kinds in fields_with_ids(form):
                    key = (name, type(form).__name__, field)
                    if key in seen:
                        continue
                    seen.add(key)
                    holds = set(map(form.add_prefix, form.fields))
                    html = max(sent, key=lambda one: len(holds & set(one.names)), default=None)
                    # A search may be posted, to keep numbers out of addresses; its filters are read from the address.
                    is_filter = type(form).__name__.endswith("FilterForm")
                    method = html.method.upper() if html is not None and not is_filter else "GET"
                    values = tuple(pair for pair in html.values if pair[0] != field) if html is not None else ()
                    has_action = html is not None and html.action.startswith("/") and not is_filter
                    action = html.action if has_action else url
                    yield Entrance(method, action, field, kinds, values, f"{name} {type(form).__name__}")

    def enter(self, way: Entrance) -> None:
        for written, kind in way.kinds:
            missing = self._send(way, written.format(MISSING))
            if missing.status in {403, 405}:
                return
            self.tried.add((way.owner, way.name))
            if not missing.looked_at(way.name):
                continue  # another id in a name that nobody looked at makes no other answer
            plain = without_tokens(missing, MISSING)
            for place in self._asked(way, foreign(self.actor, kind)):
                pk = MORE_KINDS[kind](self.world, PLACES[place]).pk
                if without_tokens(self._send(way, written.format(pk)), pk) != plain:
                    self.wrong.append(f"{way.method} {way.url} {way.name}={written.format(pk)}: {kind} of {place}")
            pk = MORE_KINDS[kind](self.world, PLACES["own"]).pk
            if without_tokens(self._send(way, written.format(pk)), pk) != plain:
                self.told_apart.add((way.owner, way.name))

    def _asked(self, way: Entrance, places: list[str]) -> list[str]:
        """All of them in the drill; else one, another for each field and each person."""
        if DRILLING or not places:
            return places
        return [places[crc32(f"{way.owner} {way.name} {self.actor.name}".encode()) % len(places)]]

    def _send(self, way: Entrance, value: str) -> Answer:
        if way.method == "GET":
            mark = "&" if "?" in way.url else "?"
            return self.asking.ask("GET", f"{way.url}{mark}{urlencode({way.name: value})}")
        return self.asking.ask("POST", way.url, {**dict(way.values), way.name: value})


@pytest.mark.drill(sqlite_in_ci=True)
@pytest.mark.parametrize("key", PEOPLE)
def test_foreign_ids_are_missing_ids(access_world: World, db: None, key: str) -> None:
    entering = Entering(access_world, key)
    for way in entering.entrances():
        if key != "county_admin" or way.owner.split()[0] in COUNTY_ALONE:
            entering.enter(way)
    assert entering.wrong == []
    # The figures of one unit: the world's units have none of these rows, so every unit shows the same empty list.
    in_forms = {way for way in entering.tried if " " in way[0] and way[1] != "of_unit"}
    assert in_forms - entering.told_apart <= NEVER_TOLD_APART, "an own row must be taken, or nothing is proved"
    read = {name for owner, name in entering.tried if " " not in owner}
    assert {name for _owner, name in entering.told_apart} >= read - {"parent"} - NAMED_FOR_OTHERS.get(key, set())
    # Of the county's own pages none has a form that names a row: only the names that their views read are tried there.
    assert len(in_forms) > 5 or key == "county_admin"


def test_every_name_that_a_view_reads_is_explained() -> None:
    assert names_read()


def test_a_field_nobody_explained_says_what_to_add() -> None:
    with pytest.raises(Unexplained, match="WRITTEN"):
        kinds_of("neighbour", PickField())
    with pytest.raises(Unexplained, match="WRITTEN"):
        kinds_of("neighbour", forms.ChoiceField(choices=[("12345", "城垵")]))
    assert kinds_of("reason", forms.CharField()) == ()
    assert kinds_of("area", forms.CharField()) == AREA
