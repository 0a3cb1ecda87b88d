"""What the demonstration's results rest on: what was seen, by which rule, what help and where it came from."""

import random
import re
from decimal import Decimal
from typing import Any

from ledger.rules.issues import Outcome

SEEN = (
    "到现场看过，与所报情况一致，已恢复正常使用。", "本人在场看过，当面点头认可。", "现场走了一遍，没有再发现问题。",
    "隔天又去看了一次，使用正常。", "现场拍照存底，邻居也在场。",
)  # fmt: skip
POLICIES: dict[str, str] = {
    "住房建设": "农村宅基地审批办法、一户一宅规定", "民政救助": "县最低生活保障和临时救助实施细则",
    "社保健康": "城乡居民医保待遇清单", "教育就业": "县助学和就业补助办法", "农业生产": "耕地地力保护补贴发放办法",
    "土地林地": "土地承包法和征地补偿公告", "政务服务": "县政务服务事项办事指南", "水利饮水": "农村供水管理办法",
    "供电通信": "供电营业规则", "环境卫生": "县人居环境整治实施方案", "道路交通": "农村公路养护管理办法",
    "矛盾纠纷": "民法典相邻关系有关规定", "平安安全": "消防和治安管理有关规定", "村务作风": "村务公开和三资管理规定",
}  # fmt: skip
SOURCES = ("民政临时救助", "镇慈善会", "县挂村单位", "村集体", "志愿服务队", "爱心企业")
IN_KIND = ("棉被两床、米一袋", "轮椅一张", "取暖器一台", "志愿者上门三次", "学习用品一套", "种苗五十株")
AMOUNTS = (300, 500, 800, 1000, 2000, 3000)
THANKS = ("说没想到这么快，谢谢大家。", "孩子很高兴，一直说谢谢。", "老人拉着手说费心了。")
_SUM = re.compile(r"(\d+)元")
_WORDED = {
    "五千元": 5000,
    "两万元": 20000,
    "一万元": 10000,
    "三千元": 3000,
    "两千元": 2000,
    "一千元": 1000,
    "五百元": 500,
}


def shown_for(rng: random.Random, outcome: str, category: str, text: str) -> dict[str, Any]:
    """The typed parts of a result of this outcome; ``text`` is what was done."""
    if outcome == Outcome.SOLVED:
        return {"seen": rng.choice(SEEN)}
    if outcome == Outcome.EXPLAINED:
        return {"explained": text, "policy": POLICIES.get(category, "有关政策规定")}
    if outcome == Outcome.ASSISTED:
        return _help(rng, text)
    return {"thanks": rng.choice(THANKS)} if outcome == Outcome.FULFILLED else {}


def _help(rng: random.Random, text: str) -> dict[str, Any]:
    said = _SUM.search(text)
    amount = int(said[1]) if said else next((sum_ for words, sum_ in _WORDED.items() if words in text), None)
    if amount is None and rng.random() < 0.5:
        return {"help_given": rng.choice(IN_KIND), "help_in_kind": True, "help_source": rng.choice(SOURCES)}
    given = {"help_given": "资金帮扶", "help_amount": Decimal(amount or rng.choice(AMOUNTS))}
    return {**given, "help_source": rng.choice(SOURCES)}
