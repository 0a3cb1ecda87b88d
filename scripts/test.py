"""``make test``: the whole suite on SQLite with the browser stories, then all but those on PostgreSQL.

Arguments go to pytest (``make test ARGS="-k visits"``). The stories need Debian's Chromium and a Chinese font: as
root they are installed; elsewhere the stories are left out loudly, and under CI=true that is a failure.
"""

import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from pgcluster import Cluster, ClusterError

ROOT = Path(__file__).resolve().parent.parent
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FONTS = ("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc", "/usr/share/fonts/noto-cjk")
PACKAGES = ("chromium", "fonts-noto-cjk")
NOTHING_SELECTED = 5  # pytest's exit code
WIDTH = 72


@dataclass
class Round:
    """One run of pytest: on which database, how it ended, how long it took."""

    name: str
    code: int
    seconds: float

    @property
    def verdict(self) -> str:
        return {0: "passed", NOTHING_SELECTED: "nothing selected"}.get(self.code, f"FAILED (exit code {self.code})")


def browser_ready() -> bool:
    """Whether the stories can be told here, after installing what root may install."""
    missing = lacking()
    if missing and os.getuid() == 0 and shutil.which("apt-get"):
        print(f"Installing Debian's {' and '.join(missing)} for the browser stories…", flush=True)
        env = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
        for words in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", *missing]):
            subprocess.run(["apt-get", *words], env=env, stdin=subprocess.DEVNULL, check=False)
        missing = lacking()
    if missing:
        notice(f"NO BROWSER STORIES: install them with 'apt-get install {' '.join(missing)}'.")
    return not missing


def lacking() -> list[str]:
    found = (any(shutil.which(name) for name in BROWSERS), any(Path(path).exists() for path in FONTS))
    return [package for package, there in zip(PACKAGES, found, strict=True) if not there]


def notice(text: str) -> None:
    print(f"\n{'=' * WIDTH}\n{text}\n{'=' * WIDTH}", flush=True)


def pytest(name: str, arguments: list[str], **environment: str) -> Round:
    notice(f"Tests on {name}")
    env = {key: value for key, value in os.environ.items() if key != "TEST_DATABASE_URL"} | environment
    command = [sys.executable, "-m", "pytest", "-n", "2", "--dist", "worksteal", *arguments]
    began = time.monotonic()
    with subprocess.Popen(command, cwd=ROOT, env=env) as running:
        try:
            code = running.wait()
        except KeyboardInterrupt:  # the terminal told pytest as well: let it tidy up
            running.wait()
            raise
        except SystemExit:
            running.send_signal(signal.SIGINT)
            running.wait()
            raise
    return Round(name, code, time.monotonic() - began)


def rounds(arguments: list[str]) -> list[Round]:
    ready = browser_ready()
    if not ready and os.environ.get("CI"):
        return [Round("the browser", 1, 0)]
    if ready:
        done = [pytest("SQLite", arguments)]
    else:
        done = [pytest("SQLite, no stories", ["--without-journeys", *arguments])]
    try:
        with Cluster() as cluster:
            name = f"PostgreSQL {cluster.version}"
            done.append(pytest(name, ["--without-journeys", *arguments], TEST_DATABASE_URL=cluster.url))
    except ClusterError as error:
        print(error, file=sys.stderr)
        done.append(Round("PostgreSQL", 1, 0))
    return done


def main() -> int:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        done = rounds(sys.argv[1:])
    except KeyboardInterrupt:
        return 130
    notice("\n".join(f"{one.name:20} {one.verdict} in {one.seconds:.0f} s" for one in done))
    codes = {one.code for one in done}
    failures = codes - {0, NOTHING_SELECTED}
    if failures:
        return max(failures)
    # A selection may hold stories alone, which PostgreSQL is spared; but a run of nothing at all is no success.
    return 0 if 0 in codes else NOTHING_SELECTED


if __name__ == "__main__":
    sys.exit(main())
