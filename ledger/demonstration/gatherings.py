"""Contacts without a household: meetings with their questions, enterprises, patrols, duty at the counter."""

import datetime
import random

from ledger.demonstration.places import Place, Town
from ledger.demonstration.staff import Staff
from ledger.demonstration.visits import YEAR, Contact
from ledger.models import Cadre, Enterprise, Visit, VisitQuestion
from ledger.rules.pinyin import pinyin_key
from ledger.rules.visits import MeetingForm, PartOfDay, VisitKind

K = VisitKind
FORMS = {
    MeetingForm.COURTYARD: 40, MeetingForm.SYMPOSIUM: 16, MeetingForm.TEACHING: 15, MeetingForm.REVIEW: 9,
    MeetingForm.SOCIAL: 5, MeetingForm.FRANK_TALK: 9, MeetingForm.NIGHT_SCHOOL: 6,
}  # fmt: skip
PER_VILLAGE = {
    K.MEETING: 17, K.ON_SITE: 7, K.STAY: 5, K.PATROL: 12, K.MEDIATION: 6, K.RECEPTION: 8, K.DUTY: 7,
}  # fmt: skip
"""Times a year."""
HALLS = ("村部会议室", "文化广场", "老祠堂", "晒谷场", "戏台下", "大樟树下", "旧校舍", "组长家院子")
TOWN_HALLS = ("居委会会议室", "健身广场", "社区食堂", "小区凉亭", "党群活动室")
"""Where people meet; the first one is a room."""
OUTDOORS = frozenset({MeetingForm.COURTYARD, MeetingForm.SOCIAL, MeetingForm.FRANK_TALK})
BRANDS = (
    "恒盛", "瑞丰", "云达", "绿源", "宏泰", "金溪", "诚信", "永顺", "百福", "新禾", "兴隆", "天成", "吉祥", "联合",
    "青禾", "嘉美", "万通", "鼎力", "和顺", "青林",
)  # fmt: skip
TRADES = (
    "五金制品有限公司", "茶业有限公司", "竹制品厂", "食品有限公司", "纺织有限公司", "建材有限公司", "农业专业合作社",
    "包装印刷厂", "塑料制品有限公司", "家庭农场", "机械配件厂", "果蔬保鲜有限公司",
)  # fmt: skip
ASKED = (
    ("路灯什么时候能装到{spot}？", "已列入三季度计划，先装{spot}一段。"),
    ("医保报销单子交到哪里？", "交便民服务中心二号窗口，也可以由包户干部代交。"),
    ("年底分红什么时候公示？", "十二月上旬在公示栏贴出，欢迎核对。"),
    ("村里的垃圾桶能不能多放两个？", "下周在{spot}加两个，保洁员每天清。"),
    ("高龄补贴要自己去领吗？", "按月打卡，不用自己跑。"),
    ("{spot}的树枝挡了路，谁来修？", "明天村里组织修剪。"),
    ("卫生室周末有人吗？", "周六上午值班，电话贴在门上。"),
    ("合作社的机器能租给散户吗？", "可以，按亩收费，找文书登记。"),
    ("建房审批要等多久？", "材料齐的一般二十个工作日，会逐户告知进度。"),
    ("广播能不能晚一点放？", "改到早上八点以后，应急通知除外。"),
    ("孩子放学那段路没有人管车。", "从周一起由网格员和家长轮流值守。"),
    ("手机上交费不会弄怎么办？", "每周三上午村部有人手把手教。"),
)


def make_enterprises(rng: random.Random, town: Town, staff: Staff) -> list[Enterprise]:
    """Two or three in each village, all with made-up brands."""
    names = [f"{brand}{trade}" for brand in BRANDS for trade in TRADES]
    rng.shuffle(names)
    unit = staff.units[town.township.pk]["经济发展办"]
    short = town.township.short_name
    rows = []
    for place in town.places:
        for number in range(1, rng.randint(2, 3) + 1):
            name = f"{short}{names.pop()}"
            rows.append(
                Enterprise(
                    village=place.village, organisation=unit, code=f"Q{place.village.code[-6:]}{number:02d}", name=name,
                    pinyin=pinyin_key(name), contact=f"{rng.choice('王李张刘陈杨黄赵周吴')}经理",
                    phone=f"0990-65{rng.randint(10000, 99999)}",
                )
            )  # fmt: skip
    return Enterprise.objects.bulk_create(rows)


class Gatherings:
    """Plans them for one township."""

    def __init__(self, rng: random.Random, today: datetime.date, scale: float) -> None:
        self.rng, self.today, self.scale = rng, today, scale

    def plan(self, town: Town, enterprises: list[Enterprise]) -> list[Contact]:
        contacts = []
        for place in town.places:
            for kind, times in PER_VILLAGE.items():
                count = max(1, round(times * min(1.0, self.scale * 4) * self.rng.uniform(0.7, 1.3)))
                contacts += [self._one(place, kind) for _time in range(count)]
        for enterprise in enterprises:
            place = next(p for p in town.places if p.village == enterprise.village)
            count = max(1, round(8 * min(1.0, self.scale * 4) * self.rng.uniform(0.6, 1.4)))
            contacts += [self._one(place, K.ENTERPRISE, enterprise) for _time in range(count)]
        return contacts

    def _one(self, place: Place, kind: str, enterprise: Enterprise | None = None) -> Contact:
        rng = self.rng
        lead = self._lead(place, kind)
        meeting = rng.choices(list(FORMS), list(FORMS.values()))[0] if kind == K.MEETING else ""
        evening = meeting == MeetingForm.NIGHT_SCHOOL or (
            kind in {K.MEETING, K.PATROL, K.MEDIATION} and rng.random() < 0.35
        )
        part = PartOfDay.EVENING if evening else rng.choice((PartOfDay.MORNING, PartOfDay.AFTERNOON))
        people = (
            rng.randint(11, 46)
            if meeting
            else rng.randint(2, 14)
            if kind in {K.RECEPTION, K.DUTY}
            else rng.randint(1, 5)
        )
        row = Visit(
            kind=kind, meeting_form=meeting, occurred_on=self.today - datetime.timedelta(days=rng.randint(1, YEAR)),
            part_of_day=part, lead=lead, profession=lead.profession, village=place.village, enterprise=enterprise,
            place=self._where(place, kind, meeting, enterprise), people_met=0 if kind == K.PATROL else people,
            opinions_heard=rng.randint(1, 6) if meeting else 0, recorded_by=lead.user,
        )  # fmt: skip
        helpers = [cadre for cadre in place.team if cadre is not lead]
        companions = rng.sample(helpers, min(len(helpers), rng.randint(0, 3) if meeting else rng.randint(0, 1)))
        return Contact(row, place, companions=companions)

    def _lead(self, place: Place, kind: str) -> Cadre:
        choices: list[Cadre] = [*place.officials[:2]]
        if place.village_cadre:
            choices += [place.village_cadre] * 3
        if place.secretary and kind in {K.MEETING, K.ON_SITE, K.MEDIATION, K.STAY, K.ENTERPRISE}:
            choices += [place.secretary] * 2
        if kind in {K.RECEPTION, K.DUTY, K.PATROL}:
            choices = place.officials
        return self.rng.choice(choices)

    def _where(self, place: Place, kind: str, meeting: str, enterprise: Enterprise | None) -> str:
        if enterprise is not None:
            return enterprise.name
        if kind in {K.RECEPTION, K.DUTY}:
            return f"{place.name}{'居委会' if place.is_community else '村部'}"
        if kind == K.MEETING:
            halls = TOWN_HALLS if place.is_community else HALLS
            return f"{place.name}{self.rng.choice(halls) if meeting in OUTDOORS else halls[0]}"
        return place.name

    def questions(self, contacts: list[Contact]) -> list[VisitQuestion]:
        """Two or so for each meeting, answered on the spot; matters that were numbered come with their issues."""
        rows = []
        for contact in contacts:
            if contact.row.kind != K.MEETING:
                continue
            asked = self.rng.sample(ASKED, min(contact.row.opinions_heard, self.rng.randint(1, 3)))
            for order, (question, answer) in enumerate(asked, start=1):
                spot = self.rng.choice(contact.place.spots)
                group = self.rng.choice(contact.place.groups).number
                rows.append(
                    VisitQuestion(
                        visit=contact.row, asked_by=f"{group}组村民" if not contact.place.is_community else "居民代表",
                        text=question.format(spot=spot), answer=answer.format(spot=spot), sort_order=order,
                    )
                )  # fmt: skip
        return rows
