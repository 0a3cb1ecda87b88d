"""The forms of a page as a browser would send them, and the Django forms that the page was drawn from."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from django.forms import BaseForm
from django.test.signals import template_rendered
from django_filters import FilterSet


@dataclass
class Form:
    """A form of a page: where it goes and what it holds, first choices made."""

    method: str
    action: str
    values: list[tuple[str, str]] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    required: dict[str, str] = field(default_factory=dict)
    """Name → type of what must be filled in."""

    @property
    def names(self) -> list[str]:
        return sorted({name for name, _ in self.values} - {"csrfmiddlewaretoken"})


class _Parser(HTMLParser):
    def __init__(self, *, ticked_only: bool) -> None:
        super().__init__()
        self.found: list[Form] = []
        self.ticked_only = ticked_only
        self._select = ""
        self._first = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        at = {k: v or "" for k, v in attrs}
        if tag == "form":
            self.found.append(Form(at.get("method", "get").lower(), at.get("action", "")))
        elif self.found and tag in {"input", "textarea", "button", "select"} and at.get("name"):
            self._field(tag, at)
        elif tag == "option" and self._select:
            self._option(at)

    def handle_endtag(self, tag: str) -> None:
        if tag == "select" and self._select:
            self.found[-1].values.append((self._select, self._first))
            self._select = ""

    def handle_data(self, data: str) -> None:
        """The words of a textarea are not needed: an empty one is as good."""

    def _option(self, at: dict[str, str]) -> None:
        if "selected" in at and at.get("value"):
            self.found[-1].values.append((self._select, at["value"]))
            self._select = ""
        elif not self._first:
            self._first = at.get("value", "")

    def _field(self, tag: str, at: dict[str, str]) -> None:
        form, kind = self.found[-1], at.get("type", "text")
        if "required" in at:
            form.required[at["name"]] = kind
        if kind == "file":
            form.files.append(at["name"])
        elif tag == "select":
            self._select, self._first = at["name"], ""
        elif not self.ticked_only or (tag != "button" and (kind not in {"radio", "checkbox"} or "checked" in at)):
            form.values.append((at["name"], at.get("value", "")))


def forms_of(content: bytes, *, ticked_only: bool = False) -> list[Form]:
    """``ticked_only``: radios and boxes as they stand, without pressed buttons; else the last of each."""
    parser = _Parser(ticked_only=ticked_only)
    parser.feed(content.decode())
    return parser.found


@contextmanager
def drawn_forms() -> Iterator[list[BaseForm]]:
    """The Django forms (those of filters, too) that templates are given meanwhile."""
    found: list[BaseForm] = []

    def look(value: Any, depth: int = 3) -> None:
        if isinstance(value, FilterSet):
            value = value.form
        if isinstance(value, BaseForm):
            if not any(value is one for one in found):
                found.append(value)
        elif depth and isinstance(value, dict):
            for part in value.values():
                look(part, depth - 1)
        elif depth and isinstance(value, (list, tuple)):
            for part in value[:20]:
                look(part, depth - 1)

    def receive(context: Any, **kwargs: Any) -> None:
        for part in context.dicts:
            look(dict(part))

    template_rendered.connect(receive)
    try:
        yield found
    finally:
        template_rendered.disconnect(receive)
