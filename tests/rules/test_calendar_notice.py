"""The State Council's notice, as text and as a table."""

import datetime

import pytest

from ledger.rules.calendar_notice import CalendarLine, is_notice, read_line, read_notice, year_faults
from ledger.rules.official_days import official_days

NOTICE = """国务院办公厅关于2026年部分节假日安排的通知
各省、自治区、直辖市人民政府，国务院各部委、各直属机构：
一、元旦：1月1日（周四）至3日（周六）放假调休，共3天。1月4日（周日）上班。
二、春节：2月15日（农历腊月二十八、周日）至23日（农历正月初七、周一）放假调休，共9天。2月14日（周六）、2月28日（周六）上班。
三、清明节：4月4日（周六）至6日（周一）放假，共3天。
四、劳动节：5月1日（周五）至5日（周二）放假调休，共5天。5月9日（周六）上班。
五、端午节：6月19日（周五）至21日（周日）放假，共3天。
六、中秋节：9月25日（周五）至27日（周日）放假，共3天。
七、国庆节：10月1日（周四）至7日（周三）放假调休，共7天。9月20日（周日）、10月10日（周六）上班。
节假日期间，各地区、各部门要妥善安排好值班和安全、保卫、疫情防控等工作。
"""


def test_the_notice_of_2026_is_what_the_library_knows() -> None:
    lines, faults = read_notice(NOTICE, 2026)
    assert faults == []
    assert {(line.date, line.is_working) for line in lines} == {
        (each.day, each.is_working) for each in official_days(2026)
    }
    assert is_notice(NOTICE)
    assert year_faults(lines, 2026) == []
    assert [line.note for line in lines if line.day == "2026-02-28"] == ["春节"]


def test_a_run_over_the_end_of_a_month_and_one_that_makes_no_sense() -> None:
    lines, faults = read_notice("一、春节：1月28日至2月2日放假调休，共6天。1月26日（周日）上班。", 2025)
    off = [line.day for line in lines if not line.is_working]
    assert off == ["2025-01-28", "2025-01-29", "2025-01-30", "2025-01-31", "2025-02-01", "2025-02-02"]
    lines, faults = read_notice("一、春节：2月30日至3月2日放假。\n二、元旦：5日至1日放假。", 2025)
    assert lines == []
    assert [fault.line for fault in faults] == [1, 2]


@pytest.mark.parametrize(
    ("said", "days", "works"),
    [
        ({"day": "2026-02-14", "kind": "班"}, ["2026-02-14"], True),
        ({"day": "2月14日（周六）", "kind": "上班", "note": "春节"}, ["2026-02-14"], True),
        ({"day": "2026/2/15 00:00:00", "kind": "休"}, ["2026-02-15"], False),
        ({"day": "4月4日", "until": "4月6日", "kind": "放假"}, ["2026-04-04", "2026-04-05", "2026-04-06"], False),
    ],
)
def test_a_line_of_a_table(said: dict[str, str], days: list[str], works: bool) -> None:
    lines, faults = read_line(3, said, 2026)
    assert ([line.day for line in lines], {line.is_working for line in lines}, faults) == (days, {works}, [])


@pytest.mark.parametrize(
    "said",
    [
        {"day": "下周", "kind": "休"}, {"day": "2026-02-30", "kind": "休"}, {"day": "2026-02-14", "kind": "也许"},
        {"day": "2026-02-14", "until": "2026-02-01", "kind": "休"},
        {"day": "1月1日", "until": "12月31日", "kind": "休"},
        {"day": "1月1日", "until": "明天", "kind": "休"},
    ],
)  # fmt: skip
def test_a_line_that_says_nothing(said: dict[str, str]) -> None:
    lines, faults = read_line(7, said, 2026)
    assert lines == []
    assert [fault.line for fault in faults] == [7]


def test_what_does_not_fit_into_the_year() -> None:
    rows = [
        CalendarLine(1, "2025-12-31", False), CalendarLine(2, "2026-02-14", True), CalendarLine(3, "2026-02-14", False),
        CalendarLine(4, "2026-07-06", True), CalendarLine(5, "2026-01-01", False), CalendarLine(6, "2026-01-01", False),
    ]  # fmt: skip
    assert datetime.date(2026, 7, 6).isoweekday() == 1
    assert [fault.line for fault in year_faults(rows, 2026)] == [1, 3, 4]
    assert [fault.line for fault in year_faults([CalendarLine(1, "2026-02-14", True)], 2026)] == [0]
