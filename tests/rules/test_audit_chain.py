"""What a row of the trail says is signed whole."""

import datetime

import pytest

from ledger.rules.audit_chain import SIGNED_FIELDS, row_message

AT = datetime.datetime(2026, 11, 22, 8, 30, tzinfo=datetime.UTC)


@pytest.mark.parametrize("place", range(len(SIGNED_FIELDS)), ids=SIGNED_FIELDS)
def test_each_field_is_part_of_what_is_signed(place: int) -> None:
    said: list[object] = [AT, *range(1, len(SIGNED_FIELDS))]
    other = [*said]
    other[place] = AT + datetime.timedelta(seconds=1) if place == 0 else "other"
    assert row_message(said) != row_message(other)
