"""Templates compile, name what exists, obey the strict policy, and say nothing outside the catalogue."""

import ast
import gzip
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.template import engines
from django.urls import get_resolver

from tests.guards.sources import ROOT, project_files, python_files

CHINESE = re.compile(r"[\u3400-\u9fff]")
COMMENT = re.compile(r"{#.*?#}|{% comment.*?endcomment %}|<!--.*?-->", re.DOTALL)
FORBIDDEN = {
    "style attribute (a class in static/css/<feature>.css)": re.compile(r"<[^>{}]*\sstyle\s*=", re.IGNORECASE),
    "style element (a file in static/css/)": re.compile(r"<style\b", re.IGNORECASE),
    "inline script (a file in static/js/, bound by data-*)": re.compile(r"<script\b(?![^>]*\ssrc=)", re.IGNORECASE),
    "event handler (a file in static/js/, bound by data-*)": re.compile(r"<[^>]*\son[a-z]+\s*=", re.IGNORECASE),
    "javascript: address": re.compile(r"javascript:", re.IGNORECASE),
    "htmx expression that needs eval": re.compile(r"\shx-on\b|hx-(?:vals|headers)\s*=\s*['\"]js:", re.IGNORECASE),
    "address outside the intranet": re.compile(r"(?:src|href|action)\s*=\s*[\"'](?:https?:)?//", re.IGNORECASE),
}
# Layers whose strings people read. The others hold Chinese as data: headings of rosters, surnames, defaults.
SPEAKING = ("accounts", "config", "ledger/actions", "ledger/queries", "ledger/views", "ledger/forms", "ledger/filters")
DATA = {
    "ledger/actions/defaults.py",  # fits the names of organisations to the county's own
    "config/formats/zh_Hans/formats.py",  # how Chinese writes a day; used for that language only
}
# A language is called as it calls itself.
OWN_NAMES = {("accounts/models/users.py", "中文"), ("config/settings.py", "中文")}
FIRST_PAGE_BYTES = 100 * 1024


def templates() -> list[Path]:
    """Every template of the project, relative to the root."""
    return [path for path in project_files() if path.parts[0] == "templates" and path.suffix == ".html"]


def text_of(path: Path) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def test_every_template_compiles():
    engine = engines["django"]
    faults = []
    for path in templates():
        try:
            engine.get_template(path.relative_to("templates").as_posix())
        except Exception as fault:
            faults.append(f"{path}: {fault}")
    assert not faults, faults


def test_comments_end_on_their_line():
    """Django takes ``{#`` for a comment only up to the end of the line; the rest would be on the page."""
    open_ended = re.compile(r"\{#(?:(?!#\}).)*$", re.MULTILINE)
    assert [str(path) for path in templates() if open_ended.search(text_of(path))] == []


def test_nothing_inline():
    found = [
        f"{path}: {what}"
        for path in templates()
        for what, pattern in FORBIDDEN.items()
        if pattern.search(COMMENT.sub("", text_of(path)))
    ]
    assert not found, f"the Content-Security-Policy blocks it: {found}"


@pytest.mark.parametrize(
    "markup",
    [
        '<p class="a" style="x">',
        "<style>",
        "<script>go()</script>",
        '<a href="#" onclick="go()">',
        '<form hx-on:submit="x">',
        '<link href="//cdn.example/x.css">',
    ],
)
def test_inline_markup_is_found(markup: str):
    assert any(pattern.search(markup) for pattern in FORBIDDEN.values())


def test_every_address_exists():
    known = {name for name in get_resolver().reverse_dict if isinstance(name, str)}
    named = re.compile(r"{%\s*url\s+['\"]([^'\"]+)['\"]")
    missing = [f"{path}: {name}" for path in templates() for name in named.findall(text_of(path)) if name not in known]
    assert not missing, f"no such name in the URL maps: {missing}"


def test_every_included_piece_exists():
    named = re.compile(r"{%\s*(?:include|extends)\s+['\"]([^'\"]+)['\"]")
    engine = engines["django"]
    missing = []
    for path in templates():
        for name in named.findall(text_of(path)):
            try:
                engine.get_template(name)
            except Exception as fault:
                missing.append(f"{path}: {name}: {fault}")
    assert not missing, missing


def test_every_static_file_exists():
    named = re.compile(r"{%\s*static\s+['\"]([^'\"]+)['\"]")
    missing = [
        f"{path}: {name}" for path in templates() for name in named.findall(text_of(path)) if not finders.find(name)
    ]
    assert not missing, missing


def icons() -> set[str]:
    """The names in the sprite."""
    return set(re.findall(r'<symbol id="([\w-]+)"', text_of(Path("static/icons/sprite.svg"))))


def test_every_icon_is_drawn():
    named = re.compile(r"_icon\.html['\"] with name=['\"]([\w-]+)['\"]|\bicon=['\"]([\w-]+)['\"]")
    asked = {(path, first or second) for path in templates() for first, second in named.findall(text_of(path))}
    missing = [f"{path}: {name}" for path, name in sorted(asked) if name not in icons()]
    assert not missing, f"not in static/icons/sprite.svg: {missing}"


def test_every_icon_of_the_navigation_is_drawn():
    from ledger import context

    entries = [entry for group in context.RAIL for entry in group] + [*context.FIELD_TABS, *context.OFFICE_TABS]
    assert {entry.icon for entry in entries} <= icons()


def test_templates_and_scripts_speak_through_the_catalogue():
    sources = templates() + [path for path in project_files() if path.parts[:2] == ("static", "js")]
    found = [str(path) for path in sources if CHINESE.search(without_comments(path))]
    assert not found, f"write English in {{% translate %}} and the Chinese in the catalogue: {found}"


def without_comments(path: Path) -> str:
    """The text of a template or script without what nobody sees."""
    text = COMMENT.sub("", text_of(path))
    return re.sub(r"^\s*//.*$", "", text, flags=re.MULTILINE) if path.suffix == ".js" else text


def spoken(source: str) -> Iterator[tuple[int, str]]:
    """Line and text of each string literal that is not a docstring (a string that stands alone)."""
    tree = ast.parse(source)
    alone = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in alone:
            yield node.lineno, node.value


def test_python_speaks_through_the_catalogue():
    found = [
        f"{path}:{line} {text}"
        for path in python_files()
        if path.as_posix().startswith(SPEAKING) and path.as_posix() not in DATA
        for line, text in spoken(text_of(path))
        if CHINESE.search(text) and (path.as_posix(), text) not in OWN_NAMES
    ]
    assert not found, f"write English in gettext and the Chinese in the catalogue: {found}"


def test_spoken_strings_are_told_from_docstrings():
    assert list(spoken('def f():\n    """甲"""\n    return "乙"\n')) == [(3, "乙")]


def test_the_first_page_on_a_phone_is_light():
    base = text_of(Path("templates/base.html"))
    names = [*re.findall(r"{%\s*static\s+['\"]([^'\"]+\.(?:css|js))['\"]", base), "django_htmx/htmx-2.min.js"]
    assert len(names) > 5
    total = sum(len(gzip.compress(Path(finders.find(name)).read_bytes(), 9)) for name in names)
    assert total <= FIRST_PAGE_BYTES, (
        f"CSS and JS of every page: {total} bytes compressed, the limit is {FIRST_PAGE_BYTES}"
    )
