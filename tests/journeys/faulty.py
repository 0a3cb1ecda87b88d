"""A server in front of the live server that fails in every way a village knows: gone, mute, at fault, refusing."""

import http.client
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

FORMS = ("/outbox/send/", "/visits/")
"""Where a fault of a single answer strikes; all else answers as ever."""
HOP = frozenset({"connection", "transfer-encoding", "keep-alive", "content-length"})


class Faulty:
    """``stop`` and ``start`` are the server's; ``fault`` strikes at each form that is sent.

    ``500``, ``503``, ``403``: answered without asking. ``lost``: done, but the answer never comes. ``500 after``:
    done, and answered with a fault. ``portal``: somebody else's page says OK.
    """

    def __init__(self, origin: str) -> None:
        self.target = urlsplit(origin).netloc
        self.fault = ""
        self.struck = 0
        self.port = 0
        self.server: ThreadingHTTPServer | None = None
        self.start()

    @property
    def origin(self) -> str:
        return f"http://localhost:{self.port}"

    def start(self) -> None:
        if self.server is None:
            handler = type("Handler", (_Handler,), {"faulty": self})
            self.server = _Server(("127.0.0.1", self.port), handler)
            self.port = self.server.server_address[1]
            threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def stop(self) -> None:
        """As when the server is switched off: connections are refused."""
        if self.server is not None:
            self.server.shutdown()
            self.server.server_close()
            self.server = None


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128  # a busy machine accepts late: a refused knock is repeated after seconds
    block_on_close = False

    def handle_error(self, *_more: Any) -> None:
        """A browser that left in the middle."""


class _Handler(BaseHTTPRequestHandler):
    faulty: Faulty

    def _pass(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        fault = self.faulty.fault if self.command == "POST" and self.path.startswith(FORMS) else ""
        self.faulty.struck += bool(fault)
        if fault == "portal":
            self._say(200, b"<h1>Welcome</h1>")
        elif fault in {"500", "503", "403"}:
            self._say(int(fault), b"<h1>fault</h1>")
        else:
            self._ask(body, fault)

    def _ask(self, body: bytes, fault: str) -> None:
        link = http.client.HTTPConnection(self.faulty.target, timeout=30)
        try:
            headers = {name: value for name, value in self.headers.items() if name.lower() not in HOP}
            link.request(self.command, self.path, body or None, headers)
            answer = link.getresponse()
            content = answer.read()
        finally:
            link.close()
        if fault == "500 after":
            self._say(500, b"<h1>fault</h1>")
        elif fault != "lost":  # lost: the connection ends without a word
            self._say(answer.status, content, answer.getheaders())

    def _say(self, status: int, content: bytes, headers: Any = (("Content-Type", "text/html"),)) -> None:
        self.send_response(status)
        for name, value in headers:
            if name.lower() not in HOP | {"date", "server"}:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(b"" if self.command == "HEAD" else content)

    def do_GET(self) -> None:
        self._pass()

    do_POST = do_HEAD = do_GET

    def log_message(self, *_more: Any) -> None:
        """Nothing to say."""
