"""The request being served and its id, for log lines and audit rows."""

import contextvars
import logging
import re
from typing import Any

from ledger.rules.masking import scrub

current_request_id: contextvars.ContextVar[str] = contextvars.ContextVar("request_id", default="")
current_request: contextvars.ContextVar[Any] = contextvars.ContextVar("request", default=None)


class RequestIdFilter(logging.Filter):
    """Puts the request id on each log record."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = current_request_id.get() or "-"
        return True


# PostgreSQL tells the whole row that broke a rule: names, addresses, remarks.
_DETAIL = re.compile(r"^DETAIL:.*?(?=\n\n(?:The above exception|During handling)|\Z)", re.DOTALL | re.MULTILINE)


class LineFormatter(logging.Formatter):
    """Lines to read while developing, where people are invented; production has ``ledger/rules/logs.py``.

    Even so: no rows out of database errors, no full ID numbers and mobiles.
    """

    def format(self, record: logging.LogRecord) -> str:
        return scrub(super().format(record))

    def formatException(self, ei: Any) -> str:
        return _DETAIL.sub("DETAIL: left out", super().formatException(ei))
