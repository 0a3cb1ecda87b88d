"""A plain browser for a server that runs as a process of its own: cookies, forms as their pages offer them."""

import http.client
import re
import uuid
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

HIDDEN = re.compile(r'<input[^>]*type="hidden"[^>]*>')
ATTRIBUTE = re.compile(r'(name|value)="([^"]*)"')
COOKIE = re.compile(r"^([^=]+)=([^;]*)")


@dataclass(frozen=True)
class Page:
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    @property
    def whole(self) -> bytes:
        """Headers and body, as they came over the line."""
        return "\n".join(f"{name}: {value}" for name, value in self.headers).encode("latin-1") + b"\n" + self.body

    @property
    def location(self) -> str:
        return next((value for name, value in self.headers if name == "Location"), "")

    @property
    def hidden(self) -> dict[str, str]:
        """What the page's forms send along: client ids, versions, tokens."""
        fields = [dict(ATTRIBUTE.findall(found)) for found in HIDDEN.findall(self.body.decode())]
        return {field["name"]: field.get("value", "") for field in fields if "name" in field}


class Browser:
    """One person at one browser."""

    def __init__(self, port: int, cookies: dict[str, str] | None = None) -> None:
        self.port, self.cookies = port, dict(cookies or {})

    def get(self, url: str, **headers: str) -> Page:
        return self._ask("GET", url, None, headers)

    def post(self, url: str, data: dict[str, object], files: dict[str, tuple[str, bytes]] | None = None) -> Page:
        """Send a form; the token against forgery is the one of the cookie."""
        if "csrftoken" not in self.cookies:
            self.get("/account/login/")
        data = {"csrfmiddlewaretoken": self.cookies.get("csrftoken", ""), **data}
        headers = {"Referer": f"http://127.0.0.1:{self.port}{urlsplit(url).path}"}
        if files is None:
            body, headers["Content-Type"] = urlencode(data).encode(), "application/x-www-form-urlencoded"
        else:
            body, headers["Content-Type"] = _multipart(data, files)
        return self._ask("POST", url, body, headers)

    def submit(self, url: str, data: dict[str, object]) -> Page:
        """Open the form's page and send it with what its hidden fields hold."""
        hidden = {name: value for name, value in self.get(url).hidden.items() if name in {"client_id", "version"}}
        return self.post(url, {**hidden, **data})

    def _ask(self, method: str, url: str, body: bytes | None, headers: dict[str, str]) -> Page:
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
            line.request(method, url, body, headers | ({"Cookie": cookies} if cookies else {}))
            answer = line.getresponse()
            page = Page(answer.status, tuple(answer.getheaders()), answer.read())
        finally:
            line.close()
        for name, value in page.headers:
            if name.lower() == "set-cookie" and (kept := COOKIE.match(value)):
                self.cookies[kept[1]] = kept[2]
        return page


def _multipart(data: dict[str, object], files: dict[str, tuple[str, bytes]]) -> tuple[bytes, str]:
    mark, parts = uuid.uuid4().hex, []
    for name, value in data.items():
        parts.append(f'--{mark}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode())
    for name, (file_name, content) in files.items():
        head = f'--{mark}\r\nContent-Disposition: form-data; name="{name}"; filename="{file_name}"\r\n\r\n'
        parts.append(head.encode() + content + b"\r\n")
    return b"".join(parts) + f"--{mark}--\r\n".encode(), f"multipart/form-data; boundary={mark}"
