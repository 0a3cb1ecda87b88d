"""A small world with two counties, made for tests: what lies outside a scope could leak, so every text is tagged.

County A has the townships 康美 (districts 东 and 西; villages 城垵 and 马銮 in 东, 东沈 in 西) and 前楼 (village 前楼);
county B has one of each. Names of people and texts carry the tag of their village (``城垵户主1``), so that a test can
look for a foreign tag in a response.
"""

import datetime
from dataclasses import dataclass, field
from typing import Any

from django.db.models import F
from django.utils import timezone

from accounts.models import User
from ledger.models import (
    Assignment,
    Cadre,
    Category,
    County,
    District,
    Group,
    Household,
    HouseholdCode,
    HouseholdType,
    Issue,
    NumberCounter,
    Organisation,
    OrganisationKind,
    Posting,
    Resident,
    StatusPeriod,
    Topic,
    Township,
    Village,
    Visit,
)
from ledger.models.fields import id_index, phone_index
from ledger.rules.days import local_today
from ledger.rules.households import Relation
from ledger.rules.identity import make_id_number
from ledger.rules.issues import IssueKind, State, counts_as_open
from ledger.rules.permissions import Role

PASSWORD = "village-2026-ledger"
START = datetime.date(2025, 1, 1)


@dataclass
class World:
    """What a test reaches for; ``users`` is keyed by role, or ``role@village`` for people elsewhere."""

    county: County
    other_county: County
    township: Township
    other_township: Township
    far_township: Township
    east: District
    west: District
    villages: dict[str, Village] = field(default_factory=dict)
    households: dict[str, list[Household]] = field(default_factory=dict)
    organisations: dict[str, Organisation] = field(default_factory=dict)
    categories: dict[str, Category] = field(default_factory=dict)
    users: dict[str, User] = field(default_factory=dict)
    issues: dict[str, Issue] = field(default_factory=dict)
    visits: dict[str, Visit] = field(default_factory=dict)
    ids: dict[tuple[str, str], int] = field(default_factory=dict)
    """(kind, place) → id of its row, kept by the matrix."""

    def cadre(self, key: str) -> Cadre:
        """The cadre behind a user key."""
        return Cadre.objects.get(user=self.users[key])

    def user(self, key: str) -> User:
        """A fresh user object, without a kept scope."""
        return User.objects.get(pk=self.users[key].pk)


_serial = iter(range(1, 10**6))


def make_county(code: str, name: str) -> County:
    county = County.objects.create(code=code, name=name)
    HouseholdType.objects.create(county=county, name="一般户", name_en="Ordinary", sort_order=1)
    HouseholdType.objects.create(county=county, name="低保户", name_en="Minimum allowance", sort_order=2)
    Topic.objects.create(county=county, name="政策宣传", name_en="Policy", sort_order=1)
    roads = Category.objects.create(county=county, name="道路交通", name_en="Roads", days=15, unit_name="村镇建设办")
    Category.objects.create(county=county, parent=roads, name="村道破损", name_en="Village road", days=15)
    return county


def make_village(township: Township, district: District | None, number: int, name: str) -> Village:
    village = Village.objects.create(
        township=township, district=district, code=f"{township.code}{number:03d}", name=f"{name}村",
        official_name=f"{name}村村民委员会", sort_order=number,
    )  # fmt: skip
    Group.objects.bulk_create(Group(village=village, number=n) for n in (1, 2))
    return village


def make_household(village: Village, order: int, cadre: Cadre | None = None, **fields: Any) -> Household:
    """A household with a head (valid ID number, mobile), dated code, status and, with a cadre, an assignment."""
    serial = next(_serial)
    tag = village.name.removesuffix("村")
    household = Household.objects.create(
        village=village, group=village.groups.get(number=1 + order % 2), code=f"{village.code}{order:04d}",
        head_name=f"{tag}户主{order}", pinyin=f"huzhu{order}", initials=f"hz{order}", address=f"{tag}下里{order}号",
        population=3, cadre=cadre, **fields,
    )  # fmt: skip
    born = datetime.date(1950, 1, 1) + datetime.timedelta(days=serial % 20_000)
    id_no = make_id_number("350626", born, serial // 20_000)
    phone = f"139{serial:08d}"
    Resident.objects.create(
        household=household, township=village.township, name=household.head_name, relation=Relation.HEAD, id_no=id_no,
        id_index=id_index(id_no), phone=phone, phone_index=phone_index(phone),
    )  # fmt: skip
    HouseholdCode.objects.create(household=household, code=household.code, start_on=START)
    StatusPeriod.objects.create(household=household, status=household.status, start_on=START)
    if cadre is not None:
        Assignment.objects.bulk_create([Assignment(household=household, cadre=cadre, start_on=START)])
    return household


def make_cadre(township: Township | None, name: str, county: County, **fields: Any) -> Cadre:
    serial = next(_serial)
    user = User.objects.create_user(f"G{serial:05d}", PASSWORD, name=name)
    return Cadre.objects.create(
        county=county, township=township, user=user, cadre_no=user.username, name=name, pinyin=f"ganbu{serial}",
        initials=f"gb{serial}", phone=f"137{serial:08d}", **fields,
    )  # fmt: skip


def post(cadre: Cadre, role: str, start_on: datetime.date = START, end_on: Any = None, **territory: Any) -> Posting:
    """An open posting of a cadre over one territory."""
    posting = Posting(cadre=cadre, role=role, start_on=start_on, end_on=end_on, **territory)
    Posting.objects.bulk_create([posting])
    return Posting.objects.filter(cadre=cadre, role=role).latest("pk")


def make_issue(household: Household, registrant: Cadre, serial: int, **fields: Any) -> Issue:
    """A registered issue, without steps, numbered as given; live registration goes on after the highest number."""
    village = household.village
    counter, _new = NumberCounter.objects.get_or_create(township=village.township, year=2026)
    NumberCounter.objects.filter(pk=counter.pk, last__lt=serial).update(last=serial)
    fields.setdefault("category", Category.objects.filter(county=village.township.county).order_by("pk").first())
    fields.setdefault("registered_at", timezone.now())
    if counts_as_open(fields.get("state", State.REGISTERED), sensitive=fields.get("is_sensitive", False)):
        Household.objects.filter(pk=household.pk).update(open_issues=F("open_issues") + 1)
    return Issue.objects.create(
        township=village.township, year=2026, serial=serial,
        number=f"{village.township.short_name}-2026-{serial:05d}", title=f"{household.head_name}的问题",
        text=f"{household.head_name}说的话", village=village, household=household, registered_by=registrant,
        raised_by_name=household.head_name, **fields,
    )  # fmt: skip


def deferred(until: datetime.date | None = None) -> dict[str, Any]:
    """The fields of an issue that is deferred, until next month when no day is named."""
    until = until or local_today() + datetime.timedelta(days=30)
    return {
        "state": State.DEFERRED,
        "deferred_on": START,
        "deferred_until": until,
        "review_on": until,
        "obstacle": "等",
    }


def make_visit(household: Household, lead: Cadre, **fields: Any) -> Visit:
    fields.setdefault("result", "met")
    fields.setdefault("occurred_on", local_today())
    return Visit.objects.create(
        household=household, village=household.village, lead=lead, content=f"{household.head_name}走访内容",
        people_met=1, recorded_by=lead.user, **fields,
    )  # fmt: skip


def build() -> World:
    """The whole world; about 200 rows."""
    a, b = make_county("350626", "东山县"), make_county("320206", "惠山区")
    kangmei = Township.objects.create(county=a, code="350626102", name="康美镇", short_name="康美", sort_order=1)
    qianlou = Township.objects.create(county=a, code="350626103", name="前楼镇", short_name="前楼", sort_order=2)
    luoshe = Township.objects.create(county=b, code="320206102", name="洛社镇", short_name="洛社", sort_order=1)
    east = District.objects.create(township=kangmei, name="东管区", sort_order=1)
    west = District.objects.create(township=kangmei, name="西管区", sort_order=2)
    world = World(a, b, kangmei, qianlou, luoshe, east, west)
    for key, township, district, number in (
        ("城垵", kangmei, east, 201), ("马銮", kangmei, east, 202), ("东沈", kangmei, west, 203),
        ("前楼", qianlou, None, 201), ("六龙", luoshe, None, 201),
    ):  # fmt: skip
        world.villages[key] = make_village(township, district, number, key)
    _organisations(world)
    _people(world)
    for key in world.villages:
        owner = world.cadre(f"household_cadre@{key}")
        world.households[key] = [make_household(world.villages[key], n, owner if n < 3 else None) for n in (1, 2, 3)]
    for serial, key in enumerate(world.villages, start=1):
        household, cadre = world.households[key][0], world.cadre(f"household_cadre@{key}")
        world.issues[key] = make_issue(household, cadre, serial)
        world.issues[f"{key}-sensitive"] = make_issue(
            world.households[key][1], cadre, serial + 100, kind=IssueKind.EARLY_SIGN, is_sensitive=True,
            state=State.REGISTERED,
        )  # fmt: skip
        world.visits[key] = make_visit(household, cadre)
    return world


def _organisations(world: World) -> None:
    rows = (
        ("村镇建设办", world.township, OrganisationKind.INTERNAL, False),
        ("纪委", world.township, OrganisationKind.INTERNAL, True),
        ("派出所", world.township, OrganisationKind.OUTPOSTED, False),
        ("村镇建设办", world.other_township, OrganisationKind.INTERNAL, False),
    )
    for name, township, kind, discipline in rows:
        key = name if township == world.township else f"{name}@{township.short_name}"
        world.organisations[key] = Organisation.objects.create(
            county=township.county, township=township, name=name, kind=kind, is_discipline=discipline
        )


def _people(world: World) -> None:
    a, kangmei = world.county, world.township
    for role in (Role.COUNTY_ADMIN, Role.COUNTY_DESK, Role.COUNTY_LEADER):
        _one(world, role, role, None, a, county=a)
    for role in (Role.TOWNSHIP_LEADER, Role.TOWNSHIP_DESK, Role.TOWNSHIP_ADMIN, Role.INSPECTOR):
        _one(world, role, role, kangmei, a, township=kangmei)
        _one(world, f"{role}@前楼", role, world.other_township, a, township=world.other_township)
    _one(world, Role.DISTRICT_SECRETARY, Role.DISTRICT_SECRETARY, kangmei, a, district=world.east)
    _one(world, "district_secretary@西", Role.DISTRICT_SECRETARY, kangmei, a, district=world.west)
    office = world.organisations["村镇建设办"]
    _one(world, Role.DEPARTMENT_HANDLER, Role.DEPARTMENT_HANDLER, kangmei, a, organisation=office)
    _one(
        world, "department_handler@纪委", Role.DEPARTMENT_HANDLER, kangmei, a, organisation=world.organisations["纪委"]
    )
    for key, village in world.villages.items():
        for role in (Role.VILLAGE_CADRE, Role.VILLAGE_OFFICIAL, Role.HOUSEHOLD_CADRE, Role.VISITOR):
            user = f"{role}@{key}"
            _one(world, user, role, village.township, village.township.county, village=village)
            if key == "城垵":
                world.users[str(role)] = world.users[user]
    nobody = make_cadre(kangmei, "康美无任职", a)
    assert nobody.user is not None
    world.users["nobody"] = nobody.user


def _one(world: World, key: str, role: str, home: Township | None, of: County, /, **territory: Any) -> None:
    place = next(iter(territory.values()))
    cadre = make_cadre(home, f"{place.name.rstrip('村镇县')}{Role(role).label}", of)
    post(cadre, role, **territory)
    assert cadre.user is not None
    world.users[str(key)] = cadre.user
