"""Arguments that several commands take: townships by code, a file to read, a place for the report."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from ledger.models import County, Township, Village
from ledger.rules.cleaning import storable

SHOWN = 200
"""Characters of a wrong argument that are said back."""


def townships_of(codes: str) -> list[Township]:
    """The townships of these codes, separated by commas; raises CommandError for one that there is not."""
    codes = storable(codes)
    wanted = {code.strip() for code in codes.split(",") if code.strip()}
    found = list(Township.objects.filter(code__in=wanted).select_related("county"))
    if len(found) != len(wanted) or not wanted:
        missing = ", ".join(sorted(wanted - {township.code for township in found})) or codes
        raise CommandError(_("There is no township %(code)s.") % {"code": missing[:SHOWN]})
    return found


def villages_of(codes: str) -> QuerySet[Village]:
    """The villages of these counties (6 digits), townships (9) and villages (12), separated by commas.

    Raises CommandError for a code that there is not.
    """
    wanted = {code.strip() for code in storable(codes).split(",") if code.strip()}
    known = {code for model in (County, Township, Village) for code in _codes(model, wanted)}
    if not wanted or wanted - known:
        missing = ", ".join(sorted(wanted - known)) or codes
        raise CommandError(_("There is no county, township or village %(code)s.") % {"code": storable(missing)[:SHOWN]})
    place = Q(code__in=wanted) | Q(township__code__in=wanted) | Q(township__county__code__in=wanted)
    villages: QuerySet[Village] = Village.objects.filter(place)
    return villages


def _codes(model: Any, wanted: set[str]) -> QuerySet[Any]:
    return model.objects.filter(code__in=wanted).values_list("code", flat=True)  # type: ignore[no-any-return]


def file_bytes(file: Path) -> bytes:
    """What the file holds; raises CommandError with the reason why it can't be read."""
    try:
        return file.read_bytes()
    except (OSError, ValueError) as error:
        raise CommandError(unreadable(file, error)) from error


def unreadable(path: Path, error: Exception) -> str:
    """Why a path can't be used, in a line."""
    return f"{storable(str(path))[:SHOWN]}: {getattr(error, 'strerror', None) or error}"


def check_place(path: Path | None) -> None:
    """A report that can't be written is known before anything is imported."""
    if path is None:
        return
    try:
        path.touch(mode=0o600)
    except (OSError, ValueError) as error:
        raise CommandError(unreadable(path, error)) from error
    if path.is_dir():
        raise CommandError(_("%(file)s is no file to write a report to.") % {"file": storable(str(path))[:SHOWN]})


def write_report(path: Path | None, report: dict[str, Any]) -> None:
    """Write the report as JSON; nothing where none was asked for."""
    if path is not None:
        path.write_text(json.dumps(report, ensure_ascii=False, indent=1), encoding="utf-8", errors="backslashreplace")
