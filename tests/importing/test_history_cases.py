"""The shared history of a real office comes in whole: its published figures are those of ``manage.py figures``."""

import importlib.util
import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command

from ledger.actions.divisions import load_divisions
from ledger.importing.divisions import read_divisions
from ledger.importing.history_batches import import_history_at_once
from ledger.models import Township
from tests.guards.sources import ROOT

CASES = ROOT.parent / "shared" / "cases"
FOLDER = CASES / "history_luoshe"
pytestmark = pytest.mark.skipif(not FOLDER.exists(), reason="the shared history is not here")
TOWNSHIP = "320206102"


@pytest.fixture
def luoshe(db: None) -> dict[str, Any]:
    """The office with its past, and what must come out."""
    lines = read_divisions((CASES / "reference" / "divisions.csv").read_bytes())
    load_divisions(by="system", lines=lines, file_name="divisions.csv")
    files = [(path.name, path.read_bytes()) for path in sorted(FOLDER.glob("*.csv"))]
    townships = list(Township.objects.filter(code=TOWNSHIP).select_related("county"))
    plan = import_history_at_once(by="system", townships=townships, name="history_luoshe", files=files)
    assert (plan.counts["created"], plan.counts["refused"]) == (12_870, 0)
    again = import_history_at_once(by="system", townships=townships, name="history_luoshe", files=files)
    assert not again.has_changes
    assert again.counts["unchanged"] == len(again.rows)
    answers: dict[str, Any] = json.loads((FOLDER / "expected_answers.json").read_text(encoding="utf-8"))
    return answers


def checker() -> Any:
    """``history_check.py`` itself: what it compares and how, without its import of a second copy."""
    spec = importlib.util.spec_from_file_location("history_check", CASES / "history_check.py")
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


def test_the_published_figures_are_those_of_the_command(luoshe: dict[str, Any]) -> None:
    check, out = checker(), StringIO()
    period = ("--from", luoshe["from"], "--as-of", luoshe["today"])
    call_command("figures", "--scope", TOWNSHIP, *period, "--json", stdout=out)
    figures = json.loads(out.getvalue())
    compared, faults = 0, []
    for part in check.PARTS:
        have = dict(check.leaves(figures[part], (part,)))
        for path, want in check.leaves(luoshe[part], (part,)):
            compared += 1
            if not check.same(want, have.get(path)):
                faults.append((path, have.get(path), want))
    assert faults == []
    assert compared > 2_000
