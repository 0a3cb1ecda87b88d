"""What the kinds of the demonstration's issues bring along: parties and follow-ups, claims, colours and causes."""

import datetime
import random
from collections import defaultdict

from ledger.demonstration.homes import Home
from ledger.demonstration.issues import Told
from ledger.models import (
    DisputeParty,
    DisputeSettlement,
    EarlySign,
    FollowUp,
    Issue,
    Posting,
    PublishedWish,
    SignReview,
    WishClaim,
)
from ledger.rules.days import local_day
from ledger.rules.disputes import Side
from ledger.rules.early_signs import Colour, next_review
from ledger.rules.issues import OPEN_STATES, IssueKind, Outcome, State
from ledger.rules.permissions import Role

DAY = datetime.timedelta(days=1)
MEDIATORS = ("镇综治中心 老黄", "村调解主任", "司法所 小陈", "老支书", "驻村律师 吴律师")
FOLLOWED = (
    "两家见面打招呼了，界石没有动过。", "到两家分别坐了坐，都说照协议办。", "协议的钱已经付清，没有新的争执。",
    "路过看了看，水沟按约定各清各的。",
)  # fmt: skip
DONORS = ("", "", "", "镇慈善会", "爱心超市", "县挂村单位党支部", "退休教师林老师")
POOLED = {
    "灯": "独居老人家里灯和水龙头坏了，想请人上门修一修", "水龙头": "独居老人家里水龙头坏了，想请人上门修一修",
    "爸妈": "留守孩子盼着和在外的父母见一面", "电脑": "家里有大学生，想要一台旧电脑做毕业设计",
    "网": "自家茶叶做得好，想请人教一教怎么在网上卖", "茶": "自家茶叶做得好，想请人教一教怎么在网上卖",
    "球": "村里的孩子想要一块能打球的场地",
    "照": "结婚五十多年的老两口想拍一张合影", "合影": "老两口想拍一张像样的合影",
    "书": "小学生想要一个书包和几本课外书", "拐杖": "老人走路要歇，想要一根带凳子的拐杖",
    "片子": "病人想请上级医院的专家看一看片子", "会诊": "病人想约一次远程会诊",
    "乐": "孩子喜欢音乐，想找老师教", "笛": "孩子想学吹笛子",
    "人": "独居老人盼有人每周来坐坐、说说话", "志愿": "独居老人盼有志愿者常来陪陪",
}  # fmt: skip
"""A word of the title → how the desk says the wish to the township."""
COLOURS = (Colour.RED, Colour.ORANGE, Colour.ORANGE, Colour.YELLOW, Colour.YELLOW, Colour.YELLOW, Colour.BLUE)
CAUSES = {
    "邻里矛盾": "边界不清", "债务": "失业欠债", "征地补偿": "征地补偿标准", "社会治安": "停车位不够",
    "教育助学": "家庭长期争吵", "婚姻家庭": "家庭长期争吵", "其他": "失业欠债",
}  # fmt: skip
LOOKED = (
    "上门坐了半小时，情绪比上次平稳，仍要有人常去。", "已联系亲属一起做工作，答应本周当面谈。",
    "情况没有变化，继续由网格员每天看一眼。",
)  # fmt: skip


def store_kinds(rng: random.Random, told: list[Told], homes: list[Home], today: datetime.date) -> None:
    """Write all of it for issues that are stored already."""
    neighbours: dict[int, list[Home]] = defaultdict(list)
    for home in homes:
        neighbours[home.row.village_id].append(home)
    issues = [each.course.issue for each in told]
    _disputes(rng, [issue for issue in issues if issue.kind == IssueKind.DISPUTE], neighbours, today)
    _signs(rng, [issue for issue in issues if issue.kind == IssueKind.EARLY_SIGN], today)
    wishes = [issue for issue in issues if issue.kind == IssueKind.WISH]
    _wishes(rng, wishes)
    _pool(wishes)


def _disputes(
    rng: random.Random, issues: list[Issue], neighbours: dict[int, list[Home]], today: datetime.date
) -> None:  # fmt: skip
    parties, settlements, visits = [], [], []
    for issue in issues:
        other = rng.choice([home for home in neighbours[issue.village_id] if home.row is not issue.household])
        head = other.residents[0]
        parties += [
            DisputeParty(
                issue=issue, name=issue.raised_by_name, side=Side.FIRST, phone=issue.raised_by_phone,
                household=issue.household,
            ),
            DisputeParty(issue=issue, name=head.name, side=Side.SECOND, phone=head.phone, household=other.row),
        ]  # fmt: skip
        mediated = Outcome.MEDIATED in issue.outcomes and issue.resolved_at is not None
        if issue.state == State.REGISTERED:
            continue
        agreed = local_day(issue.resolved_at) if mediated and issue.resolved_at is not None else None
        settlements.append(
            DisputeSettlement(
                issue=issue, mediator=rng.choice(MEDIATORS), agreement=issue.result_text if mediated else "",
                agreed_on=agreed,
            )
        )  # fmt: skip
        if agreed is not None:
            visits += _follow_ups(rng, issue, agreed, today)
    DisputeParty.objects.bulk_create(parties)
    DisputeSettlement.objects.bulk_create(settlements)
    FollowUp.objects.bulk_create(visits)


def _follow_ups(rng: random.Random, issue: Issue, agreed: datetime.date, today: datetime.date) -> list[FollowUp]:
    """A month after the agreement and three; those of the past are made, but for one just missed."""
    who = issue.registered_by if issue.registered_by is not None else issue.resolved_by
    assert who is not None
    found = []
    for days in (30, 90):
        planned = agreed + days * DAY
        made = planned < today - 5 * DAY
        found.append(
            FollowUp(
                issue=issue, planned_on=planned, planned_by=who, done_on=planned + DAY if made else None,
                done_by=who if made else None, text=rng.choice(FOLLOWED) if made else "",
            )
        )  # fmt: skip
    return found


def _signs(rng: random.Random, issues: list[Issue], today: datetime.date) -> None:
    signs, reviews = [], []
    for issue in issues:
        colour = rng.choice(COLOURS)
        is_open = issue.state in OPEN_STATES
        day = next_review(colour, today) - rng.choice((0, 1, 2)) * DAY
        signs.append(EarlySign(issue=issue, colour=colour, cause=CAUSES.get(issue.category.name, ""), review_on=day))
        by = issue.handler if issue.handler is not None else None
        if is_open and by is not None and issue.accepted_at is not None:
            reviews.append(
                SignReview(
                    issue=issue, at=issue.accepted_at + DAY / 24, by=by, colour=colour, review_on=day,
                    text=rng.choice(LOOKED),
                )
            )  # fmt: skip
    EarlySign.objects.bulk_create(signs)
    SignReview.objects.bulk_create(reviews)


def _wishes(rng: random.Random, issues: list[Issue]) -> None:
    claims = []
    for issue in issues:
        by = issue.handler or issue.registered_by
        if issue.assigned_at is None or by is None:
            continue
        ended = issue.resolved_at
        unit = issue.lead_organisation if issue.handler is None else None
        claims.append(
            WishClaim(
                issue=issue, cadre=None if unit is not None else by, organisation=unit, donor=rng.choice(DONORS),
                claimed_at=issue.assigned_at, claimed_by=by, ended_at=ended,
                is_fulfilled=ended is not None and Outcome.FULFILLED in issue.outcomes,
            )
        )  # fmt: skip
    WishClaim.objects.bulk_create(claims)


def _pool(issues: list[Issue]) -> None:
    """Two of three that wait are published, by the village's desk or the district's."""
    waiting = [issue for issue in issues if issue.state == State.REGISTERED and not issue.is_sensitive]
    desks = {
        (posting.village_id, posting.district_id): posting.cadre
        for posting in Posting.objects.filter(
            role__in=(Role.VILLAGE_CADRE, Role.DISTRICT_SECRETARY), end_on__isnull=True
        ).select_related("cadre")
    }
    rows = []
    for number, issue in enumerate(waiting):
        words = next((said for word, said in POOLED.items() if word in issue.title), "")
        village = issue.village
        desk = desks.get((village.pk, None)) or desks.get((None, village.district_id))
        if number % 3 < 2 and words and desk is not None and issue.registered_at is not None:
            at = issue.registered_at + DAY / 12
            rows.append(PublishedWish(issue=issue, text=words, published_at=at, published_by=desk))
    PublishedWish.objects.bulk_create(rows)
