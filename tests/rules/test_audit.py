"""Every verb that the code records has its words, and details never show a raw code."""

import re
from pathlib import Path

from django.utils.translation import override

from ledger.rules.audit import GROUPS, NOUNS, VERBS, detail_lines, verb_label
from ledger.rules.issue_steps import Step

LEDGER = Path(__file__).resolve().parents[2] / "ledger"
LITERAL = re.compile(r'verb="([a-z_.]+)"|"([a-z_]+\.[a-z_]+)" if active')


def recorded() -> set[str]:
    found: set[str] = set()
    for path in LEDGER.rglob("*.py"):
        found |= {one or other for one, other in LITERAL.findall(path.read_text(encoding="utf-8"))}
    found |= {f"{kind}.{act}" for kind in ("category", "household_type", "topic") for act in ("created", "changed")}
    found |= {f"correction.{state}" for state in ("accepted", "refused")}
    found |= {f"issue.{step}" for step in Step.values}
    return found


def test_every_recorded_verb_has_its_words() -> None:
    nothing = str(verb_label("nobody.knows"))
    wordless = sorted(verb for verb in recorded() if str(verb_label(verb)) == nothing)
    assert wordless == [], "Name these verbs in VERBS of ledger/rules/audit.py"


def test_every_verb_lies_in_a_group_of_the_filter() -> None:
    assert {verb.partition(".")[0] for verb in {*VERBS, *recorded()}} <= set(NOUNS)
    assert set(NOUNS.values()) == set(GROUPS)


def test_details_are_words() -> None:
    detail = {
        "role": "village_cadre", "place": "城垵村", "cadre": 7, "digest": "abc", "on": "2026-01-01", "to": "away",
        "changed": {"days": [15, 7], "is_active": [True, False], "organisation": [1, 2]},
    }  # fmt: skip
    said = " ".join(f"{label} {text}" for label, text in detail_lines(detail))
    assert "village_cadre" not in said
    assert "away" not in said
    assert "abc" not in said
    assert "15 → 7" in said
    assert "城垵村" in said


def test_an_unknown_role_is_not_shown_as_code() -> None:
    assert detail_lines({"role": "gone_role"}) == []


def test_the_states_of_an_issue_are_words_and_not_those_of_a_household() -> None:
    with override("zh-hans"):
        said = [text for _label, text in detail_lines({"from": "resolved", "to": "closed"}, "issue.close")]
        status = [text for _label, text in detail_lines({"from": "active", "to": "closed"}, "household.status_changed")]
    assert said == ["待回访", "已销号"]
    assert status == ["常住", "已销户"]
