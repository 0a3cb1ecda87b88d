"""Processes killed with -9 at random moments: an import is all or nothing, issue numbers have no gap."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from tests.drill import times
from tests.elsewhere import Elsewhere

PROGRAM = ("-m", "tests.durability.programs")


@pytest.fixture(scope="module")
def ledger(elsewhere: Elsewhere) -> dict[str, Any]:
    """A ledger with the tests' world, beside the test's own, for all of this file."""
    env = elsewhere.environment("killed", SAYS=str(elsewhere.folder))
    elsewhere.run(*PROGRAM, "make", env=env, timeout=600)
    return {"place": elsewhere, "env": env}


def told(ledger: dict[str, Any], *words: object) -> dict[str, Any]:
    """What the program says of itself, in its last line."""
    printed = ledger["place"].run(*PROGRAM, *words, env=ledger["env"], timeout=3600)
    found: dict[str, Any] = json.loads(printed.splitlines()[-1])
    return found


@pytest.mark.drill
def test_a_killed_import_is_all_or_nothing_and_can_be_applied_again(ledger: dict[str, Any]) -> None:
    """By the command, and by the worker behind the page."""
    rounds = times(ci=3, drill=50)  # of each kind
    said = told(ledger, "imports", rounds, 20261122)
    assert said["faults"] == []
    assert sum(said["outcomes"].values()) == 2 * (rounds + 1)


@pytest.mark.drill
def test_numbers_have_no_gap_when_their_givers_are_killed_or_roll_back(ledger: dict[str, Any]) -> None:
    said = told(ledger, "numbers", times(ci=1, drill=20), 20261122)
    assert said["faults"] == []
    assert said["killed"] > 0
    assert said["issues"] > 0


@pytest.mark.drill
@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="SQLite has one writer at a time")
@pytest.mark.parametrize("journal", ["DELETE", "WAL"])
def test_twenty_writers_and_none_is_refused(ledger: dict[str, Any], tmp_path: Path, journal: str) -> None:
    """Visits through the whole stack without a pause, five threads in each of four processes."""
    assert connection.vendor == "sqlite"
    source = Path(re.sub("^sqlite://", "", ledger["env"]["DATABASE_URL"]))
    copy = tmp_path / "crowd.sqlite3"
    copy.write_bytes(source.read_bytes())
    env = {**ledger["env"], "DATABASE_URL": f"sqlite:///{copy}", "SAYS": str(tmp_path)}
    said = told({**ledger, "env": env}, "crowd", 4, 5, times(ci=3, drill=60), journal)
    assert (said["mode"], said["codes"]) == (journal.lower(), [0, 0, 0, 0])
    assert set(said["answers"]) == {"302"}
    assert said["visits"] == said["rows"] == said["answers"]["302"] >= 20
    assert said["longest"] < 20, "the queue of writers starves somebody"
