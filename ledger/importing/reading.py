"""From a file's bytes to its sheets, by way of the child process that does the reading."""

import datetime
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ledger.importing.files import FileError, FileRefused

_SEPARATOR = "\x1f"
Cell = str | float | int | bool | datetime.date | None
_ROOT = Path(__file__).resolve().parents[2]
_WALL_SECONDS = 60
"""The processor's time is limited to a few seconds in the child; this only ends one that hangs."""
_RETRY_WITHIN = 3.0
"""Seconds: a stray cell kills the fast reader at once; what took longer is a bomb, and is not read a second time."""


@dataclass
class Sheet:
    """The cells of one sheet; rows and columns count from 0 here and are shown from 1 and A."""

    name: str
    rows: list[list[Cell]] = field(default_factory=list)
    hidden: bool = False
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    hidden_rows: frozenset[int] = frozenset()
    faults: dict[tuple[int, int], str] = field(default_factory=dict)
    cut_after: int | None = None
    """Number of the last row read, where stray cells far below it were left out."""


_LIBRARIES = os.pathsep.join(path for path in sys.path if path.endswith("-packages"))
"""Where the child finds what is installed: without Python's ``site``, whose start costs as much as a small file."""


def read_file(data: bytes) -> list[Sheet]:
    """All sheets of a roster file; raises FileRefused with a sentence for the uploader."""
    began = time.monotonic()
    sheets, refused, died = _read(data)
    if died and data.startswith(b"PK") and time.monotonic() - began < _RETRY_WITHIN:
        sheets, refused, died = _read(data, "slow")
    if died:
        refused = FileError.TOO_LARGE_UNCOMPRESSED if died in ("memory", "time") else FileError.CORRUPT_FILE
    if refused:
        raise FileRefused(refused)
    return sheets


def check_file(data: bytes) -> None:
    """Whether the bytes are a roster file at all, in the time of a web request; raises FileRefused."""
    _sheets, refused, died = _read(data, "probe")
    if refused or died:
        raise FileRefused(refused or FileError.TOO_LARGE_UNCOMPRESSED)


def _read(data: bytes, *words: str) -> tuple[list[Sheet], str, str]:
    """(sheets, code of the refusal, why the child died): one of the three is set."""
    try:
        done = subprocess.run(  # noqa: S603  # our own program, no shell, nothing of the user's in its arguments
            [sys.executable, "-S", "-m", "ledger.importing.reader", *words],
            input=data, capture_output=True, timeout=_WALL_SECONDS, check=False, cwd=_ROOT,
            env={"PYTHONIOENCODING": "utf-8", "LC_ALL": "C.UTF-8", "PYTHONPATH": _LIBRARIES},
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return [], "", "time"
    sheets: list[Sheet] = []
    for answer in _answers(done.stdout):
        if "columns" in answer:
            sheets[-1].rows.extend(_rows(answer["columns"], answer["lengths"]))
        elif "sheet" in answer:
            sheets.append(_sheet(answer["sheet"]))
        elif "cut_after" in answer:
            sheets[-1].cut_after = answer["cut_after"]
        elif "refused" in answer:
            return [], answer["refused"], ""
        else:
            return sheets, "", ""
    return [], "", _cause(done.returncode, done.stderr)


def _answers(said: bytes) -> Iterator[dict[str, Any]]:
    """The lines of the answer, each with the texts that follow it; one that was broken off is left out."""
    at = 0
    while (end := said.find(b"\n", at)) >= 0:
        answer = json.loads(said[at:end], object_hook=_date, parse_constant=str)
        at = end + 1
        columns = answer.get("columns", ())
        for number, size in enumerate(columns):
            if isinstance(size, int):
                at, end = at + size, at
                columns[number] = said[end:at].decode()
        if at <= len(said):
            yield answer


def _rows(columns: list[str | list[Cell]], lengths: int | list[int]) -> Iterator[list[Cell]]:
    """The rows of one line of the answer: a column is a list, or one text with a separator between the cells."""
    whole = zip(*(column.split(_SEPARATOR) if isinstance(column, str) else column for column in columns), strict=True)
    if isinstance(lengths, int):  # all as long as each other; without a column, so many empty rows
        return map(list, whole) if columns else ([] for _ in range(lengths))
    return (list(row[:length]) for row, length in zip(whole, lengths, strict=True))


def _cause(code: int, said: bytes) -> str:
    """Why the child ended without its end line: out of memory, out of time, or anything else."""
    if code in (-24, -9):  # SIGXCPU, SIGKILL at the hard limit
        return "time"
    return (
        "memory" if b"memory allocation" in said or b"MemoryError" in said or b"capacity overflow" in said else "crash"
    )


def _date(value: dict[str, Any]) -> Any:
    """A tagged date cell; every other object is a part of the answer."""
    return datetime.date.fromisoformat(value["d"]) if "d" in value else value


def _sheet(head: dict[str, Any]) -> Sheet:
    return Sheet(
        name=head["name"],
        hidden=head["hidden"],
        merged=[tuple(block) for block in head["merged"]],
        hidden_rows=frozenset(head["hidden_rows"]),
        faults={(row, column): code for row, column, code in head["faults"]},
    )


def filled_down(sheet: Sheet, *, first: int) -> None:
    """Give every row of a vertically merged block the block's value, in place, from row ``first`` on."""
    for top, left, bottom, _right in sheet.merged:
        if bottom == top or top < first or top >= len(sheet.rows) or left >= len(sheet.rows[top]):
            continue
        value = sheet.rows[top][left]
        for row in sheet.rows[top + 1 : bottom + 1]:
            row.extend([""] * (left + 1 - len(row)))
            row[left] = value


def column_letters(index: int) -> str:
    """0 → A, 25 → Z, 26 → AA."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def column_index(letters: str) -> int:
    """A → 0, Z → 25, AA → 26; raises ValueError for anything but letters."""
    if not letters.isascii() or not letters.isalpha():
        raise ValueError(letters)
    index = 0
    for sign in letters.upper():
        index = index * 26 + ord(sign) - 64
    return index - 1
