"""A list handed in, looked through, then applied: what was read travels signed inside the second form."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from django.core import signing

MAX_AGE = 3600
"""Seconds between looking and applying; after an hour the list is handed in again."""


def seal(user: Any, what: str, lines: Sequence[Any], file_name: str) -> str:
    """The lines (dataclasses) as a signed text that only this user can send back."""
    return signing.dumps(
        {"name": file_name, "lines": [asdict(line) for line in lines]}, salt=f"{what}:{user.pk}", compress=True
    )


def unseal(user: Any, what: str, text: str) -> tuple[str, list[dict[str, Any]]] | None:
    """File name and lines as they were sealed; None for anything else or after an hour."""
    try:
        kept = signing.loads(text, salt=f"{what}:{user.pk}", max_age=MAX_AGE)
    except signing.BadSignature:
        return None
    return kept["name"], kept["lines"]
