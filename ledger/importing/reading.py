"""From a file's bytes to its sheets, by way of the child process that does the reading."""

import datetime
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Iterator
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


class Sheet:
    """The cells of one sheet; rows and columns count from 0 here and are shown from 1 and A.

    They come by column and are read by column. Who asks for ``rows`` gets lists of their own to change; from then on
    those are the sheet.
    """

    def __init__(
        self, name: str, rows: Iterable[list[Cell]] = (), *, hidden: bool = False,
        merged: Iterable[tuple[int, int, int, int]] = (), hidden_rows: frozenset[int] = frozenset(),
        faults: dict[tuple[int, int], str] | None = None,
    ) -> None:  # fmt: skip
        self.name, self.hidden, self.merged, self.hidden_rows = name, hidden, list(merged), hidden_rows
        self.faults = faults or {}
        """(row, column) → code of the contract."""
        self.cut_after: int | None = None
        """Number of the last row read, where stray cells far below it were left out."""
        self._rows: list[list[Cell]] | None = list(rows) or None
        self._columns: list[list[Cell]] = []
        """While nobody asked for rows: the cells by column, each down to the last rows that say anything in it."""
        self._lengths: list[int] = []

    @property
    def count(self) -> int:
        """The number of rows."""
        return len(self._lengths if self._rows is None else self._rows)

    @property
    def rows(self) -> list[list[Cell]]:
        """All rows, without the empty ends of short ones; what is changed in them is changed in the sheet."""
        if self._rows is None:
            self._rows = self._made(0, self.count)
            self._columns, self._lengths = [], []
        return self._rows

    def extend(self, columns: list[str | list[Cell]], lengths: int | list[int]) -> None:
        """Further rows, by column: each a list, or one text with a separator between the cells.

        ``lengths``: of each row, or how many rows there are, all as long as each other.
        """
        before = self.count
        self._lengths += [len(columns)] * lengths if isinstance(lengths, int) else lengths
        self._columns += ([] for _ in range(len(columns) - len(self._columns)))
        for column, cells in zip(self._columns, columns, strict=False):
            if not isinstance(cells, str):
                column += [""] * (before - len(column)) + cells
            elif cells.strip(_SEPARATOR):  # else one stray cell far to the right would fill hundreds of columns
                column += [""] * (before - len(column)) + cells.split(_SEPARATOR)

    def head(self, count: int) -> "Sheet":
        """The first rows as a sheet of their own: where headings are looked for."""
        rows = self._made(0, min(count, self.count)) if self._rows is None else map(list, self._rows[:count])
        return Sheet(self.name, rows, hidden=self.hidden, merged=self.merged)

    def column(self, column: int, first: int = 0, stop: int | None = None) -> list[Cell]:
        """One column of the rows from ``first`` to before ``stop``; empty cells are empty texts."""
        if self._rows is not None:
            return [row[column] if column < len(row) else "" for row in self._rows[first:stop]]
        cells = self._columns[column][first:stop] if column < len(self._columns) else []
        return cells + [""] * (len(self._lengths[first:stop]) - len(cells))

    def _made(self, first: int, stop: int) -> list[list[Cell]]:
        lengths = self._lengths[first:stop]
        width = max(lengths, default=0)
        cells = (
            zip(*(self.column(at, first, stop) for at in range(width)), strict=True) if width else ((),) * len(lengths)
        )
        return [list(row if length == width else row[:length]) for row, length in zip(cells, lengths, strict=True)]


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
    child = _child(data, words)
    if child is None:
        return [], "", "time"
    sheets: list[Sheet] = []
    for answer in _answers(child.stdout):
        if "columns" in answer:
            sheets[-1].extend(answer["columns"], answer["lengths"])
        elif "sheet" in answer:
            sheets.append(_sheet(answer["sheet"]))
        elif "cut_after" in answer:
            sheets[-1].cut_after = answer["cut_after"]
        elif "refused" in answer:
            return [], answer["refused"], ""
        else:
            return sheets, "", ""
    return [], "", _cause(child.returncode, child.stderr)


def _child(data: bytes, words: tuple[str, ...]) -> "subprocess.CompletedProcess[bytes] | None":
    """What the child said to the end; None for one that hung.

    The file goes to it in memory that both see, and its answer comes in one read: through two pipes in turns, a
    county's roster costs as much again as half of the child's start.
    """
    file = os.memfd_create("roster")
    try:
        with open(file, "wb", closefd=False) as written:
            written.write(data)
        os.lseek(file, 0, os.SEEK_SET)
        with subprocess.Popen(  # noqa: S603  # our own program, no shell, nothing of the user's in its arguments
            [sys.executable, "-S", "-m", "ledger.importing.reader", *words],
            stdin=file, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=_ROOT,
            env={"PYTHONIOENCODING": "utf-8", "LC_ALL": "C.UTF-8", "PYTHONPATH": _LIBRARIES},
        ) as child:  # fmt: skip
            return _heard(child)
    finally:
        os.close(file)


def _heard(child: "subprocess.Popen[bytes]") -> "subprocess.CompletedProcess[bytes] | None":
    """The answer, then what it complains of: a line or two, which never fill their pipe."""
    hung = threading.Event()

    def end() -> None:
        hung.set()
        child.kill()

    ender = threading.Timer(_WALL_SECONDS, end)
    ender.start()
    try:
        said, complaint = (pipe.read() if pipe else b"" for pipe in (child.stdout, child.stderr))
        child.wait()
    finally:
        ender.cancel()
    return None if hung.is_set() else subprocess.CompletedProcess(child.args, child.returncode, said, complaint)


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
        if bottom == top or top < first or top >= sheet.count or left >= len(sheet.rows[top]):
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
