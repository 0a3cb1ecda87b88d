"""Log lines of production: one JSON object each, with the request they belong to and nothing of a person in them.

Names, numbers, passwords and tokens reach a log as values: arguments of a message, texts of exceptions, addresses, SQL.
So values are left out by default, and what a line says is what the program says: where, which kind of fault, which
constraint. Everything else is found by the request's id, in the audit trail, by those who may read it.
"""

import datetime
import json
import logging
import re
import traceback
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ledger.rules.masking import scrub
from ledger.rules.request import current_request, current_request_id

OWN = ("ledger", "accounts", "config")
"""Our loggers: their messages are written with care, without anything a person typed."""
WITH_TEMPLATES = ("django", "gunicorn", "django_tasks")
"""Loggers whose messages have their values apart, as arguments; these are left out and the rest is kept."""
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"}
LEFT_OUT = "…"
MOST_FAULTS, MOST_FRAMES = 6, 40
_ROOT = str(Path(__file__).resolve().parents[2]) + "/"
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.]{0,100}")
_SQLITE = re.compile(
    r"(?:UNIQUE|NOT NULL|CHECK|FOREIGN KEY|PRIMARY KEY) constraint failed(?:: (?:index ')?[A-Za-z0-9_., ]{1,200}'?)?"
)


class JsonFormatter(logging.Formatter):
    """``{"time": …, "level": …, "logger": …, "request_id": …, "message": …}`` and more where it is known.

    Within a request ``method``, ``route`` (its name, never the address) and ``user`` (the id); of one that was served
    ``status`` and ``ms``; of a fault ``faults``, the outermost first.
    """

    def format(self, record: logging.LogRecord) -> str:
        moment = datetime.datetime.fromtimestamp(record.created, datetime.UTC)
        line: dict[str, Any] = {
            "time": moment.isoformat(timespec="milliseconds"), "level": record.levelname, "logger": record.name,
            "request_id": current_request_id.get() or None, "message": scrub(message_of(record)),
        }  # fmt: skip
        if not _is_of(record.name, OWN):
            line["at"] = f"{_short(record.pathname)}:{record.lineno}"
        request = current_request.get()
        if request is not None:
            line |= described(request)
        line |= {name: getattr(record, name) for name in ("status", "ms") if hasattr(record, name)}
        if record.exc_info and record.exc_info[1] is not None:
            line["faults"] = list(faults_of(record.exc_info[1]))
        return json.dumps(line)


def described(request: Any) -> dict[str, Any]:
    """A request without its address: method, name of the route, id of who is signed in. Asks the database nothing."""
    match = getattr(request, "resolver_match", None)
    user = getattr(request, "_cached_user", None)  # there once somebody has asked who it is
    return {
        "method": request.method if request.method in METHODS else None,
        "route": match.view_name if match else None,
        "user": getattr(user, "pk", None),
    }  # fmt: skip


def message_of(record: logging.LogRecord) -> str:
    """Our own messages in full; of others the template alone; nothing where values may be written into the text."""
    if _is_of(record.name, OWN):
        return record.getMessage()
    if not _is_of(record.name, WITH_TEMPLATES) or not record.args:
        return LEFT_OUT
    template, args = str(record.msg), record.args
    try:
        if isinstance(args, tuple):
            return template % tuple(_harmless(each) for each in args)
        return template % {name: _harmless(each) for name, each in args.items()}
    except (TypeError, ValueError, KeyError):
        return template


def _harmless(value: object) -> object:
    return value if value is None or isinstance(value, (bool, int, float, uuid.UUID)) else LEFT_OUT


def _is_of(name: str, families: tuple[str, ...]) -> bool:
    return name.partition(".")[0] in families


def faults_of(error: BaseException | None) -> Iterator[dict[str, Any]]:
    """The fault and what led to it: class, places in the code, and the name of what broke where that is known."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen and len(seen) < MOST_FAULTS:
        seen.add(id(error))
        frames = traceback.extract_tb(error.__traceback__)[-MOST_FRAMES:]
        fault: dict[str, Any] = {
            "type": f"{type(error).__module__}.{type(error).__qualname__}",
            "at": [f"{_short(frame.filename)}:{frame.lineno} {frame.name}" for frame in frames],
        }
        if broken := _broken(error):
            fault["broken"] = broken
        yield fault
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def _broken(error: BaseException) -> str:
    """What a fault is about, from its parts and never from its text: a constraint, a column, a name in the code."""
    told = getattr(error, "diag", None)
    parts = [getattr(told, name, None) for name in ("table_name", "column_name", "constraint_name")]
    parts += [error.name] if isinstance(error, (AttributeError, NameError, ImportError)) else []
    names = [part for part in parts if isinstance(part, str) and _NAME.fullmatch(part)]
    if not names and _SQLITE.fullmatch(said := str(error)):
        return said
    return " ".join(names)


def _short(path: str) -> str:
    """Below the project, or below the folder of packages."""
    return path.rpartition("/site-packages/")[2].removeprefix(_ROOT)
