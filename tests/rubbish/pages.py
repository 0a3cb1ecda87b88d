"""The forms of a page as a browser would send them, with what is empty filled so that they may be accepted."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

from ledger.rules.days import local_today

VOID = frozenset(["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"])
OPEN_ENDED = frozenset({"p", "li", "option", "tr", "td", "th", "dt", "dd", "thead", "tbody", "html", "body", "head"})


@dataclass
class Field:
    """One name of a form: its kind (``text``, ``radio`` …), what it would send, what it offers."""

    name: str
    kind: str
    values: list[str] = field(default_factory=list)
    offered: list[str] = field(default_factory=list)
    required: bool = False


@dataclass
class Form:
    """A form of a page: where it goes and what it holds."""

    method: str
    action: str
    fields: dict[str, Field] = field(default_factory=dict)

    @property
    def names(self) -> list[str]:
        return [n for n, f in self.fields.items() if f.kind not in {"file", "submit"} and n != "csrfmiddlewaretoken"]

    @property
    def files(self) -> list[str]:
        return [name for name, f in self.fields.items() if f.kind == "file"]

    @property
    def typed(self) -> list[str]:
        """Fields for text of one's own."""
        return [name for name, f in self.fields.items() if f.kind in {"text", "textarea"}]

    def filled(self) -> dict[str, list[str]]:
        """What a person would send who fills in everything quickly; a button is not pressed."""
        return {
            f.name: f.values or _likely(f)
            for f in self.fields.values()
            if f.kind not in {"file", "submit"} and f.name != "csrfmiddlewaretoken" and "find" not in f.name
        }


def _likely(one: Field) -> list[str]:
    if one.kind in {"checkbox", "hidden"}:
        return []
    if one.kind in {"radio", "select"}:
        return one.offered[:1]
    if one.kind in {"date", "month"}:
        return [local_today().isoformat()]
    if one.kind in {"number", "tel", "password"}:
        return {"number": ["1"], "tel": [""], "password": ["village-2026-ledger"]}[one.kind]
    return ["试"]


class Forms(HTMLParser):
    """Collects them while the page is read."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[Form] = []
        self._inside = self._select = self._textarea = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        at = {k: v or "" for k, v in attrs}
        if tag == "form":
            self.found.append(Form(at.get("method", "get").lower(), at.get("action", "")))
        elif self.found and at.get("name") and tag in {"input", "textarea", "button", "select"}:
            self._field(tag, at)
        elif tag == "option" and self._select:
            one = self.found[-1].fields[self._select]
            if at.get("value"):
                one.offered.append(at["value"])
            if "selected" in at:
                one.values.append(at.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = ""
        elif tag == "textarea":
            self._textarea = ""

    def handle_data(self, data: str) -> None:
        if self._textarea and data.strip():
            self.found[-1].fields[self._textarea].values = [data.strip("\n")]

    def _field(self, tag: str, at: dict[str, str]) -> None:
        name = at["name"]
        kind = {"input": at.get("type", "text"), "button": "submit"}.get(tag, tag)
        kind = "text" if kind in {"search", "email", "url"} else kind
        one = self.found[-1].fields.setdefault(name, Field(name, kind, required="required" in at))
        if tag == "select":
            self._select = name
        elif tag == "textarea":
            self._textarea = name
        elif kind in {"radio", "checkbox", "submit"}:
            one.offered.append(at.get("value", "on"))
            if "checked" in at:
                one.values.append(at.get("value", "on"))
        elif at.get("value"):
            one.values.append(at["value"])


def forms_of(content: bytes) -> list[Form]:
    parser = Forms()
    parser.feed(content.decode())
    return parser.found


class Balance(HTMLParser):
    """Whether every element that was opened is closed where it should be; ``wrong`` says what is not."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.wrong = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """``<br/>`` and the parts of a drawing open nothing."""

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open[-1] != tag and self.open[-1] in OPEN_ENDED:
            self.open.pop()
        if self.open and self.open[-1] == tag:
            self.open.pop()
        elif tag not in VOID:
            self.wrong = self.wrong or f"</{tag}> closes {self.open[-3:]}"


def unbalanced(content: bytes) -> str:
    parser = Balance()
    parser.feed(content.decode())
    left = [tag for tag in parser.open if tag not in OPEN_ENDED]
    return parser.wrong or (f"never closed: {left}" if left else "")
