"""CPU of logging a visit, as multiples of the floor: a bare Django POST with session and CSRF (``benchmarks/floor``).

Each case runs under gunicorn with the ledger's worker settings and is loaded in turn, several rounds. What counts is
the median of the rounds' ratios, each of a visit and the floor measured seconds apart; "× floor" compares the quietest
round of each, which one lucky round of either can move.
CPU is that of all server processes, without PostgreSQL's. The posted form is the real one: signed in over HTTP, the
fields as the page shows them, a fresh client id each time, one's own households in turn.
Where ``../shared/bench`` lies beside the project, its benchsite is measured as well (Django's own database settings).
Exit code 1 above 3 × the floor of the same database settings, or when a POST was refused.
"""

import contextlib
import http.cookiejar
import json
import shutil
import statistics
import sys
import urllib.request

from benchmarks.databases import ROOT, Databases, databases, ledger, run, table
from benchmarks.forms import Form
from benchmarks.made_county import PASSWORD
from benchmarks.servers import CLIENT_ID, HOUSEHOLD, Post, Result, Server

ROUNDS, SECONDS, MOST = 8, 3, 3.0
SHARED = ROOT.parent / "shared" / "bench"
BODY = "household=HOUSEHOLD&visited_on=2026-06-30&note=%E5%85%A5%E6%88%B7%E8%B5%B0%E8%AE%BF"
URLENCODED = "application/x-www-form-urlencoded"


def signed_in(port: int, username: str) -> tuple[urllib.request.OpenerDirector, str]:
    """A browser that signed in through the real form, and its cookies as a header."""
    jar = http.cookiejar.CookieJar()
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
    address = f"http://127.0.0.1:{port}/account/login/"
    form = Form(browser.open(address).read().decode(), "password")
    browser.open(address, form.body(login=username, password=PASSWORD)[1].encode())
    cookies = {cookie.name: cookie.value or "" for cookie in jar}
    if "sessionid" not in cookies:
        raise SystemExit("Signing in failed.")
    return browser, "; ".join(f"{name}={value}" for name, value in cookies.items())


def visit_posts(port: int, households: list[str]) -> dict[str, Post]:
    """The visit form of a household as the page offers it, answered with as little as a cadre must, two ways."""
    browser, cookies = signed_in(port, "walker")
    address = f"http://127.0.0.1:{port}/visits/new/?household={households[0]}"
    form = Form(browser.open(address).read().decode(), "client_id")
    answers = {"client_id": CLIENT_ID, "result": "met", "content": "入户走访，了解近况"}
    posts = {}
    for name, scripted in (("visit", True), ("plain", False)):
        kind, body = form.body(scripted=scripted, **answers)
        headers = {"Cookie": cookies, "Content-Type": kind}
        posts[name] = Post(f"/visits/new/?household={HOUSEHOLD}", body, headers, households)
    return posts


def floor_environment(source: Databases, name: str) -> dict[str, str]:
    """The environment of one of the floors, on a database of its own."""
    env = source.environment(name)
    if name == "floor":
        return env | {"DJANGO_SETTINGS_MODULE": "benchmarks.floor.settings"}
    place = f"sqlite:{source.folder / name}.sqlite3"
    if source.cluster:
        folder = source.cluster.partition("host=")[2]
        place = f"pg:host={folder} port=5432 dbname={name} user=ledger"
    paths = f"{ROOT}:{SHARED}"
    return env | {
        "DJANGO_SETTINGS_MODULE": "benchmarks.floor.shared_settings", "BENCH_DB": place, "BENCH_MODE": "default",
        "PYTHONPATH": paths,
    }  # fmt: skip


def measure(source: Databases) -> dict[str, list[Result]]:
    """All cases side by side, round by round."""
    cases: dict[str, tuple[Server, Post]] = {}
    with contextlib.ExitStack() as stack:
        for name in ("floor", *(["shared"] if SHARED.is_dir() else [])):
            env = floor_environment(source, name)
            session, token = json.loads(run("-m", "benchmarks.floor.prepare", env=env))
            headers = {
                "Cookie": f"sessionid={session}; csrftoken={token}",
                "X-CSRFToken": token,
                "Content-Type": URLENCODED,
            }
            server = stack.enter_context(Server("benchmarks.floor.wsgi:application", env))
            cases[name] = server, Post("/visit", BODY, headers, [str(n) for n in range(1, 501)])
        env = ledger(source, 7000, 18000, 900)
        households = json.loads(run("-m", "benchmarks.made_county", "own", env=env))
        server = stack.enter_context(Server("config.wsgi:application", env))
        cases |= {name: (server, post) for name, post in visit_posts(server.port, households).items()}
        found: dict[str, list[Result]] = {name: [] for name in cases}
        for name, (server, post) in cases.items():
            if server.load(post, 1).other:
                raise SystemExit(f"{name}: not every POST was answered with a redirect.")
        for _ in range(ROUNDS):
            for name, (server, post) in cases.items():
                found[name].append(server.load(post, SECONDS))
    return found


def main() -> int:
    if not shutil.which("wrk"):
        print("wrk is missing (Debian package wrk): a Python loop with eight connections loads the servers instead.")
    code = 0
    names = {
        "floor": "floor", "shared": "../shared/bench floor", "visit": "visit submit",
        "plain": "visit submit without JavaScript",
    }  # fmt: skip
    with databases() as sources:
        for database, source in sources.items():
            found = measure(source)
            rows = []
            for case, rounds in found.items():
                floor = found["floor"]
                least, bare = min(r.cpu_ms for r in rounds), min(r.cpu_ms for r in floor)
                median = statistics.median(r.cpu_ms / f.cpu_ms for r, f in zip(rounds, floor, strict=True))
                saved, other = sum(r.moved for r in rounds), sum(r.other for r in rounds)
                rows.append([names[case], f"{least:.2f}", f"{least / bare:.2f}", f"{median:.2f}", saved, other])
                refused = bool(other) and case != "shared"  # not ours to mend
                code |= refused or (case == "visit" and median > MOST)
            print(f"{database}, {ROUNDS} rounds of {SECONDS} s")
            table(["POST", "CPU ms", "× floor", "median", "saved", "refused"], rows)
    return code


if __name__ == "__main__":
    sys.exit(main())
