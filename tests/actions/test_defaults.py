"""The default lists as data: what terms.md 3 says, and units that exist."""

from ledger.actions.defaults import read


def test_every_usual_unit_of_a_category_is_among_the_default_organisations() -> None:
    names = {row["name"] for row in read("organisations")}
    units = {part.get("unit") for row in read("categories") for part in (row, *row.get("children", ()))} - {None}
    assert units <= names


def test_the_lists_have_the_length_of_the_terms() -> None:
    lengths = {name: len(read(name)) for name in ("categories", "household_types", "topics", "organisations")}
    assert lengths == {"categories": 15, "household_types": 19, "topics": 13, "organisations": 28}


def test_days_that_the_terms_name_one_by_one() -> None:
    rows = [part for row in read("categories") for part in row.get("children", ())]
    own = {row["name"]: row["days"] for row in rows if "days" in row}
    assert own == {"停水": 1, "停电": 1, "临时救助": 3, "欠薪": 7}
    assert [row["name"] for row in read("categories") if row.get("restricted")] == ["村务作风"]


def test_every_word_has_an_english_face() -> None:
    rows = [*read("categories"), *read("household_types"), *read("topics")]
    rows += [part for row in read("categories") for part in row.get("children", ())]
    assert [row["name"] for row in rows if not row["en"].isascii() or not row["en"]] == []
