"""Which texts are telephone numbers, and how they are stored."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.rules.phones import is_mobile, normalise_phone, phone_fault


@pytest.mark.parametrize(
    ("raw", "number"),
    [
        ("13800001234", "13800001234"),
        ("１８３００００６８７９", "18300006879"),
        ("139-0000-8893", "13900008893"),
        ("139–0000–8893", "13900008893"),
        ("+86 19900009715", "19900009715"),
        ("8613800001234", "13800001234"),
        ("(86)138 0000 1234", "13800001234"),
        ("（+86）138-0000-1234", "13800001234"),
        ("0086-13800001234", "13800001234"),
        ("13800001234.0", "13800001234"),
        ("\u202d17600003034\u202c", "17600003034"),
        ("'13800001234", "13800001234"),
        ("0510-99990000", "0510-99990000"),
        ("051099990000", "0510-99990000"),
        ("（0510）9999 0000", "0510-99990000"),
        ("+86-510-85551234", "0510-85551234"),
        ("010 62345678", "010-62345678"),
        ("02862345678转801", "028-62345678-801"),
        ("0594-2345678", "0594-2345678"),
    ],
)
def test_numbers(raw, number):
    assert normalise_phone(raw) == number
    assert phone_fault(number) is None


@pytest.mark.parametrize(
    ("raw", "cleaned"),
    [
        ("1350000206", "1350000206"),
        ("12800001234", "12800001234"),
        ("138000012345", "138000012345"),
        ("无", "无"),
        ("18300007360/15100003468", "18300007360/15100003468"),
        ("13800001234 13800001235", "1380000123413800001235"),
        ("85551234", "85551234"),
        ("0510-1234567", "0510-1234567"),
        ("١٣٨٠٠٠٠١٢٣٤", "١٣٨٠٠٠٠١٢٣٤"),
        ("", ""),
    ],
)
def test_no_numbers(raw, cleaned):
    assert normalise_phone(raw) == cleaned
    assert phone_fault(cleaned) == "phone_invalid"


def test_only_mobiles_are_mobile():
    assert is_mobile("13800001234")
    assert not is_mobile("0510-99990000")
    assert not is_mobile("13800001234\n")


@given(st.text(st.sampled_from("0123456789+-() .转801"), max_size=20))
def test_normalising_twice_is_normalising_once(text):
    number = normalise_phone(text)
    if phone_fault(number) is None:
        assert normalise_phone(number) == number
