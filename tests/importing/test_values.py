"""Cells: the value a person would read, or the code; never something made up."""

import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.importing import values
from ledger.importing.findings import SOFT, Code, Finding, short
from tests.importing.workbooks import GOOD_ID, OTHER_ID, TODAY, TYPES


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        (GOOD_ID, (GOOD_ID, "")),
        ("３２０２０６１９６１０４０３９６０６", (GOOD_ID, "")),
        (f"'{GOOD_ID}", (GOOD_ID, "")),
        (f'="{GOOD_ID}"', (GOOD_ID, "")),
        ("32020619610812957x", ("32020619610812957X", "")),
        ("", ("", "id_missing")), ("无", ("", "id_missing")), ("待补", ("", "id_missing")), (None, ("", "id_missing")),
        (3.20206193808119e17, ("", "id_precision_lost")), ("3.20206E+17", ("", "id_precision_lost")),
        (320206640913957.0, ("", "id_old_15")), ("32020619620807989", ("", "id_length")),
        ("4507021954O7299671", ("", "id_charset")), ("320206196302309136", ("", "id_birthdate")),
        (f"ID:{GOOD_ID}", (GOOD_ID, "")), (f"身份证号： {GOOD_ID}", (GOOD_ID, "")),
        (f"户主{GOOD_ID}", ("", "id_length")),
        ("320206204506119155", ("", "id_birthdate")), ("320206199906019011", ("", "id_check_digit")),
    ],
)  # fmt: skip
def test_id_numbers(cell: Any, expected: values.Value) -> None:
    assert values.id_reader(TODAY)(cell) == expected


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        (13800001234, ("13800001234", "")), (13800001234.0, ("13800001234", "")),
        ("139-0000-8893", ("13900008893", "")),
        ("+86 19900009715", ("19900009715", "")), ("\u202d17600003034\u202c", ("17600003034", "")), ("", ("", "")),
        ("无", ("", "phone_invalid")), ("1350000206", ("", "phone_invalid")),
        ("18300007360/15100003468", ("18300007360", "phone_invalid")),
        ("18300007360（儿子）", ("18300007360", "phone_invalid")),
        ("子：18300007360", ("18300007360", "phone_invalid")),
        ("183000073601（儿子）", ("", "phone_invalid")),
    ],
)  # fmt: skip
def test_phones(cell: Any, expected: values.Value) -> None:
    assert values.phone(cell) == expected


@pytest.mark.parametrize(
    ("cell", "number"),
    [("3组", 3), ("第3组", 3), ("三组", 3), ("第三村民小组", 3), (3.0, 3), ("3", 3), ("第十二组", 12), ("二十组", 20),
    ("", None),
     ("上街组", "上街组")],
)  # fmt: skip
def test_groups(cell: Any, number: object) -> None:
    assert values.group(cell) == (number, "")


@pytest.mark.parametrize(
    ("cell", "expected"),
    [(4.0, 4), ("4", 4), ("４", 4), ("4人", 4), ("四人", 4), ("", None)],
)
def test_population(cell: Any, expected: int | None) -> None:
    assert values.population(cell) == (expected, "")


@pytest.mark.parametrize("cell", ["0", 31.0, 2.5, "四五人", "很多", -1.0])
def test_population_that_is_none(cell: Any) -> None:
    assert values.population(cell) == (None, "population_invalid")


@pytest.mark.parametrize(
    "cell",
    ["2019.3.5", "2019/3/5", "2019-03-05", "20190305", "2019年3月5日", "2019-03-05 00:00:00", "２０１９年３月５日",
    43529.0,
     datetime.date(2019, 3, 5), 20190305.0],
)  # fmt: skip
def test_dates(cell: Any) -> None:
    assert values.date(cell) == ("2019-03-05", "")


@pytest.mark.parametrize("cell", ["2019.2.30", "不详", "19.3.5", "2029-13-01", 2019.0, "2019", 2019.3, True])
def test_dates_that_are_none(cell: Any) -> None:
    assert values.date(cell) == ("", "date_invalid")


def test_names_keep_what_is_theirs() -> None:
    assert values.name("王　芳") == ("王芳", "")
    assert values.name("阿依古丽·买买提") == ("阿依古丽·买买提", "")
    assert values.name("𠮷田") == ("𠮷田", "")
    assert values.name("  ") == ("", "name_missing")
    assert values.name("长" * 51) == ("", "name_too_long")
    assert values.name("=HYPERLINK(1)") == ("=HYPERLINK(1)", "name_invalid")
    for number in ("35062619711219059X", "张三13812345678", "138 1234 5678"):
        assert values.name(number) == ("", "name_is_number")
    assert values.name("张三3") == ("张三3", "")
    assert values.name("王\ue000") == ("王\ue000", "encoding_loss")


def test_household_numbers() -> None:
    assert values.household_code("3202061020010014") == ("3202061020010014", "")
    assert values.household_code(3202061020010014.0) == ("", "hh_no_precision_lost")
    assert values.household_code(12.0) == ("12", "")
    assert values.household_code("x" * 31) == ("", "text_too_long")


def test_several_types_in_a_cell() -> None:
    read = values.type_reader(TYPES)
    assert read("低保户、军属") == (("低保户", "军属"), "")
    assert read("低保") == (("低保户",), "")
    assert read("低保户，外星户") == (("低保户",), "type_unknown")
    assert read("") == ((), "")


def test_every_code_has_its_words() -> None:
    for code in Code:
        assert short(code)
        assert "%(" not in Finding(code, raw="甲", hint="3").sentence
    assert set(Code) > SOFT


def test_a_personal_number_is_no_household_number() -> None:
    """A code stands on every list; some rosters repeat the head's number in its column."""
    for number in ("320206196104039606", "13812345678"):
        assert values.household_code(number) == ("", "hh_no_is_personal")
    for code in ("3506261022010001", "A001", "350626102201000101"):
        assert values.household_code(code) == (code, "")


WHOLE: dict[str, tuple[Any, Any, list[str]]] = {
    "ids": (
        lambda cells: values.all_ids(cells, TODAY), values.id_reader(TODAY),
        [GOOD_ID, OTHER_ID, GOOD_ID.lower(), "1" * 18],
    ),
    "mobiles": (values.all_mobiles, values.phone, ["19900001585", "199 0000 1585", "１９９００００１５８５"]),
    "codes": (values.all_codes, values.household_code, ["A0001", "19900001585", "Ａ0001", "A001", "3E17", "无"]),
    "names": (values.all_names, values.name, ["李彩阿", "买买提·艾力", "王芳2", "张" * 51, "Ａｎｎａ"]),
    "addresses": (values.all_addresses, values.address, ["城垵村12号", "城垵村 12号", "１２号", "村" * 201]),
}  # fmt: skip


@pytest.mark.parametrize("kind", WHOLE)
@given(data=st.data())
def test_a_column_taken_as_it_stands_is_what_reading_its_cells_gives(kind: str, data: st.DataObject) -> None:
    whole, read, likely = WHOLE[kind]
    cell = st.sampled_from([*likely, "", None, 3, 2.5, True, TODAY, " ", "0"]) | st.text(max_size=20)
    cells = data.draw(st.lists(st.sampled_from(likely), max_size=3) | st.lists(cell, max_size=4))
    if whole(cells):
        assert cells
        assert [read(each) for each in cells] == [(each, "") for each in cells]
    assert whole(likely[:1])
