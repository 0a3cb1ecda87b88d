"""A mask shows what the design allows and nothing of what it does not know."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.rules.masking import mask_id, mask_phone, scrub


@pytest.mark.parametrize(
    ("number", "masked"),
    [
        ("350626197001011234", "350626********1234"),
        ("35062619700101123X", "350626********123X"),
        ("320206640913957", "320206*****3957"),
        ("3202061970010112", "****"),
        ("无", "****"),
        ("", ""),
    ],
)
def test_mask_id(number, masked):
    assert mask_id(number) == masked


@pytest.mark.parametrize(
    ("number", "masked"),
    [
        ("13812345678", "138****5678"),
        ("0510-85551234", "0510-****1234"),
        ("0594-2345678", "0594-***5678"),
        ("010-62345678-801", "010-****5678"),
        ("18300007360/15100003468", "****"),
        ("85551234", "****"),
        ("", ""),
    ],
)
def test_mask_phone(number, masked):
    assert mask_phone(number) == masked


@given(st.text(min_size=1))
def test_no_text_passes_unmasked(text):
    assert "*" in mask_id(text)
    assert "*" in mask_phone(text)


@pytest.mark.parametrize(
    ("text", "scrubbed"),
    [
        ("身份证350626197001011234，电话13812345678", "身份证350626********1234，电话138****5678"),
        ("35062619700101123x", "350626********123x"),
        ("打138 1234 5678或138-1234-5679", "打138****5678或138****5679"),
        ("户编号350626102201001001", "户编号350626102201001001"),
        ("digest a13812345678b, 4413812345678", "digest a13812345678b, 4413812345678"),
        ("康美-2026-00017", "康美-2026-00017"),
        ("", ""),
    ],
)
def test_numbers_in_free_text(text, scrubbed):
    assert scrub(text) == scrubbed
    assert scrub(scrubbed) == scrubbed
