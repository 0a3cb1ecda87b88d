"""Forms as a browser sees and sends them."""

import urllib.parse
from html.parser import HTMLParser

BOUNDARY = "----ledger-yardstick"


class Form(HTMLParser):
    """The form of a page that has a field of this name, untouched: what a browser would send of it."""

    def __init__(self, page: str, having: str) -> None:
        super().__init__()
        self.fields: list[tuple[str, str]] = []
        self.files: list[str] = []
        self.is_multipart = self.is_light = False
        self._having, self._done, self._select = having, False, ""
        self.feed(page)
        if not self._done:
            raise SystemExit(f"The page has no form with the field {having}.")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = dict(attrs)
        name, value, kind = has.get("name") or "", has.get("value") or "", has.get("type")
        if self._done:
            return
        if tag == "form":
            self.fields, self.files, self.is_light = [], [], "data-light" in has
            self.is_multipart = has.get("enctype") == "multipart/form-data"
        elif tag == "textarea" and name:
            self.fields.append((name, ""))
        elif tag == "select":
            self._select = name
        elif tag == "option" and "selected" in has:
            self.fields.append((self._select, value))
        elif tag == "input" and name and kind == "file":
            self.files.append(name)
        elif tag == "input" and name and (kind not in ("checkbox", "radio", "submit") or "checked" in has):
            self.fields.append((name, value))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form" and any(name == self._having for name, _ in self.fields):
            self._done = True

    def body(self, *, scripted: bool = True, **answers: str) -> tuple[str, str]:
        """Content type and body with these fields answered, all others as the page offers them.

        ``scripted``: as a browser with JavaScript sends it (``static/js/light-post.js``).
        """
        fields = [(name, value) for name, value in self.fields if name not in answers] + list(answers.items())
        if not self.is_multipart or (self.is_light and scripted):
            return "application/x-www-form-urlencoded", urllib.parse.urlencode(fields)
        parts = [f'name="{name}"\r\n\r\n{value}' for name, value in fields]
        parts += [
            f'name="{name}"; filename=""\r\nContent-Type: application/octet-stream\r\n\r\n' for name in self.files
        ]
        text = "".join(f"--{BOUNDARY}\r\nContent-Disposition: form-data; {part}\r\n" for part in parts)
        return f"multipart/form-data; boundary={BOUNDARY}", f"{text}--{BOUNDARY}--\r\n"
