"""No file and no function grows beyond what one reading holds (CONTRIBUTING.md, "Sizes")."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.guards.sources import ROOT, project_files, python_files

FILE_LINES = 400
FUNCTION_LINES = 60
PAGE_LINES = 150
PIECE_LINES = 60


def line_count(path: Path) -> int:
    return len((ROOT / path).read_text(encoding="utf-8").splitlines())


def long_functions(source: str) -> Iterator[tuple[int, str, int]]:
    """Line, name and length of each function over the limit."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > FUNCTION_LINES:
                yield node.lineno, node.name, length


def test_files_are_short():
    long = [f"{path}: {lines}" for path in python_files() if (lines := line_count(path)) > FILE_LINES]
    assert not long, f"over {FILE_LINES} lines; split by noun, not by layer: {long}"


def test_functions_are_short():
    long = [
        f"{path}:{line} {name}: {length}"
        for path in python_files()
        for line, name, length in long_functions((ROOT / path).read_text(encoding="utf-8"))
    ]
    assert not long, f"over {FUNCTION_LINES} lines; give a step of it a name: {long}"


def test_a_function_over_the_limit_is_found():
    body = "\n".join("    pass" for _ in range(FUNCTION_LINES))
    assert list(long_functions(f"def short():\n    pass\n\ndef long():\n{body}\n")) == [(4, "long", FUNCTION_LINES + 1)]


@pytest.mark.parametrize(("pieces", "limit"), [(False, PAGE_LINES), (True, PIECE_LINES)], ids=["pages", "pieces"])
def test_templates_are_short(pieces: bool, limit: int):
    templates = [path for path in project_files() if path.parts[0] == "templates" and path.suffix == ".html"]
    chosen = [path for path in templates if path.name.startswith("_") == pieces]
    long = [f"{path}: {lines}" for path in chosen if (lines := line_count(path)) > limit]
    assert not long, f"over {limit} lines; take a piece out into a _piece.html beside the page: {long}"
