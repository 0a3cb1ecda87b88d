"""The site, and a view that fails in each of the ways in which programs fail, with what was typed in its mouth."""

import logging
import sys
import uuid
import warnings
from collections.abc import Callable

from django.core.exceptions import BadRequest, PermissionDenied, SuspiciousOperation, ValidationError
from django.db import IntegrityError, OperationalError, connection, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template import Context, Template
from django.urls import path, reverse

from accounts.models import User
from config import urls as site
from config.urls import handler400, handler403, handler404, handler500
from ledger.views.contract import contract

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]


def chain(typed: str) -> None:
    try:
        int(typed)
    except ValueError as error:
        raise RuntimeError(f"could not read {typed}") from error


def context(typed: str) -> None:
    try:
        {}[typed]
    except KeyError:
        raise LookupError(typed)  # noqa: B904 - the one without a cause is wanted


def taken(typed: str) -> None:
    """A constraint of the database, which quotes the row in PostgreSQL."""
    with transaction.atomic():
        for _each in range(2):
            User.objects.create_user(typed[:20], "x", name=typed)


def sql(typed: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT '{typed}' FROM nowhere WHERE x = %s", [typed])  # noqa: S608 - that is the fault


def note(typed: str) -> None:
    error = ValueError(typed)
    error.add_note(typed)
    raise error


def group(typed: str) -> None:
    raise ExceptionGroup(typed, [ValueError(typed), KeyError(typed)])


def lines(typed: str) -> None:
    """What libraries log: a text made ready, arguments, a dictionary, a fault, things beside the message."""
    foreign = logging.getLogger("some.library")
    foreign.error(f"could not reach {typed}")
    foreign.warning("could not reach %s", typed)
    foreign.error("could not reach %(where)s", {"where": typed}, extra={"typed": typed}, stack_info=True)
    logging.getLogger("django.made_up").error("%d of %s, %r", 7, typed, uuid.UUID(int=1))
    logging.getLogger("django.made_up").error("%d is a number", typed)
    logging.getLogger("gunicorn.error").error(f"Invalid request from {typed}")
    warnings.warn(f"deprecated: {typed}", RuntimeWarning, stacklevel=1)
    try:
        note(typed)
    except ValueError:
        foreign.exception(typed)


def attribute(typed: str) -> None:
    raise AttributeError(typed)


def template(typed: str) -> None:
    Template("{% load i18n %}{{ thing.boom }}").render(Context({"thing": Bomb(typed)}))


class Bomb:
    def __init__(self, typed: str) -> None:
        self.typed = typed

    @property
    def boom(self) -> str:
        raise ArithmeticError(self.typed)


def throw(error: type[BaseException]) -> Callable[[str], None]:
    def act(typed: str) -> None:
        raise error(typed)

    return act


def unicode(typed: str) -> None:
    typed.encode("ascii")


def reverse_nothing(typed: str) -> None:
    reverse("household_detail", args=[typed])


NO_TABLE = 503 if connection.vendor == "sqlite" else 500
"""SQLite says of a table that is missing what it says of a file that is locked."""
FAULTS: dict[str, tuple[Callable[[str], object], int]] = {
    "value": (throw(ValueError), 500), "chain": (chain, 500), "context": (context, 500), "taken": (taken, 500),
    "sql": (sql, NO_TABLE), "note": (note, 500), "group": (group, 500), "attribute": (attribute, 500),
    "template": (template, 500), "unicode": (unicode, 500), "reverse": (reverse_nothing, 500),
    "integrity": (throw(IntegrityError), 500), "away": (throw(OperationalError), 503),
    "validation": (throw(ValidationError), 500), "missing": (throw(Http404), 404),
    "refused": (throw(PermissionDenied), 403), "bad": (throw(BadRequest), 400),
    "suspicious": (throw(SuspiciousOperation), 400), "lines": (lines, 200),
    "moved": (lambda typed: redirect("/" + typed), 302),
    "memory": (throw(MemoryError), 500), "recursion": (throw(RecursionError), 500),
}  # fmt: skip
"""What to do with what was typed, and the status that must come of it."""


@contract(methods=("GET", "POST"))
def fault(request: HttpRequest, kind: str) -> HttpResponse:
    typed = request.POST.get("typed") or request.GET.get("typed", "")
    found = FAULTS[kind][0](typed)
    sys.stdout.flush()
    return found if isinstance(found, HttpResponse) else HttpResponse("done")


urlpatterns = [*site.urlpatterns, path("fault/<slug:kind>/", fault, name="fault")]
