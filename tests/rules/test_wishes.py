"""What a wording for the pool must not hold."""

import pytest

from ledger.rules.wishes import Household, betrays

HOME = Household(
    frozenset({"林秀英", "林小宝", "阿依·古丽", "王"}),
    frozenset({"13812345678", "0596-5612345", "350626199001011234"}),
    address="上里12号",
)


@pytest.mark.parametrize(
    "text",
    [
        "孩子想要一个书包和几本课外书", "一位老人想在12月前换副老花镜", "王家村的孩子想有块球场", "想筹300000元修球场",
        "2026-12-25 前想和父母见面", "上里的老人想有人陪", "",
    ],
)  # fmt: skip
def test_what_names_nobody_may_stand(text: str) -> None:
    assert betrays(text, HOME) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("林秀英想要一根拐杖", ["林秀英"]), ("林 秀 英想要一根拐杖", ["林秀英"]),
        ("林·小宝、林秀英想上学", ["林小宝", "林秀英"]),
        ("阿依古丽想学琴", ["阿依·古丽"]), ("上里12号的老人", ["上里12号"]), ("上里１２号的老人", ["上里12号"]),
        ("电话13812345678", ["13812345678"]), ("电话１３８１２３４５６７８", ["13812345678"]),
        ("电话138 1234-5678", ["13812345678"]), ("请打5612345", ["5612345"]), ("请打 561 2345", ["5612345"]),
        ("请打13900001111", ["13900001111"]), ("身份证350626199001011234", ["350626199001011234"]),
        ("身份证35062619900101002X", ["35062619900101002X"]),
    ],
)  # fmt: skip
def test_what_betrays_somebody_is_said(text: str, found: list[str]) -> None:
    assert betrays(text, HOME) == found
