"""A rotation killed at random moments while somebody works, on a database of its own: gone on with until it is done."""

import json
import os
import random
import signal
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from config.env import new_keyring
from ledger.rules import keyring_file
from tests.drill import times
from tests.elsewhere import Elsewhere

PROGRAM = ("-m", "tests.management.rotation_programs")
LONGEST = 3.5
"""Seconds after which a run is killed at the latest: about what a whole one takes, with its wait for processes."""
MOST_DEATHS = 12
"""Of one rotation; then it is left in peace, since on a busy machine no run might ever get past the same wait."""


class Rotations:
    """Runs of the command, each a process of its own."""

    def __init__(self, place: Elsewhere, env: dict[str, str]) -> None:
        self.parent = place.start(*PROGRAM, "rotate", env=env)
        self.said: list[str] = []
        self.pid = 0

    def begin(self) -> None:
        """Start a run and wait until it is about to do something."""
        assert self.parent.stdin is not None
        self.parent.stdin.write("rotate\n")
        self.parent.stdin.flush()
        self.said.clear()
        self.pid = self._told("pid")

    def kill_after(self, seconds: float) -> bool:
        """Kill it when it has not ended by then; whether it died."""
        timer = threading.Timer(seconds, self._kill)
        timer.start()
        status = self._told("ended")
        timer.cancel()
        assert status in {0, -signal.SIGKILL}, self.said
        return status != 0

    def _kill(self) -> None:
        with suppress(ProcessLookupError):  # it has just ended
            os.kill(self.pid, signal.SIGKILL)

    def _told(self, what: str) -> int:
        """What the process says under that name; the other lines are the command's own."""
        assert self.parent.stdout is not None
        for line in self.parent.stdout:
            self.said.append(line)
            if line.startswith(f'{{"{what}": '):
                number: int = json.loads(line)[what]
                return number
        raise AssertionError(self.said)

    def close(self) -> None:
        self.parent.communicate(timeout=60)


def killed_until_done(runs: Rotations, rng: random.Random) -> int:
    """Start the rotation and kill it at a random moment, again and again until it ends by itself; how often it died."""
    deaths = 0
    while True:
        runs.begin()
        # The first runs die early, so that adding the keys and the stages are hit as well.
        longest = rng.uniform(0, min(LONGEST, 0.6 * (deaths + 1)))
        if not runs.kill_after(longest if deaths < MOST_DEATHS else 600):
            return deaths
        deaths += 1
        assert deaths <= MOST_DEATHS, "left in peace, it does not end either"


@pytest.mark.drill(sqlite_in_ci=True)
def test_killed_anywhere_it_goes_on_and_nothing_is_lost(elsewhere: Elsewhere, tmp_path: Path) -> None:
    rng = random.Random(2026)
    keys, stop, told = tmp_path / "keys" / "keyring.json", tmp_path / "stop", tmp_path / "told.json"
    keys.parent.mkdir()
    keys.write_text(json.dumps(new_keyring()))
    keys.chmod(0o640)
    env = elsewhere.environment("rotation", KEYRING_FILE=str(keys))
    elsewhere.run(*PROGRAM, "make", env=env, timeout=600)
    worker = elsewhere.start(*PROGRAM, "work", stop, env=env)
    assert worker.stdout is not None
    assert worker.stdout.readline() == '"ready"\n', worker.stdout.read()
    runs, deaths = Rotations(elsewhere, env), 0
    for _round in range(times(ci=2, drill=30)):
        deaths += killed_until_done(runs, rng)
        elsewhere.run("manage.py", "rotate_keys", "--retire", env=env)
    runs.close()
    stop.touch()
    said, _ = worker.communicate(timeout=120)
    assert worker.returncode == 0, said
    told.write_text(said.splitlines()[-1])
    work: dict[str, Any] = json.loads(told.read_text())
    assert work["faults"] == []
    assert work["rounds"] > 10
    assert json.loads(elsewhere.run(*PROGRAM, "look", told, env=env)) == []
    ids = keyring_file.key_ids_of(keys)
    last = str(1 + times(ci=2, drill=30))
    assert {name: (one.current, one.next) for name, one in ids.items()} == dict.fromkeys(ids, (last, ""))
    assert (ids["encrypt"].others, ids["index"].others) == ((), ())
    assert keys.stat().st_mode & 0o777 == 0o640
    assert sorted(path.name for path in keys.parent.iterdir()) == ["keyring.json"]
    assert deaths > 3
