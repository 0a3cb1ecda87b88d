"""Phones of the contact card, its fingerprint, who is the secretary."""

import pytest

from ledger.rules.contact_cards import COMMON_PHONES, PARTS, changed_parts, fingerprint, is_secretary, phone_lines


def said(**changes: object) -> str:
    return fingerprint({part: (changes.get(part, "same"),) for part in PARTS})


def test_lines_are_names_with_numbers() -> None:
    assert phone_lines("派出所 0596-5612345\n\n卫生院：120\n 值班室\u30000596 561 0000 ") == [
        ("派出所", "0596-5612345"), ("卫生院", "120"), ("值班室", "0596 561 0000"),
    ]  # fmt: skip
    assert [number for _name, number in phone_lines(COMMON_PHONES)] == (
        ["110", "119", "120", "122", "12345", "95598", "12393", "12333", "12348", "96110", "12356"]
    )


@pytest.mark.parametrize("line", ["派出所", "110", "派出所 一一零", "派出所 12", "<b> x110y"])
def test_a_line_without_a_number_is_named(line: str) -> None:
    with pytest.raises(ValueError, match=line):
        phone_lines(f"火警 119\n{line}")


@pytest.mark.parametrize("part", PARTS)
def test_two_fingerprints_tell_what_differs(part: str) -> None:
    assert changed_parts(said(), said()) == []
    assert changed_parts(said(), said(**{part: "other"})) == [PARTS[part]]
    assert changed_parts("an older kind", said()) == list(PARTS.values())


@pytest.mark.parametrize(
    ("title", "yes"),
    [("村支书", True), ("党支部书记", True), ("社区党总支书记", True), ("第一书记", False), ("副书记", False),
     ("村副支书", False), ("文书", False), ("管区书记", False), ("", False)],
)  # fmt: skip
def test_the_secretary_by_title(title: str, yes: bool) -> None:
    assert is_secretary(title) is yes
