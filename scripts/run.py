"""``make run``: prepare the database, then serve the ledger with its worker and its sealer until Ctrl-C.

HOST and PORT choose the address (127.0.0.1:8000). The first run loads the demonstration county; later runs keep
whatever is there. Exit code 0 after Ctrl-C or SIGTERM, 1 when something kept it from serving.
"""

import errno
import http.client
import io
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import FrameType

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
from config.gunicorn import HOST, PORT  # noqa: E402 - the project is not installed, only found

READY_SECONDS = 60
STOP_SECONDS = 15

CALLED = {"web server": "网页服务", "background worker": "后台任务", "audit sealer": "操作记录封存"}

Programs = dict[str, "subprocess.Popen[bytes]"]


class CannotServe(Exception):
    """Why there is nothing to open in a browser: one sentence for the person at the terminal, in either language."""

    def __init__(self, *said: str) -> None:
        super().__init__("\n".join(said))


class Stop(Exception):
    """Somebody asked us to end."""


def free_port() -> int:
    """PORT, checked to be a number that nobody else listens on."""
    if not (PORT.isascii() and PORT.isdigit() and 0 < int(PORT) < 65536):
        raise CannotServe(
            f"PORT={PORT} 不是端口号：请用 1 到 65535 之间的数，例如 PORT=8080。",
            f"PORT={PORT} is no port number: choose one from 1 to 65535, for example PORT=8080.",
        )
    port = int(PORT)
    try:
        family, kind, protocol, _, place = socket.getaddrinfo(HOST, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(place)
    except PermissionError:
        raise CannotServe(
            f"没有权限使用端口 {port}：请用 1023 以上的端口，例如 PORT=8080。",
            f"You may not listen on port {port}: choose one above 1023, for example PORT=8080.",
        ) from None
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            other = f"make run PORT={port + 1}"
            raise CannotServe(
                f"{HOST} 的端口 {port} 已被其他程序占用：请换一个端口，例如 {other}。",
                f"Port {port} on {HOST} is taken by another program: choose another one, for example '{other}'.",
            ) from None
        raise CannotServe(f"HOST={HOST} 不是本机的地址。", f"HOST={HOST} is not an address of this machine.") from None
    return port


def prepare() -> str:
    """Bring the database up to date, load the demonstration into a new one, return the list of its accounts."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import CommandError
    from django.db import OperationalError, connections

    try:
        django.setup()
    except ImproperlyConfigured as error:
        raise CannotServe(str(error)) from None
    try:
        return bring_up_to_date()
    except CommandError as error:
        raise CannotServe(str(error)) from None
    except OperationalError as error:
        why = str(error).strip().splitlines()[0]
        raise CannotServe(f"数据库没有应答：{why}", f"The database does not answer: {why}") from None
    finally:
        connections.close_all()


def bring_up_to_date() -> str:
    from django.conf import settings
    from django.core.management import call_command
    from django.db import transaction

    from ledger.models.geography import County

    call_command("migrate", verbosity=0)
    if not settings.DEMONSTRATION_ALLOWED:
        return ""
    if not County.objects.exists():
        say("首次运行，正在载入演示数据…  Loading the demonstration county (once)…")
        with transaction.atomic():  # all of it or nothing
            call_command("load_demonstration")
    accounts = io.StringIO()
    call_command("demonstration_accounts", stdout=accounts)
    return accounts.getvalue()


def start(programs: Programs) -> None:
    """The programs of the services (docs/deployment.md 5), in sessions of their own: Ctrl-C reaches only us."""
    words = {
        "web server": ["-m", "gunicorn", "-c", "python:config.gunicorn"],
        "background worker": ["manage.py", "db_worker", "--queue-name", "*", "--no-reload"],
        "audit sealer": ["manage.py", "seal_audit", "--every", "60"],
    }
    for name, line in words.items():
        programs[name] = subprocess.Popen(
            [sys.executable, *line], cwd=ROOT, stdin=subprocess.DEVNULL, start_new_session=True
        )


def fallen(programs: Programs) -> str | None:
    """The name of a program that ended by itself."""
    return next((name for name, program in programs.items() if program.poll() is not None), None)


def serve(programs: Programs, port: int, accounts: str) -> None:
    """Tell the address once it answers, then watch the programs until one ends or we are asked to."""
    wait_until_it_answers(programs, port)
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(HOST, f"[{HOST}]" if ":" in HOST else HOST)  # noqa: S104
    say(f"\n{accounts}")
    say(f"民情台账已启动，Village Ledger is open at http://{shown}:{port}/  (按 Ctrl-C 结束，Ctrl-C ends it)")
    while not (name := fallen(programs)):
        time.sleep(0.5)
    code = programs[name].returncode
    raise CannotServe(
        f"{CALLED[name]}自行结束（退出码 {code}），已全部停止。",
        f"The {name} ended by itself (exit code {code}), so everything was stopped.",
    )


def wait_until_it_answers(programs: Programs, port: int) -> None:
    reach = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(HOST, HOST)  # noqa: S104
    end = time.monotonic() + READY_SECONDS
    while time.monotonic() < end:
        if name := fallen(programs):
            code = programs[name].returncode
            raise CannotServe(
                f"{CALLED[name]}没有启动（退出码 {code}），原因见上。",
                f"The {name} did not start (exit code {code}); see above.",
            )
        try:
            connection = http.client.HTTPConnection(reach, port, timeout=5)
            connection.request("GET", "/healthz")
            connection.getresponse()
            connection.close()
            return
        except (OSError, http.client.HTTPException):
            time.sleep(0.2)
    raise CannotServe(
        f"网页服务 {READY_SECONDS} 秒内没有应答。", f"The web server gave no answer within {READY_SECONDS} seconds."
    )


def stop(programs: Programs) -> None:
    """End both in order; whoever is deaf is killed."""
    for program in programs.values():
        if program.poll() is None:
            program.terminate()
    end = time.monotonic() + STOP_SECONDS
    for program in programs.values():
        try:
            program.wait(max(0.1, end - time.monotonic()))
        except subprocess.TimeoutExpired:
            program.kill()
            program.wait()


def say(text: str) -> None:
    print(text, flush=True)


def heed(number: int, frame: FrameType | None) -> None:
    # From here on a second Ctrl-C does nothing: they are already being stopped.
    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, signal.SIG_IGN)
    raise Stop


def main() -> int:
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that knows no Chinese still shows the English
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, heed)
    programs: Programs = {}
    try:
        port = free_port()
        say("正在准备数据库…  Preparing the database…")
        accounts = prepare()
        start(programs)
        serve(programs, port, accounts)
    except CannotServe as error:
        print(error, file=sys.stderr, flush=True)
        return 1
    except Stop:
        say("\n正在停止…  Stopping…")
        return 0
    finally:
        stop(programs)
    return 0


if __name__ == "__main__":
    sys.exit(main())
