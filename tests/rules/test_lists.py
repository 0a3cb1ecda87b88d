"""How a refused list is told: every fault, none of them forty times."""

from django.utils import translation

from ledger.rules.lists import SHOWN_FAULTS, LineFault, ListRefused


def test_the_same_fault_of_many_lines_is_told_once() -> None:
    """A list of another township has one thing wrong with it, not one a line."""
    faults = [LineFault(line, "no such township") for line in range(2, 42)]
    with translation.override("en"):
        assert ListRefused([*faults, LineFault(50, "no name")]).sentences() == [
            "Lines 2 to 41, 40 of them: no such township",
            "Line 50: no name",
        ]


def test_a_few_lines_keep_their_numbers() -> None:
    with translation.override("en"):
        told = ListRefused([LineFault(7, "no name"), LineFault(3, "no name")]).sentences()
    assert told == ["Line 3: no name", "Line 7: no name"]


def test_beyond_fifty_sentences_the_faults_are_counted() -> None:
    faults = [LineFault(line, f"fault {line}") for line in range(2, 2 + SHOWN_FAULTS + 3)]
    with translation.override("en"):
        told = ListRefused(faults).sentences()
    assert (len(told), told[-1]) == (SHOWN_FAULTS + 1, "And 3 more faults.")
