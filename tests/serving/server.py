"""The ledger as production runs it: gunicorn in a process of its own, everything it writes kept in a file."""

import http.client
import json
import re
import signal
import socket
import subprocess
import sys
import urllib.parse
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.elsewhere import Elsewhere
from tests.guards.sources import ROOT

ENVIRONMENT = {
    "LEDGER_PRODUCTION": "1", "SECRET_KEY": "x7" * 40, "ALLOWED_HOSTS": "127.0.0.1", "BEHIND_PROXY": "1",
    "CSRF_TRUSTED_ORIGINS": "https://127.0.0.1", "TRUSTED_PROXY_COUNT": "1", "WEB_WORKERS": "1", "LOG_LEVEL": "DEBUG",
    "DJANGO_SETTINGS_MODULE": "tests.serving.settings", "PYTHONUNBUFFERED": "1",
}  # fmt: skip


@dataclass
class Server:
    """What runs, and what its database holds that no log may."""

    port: int
    log: Path
    people: dict[str, str]
    secrets: set[str]
    password: str

    def said(self) -> list[str]:
        return self.log.read_text(encoding="utf-8").splitlines()


@contextmanager
def serving(place: Elsewhere) -> Iterator[Server]:
    """Started on a database of its own with the test world in it, and ended in order."""
    environment = place.environment("served") | ENVIRONMENT
    facts = json.loads(place.run("-m", "tests.serving.build", env=environment, timeout=600))
    log = place.folder / "log"
    # Bound here, so that the first request simply waits until the server is there.
    with socket.create_server(("127.0.0.1", 0)) as door, log.open("wb") as output:
        words = ["-m", "gunicorn", "-c", "python:config.gunicorn", "-b", f"fd://{door.fileno()}"]
        process = subprocess.Popen(
            [sys.executable, *words], cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=output,
            stderr=subprocess.STDOUT, pass_fds=[door.fileno()],
        )  # fmt: skip
        try:
            port: int = door.getsockname()[1]
            yield Server(port, log, facts["people"], set(facts["secrets"]), facts["password"])
            process.send_signal(signal.SIGTERM)
            assert process.wait(30) == 0
        finally:
            process.kill()
            process.wait()


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    cookies: list[str]
    body: bytes
    asked: str


@dataclass
class Caller:
    """One person's browser, as far as it matters: cookies, the form's token, https as the proxy says."""

    server: Server
    cookies: dict[str, str] = field(default_factory=dict)
    token: str = ""
    answers: list[Answer] = field(default_factory=list)
    tokens: set[str] = field(default_factory=set)
    """Every cookie and form token that was ever handed out."""

    def __post_init__(self) -> None:
        self.wire = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=60)

    def ask(self, method: str, path: str, fields: dict[str, str] | None = None, **headers: str) -> Answer:
        sent = {
            "Host": "127.0.0.1", "X-Forwarded-Proto": "https", "Referer": "https://127.0.0.1/",
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
        } | headers  # fmt: skip
        body = None
        if fields is not None:
            body = urllib.parse.urlencode({"csrfmiddlewaretoken": self.token} | fields)
            sent["Content-Type"] = "application/x-www-form-urlencoded"
        self.wire.request(method, urllib.parse.quote(path, safe="/?=&%"), body, sent)
        response = self.wire.getresponse()
        content = response.read()
        cookies = response.headers.get_all("Set-Cookie") or []
        answer = Answer(response.status, dict(response.getheaders()), cookies, content, f"{method} {path}")
        for line in cookies:
            name, _equals, rest = line.partition("=")
            self._keep(name, rest.partition(";")[0])
        if found := re.search(rb'csrfmiddlewaretoken" value="([^"]+)"', content):
            self.token = found[1].decode()
            self.tokens.add(self.token)
        self.answers.append(answer)
        return answer

    def _keep(self, name: str, value: str) -> None:
        self.cookies[name] = value
        if len(value) > 10:
            self.tokens.add(value)

    def sign_in(self, who: str) -> "Caller":
        self.ask("GET", "/account/login/")
        answer = self.ask(
            "POST", "/account/login/", {"login": self.server.people[who], "password": self.server.password}
        )
        assert answer.status == 302, answer.body.decode()
        self.ask("GET", "/account/me/")  # signing in makes the forms' token anew
        return self


def json_of(lines: list[str]) -> list[dict[str, Any]]:
    """Each line as the object it must be; a line that is none says so."""
    found = []
    for line in lines:
        try:
            found.append(json.loads(line))
        except ValueError:
            raise AssertionError(f"no JSON line: {line!r}") from None
    return found
