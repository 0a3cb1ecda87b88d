"""套表: take a blank workbook, show it as tables, bind its cells, fill it for a period by the child process."""

import json
import subprocess
import sys
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ledger.actions.audit import record
from ledger.models import County, FillInForm, Township

MOST_UPLOADED = 2 * 1024 * 1024
MOST_BOUND = 400
_ROOT = Path(__file__).resolve().parents[2]
_WALL_SECONDS = 40
REFUSALS: dict[str, Promise | str] = {
    "no_xlsx": gettext_lazy("This is no .xlsx workbook, or it is damaged or protected by a password."),
    "too_large": gettext_lazy("The workbook is too large to be a form."),
    "more_than_cells": gettext_lazy(
        "The workbook holds charts, pictures, macros or links to other files, which would be lost. Take them out first."
    ),
}


class FormRefused(Exception):
    """Why a workbook is not taken, as a sentence."""


@dataclass(frozen=True)
class Grid:
    """One sheet as a table: rows of (cell, text, rows spanned, columns spanned); joined cells stand once."""

    name: str
    rows: list[list[tuple[str, str, int, int]]]


def _asked(data: bytes, **asked: Any) -> bytes:
    try:
        done = subprocess.run(  # our own program, no shell
            [sys.executable, "-m", "ledger.exporting.form_filler"], input=json.dumps(asked).encode() + b"\n" + data,
            capture_output=True, timeout=_WALL_SECONDS, check=False, cwd=_ROOT,
            env={"PYTHONIOENCODING": "utf-8", "LC_ALL": "C.UTF-8"},
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise FormRefused(str(REFUSALS["too_large"])) from None
    state, _space, answer = done.stdout.partition(b" ")
    if state == b"done":
        return answer
    code = answer.decode() if state == b"refused" else "too_large"
    raise FormRefused(str(REFUSALS.get(code, REFUSALS["no_xlsx"])))


def grids(data: bytes) -> list[Grid]:
    """The sheets as they are shown; raises FormRefused."""
    return [_grid(number, sheet) for number, sheet in enumerate(json.loads(_sheets(data))["sheets"])]


@lru_cache(maxsize=8)
def _sheets(data: bytes) -> bytes:
    """Kept: cell after cell of one blank workbook is pointed at, and starting the program took most of each page."""
    return _asked(data)


def _grid(number: int, sheet: dict[str, Any]) -> Grid:
    spans = {(top, left): (bottom - top + 1, right - left + 1) for top, left, bottom, right in sheet["merged"]}
    covered = {
        (row, column) for top, left, bottom, right in sheet["merged"]
        for row in range(top, bottom + 1) for column in range(left, right + 1) if (row, column) != (top, left)
    }  # fmt: skip
    rows = [
        [
            (f"{number}!{letters(column)}{row}", text, *spans.get((row, column), (1, 1)))
            for column, text in enumerate(line, start=1) if (row, column) not in covered
        ]
        for row, line in enumerate(sheet["cells"], start=1)
    ]  # fmt: skip
    return Grid(sheet["name"], rows)


def letters(column: int) -> str:
    """1 → A, 27 → AA."""
    found = ""
    while column:
        column, rest = divmod(column - 1, 26)
        found = chr(65 + rest) + found
    return found


def place_of(cell: str) -> tuple[int, int, int]:
    """``0!C5`` → sheet 0, row 5, column 3; raises ValueError for anything else."""
    sheet, _mark, rest = cell.partition("!")
    name = rest.rstrip("0123456789")
    if not (sheet.isascii() and sheet.isdigit() and name.isascii() and name.isalpha() and len(name) <= 3):
        raise ValueError(cell)
    column = 0
    for sign in name.upper():
        column = column * 26 + ord(sign) - 64
    return int(sheet), int(rest[len(name) :]), column


def filled(form: FillInForm, values: dict[str, Any]) -> bytes:
    """The workbook with the values of its bound cells; layout and formulas stay."""
    return _asked(bytes(form.data), cells=[[*place_of(cell), value] for cell, value in values.items()])


def take_form(*, by: Any, place: County | Township, name: str, file_name: str, data: bytes) -> FillInForm:
    """Keep a blank workbook; raises FormRefused for one that can't be filled, ValidationError for a name in use."""
    grids(data)
    above = {"county": place} if isinstance(place, County) else {"county": place.county, "township": place}
    try:
        with transaction.atomic():
            made: FillInForm = FillInForm.objects.create(
                **above, area=f"{place._meta.model_name}-{place.pk}", name=name, file_name=file_name[-120:], data=data,
                made_by=by,
            )  # fmt: skip
            _note("form.taken", by, made, {"file": made.file_name})
    except IntegrityError as fault:
        raise ValidationError({"name": _("A form of this name is kept already: choose another name.")}) from fault
    return made


@transaction.atomic
def bind_cell(*, by: Any, form: FillInForm, version: int, cell: str, to: tuple[str, str, str] | None) -> bool:
    """Bind a cell to (figure, span, area), or free it; False when somebody was faster."""
    bindings = {key: value for key, value in form.bindings.items() if key != cell}
    if to is not None:
        if len(bindings) >= MOST_BOUND:
            raise ValidationError(_("A form has %(n)s bound cells at most.") % {"n": MOST_BOUND})
        bindings[cell] = list(to)
    held = FillInForm.objects.filter(pk=form.pk, version=version)
    if held.update(bindings=bindings, version=F("version") + 1) != 1:
        return False
    _note("form.bound", by, form, {"cell": cell, "figure": to[0] if to else ""})
    return True


@transaction.atomic
def remove_form(*, by: Any, form: FillInForm) -> bool:
    """Take it off the list; False when it is off already."""
    if FillInForm.objects.filter(pk=form.pk, removed_at__isnull=True).update(removed_at=timezone.now()) != 1:
        return False
    _note("form.removed", by, form, {})
    return True


def _note(verb: str, by: Any, form: FillInForm, detail: dict[str, Any]) -> None:
    record(verb=verb, by=by, obj=form, label=form.name, detail=detail, county_id=form.county_id,
           township_id=form.township_id)  # fmt: skip
