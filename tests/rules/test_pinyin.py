"""How names sort and by which letters they are found."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.rules.pinyin import (
    INITIALS_LENGTH,
    PINYIN_LENGTH,
    initials,
    pinyin_key,
    pinyin_prefixes,
    search_key,
)


@pytest.mark.parametrize(
    ("name", "key", "letters"),
    [
        ("张三", "zhang san", "zs"),
        ("王　芳", "wang fang", "wf"),
        ("单田芳", "shan tianfang", "stf dtf"),
        ("曾国藩", "zeng guofan", "zgf cgf"),
        ("解缙", "xie jin", "xj jj"),
        ("仇英", "qiu ying", "qy cy"),
        ("查良镛", "zha liangyong", "zly cly"),
        ("盖叫天", "ge jiaotian", "gjt"),
        ("区元", "ou yuan", "oy qy"),
        ("朴树", "piao shu", "ps"),
        ("冼星海", "xian xinghai", "xxh"),
        ("任我行", "ren woxing", "rwx rwh"),
        ("尉迟恭", "yuchi gong", "ycg"),
        ("万俟卨", "moqi xie", "mqx"),
        ("欧阳修", "ouyang xiu", "oyx"),
        ("欧阳", "ou yang", "oy"),
        ("单于夜", "chanyu ye", "cyy"),
        ("王乐", "wang le", "wl wy"),
        ("乐乐", "yue le", "yl yy ll ly"),
        ("吕布", "lv bu", "lb"),
        ("阿卜杜·热合曼", "abudu reheman", "abdrhm ebdrhm"),
        ("𠮷𠮷田", "𠮷 𠮷tian", "𠮷𠮷t"),
        ("John Smith", "john smith", "js"),
        ("李Tom", "li tom", "lt"),
        ("王（小）", "wang (xiao)", "wx"),
        ("王", "wang", "w"),
        ("", "", ""),
    ],
)
def test_key_and_initials(name, key, letters):
    assert (pinyin_key(name), initials(name)) == (key, letters)


def test_a_surname_is_not_torn_apart_by_sorting():
    names = ["连战", "李伟", "李安", "黎明", "连安"]
    assert sorted(names, key=pinyin_key) == ["李安", "黎明", "李伟", "连安", "连战"]


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("lian", "李安"),
        ("lian", "连战"),
        ("zhangs", "张三"),
        ("Zhang San", "张三"),
        ("ouyangx", "欧阳修"),
        ("Lü", "吕布"),
    ],
)
def test_typed_pinyin_finds_the_name(query, name):
    assert any(pinyin_key(name).startswith(prefix) for prefix in pinyin_prefixes(query))


@pytest.mark.parametrize("query", ["张三", "zhang1", "", " ", "%"])
def test_what_is_no_pinyin_has_no_prefixes(query):
    assert pinyin_prefixes(query) == []


def test_search_key_is_the_same_for_what_is_stored_and_typed():
    assert search_key("阿卜杜·热合曼") == search_key("阿卜杜 热合曼") == "阿卜杜热合曼"
    assert search_key("ＺＨＡＮＧ San") == search_key("zhangsan") == "zhangsan"
    assert search_key("xi'an") == "xian"


@settings(deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=60))
def test_any_name_has_keys_that_fit_their_columns(name):
    assert len(pinyin_key(name)) <= PINYIN_LENGTH
    assert len(initials(name)) <= INITIALS_LENGTH
