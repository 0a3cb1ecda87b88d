"""What cleaning takes away, and what it must leave."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.rules.cleaning import clean_line, clean_name, clean_number, clean_text, is_storable


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("３２０２０６１９６００１２４９５７１", "320206196001249571"),
        ("320206 19570220 9295", "320206195702209295"),
        ("'320206194109079034", "320206194109079034"),
        ('="320206194109079034"', "320206194109079034"),
        ("\u202d17600003034\u202c", "17600003034"),
        (" 15000000166\u3000", "15000000166"),
        ("\ufeff1\u200b2\u200e3\u00a04\t5\n", "12345"),
        ("ＬＳ０１８", "LS018"),
        ("无", "无"),
        ("", ""),
    ],
)
def test_numbers(raw, clean):
    assert clean_number(raw) == clean


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("王　芳", "王芳"),
        (" 张 三 丰 ", "张三丰"),
        ("王\n芳", "王芳"),
        ("\u202d王芳\u202c\ufeff", "王芳"),
        ("'王芳", "王芳"),
        ("阿卜杜 · 热合曼", "阿卜杜·热合曼"),
        ("阿卜杜•热合曼", "阿卜杜•热合曼"),
        ("𠮷　田", "𠮷田"),
        ("John  Smith", "John Smith"),
        ("㛃", "㛃"),
        ("Ａ君", "Ａ君"),
        ("ﬁ", "ﬁ"),
        ("\u3000", ""),
    ],
)
def test_names(raw, clean):
    assert clean_name(raw) == clean


def test_lines_and_texts():
    assert clean_line(" 正明村\u3000 3组\r\n12号\x07 ") == "正明村 3组 12号"
    assert clean_text(" 一\r\n二\r三\x00\x01 ") == "一\n二\n三\x00"


@pytest.mark.parametrize(("text", "storable"), [("王芳𠮷", True), ("a\x00b", False), ("a\ud800", False), ("", True)])
def test_storable(text, storable):
    assert is_storable(text) is storable


@given(st.text(st.characters(exclude_characters="'\u2018\u2019=\"＇＂＝")))
def test_cleaning_twice_is_cleaning_once(text):
    for clean in (clean_number, clean_name, clean_line, clean_text):
        assert clean(clean(text)) == clean(text)
