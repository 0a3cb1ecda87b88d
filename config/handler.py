"""How the server's requests are read: Django's own way, but what nobody can read is refused instead of failing."""

import codecs
from typing import Any

from django.core.exceptions import BadRequest
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.utils.functional import cached_property
from django.utils.http import parse_header_parameters

from config.frames import in_one_block
from ledger.rules.cleaning import is_storable


class Request(WSGIRequest):
    """A request whose form is read as UTF-8 or not at all: a page of ours never sends another encoding.

    Django asks Python for whatever ``charset`` is named: some are none for text (base64), some fail on their own, some
    make characters that no database keeps. Beyond that a parameter of the header that can't be read stops it before
    any page could say so.
    """

    is_readable = True

    def __init__(self, environ: dict[str, Any]) -> None:
        length = environ.get("CONTENT_LENGTH") or "0"
        # gunicorn refuses such lengths itself; another server may pass them on.
        environ["CONTENT_LENGTH"] = length[:18] if length.isascii() and length.isdigit() else "0"
        super().__init__(environ)

    def _set_content_type_params(self, meta: dict[str, Any]) -> None:
        # Not by way of Django's: naming an encoding makes it read the query at once, and stop where that is too long.
        try:
            self.content_type, self.content_params = parse_header_parameters(meta.get("CONTENT_TYPE", ""))
            charset = codecs.lookup(self.content_params.get("charset") or "utf-8").name
        except (LookupError, ValueError):
            charset = ""
        if charset not in {"utf-8", "ascii"}:
            self.is_readable, self.content_type, self.content_params = False, "", {}

    def _load_post_and_files(self) -> None:
        if not self.is_readable:
            self._mark_post_parse_error()
            raise BadRequest("The Content-Type names an encoding that is not taken, or can't be read.")
        super()._load_post_and_files()

    @cached_property
    def COOKIES(self) -> dict[str, str]:
        """Without those that no database could look up: a quoted cookie may spell a NUL."""
        found = super().COOKIES
        return {name: value for name, value in found.items() if is_storable(value)}


class Handler(WSGIHandler):
    request_class = Request

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        return in_one_block(super().__call__, environ, start_response)
