"""Lighthouse 12 as a phone sees today, a household, the visit form and the sign-in: the median of five runs.

Performance at least 95, accessibility and best practices 100; exit code 1 below. Lighthouse comes from npm into
``var/lighthouse`` at the first run; without node or Chromium, or where npm can't fetch it, it is left out loudly.
"""

import contextlib
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.databases import ROOT, Databases, ledger, run, table
from benchmarks.servers import Server
from benchmarks.web_bench import signed_in
from tests.plugin_browser import FLAGS, chromium_path

VERSION = "12.8.2"
RUNS = 5
LEAST = {"performance": 95, "accessibility": 100, "best-practices": 100}
FOLDER = ROOT / "var" / "lighthouse"


def lighthouse() -> Path | None:
    """The program, fetched once; None where it can't be had."""
    program = FOLDER / "node_modules" / ".bin" / "lighthouse"
    if not (shutil.which("node") and shutil.which("npm") and chromium_path()):
        return None
    if not program.exists():
        FOLDER.mkdir(parents=True, exist_ok=True)
        words = ["npm", "install", "--no-audit", "--no-fund", "--silent", f"lighthouse@{VERSION}"]
        with contextlib.suppress(subprocess.CalledProcessError):
            subprocess.run(words, cwd=FOLDER, env={**os.environ, "PUPPETEER_SKIP_DOWNLOAD": "1"}, check=True)
    return program if program.exists() else None


def scores(program: Path, address: str, cookies: str) -> dict[str, tuple[int, list[str]]]:
    """Category → points of 100, and what took points away."""
    words = [
        str(program), address, "--quiet", "--output=json", f"--only-categories={','.join(LEAST)}",
        f"--chrome-flags=--headless=new {' '.join(FLAGS)}",
        *([f"--extra-headers={json.dumps({'Cookie': cookies})}"] if cookies else []),
    ]  # fmt: skip
    env = {**os.environ, "CHROME_PATH": str(chromium_path())}
    report = json.loads(subprocess.run(words, env=env, check=True, capture_output=True, text=True).stdout)
    found = {}
    for name, category in report["categories"].items():
        audits = [report["audits"][each["id"]] for each in category["auditRefs"] if each["weight"]]
        lost = [each["id"] for each in audits if each["score"] is not None and each["score"] < 0.9]
        found[name] = (round(100 * (category["score"] or 0)), lost)
    return found


def main() -> int:
    program = lighthouse()
    if program is None:
        print("LEFT OUT: Lighthouse needs node, npm (with a registry in reach at the first run) and Chromium.")
        return 0
    code, rows = 0, []
    with tempfile.TemporaryDirectory(prefix="ledger-lighthouse-") as name:
        env = ledger(Databases(Path(name), ""), 7000, 18000, 900)
        env |= {"DJANGO_SETTINGS_MODULE": "benchmarks.lighthouse_settings", "LIGHTHOUSE_STATIC": f"{name}/static"}
        run("manage.py", "collectstatic", "--noinput", "--verbosity", 0, env=env)
        home = json.loads(run("-m", "benchmarks.made_county", "own", env=env))[0]
        with Server("config.wsgi:application", env) as server:
            cookies = signed_in(server.port, "walker")[1]
            pages = {
                "today": ("/today/", cookies), "household": (f"/households/{home}/", cookies),
                "visit form": (f"/visits/new/?household={home}", cookies), "sign-in": ("/account/login/", ""),
            }  # fmt: skip
            for label, (path, who) in pages.items():
                found = [scores(program, f"http://127.0.0.1:{server.port}{path}", who) for _ in range(RUNS)]
                middle = {name: round(statistics.median(one[name][0] for one in found)) for name in LEAST}
                lost = sorted({each for one in found for name in LEAST for each in one[name][1]})
                below = any(middle[name] < least for name, least in LEAST.items())
                code |= below
                rows.append([label, *middle.values(), ", ".join(lost) if below else ""])
    table(["page", *LEAST, "what takes points away"], rows)
    return code


if __name__ == "__main__":
    sys.exit(main())
