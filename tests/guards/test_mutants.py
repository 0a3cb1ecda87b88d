"""The faults of ``make mutants`` still fit the source: a list that nobody can put in any more proves nothing."""

from scripts.mutants import mutants
from tests.guards.sources import ROOT

LEAST = 40


def test_each_fault_fits_the_source():
    misfits = {mutant.name: misfit for mutant in mutants() if (misfit := mutant.misfit(ROOT))}
    assert not misfits, "Write scripts/mutants.toml anew for these"


def test_there_are_enough_of_them_and_each_changes_something():
    found = mutants()
    assert len(found) >= LEAST
    assert [mutant.name for mutant in found if mutant.was == mutant.becomes or not mutant.tests] == []
