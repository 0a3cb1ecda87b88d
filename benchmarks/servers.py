"""gunicorn as the ledger runs it, its CPU, and a load of POSTs on it: by wrk, or by Python where wrk is missing."""

import contextlib
import http.client
import json
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from dataclasses import dataclass

import psutil

from benchmarks.databases import ROOT

CONNECTIONS = 8
CLIENT_ID = "CLIENT-ID"
HOUSEHOLD = "HOUSEHOLD"

LUA = """
local cases = %(households)s
local hex = function() return string.format("%%04x", math.random(0, 65535)) end
local threads = {}
function setup(thread) table.insert(threads, thread) end
function init() math.randomseed(%(seed)d); moved = 0; other = 0 end
function request()
  local id = hex()..hex().."-"..hex().."-4"..hex():sub(2).."-8"..hex():sub(2).."-"..hex()..hex()..hex()
  local household = cases[math.random(#cases)]
  local body = string.gsub(string.gsub(%(body)s, "CLIENT.ID", id), "HOUSEHOLD", household)
  return wrk.format("POST", (string.gsub(%(path)s, "HOUSEHOLD", household)), %(headers)s, body)
end
function response(status) if status == 302 then moved = moved + 1 else other = other + 1 end end
function done(summary, latency)
  io.write(string.format("RESULT %%d %%d\\n", threads[1]:get("moved"), threads[1]:get("other")))
end
"""


@dataclass
class Post:
    """What is posted again and again: CLIENT-ID and HOUSEHOLD in path and body are filled anew each time."""

    path: str
    body: str
    headers: dict[str, str]
    households: list[str]


@dataclass
class Result:
    """A round: answers with a redirect, other answers, CPU seconds of all server processes."""

    moved: int
    other: int
    cpu: float

    @property
    def cpu_ms(self) -> float:
        return 1000 * self.cpu / max(1, self.moved + self.other)


class Server:
    """One gunicorn with the worker settings of ``config/gunicorn.py``; ends with the ``with`` block."""

    def __init__(self, application: str, env: dict[str, str]) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.program = subprocess.Popen(
            # A worker that starts anew in the middle of a round would take its CPU seconds with it.
            [sys.executable, "-m", "gunicorn", "-c", "python:config.gunicorn", "--max-requests", "0", application],
            cwd=ROOT, env={**env, "HOST": "127.0.0.1", "PORT": str(self.port)}, start_new_session=True,
        )  # fmt: skip

    def __enter__(self) -> "Server":
        for _ in range(300):
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return self
            if self.program.poll() is not None:
                break
            time.sleep(0.1)
        self.__exit__()
        raise SystemExit("The server did not start; its own words are above.")

    def __exit__(self, *_: object) -> None:
        if self.program.poll() is None:
            os.killpg(self.program.pid, signal.SIGTERM)
        self.program.wait()

    def cpu(self) -> float:
        """CPU seconds of gunicorn and its workers so far."""
        tree = [psutil.Process(self.program.pid)]
        tree += tree[0].children(recursive=True)
        return sum(sum(process.cpu_times()[:2]) for process in tree)

    def load(self, post: Post, seconds: float) -> Result:
        """Post for so long with eight connections."""
        start = self.cpu()
        moved, other = (by_wrk if shutil.which("wrk") else by_python)(self.port, post, seconds)
        return Result(moved, other, self.cpu() - start)


def by_wrk(port: int, post: Post, seconds: float) -> tuple[int, int]:
    headers = "{" + ", ".join(f"[{json.dumps(k)}]={json.dumps(v)}" for k, v in post.headers.items()) + "}"
    script = LUA % {
        "households": "{" + ", ".join(json.dumps(pk) for pk in post.households) + "}", "headers": headers,
        "body": json.dumps(post.body, ensure_ascii=False),
        "path": json.dumps(post.path), "seed": random.randrange(2**31),
    }  # fmt: skip
    with tempfile.NamedTemporaryFile("w", suffix=".lua", encoding="utf-8") as file:
        file.write(script)
        file.flush()
        words = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{int(seconds)}s", "--timeout", "30s", "-s", file.name]
        output = subprocess.run([*words, f"http://127.0.0.1:{port}"], capture_output=True, text=True, check=True).stdout
    found = re.search(r"RESULT (\d+) (\d+)", output)
    if found is None:
        raise SystemExit(output)
    return int(found[1]), int(found[2])


def by_python(port: int, post: Post, seconds: float) -> tuple[int, int]:
    end, statuses = time.monotonic() + seconds, []

    def visitor() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        while time.monotonic() < end:
            household = random.choice(post.households)
            body = post.body.replace(CLIENT_ID, str(uuid.uuid4())).replace(HOUSEHOLD, household)
            connection.request("POST", post.path.replace(HOUSEHOLD, household), body.encode(), post.headers)
            response = connection.getresponse()
            response.read()
            statuses.append(response.status)

    threads = [threading.Thread(target=visitor) for _ in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return statuses.count(302), len(statuses) - statuses.count(302)
