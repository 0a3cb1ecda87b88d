"""``make run`` says in one sentence why it cannot serve, serves until it is told to stop, and stops with code 0."""

import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.guards.sources import ROOT

COMMAND = [sys.executable, "scripts/run.py"]


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """A database of its own, the settings of ``make run`` for the rest."""
    own = {"DATABASE_URL": f"sqlite:///{tmp_path / 'run.sqlite3'}", "HOST": "127.0.0.1", "PYTHONUNBUFFERED": "1"}
    return {name: value for name, value in os.environ.items() if name not in ("TASKS_BACKEND", "CACHE_URL")} | own


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def refusal(environment: dict[str, str], **changes: str) -> str:
    """The English sentence; the Chinese one stands above it."""
    done = subprocess.run(
        COMMAND, cwd=ROOT, env=environment | changes, capture_output=True, text=True, check=False, timeout=60
    )
    assert (done.returncode, done.stderr.count("\n")) == (1, 2), done.stderr
    chinese, english = done.stderr.splitlines()
    assert re.search("[一-鿿]", chinese)
    return english


def test_a_taken_port_is_one_sentence(environment: dict[str, str], taken: int):
    said = refusal(environment, PORT=str(taken))
    assert said == (
        f"Port {taken} on 127.0.0.1 is taken by another program: "
        f"choose another one, for example 'make run PORT={taken + 1}'."
    )


@pytest.mark.parametrize("port", ["http", "0", "65536", "-1", "٨٠"])
def test_a_port_that_is_none_is_one_sentence(environment: dict[str, str], port: str):
    assert refusal(environment, PORT=port).startswith(f"PORT={port} is no port number")


def test_a_foreign_host_is_one_sentence(environment: dict[str, str]):
    assert (
        refusal(environment, HOST="203.0.113.7", PORT="8000") == "HOST=203.0.113.7 is not an address of this machine."
    )


def test_a_database_that_is_away_is_one_sentence(environment: dict[str, str], taken: int):
    port = str(free_port())
    said = refusal(environment, PORT=port, DATABASE_URL=f"postgres:///none?host=/nowhere-{taken}")
    assert said.startswith("The database does not answer: ")


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
    return port


def test_it_serves_until_it_is_told_to_stop(environment: dict[str, str]):
    manage(environment, "migrate", "-v0")
    manage(environment, "shell", "-v0", "-c", MAKE_A_COUNTY)  # so that the demonstration is not loaded
    port = free_port()
    server = subprocess.Popen(
        COMMAND,
        cwd=ROOT,
        env=environment | {"PORT": str(port)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        assert server.stdout
        said = next((line for line in server.stdout if "is open at" in line), "")
        assert said == (
            f"民情台账已启动，Village Ledger is open at http://127.0.0.1:{port}/  (按 Ctrl-C 结束，Ctrl-C ends it)\n"
        )
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=20) as answer:
            assert answer.status == 200
        server.send_signal(signal.SIGINT)
        rest = server.stdout.read()
        assert server.wait(30) == 0, rest
    finally:
        server.kill()
    with socket.create_server(("127.0.0.1", port)):
        pass  # nothing listens any more


MAKE_A_COUNTY = "from ledger.models.geography import County; County.objects.create(code='350000', name='Test county')"


def manage(environment: dict[str, str], *words: str) -> None:
    subprocess.run([sys.executable, "manage.py", *words], cwd=ROOT, env=environment, check=True, timeout=120)
