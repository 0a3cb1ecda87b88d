"""GB 11643: each fault by its code, and invented numbers that are valid."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.rules.households import Gender
from ledger.rules.identity import (
    birth_date,
    check_digit,
    fault_finder,
    gender,
    id_fault,
    make_id_number,
    normalise_id,
)

TODAY = date(2026, 7, 1)


@pytest.mark.parametrize(
    ("number", "fault"),
    [
        ("11010519491231002X", None),  # the example of the standard
        ("32020619751006983X", None),
        ("110105194912310021", "id_check_digit"),
        ("320206192608019036", "id_check_digit"),
        ("32020619620807989", "id_length"),
        ("3202061930110296160", "id_length"),
        ("", "id_length"),
        ("320206640913957", "id_old_15"),
        ("32020664091395X", "id_length"),
        ("4507021954O7299671", "id_charset"),
        ("1101051949123100X2", "id_charset"),
        ("١١٠١٠٥١٩٤٩١٢٣١٠٠٢X", "id_charset"),
        ("110105194902300029", "id_birthdate"),
        ("110105190002290020", "id_birthdate"),
        ("110105202607020029", "id_birthdate"),
        ("110105189512310029", "id_birthdate"),
        ("110105000001010029", "id_birthdate"),
        ("3.20206E+17", "id_precision_lost"),
        ("3.20206193808119E+17", "id_precision_lost"),
    ],
)
def test_faults(number, fault):
    assert id_fault(number, TODAY) == fault
    assert fault_finder(TODAY)(number) == fault


@given(
    st.lists(st.from_regex(r"11010[15](?:1949123|20260[67]0|00000[01]1)[0-9]{4}[0-9X]?", fullmatch=True), max_size=9)
)
def test_faults_of_many_are_those_of_each(numbers):
    found = fault_finder(TODAY)
    assert [found(number) for number in numbers] == [id_fault(number, TODAY) for number in numbers]


def test_a_child_born_today_and_on_a_leap_day():
    assert id_fault(make_id_number("110105", TODAY, 1), TODAY) is None
    assert id_fault(make_id_number("110105", date(2000, 2, 29), 1), TODAY) is None


def test_normalise():
    assert normalise_id(" ３２０２０６ 19751006983ｘ") == "32020619751006983X"
    assert normalise_id("3.2e+17") == "3.2E+17"


@given(st.dates(date(1900, 1, 1), TODAY), st.integers(0, 999), st.integers(100000, 999999))
def test_made_numbers_are_valid_and_say_who(born_on, order, area):
    number = make_id_number(str(area), born_on, order)
    assert id_fault(number, TODAY) is None
    assert birth_date(number) == born_on
    assert gender(number) == (Gender.MALE if order % 2 else Gender.FEMALE)


@given(st.dates(date(1950, 1, 1), date(2020, 1, 1)), st.integers(0, 999), st.integers(0, 16), st.integers(1, 9))
def test_one_mistyped_digit_never_passes(born_on, order, place, shift):
    number = make_id_number("320206", born_on, order)
    wrong = number[:place] + str((int(number[place]) + shift) % 10) + number[place + 1 :]
    assert id_fault(wrong, TODAY) is not None


def test_check_digit_wants_seventeen_digits():
    assert check_digit("11010519491231002") == "X"
    with pytest.raises(ValueError, match="17 digits"):
        check_digit("1101051949123100")


@pytest.mark.parametrize(("area", "order"), [("32020", 1), ("32020A", 1), ("320206", 1000), ("320206", -1)])
def test_make_refuses_what_makes_no_number(area, order):
    with pytest.raises(ValueError, match="six digits"):
        make_id_number(area, TODAY, order)


def test_birth_date_of_none():
    with pytest.raises(ValueError, match="no birth date"):
        birth_date("110105194902300029")
