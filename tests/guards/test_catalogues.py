"""Nothing untranslated, fuzzy, stale or with a broken placeholder in the catalogues; .mo as compiled from .po."""

from scripts import messages


def test_catalogues_are_complete():
    faults = messages.check()
    assert not faults, "Translate with scripts/messages.py (its docstring says how):\n" + "\n".join(faults)
