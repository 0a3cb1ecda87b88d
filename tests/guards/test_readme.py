"""The README says what is true: its accounts are the demonstration's, the paths it names exist."""

import re

from ledger.demonstration.accounts import NUMBERS, PASSWORD
from tests.guards.sources import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_accounts_are_those_of_the_demonstration():
    assert set(re.findall(r"^\| `(\w+)` \|", README, re.MULTILINE)) == set(NUMBERS.values())
    assert f"`{PASSWORD}`" in README


def test_the_paths_exist():
    named = re.findall(r"`((?:[\w-]+/)+[\w.-]*)`", README) + re.findall(r"\]\(([\w./-]+)\)", README)
    assert named
    assert [path for path in named if not (ROOT / path).exists()] == []
