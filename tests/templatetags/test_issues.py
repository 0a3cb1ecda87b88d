"""How an issue's category and its days are worded."""

import datetime

import pytest
from django.template.defaultfilters import date
from django.utils.translation import override

from ledger.models import Category, Issue
from ledger.rules.days import SHANGHAI
from ledger.templatetags.issues import category_words, day_words

TODAY = datetime.date(2026, 11, 22)


@pytest.mark.parametrize(
    ("kind", "names", "words"),
    [
        ("dispute", ("矛盾纠纷", "邻里矛盾"), "矛盾纠纷 · 邻里矛盾"),
        ("dispute", ("土地林地", "土地纠纷"), "土地林地 · 土地纠纷 · 矛盾纠纷"),
        ("request", ("土地林地", "土地纠纷"), "土地林地 · 土地纠纷"),
        ("wish", ("民政救助", "养老"), "民政救助 · 养老 · 微心愿"),
    ],
)
def test_the_kind_stands_beside_the_category_where_it_says_more(kind: str, names: tuple[str, str], words: str) -> None:
    issue = Issue(kind=kind, category=Category(name=names[1], parent=Category(name=names[0])))
    with override("zh-hans"):
        assert category_words(issue) == words


@pytest.mark.parametrize(
    ("language", "this_year", "last_year", "moment"),
    [
        ("en", "Sep 2", "Sep 2, 2025", "Nov 22, 2026, 15:05"),
        ("zh-hans", "9月2日", "2025年9月2日", "2026年11月22日 15:05"),
    ],
)
def test_a_language_has_one_way_of_writing_days(language: str, this_year: str, last_year: str, moment: str) -> None:
    with override(language):
        assert day_words(datetime.date(2026, 9, 2), TODAY) == this_year
        assert day_words(datetime.date(2025, 9, 2), TODAY) == last_year
        assert date(datetime.datetime(2026, 11, 22, 15, 5, tzinfo=SHANGHAI), "DATETIME_FORMAT") == moment
        assert date(datetime.date(2025, 9, 2), "DATE_FORMAT") == last_year
