"""Village names: whole names with what may stand around them, and nothing else."""

import pytest

from ledger.importing.villages import Villages
from tests.importing.workbooks import PLACES


@pytest.fixture
def villages() -> Villages:
    return Villages(PLACES)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("绿化", "320206102200"), ("绿化村", "320206102200"), ("洛社镇绿化村", "320206102200"),
        ("惠山区洛社镇绿化村", "320206102200"), ("江苏省无锡市惠山区洛社镇绿化村村委会", "320206102200"),
        ("绿 化 村\n", "320206102200"), ("绿化村民委员会", "320206102200"), ("洛社绿化村", "320206102200"),
        ("六龙居委会", "320206102001"), ("洛社镇六龙社区居民委员会", "320206102001"), ("320206102204", "320206102204"),
        ("新桥村", "320206102301"), ("新桥社区", "320206102302"),
    ],
)  # fmt: skip
def test_spellings(villages: Villages, text: str, code: str) -> None:
    place = villages.find(text).place
    assert place is not None
    assert place.code == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "village_missing"), ("正某村", "village_unknown"), ("洛社镇", "village_unknown"),
        ("绿化新村", "village_unknown"),
        ("东绿化村", "village_unknown"), ("绿", "village_unknown"), ("前洲村", "village_out_of_scope"),
        ("新桥", "village_ambiguous"), ("玉祁镇绿化村", "township_unknown"), ("前洲镇绿化村", "village_unknown"),
        ("绿化社区", "village_unknown"),
    ],
)  # fmt: skip
def test_names_that_are_none(villages: Villages, text: str, code: str) -> None:
    match = villages.find(text)
    assert (match.place, match.code) == (None, code)


def test_a_similar_name_is_offered_and_not_taken(villages: Villages) -> None:
    match = villages.find("花菀村")
    assert (match.place, match.hint) == (None, "花苑村")


def test_the_township_column_narrows(villages: Villages) -> None:
    assert villages.find("绿化村", "洛社镇").place is not None
    assert villages.find("绿化村", "惠山区洛社镇").place is not None
    assert villages.find("绿化村", "玉祁镇").code == "township_unknown"
    assert villages.find("绿化村", "前洲镇").code == "village_unknown"


def test_a_glued_group(villages: Villages) -> None:
    match = villages.find("绿化村第二组")
    assert match.place is not None
    assert match.group == 2


def test_the_village_in_a_title(villages: Villages) -> None:
    assert villages.find_in("洛社镇花苑村农户台账") == PLACES[2]
    assert villages.find_in("洛社镇农户台账") is None
    assert villages.find_in("花苑村、绿化村农户台账") is None
