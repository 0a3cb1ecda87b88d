"""Where the static files are: worked out once for each of them, since a page names fifty."""

from functools import cache
from typing import Any

from django.contrib.staticfiles.storage import StaticFilesStorage
from whitenoise.storage import CompressedManifestStaticFilesStorage


class Addresses:
    """Keeps the addresses it has told: while a process lives its files and their names stay the same."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.url = cache(super().url)  # type: ignore[misc]


class Plain(Addresses, StaticFilesStorage):
    """Files under their own names, in development and in the tests."""


class Hashed(Addresses, CompressedManifestStaticFilesStorage):
    """Names that change with the content, packed, as ``make setup`` collects them for production."""
