"""What households of the demonstration receive, by what they are."""

import datetime
import random
from collections.abc import Iterable

from ledger.models import BenefitKind, County, HouseholdBenefit

BY_TYPE = {
    "低保户": ("最低生活保障金", "每人每月 520 元", "民政低保名册"),
    "特困户": ("特困人员供养", "每月 780 元", "民政特困名册"),
    "残疾人户": ("残疾人两项补贴", "每月 110 元", "残联名册"),
    "独居老人户": ("高龄津贴", "每月 80 元", "民政高龄名册"),
    "困境儿童户": ("孤儿和困境儿童生活费", "每月 1200 元", "民政儿童名册"),
    "军属": ("优抚补助", "", "退役军人服务站"),
    "计生特殊家庭": ("计划生育奖励扶助", "每年 1200 元", "卫健名册"),
    "种养大户": ("耕地地力保护补贴", "每亩 105 元", "农业农村局"),
}
SEED = 20_26


def benefits(county: County, homes: Iterable[tuple[int, list[str]]], since: datetime.date) -> list[HouseholdBenefit]:
    """Rows for these households (id, names of their types), not stored; some have ended since."""
    rng = random.Random(SEED)  # nothing secret
    kinds = {kind.name: kind for kind in BenefitKind.objects.filter(county=county)}
    made = []
    for household, types in homes:
        for name, amount, source in (BY_TYPE[each] for each in types if each in BY_TYPE):
            start = since + datetime.timedelta(days=30 * rng.randrange(12))
            if name in kinds:
                row = HouseholdBenefit(household_id=household, kind=kinds[name], amount=amount, source=source)
                row.start_on = start
                made.append(row)
    return made
