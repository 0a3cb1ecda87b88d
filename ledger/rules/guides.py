"""A procedure guide as a sheet: what is printed, and what is kept of it when it is given with a reply."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

TEXTS = ("title", "audience", "place", "phone", "time_needed", "fee")
LINES = ("materials", "steps")
MOST_LINES = 12


@dataclass(frozen=True)
class GuideSheet:
    """One guide as it reads; ``materials`` and ``steps`` line by line."""

    title: str
    audience: str
    materials: tuple[str, ...]
    place: str
    phone: str
    steps: tuple[str, ...]
    time_needed: str
    fee: str
    edition: int
    as_of: str
    """The day of the edition, as 2026-03-01."""
    is_example: bool = False
    """Whether it came with the program and nobody has checked it yet: the paper says so."""

    @property
    def kept(self) -> dict[str, Any]:
        """What is stored with a reply."""
        return asdict(self)


def lines_of(text: str) -> tuple[str, ...]:
    """The lines of a text, without blank ones and without the numbers somebody put in front."""
    cleaned = (line.strip().lstrip("0123456789").lstrip(".、．) ）").strip() for line in text.splitlines())
    return tuple(line for line in cleaned if line)


def sheet_of(guide: Any) -> GuideSheet:
    """The sheet of a stored guide."""
    said: dict[str, Any] = {name: getattr(guide, name) for name in TEXTS}
    said |= {name: lines_of(getattr(guide, name)) for name in LINES}
    return GuideSheet(**said, edition=guide.edition, as_of=guide.updated_on.isoformat(), is_example=guide.is_example)


def kept_sheet(said: Mapping[str, Any]) -> GuideSheet:
    """The sheet that was stored with a reply."""
    kept: dict[str, Any] = {name: tuple(said.get(name, ())) for name in LINES}
    kept |= {name: str(said.get(name, "")) for name in TEXTS}
    return GuideSheet(
        **kept,
        edition=int(said.get("edition", 1)),
        as_of=str(said.get("as_of", "")),
        is_example=bool(said.get("is_example")),
    )
