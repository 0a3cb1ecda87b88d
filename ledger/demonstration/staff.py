"""Who works where: county units, cadres, their postings, village links and accounts."""

import datetime
import random
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.hashers import make_password
from django.utils import timezone

from accounts.models import User
from ledger.demonstration import names
from ledger.demonstration.accounts import NUMBERS, PASSWORD
from ledger.demonstration.homes import Register
from ledger.demonstration.places import DEMONSTRATION_VILLAGE, WITHOUT_VILLAGE_CADRE, Place, Town
from ledger.models import (
    Cadre,
    County,
    LinkKind,
    Organisation,
    OrganisationKind,
    Posting,
    VillageLink,
)
from ledger.rules.permissions import Role
from ledger.rules.pinyin import initials, pinyin_key
from ledger.rules.visits import Profession

COUNTY_UNITS = (
    "县委办", "县政府办", "县教育局", "县水利局", "县农业农村局", "县交通运输局", "县住建局", "县民政局",
    "县人社局", "县卫健局", "县医保局", "县自然资源局", "县生态环境局", "县市场监管局",
    "县文旅局", "县林业局", "县供电公司", "县残联",
)  # fmt: skip
LEADERS = (
    "党委书记", "镇长", "人大主席", "副书记", "纪委书记", "组织委员", "宣传委员", "统战委员", "政法委员", "武装部长",
    "常务副镇长", "副镇长", "副镇长", "副镇长", "副镇长", "人大副主席", "党委委员",
)  # fmt: skip
COUNTY_LEADERS = ("县委书记", "县长", "县人大主任", "县政协主席", "县委副书记", "副县长", "副县长", "副县长")
SIZES = {
    "党政综合办": 12, "党建办": 7, "经济发展办": 8, "农业农村办": 11, "社会事务办": 10, "综治中心": 8, "村镇建设办": 10,
    "应急办": 7, "财政所": 8, "纪委": 5, "人武部": 4, "便民服务中心": 13, "农业服务中心": 14, "综合执法队": 12,
    "退役军人服务站": 4, "文化站": 5, "派出所": 10, "司法所": 4, "自然资源所": 7, "市场监管所": 7, "税务分局": 5,
    "供电所": 7, "卫生院": 16, "中心校": 15, "工会": 2, "团委": 2, "妇联": 3, "残联": 2,
}  # fmt: skip
HEADS = {
    "所": "所长", "中心": "主任", "队": "队长", "站": "站长", "院": "院长", "校": "校长", "分局": "局长",
    "工会": "主席", "团委": "书记", "妇联": "主席", "残联": "理事长", "纪委": "副书记", "部": "副部长",
}  # fmt: skip
"""What the head of an office is called, by how its name ends; otherwise 主任."""
WORKERS = {"派出所": "民警", "卫生院": "医生", "中心校": "教师", "农业服务中心": "农技员", "综合执法队": "执法队员"}
VISITING = {"卫生院": (Profession.DOCTOR, 10), "农业服务中心": (Profession.AGRI_TECHNICIAN, 3),
            "中心校": (Profession.TEACHER, 4)}  # fmt: skip
SECOND_OFFICES = ("党政综合办", "党政综合办", "村镇建设办", "社会事务办", "农业服务中心", "综治中心")
"""Where the cadres of the small township work; the first two hold its desk and its administration."""
OFFICIALS = ("村支书", "文书", "网格员", "调解主任")


@dataclass
class Staff:
    """Everybody of the county, as the visits and issues need them."""

    cadres: list[Cadre] = field(default_factory=list)
    postings: list[Posting] = field(default_factory=list)
    links: list[VillageLink] = field(default_factory=list)
    leaders: dict[int, list[Cadre]] = field(default_factory=dict)
    """Township → its leaders, the first one first."""
    desks: dict[int, Cadre] = field(default_factory=dict)
    """Township → who holds its desk."""
    units: dict[int, dict[str, Organisation]] = field(default_factory=dict)
    handlers: dict[int, list[Cadre]] = field(default_factory=dict)
    """Organisation → who handles its issues."""


class Office:
    """Hires people: gives names, numbers, mobiles and postings."""

    def __init__(self, rng: random.Random, county: County, register: Register) -> None:
        self.rng, self.county, self.register = rng, county, register
        self.staff = Staff()
        self._names: set[str] = set()

    def hire(
        self, number: str, title: str, unit: Organisation | None, town: Town | None, profession: str = Profession.CADRE
    ) -> Cadre:  # fmt: skip
        rng = self.rng
        male = rng.random() < (0.35 if title in {"医生", "教师", "妇联主席"} else 0.66)
        born = self.register.today.year - rng.randint(27, 58)
        while (name := names.surname(rng) + names.given(rng, born, male=male)) in self._names:
            pass
        self._names.add(name)
        cadre = Cadre(
            county=self.county, township=town.township if town else None, organisation=unit, cadre_no=number, name=name,
            pinyin=pinyin_key(name), initials=initials(name), title=title, profession=profession,
            phone=self.register.mobile("169"), sort_order=len(self.staff.cadres) + 1,
        )  # fmt: skip
        self.staff.cadres.append(cadre)
        return cadre

    def post(self, cadre: Cadre, role: str, **territory: Any) -> None:
        since = self.register.today - datetime.timedelta(days=self.rng.randint(440, 1500))
        self.staff.postings.append(Posting(cadre=cadre, role=role, start_on=since, **territory))

    def link(self, place: Place, kind: str, **to: Any) -> None:
        self.staff.links.append(VillageLink(village=place.village, kind=kind, start_on=self.register.founded_on, **to))


def hire_county(office: Office, towns: list[Town]) -> None:
    """County people, the county's units and who is tied to which village."""
    county = office.county
    units = Organisation.objects.bulk_create(
        Organisation(county=county, name=name, kind=OrganisationKind.COUNTY, sort_order=order)
        for order, name in enumerate(COUNTY_UNITS, start=1)
    )
    first = (
        (Role.COUNTY_ADMIN, "信息中心主任"), (Role.COUNTY_DESK, "群众工作科科长"), (Role.COUNTY_LEADER, "县委副书记"),
        (Role.INSPECTOR, "督查室主任"),
    )  # fmt: skip
    leaders = []
    for role, title in first:
        cadre = office.hire(NUMBERS[role], title, units[0], None)
        office.post(cadre, role, county=county)
        leaders += [cadre] if role == Role.COUNTY_LEADER else []
    for number, title in enumerate(COUNTY_LEADERS, start=11):
        leaders.append(office.hire(f"YX{number:03d}", title, units[1], None))
        office.post(leaders[-1], Role.COUNTY_LEADER, county=county)
    for number, unit in enumerate(units, start=31):
        handler = office.hire(f"YX{number:03d}", "办公室主任", unit, None)
        office.post(handler, Role.DEPARTMENT_HANDLER, organisation=unit)
        office.staff.handlers[unit.pk] = [handler]
    places = [place for town in towns for place in town.places]
    for order, place in enumerate(places):
        office.link(place, LinkKind.COUNTY_LEADER, cadre=leaders[order % len(leaders)])
        office.link(place, LinkKind.COUNTY_UNIT, organisation=units[order % len(units)])


def hire_main(office: Office, town: Town) -> None:
    """The 320 cadres of the main township; numbers by hundreds say what somebody is."""
    units = _units(office, town)
    _hire_leaders(office, town, units["党政综合办"], "QS", LEADERS)
    offices = _hire_offices(office, town, units)
    desk, admin = offices["党政综合办"][1], offices["党政综合办"][2]
    office.post(desk, Role.TOWNSHIP_DESK, township=town.township)
    office.post(admin, Role.TOWNSHIP_ADMIN, township=town.township)
    office.post(offices["党建办"][1], Role.TOWNSHIP_ADMIN, township=town.township)
    office.staff.desks[town.township.pk] = desk
    _post_handlers(office, units, offices)
    people = [cadre for name in SIZES for cadre in offices[name] if not _is_visitor(cadre)]
    busy = {NUMBERS[role] for role in (Role.TOWNSHIP_DESK, Role.TOWNSHIP_ADMIN, Role.DEPARTMENT_HANDLER)}
    free = [cadre for cadre in people if cadre.cadre_no not in busy and cadre.organisation.name != "纪委"]
    office.rng.shuffle(free)
    free += office.staff.leaders[town.township.pk][1:]
    free.sort(key=lambda cadre: cadre.cadre_no != NUMBERS[Role.HOUSEHOLD_CADRE])
    _hire_districts(office, town, units["党政综合办"], "QS")
    _hire_villages(office, town, "QS", free)
    _send_visitors(office, town, [cadre for name in VISITING for cadre in offices[name] if _is_visitor(cadre)])
    _allot_villages(office, town, free)


def hire_second(office: Office, town: Town) -> None:
    """The small township: few people, so that its doors can be seen to be shut to the main one's."""
    units = _units(office, town)
    _hire_leaders(office, town, units["党政综合办"], "HT", LEADERS[:4])
    staff = [
        office.hire(f"HT{number:03d}", "科员", units[name], town)
        for number, name in enumerate(SECOND_OFFICES, start=21)
    ]  # fmt: skip
    office.post(staff[0], Role.TOWNSHIP_DESK, township=town.township)
    office.post(staff[1], Role.TOWNSHIP_ADMIN, township=town.township)
    office.staff.desks[town.township.pk] = staff[0]
    for number, unit in enumerate(units.values()):  # so few people hold several offices each
        cadre = staff[2 + number % (len(staff) - 2)]
        office.post(cadre, Role.DEPARTMENT_HANDLER, organisation=unit)
        office.staff.handlers[unit.pk] = [cadre]
    _hire_districts(office, town, units["党政综合办"], "HT")
    _hire_villages(office, town, "HT", staff[2:])
    _allot_villages(office, town, staff[2:])


def _is_visitor(cadre: Cadre) -> bool:
    return cadre.profession != Profession.CADRE


def _units(office: Office, town: Town) -> dict[str, Organisation]:
    own = {unit.name: unit for unit in Organisation.objects.filter(township=town.township, village__isnull=True)}
    office.staff.units[town.township.pk] = own
    return own


def _hire_leaders(office: Office, town: Town, unit: Organisation, prefix: str, titles: tuple[str, ...]) -> None:
    leaders = [office.hire(f"{prefix}{n:03d}", title, unit, town) for n, title in enumerate(titles, start=1)]
    for cadre in leaders:
        office.post(cadre, Role.TOWNSHIP_LEADER, township=town.township)
    office.staff.leaders[town.township.pk] = leaders
    for order, place in enumerate(town.places):
        cadre = leaders[order % len(leaders)]
        office.link(place, LinkKind.TOWNSHIP_LEADER, cadre=cadre)


def _hire_offices(office: Office, town: Town, units: dict[str, Organisation]) -> dict[str, list[Cadre]]:
    """The people of each office, its head first. The accounts of the demonstration have numbers of their own."""
    kept = {
        ("党政综合办", 1): NUMBERS[Role.TOWNSHIP_DESK], ("党政综合办", 2): NUMBERS[Role.TOWNSHIP_ADMIN],
        ("村镇建设办", 1): NUMBERS[Role.DEPARTMENT_HANDLER], ("社会事务办", 3): NUMBERS[Role.HOUSEHOLD_CADRE],
        ("卫生院", 15): NUMBERS[Role.VISITOR],
    }  # fmt: skip
    numbers = (f"QS{number}" for number in range(601, 999))
    hired: dict[str, list[Cadre]] = {}
    for name, size in SIZES.items():
        profession, visiting = VISITING.get(name, (Profession.CADRE, 0))
        hired[name] = [
            office.hire(
                kept.get((name, place)) or next(numbers), _title(name, place), units[name], town,
                profession if place >= size - visiting else Profession.CADRE,
            )
            for place in range(size)
        ]  # fmt: skip
    return hired


def _title(unit: str, place: int) -> str:
    head = next((title for ending, title in HEADS.items() if unit.endswith(ending)), "主任")
    if place == 0:
        return head
    if place == 1 and head in {"主任", "所长", "院长", "校长", "队长"}:
        return f"副{head}"
    return WORKERS.get(unit, "科员")


def _post_handlers(office: Office, units: dict[str, Organisation], offices: dict[str, list[Cadre]]) -> None:
    for name, people in offices.items():
        chosen = people[1:3] if len(people) > 4 and name != "党政综合办" else people[:1]
        for cadre in chosen:
            office.post(cadre, Role.DEPARTMENT_HANDLER, organisation=units[name])
        office.staff.handlers[units[name].pk] = chosen


def _hire_districts(office: Office, town: Town, unit: Organisation, prefix: str) -> None:
    for number, district in enumerate(town.districts, start=101):
        cadre = office.hire(f"{prefix}{number}", "管区书记", unit, town)
        office.post(cadre, Role.DISTRICT_SECRETARY, district=district)
        for place in town.places:
            if place.village.district == district:
                place.secretary = cadre


def _hire_villages(office: Office, town: Town, prefix: str, free: list[Cadre]) -> None:
    """The officials of each village and the cadre who looks after it."""
    committees = {unit.village_id: unit for unit in Organisation.objects.filter(village__township=town.township)}
    unit = office.staff.units[town.township.pk]["党建办"]
    village_cadres = (f"{prefix}{number}" for number in range(201, 300))
    officials = (f"{prefix}{number}" for number in range(401, 501))
    ordered = sorted(town.places, key=lambda place: place.name != DEMONSTRATION_VILLAGE)
    for place in ordered:
        committee = committees[place.village.pk]
        titles = OFFICIALS if place.is_community else OFFICIALS[:3]
        place.officials = [office.hire(next(officials), title, committee, town) for title in titles]
        for cadre in place.officials:
            office.post(cadre, Role.VILLAGE_OFFICIAL, village=place.village)
        place.team = list(place.officials)
        if place.name in WITHOUT_VILLAGE_CADRE:
            continue
        place.village_cadre = office.hire(next(village_cadres), "包村干部", unit, town)
        office.post(place.village_cadre, Role.VILLAGE_CADRE, village=place.village)
        office.link(place, LinkKind.VILLAGE_CADRE, cadre=place.village_cadre)
        place.team.append(place.village_cadre)


def _allot_villages(office: Office, town: Town, free: list[Cadre]) -> None:
    """Everybody else looks after households of one village, more of them in the larger ones."""
    ordered = sorted(town.places, key=lambda place: place.name != DEMONSTRATION_VILLAGE)
    waiting = list(free)
    while waiting:
        place = max(ordered, key=lambda p: p.size / (len(p.team) + 1)) if waiting[0] is not free[0] else ordered[0]
        cadre = waiting.pop(0)
        place.team.append(cadre)
    for place in town.places:
        for cadre in place.team:
            office.post(cadre, Role.HOUSEHOLD_CADRE, village=place.village)


def _send_visitors(office: Office, town: Town, visitors: list[Cadre]) -> None:
    ordered = sorted(town.places, key=lambda place: place.name != DEMONSTRATION_VILLAGE)
    visitors = sorted(visitors, key=lambda cadre: cadre.cadre_no != NUMBERS[Role.VISITOR])
    for number, place in enumerate(ordered):
        cadre = visitors[number % len(visitors)]
        place.visitors.append(cadre)
        office.post(cadre, Role.VISITOR, village=place.village)


def store(office: Office) -> None:
    """Write cadres with their accounts, postings and links. One hash serves all: it is a demonstration's."""
    staff, hashed, now = office.staff, make_password(PASSWORD), timezone.now()
    kept = frozenset(NUMBERS.values())
    users = {
        cadre.cadre_no: User(
            username=cadre.cadre_no, name=cadre.name, mobile=cadre.phone, password=hashed, must_change_password=False,
            password_changed_at=now,
        )
        for cadre in staff.cadres
        if cadre.cadre_no in kept or office.rng.random() < 0.86
    }  # fmt: skip
    User.objects.bulk_create(users.values())
    for cadre in staff.cadres:
        cadre.user = users.get(cadre.cadre_no)
    Cadre.objects.bulk_create(staff.cadres)
    Posting.objects.bulk_create(staff.postings)
    VillageLink.objects.bulk_create(staff.links)
