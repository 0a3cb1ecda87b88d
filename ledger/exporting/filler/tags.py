"""The tags of a template: plain fields, ``if`` and ``for`` over known names, and nothing else.

What is allowed is a short list of nodes of the parsed template; calls, filters, arithmetic, attributes of anything but
a row of a known list have no place in it. So a template can't reach Python, nor loop longer than its lists.
"""

import re
from collections.abc import Iterator
from typing import Any

from jinja2 import TemplateSyntaxError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from ledger.exporting.filler.refusal import Refused

TAG = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.S)
WORD_MARKS = re.compile(r"\{(%|\{)(?:p|tr|tc|r)(?=\s)")
PLAIN = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.If, nodes.For, nodes.Getattr, nodes.Not,
    nodes.And, nodes.Or, nodes.Compare, nodes.Operand, nodes.Const,
)  # fmt: skip
MOST_TAGS = 400


def environment() -> ImmutableSandboxedEnvironment:
    """Nothing but the language itself: no globals, no filters, no tests."""
    made = ImmutableSandboxedEnvironment(autoescape=True)
    made.globals.clear()
    made.filters.clear()
    made.tests.clear()
    return made


class Names:
    """What a template may name: fields, and lists with the columns of their rows."""

    def __init__(self, fields: list[str], lists: dict[str, list[str]]) -> None:
        self.fields, self.lists = frozenset(fields), {name: frozenset(columns) for name, columns in lists.items()}

    @property
    def every(self) -> frozenset[str]:
        """All that stands for itself."""
        return self.fields | self.lists.keys()


def check_tags(texts: list[tuple[str, str]], names: Names) -> None:
    """``texts`` are the paragraphs with a word for where they stand; raises Refused for the first bad tag."""
    count = 0
    rows = _row_names(text for _place, text in texts)
    for place, text in texts:
        for tag in TAG.findall(text):
            count += 1
            if count > MOST_TAGS:
                raise Refused("too_many_tags")
            _check_one(tag, place, names, rows)
        rest = TAG.sub("", text)
        if "{{" in rest or "}}" in rest or "{%" in rest or "%}" in rest:
            raise Refused("broken", rest.strip(), place)


def _row_names(texts: Iterator[str]) -> dict[str, str]:
    """The names that loops give to a row, with the list each goes through."""
    found = re.findall(r"\{%(?:p|tr|tc|r)?\s*for\s+(\w+)\s+in\s+(\w+)\s*%\}", "\n".join(texts))
    return dict(found)


def _check_one(tag: str, place: str, names: Names, rows: dict[str, str]) -> None:
    """One tag by itself, so that the sentence can say where it stands."""
    plain = WORD_MARKS.sub(r"{\1", tag)
    if plain.startswith("{{"):
        _check_tree(_parsed(plain, tag, place), tag, place, names, rows)
    elif re.fullmatch(r"\{%-?\s*if\s.+%\}", plain, re.S):
        _check_tree(_parsed(plain + "{% endif %}", tag, place), tag, place, names, rows)
    elif re.fullmatch(r"\{%-?\s*elif\s.+%\}", plain, re.S):
        said = re.sub(r"elif", "if", plain, count=1) + "{% endif %}"
        _check_tree(_parsed(said, tag, place), tag, place, names, rows)
    elif re.fullmatch(r"\{%-?\s*for\s.+%\}", plain, re.S):
        _check_tree(_parsed(plain + "{% endfor %}", tag, place), tag, place, names, rows)
    elif not re.fullmatch(r"\{%-?\s*(?:else|endif|endfor)\s*-?%\}|\{#.*#\}", plain, re.S):
        raise Refused("not_allowed", tag, place)


def _parsed(text: str, tag: str, place: str) -> nodes.Template:
    try:
        return environment().parse(text)
    except TemplateSyntaxError:
        raise Refused("broken", tag, place) from None


def check_source(source: str, names: Names) -> None:
    """The whole of one part, as it will be rendered: the same rules, whatever the paragraphs did not show."""
    try:
        tree = environment().parse(source)
    except TemplateSyntaxError as fault:
        raise Refused("unbalanced", str(fault.message)) from None
    rows = {str(loop.target.name): str(loop.iter.name) for loop in tree.find_all(nodes.For)
            if isinstance(loop.target, nodes.Name) and isinstance(loop.iter, nodes.Name)}  # fmt: skip
    _check_tree(tree, "", "", names, rows)
    for loop in tree.find_all(nodes.For):
        if any(True for _inner in loop.find_all(nodes.For)):
            raise Refused("nested")


def _check_tree(tree: Any, tag: str, place: str, names: Names, rows: dict[str, str]) -> None:
    for node in _every(tree):
        if not isinstance(node, PLAIN):
            raise Refused("not_allowed", tag or type(node).__name__, place)
        if isinstance(node, nodes.Name):
            _check_name(node, tag, place, names, rows)
        elif isinstance(node, nodes.For):
            _check_loop(node, tag, place, names)
        elif isinstance(node, nodes.Getattr):
            _check_row(node, tag, place, names, rows)


def _every(node: Any) -> Iterator[Any]:
    yield node
    for child in node.iter_child_nodes():
        yield from _every(child)


def _check_name(node: nodes.Name, tag: str, place: str, names: Names, rows: dict[str, str]) -> None:
    if node.name not in names.every and node.name not in rows:
        raise Refused("unknown", node.name, place or tag)


def _check_loop(node: Any, tag: str, place: str, names: Names) -> None:
    plain = isinstance(node.target, nodes.Name) and isinstance(node.iter, nodes.Name)
    if not plain or node.test is not None or node.recursive or node.else_:
        raise Refused("not_allowed", tag, place)
    if node.iter.name not in names.lists:
        raise Refused("no_list", str(node.iter.name), place or tag)
    if node.target.name in names.every:
        raise Refused("not_allowed", tag, place)


def _check_row(node: Any, tag: str, place: str, names: Names, rows: dict[str, str]) -> None:
    goes_through = rows.get(node.node.name) if isinstance(node.node, nodes.Name) else None
    if goes_through is None:
        raise Refused("not_allowed", tag or f".{node.attr}", place)
    if node.attr not in names.lists.get(goes_through, ()):
        raise Refused("unknown", f"{node.node.name}.{node.attr}", place or tag)
