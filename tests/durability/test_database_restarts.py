"""PostgreSQL broken off under load and started again: success or the 503 page, soon well again, nothing twice."""

import http.client
import json
import os
import re
import socket
import subprocess
import sys
import threading
import time
import uuid
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

import psycopg
import pytest

from scripts.pgcluster import Cluster
from tests.drill import times
from tests.elsewhere import Elsewhere
from tests.guards.sources import ROOT

PROGRAM = ("-m", "tests.durability.programs")
CALLERS = 12
RECOVERY = 5.0
"""Seconds after the database answers again until everybody is served."""
TOKEN = "a" * 32


@dataclass
class Load:
    """People who log visits without a pause, each visit until it is saved, with the id it began with."""

    port: int
    session: str
    household: int
    over: threading.Event = field(default_factory=threading.Event)
    answers: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    saved: list[str] = field(default_factory=list)
    last: dict[int, float] = field(default_factory=dict)
    """When each was served last."""

    def caller(self, number: int) -> None:
        while not self.over.is_set():
            client_id = str(uuid.uuid4())
            while not self.sent(client_id):
                time.sleep(0.1)
            self.saved.append(client_id)
            self.last[number] = time.monotonic()

    def sent(self, client_id: str) -> bool:
        """Whether it was saved; everything but success and the page that says the database is away is a fault."""
        said = {"kind": "household", "result": "met", "content": "断", "occurred_on": time.strftime("%Y-%m-%d")}
        body = urlencode({**said, "client_id": client_id, "csrfmiddlewaretoken": TOKEN})
        headers = {
            "Cookie": f"sessionid={self.session}; csrftoken={TOKEN}",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            link.request("POST", f"/visits/new/?household={self.household}", body, headers)
            answer = link.getresponse()
            page = answer.read().decode()
        except OSError as error:
            self.faults.append(f"no answer: {error}")
            return False
        finally:
            link.close()
        self.answers[str(answer.status)] += 1
        if answer.status == 302 and re.fullmatch(r"/visits/\d+/", answer.headers["Location"]):
            return True
        if answer.status != 503 or answer.headers["Retry-After"] != "30" or "<h1" not in page:
            self.faults.append(f"{answer.status} {answer.headers.get('Location')} {page[:300]}")
        return False


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(port: int) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise AssertionError("the server did not start")


def served_again(load: Load, since: float) -> float:
    """Seconds after ``since`` until everybody has been served once."""
    end = since + 60
    while time.monotonic() < end:
        if len(load.last) == CALLERS and min(load.last.values()) > since:
            return min(load.last.values()) - since
        time.sleep(0.02)
    raise AssertionError(f"not everybody is served: {load.answers}, {load.faults[:3]}")


@pytest.mark.drill
@pytest.mark.skipif("not os.environ.get('TEST_DATABASE_URL')", reason="PostgreSQL's, in its own run")
def test_broken_off_under_load_it_comes_back_and_nothing_is_twice(elsewhere: Elsewhere, tmp_path: Path) -> None:
    place, recoveries = elsewhere, []
    with Cluster(synchronous_commit="on") as cluster:  # what was answered must not be lost
        port = free_port()
        env = place.environment("restart", empty=True, DATABASE_URL=cluster.url, PORT=str(port), WEB_WORKERS="2")
        place.run("manage.py", "migrate", "--verbosity=0", env=env)
        place.run(*PROGRAM, "make", env=env, timeout=600)
        load = Load(port, **json.loads(place.run(*PROGRAM, "session", env=env)))
        with (tmp_path / "server.log").open("w") as log:
            words = [sys.executable, "-m", "gunicorn", "-c", "python:config.gunicorn"]
            server = subprocess.Popen(words, cwd=ROOT, env=env, stdout=log, stderr=log)
        callers = [threading.Thread(target=load.caller, args=(number,)) for number in range(CALLERS)]
        try:
            wait_for(port)
            for caller in callers:
                caller.start()
            served_again(load, time.monotonic())
            for _round in range(times(ci=1, drill=20)):
                cluster.break_off()
                time.sleep(0.7)
                cluster.serve()
                recoveries.append(served_again(load, time.monotonic()))
        finally:
            load.over.set()
            for caller in callers:
                caller.join(60)
            server.terminate()
            server.wait(30)
        with psycopg.connect(cluster.url) as database:
            kept = database.execute(
                "SELECT s.client_id::text, count(*) FROM ledger_submission s"
                " JOIN ledger_visit v ON v.id = s.object_id AND v.content = '断' GROUP BY 1"
            ).fetchall()
            visits = database.execute("SELECT count(*) FROM ledger_visit WHERE content = '断'").fetchone()
            rows = database.execute("SELECT count(*) FROM ledger_auditrow WHERE verb = 'visit.logged'").fetchone()
    assert load.faults == [], (tmp_path / "server.log").read_text()[-3000:]
    assert set(load.answers) == {"302", "503"}
    assert sorted(kept) == sorted((client_id, 1) for client_id in load.saved)
    assert visits == rows == (len(load.saved),)
    assert max(recoveries) <= RECOVERY
    figures = {"recoveries": [round(one, 2) for one in recoveries], "answers": load.answers, "visits": visits}
    (Path(os.environ["LEDGER_TEST_DIR"]) / "restarts.json").write_text(json.dumps(figures))
