"""The invented county: its two townships, their districts, villages and groups."""

import random
from dataclasses import dataclass, field

from ledger.demonstration.names import SURNAMES
from ledger.models import Cadre, County, District, Group, Township, Village, VillageKind

COUNTY_CODE = "990101"
"""No division of China has a code that begins with 99."""
AREA = "990101"
SUFFIX = {VillageKind.VILLAGE: "村", VillageKind.COMMUNITY: "社区"}
OFFICIAL = {VillageKind.VILLAGE: "村民委员会", VillageKind.COMMUNITY: "社区居民委员会"}

MAIN = {
    "城镇管区": ("青山社区", "桥头社区", "石桥村", "柳湾村", "上塘村"),
    "东岭管区": ("东岭村", "西岭村", "杏花村", "松坪村", "南坑村"),
    "竹溪管区": ("竹溪村", "枫林村", "白鹭村", "荷塘村", "梅园村"),
    "龙潭管区": ("龙潭村", "大樟村", "双井村", "高桥村", "北坡村"),
    "永丰管区": ("兴业社区", "永丰村", "新田村", "下塘村", "太平村"),
}
SECOND = {"河塘管区": ("河塘社区", "前洲村", "后洲村", "渡口村")}
WITHOUT_VILLAGE_CADRE = ("柳湾村", "北坡村")
"""Their desk is held by nobody, so their matters pass up to the district (design.md 3)."""
WITHOUT_CADRE = {"太平村": 12, "南坑村": 8}
"""How many of their households nobody looks after: the list of gaps is not empty."""
DEMONSTRATION_VILLAGE = "石桥村"
"""Where the accounts of the demonstration work: what they see belongs together."""
SMALLEST = 40
"""Households of the demonstration's own village, however much all is shrunk."""
COUNTRY_SPOTS = (
    "村口大樟树", "老祠堂", "村部", "石拱桥头", "文化广场", "晒谷场", "村卫生室", "老井边", "旧校舍", "公交站", "凉亭",
    "小卖部", "戏台", "篮球场", "三岔路口",
)  # fmt: skip
TOWN_SPOTS = ("农贸市场", "幼儿园", "小区东门", "健身广场", "老粮站", "河边小公园", "中心街", "社区食堂", "车站路口")
STREETS = ("桥东街", "粮站巷", "青山路", "中心街", "新村路", "河滨路", "学前巷", "东门街")


@dataclass
class Place:
    """A village while it is being filled: its rows, and who works in it."""

    village: Village
    groups: list[Group]
    size: int
    spots: tuple[str, ...]
    surnames: tuple[str, ...]
    secretary: Cadre | None = None
    village_cadre: Cadre | None = None
    officials: list[Cadre] = field(default_factory=list)
    team: list[Cadre] = field(default_factory=list)
    visitors: list[Cadre] = field(default_factory=list)

    @property
    def is_community(self) -> bool:
        return self.village.kind == VillageKind.COMMUNITY

    @property
    def name(self) -> str:
        return self.village.name


@dataclass
class Town:
    """A township while it is being filled."""

    township: Township
    places: list[Place]
    mobiles: str
    """What begins the mobile numbers of its people."""

    @property
    def districts(self) -> list[District]:
        """In the order of their villages."""
        return list(dict.fromkeys(place.village.district for place in self.places))


def make_county() -> County:
    return County.objects.create(code=COUNTY_CODE, name="云溪县", province="示例省", city="云州市", sort_order=1)


def make_towns(rng: random.Random, county: County, scale: float) -> list[Town]:
    """The main township with 25 villages, and the small one beside it."""
    main = _town(rng, county, 101, "青山", MAIN, round(7000 * scale), "0990-6520110", "0990-6520115")
    second = _town(rng, county, 102, "河塘", SECOND, round(180 * scale), "0990-6530110", "0990-6530115")
    return [main, second]


def _town(
    rng: random.Random, county: County, number: int, name: str, layout: dict[str, tuple[str, ...]], households: int,
    duty: str, supervision: str,
) -> Town:  # fmt: skip
    township = Township.objects.create(
        county=county, code=f"{county.code}{number}", name=f"{name}镇", short_name=name, duty_phone=duty,
        supervision_phone=supervision, sort_order=number,
    )  # fmt: skip
    names = [(district, village) for district, villages in layout.items() for village in villages]
    districts = {
        district: District.objects.create(township=township, name=district, sort_order=order)
        for order, district in enumerate(layout, start=1)
    }
    weights = [rng.uniform(0.7, 1.35) for _name in names]
    sizes = [
        max(SMALLEST if name == DEMONSTRATION_VILLAGE else 3, round(households * weight / sum(weights)))
        for (_district, name), weight in zip(names, weights, strict=True)
    ]
    places = [
        _place(rng, township, districts[district], order, village, size)
        for order, ((district, village), size) in enumerate(zip(names, sizes, strict=True), start=1)
    ]
    return Town(township, places, "163" if number == 101 else "164")


def _place(
    rng: random.Random, township: Township, district: District, order: int, name: str, size: int
) -> Place:  # fmt: skip
    kind = VillageKind.COMMUNITY if name.endswith("社区") else VillageKind.VILLAGE
    short = name.removesuffix(SUFFIX[kind])
    base = 0 if kind == VillageKind.COMMUNITY else 200
    village = Village.objects.create(
        township=township, district=district, code=f"{township.code}{base + order:03d}", name=name, kind=kind,
        official_name=f"{short}{OFFICIAL[kind]}", sort_order=order,
    )  # fmt: skip
    count = max(4, min(12, round(size / 28)))
    groups = Group.objects.bulk_create(Group(village=village, number=number) for number in range(1, count + 1))
    spots = TOWN_SPOTS if kind == VillageKind.COMMUNITY else COUNTRY_SPOTS
    return Place(
        village=village, groups=groups, size=size, spots=tuple(rng.sample(spots, 7)),
        surnames=tuple(rng.sample(SURNAMES[:40], 3)),
    )  # fmt: skip
