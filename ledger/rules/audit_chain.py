"""The arithmetic of the audit chain: what a row's and a seal's signature cover, and how a set of row ids is written.

A seal covers a batch of committed rows. Ids are given before the commit, so a row may appear below ids that are
sealed already; a seal therefore names its ids instead of a range, and no order of commits leaves a row out.
"""

import datetime
import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from ledger.rules import keyring

SIGNED_FIELDS = (
    "at", "user_id", "actor", "acting_for", "verb", "object_type", "object_id", "label", "county_id", "township_id",
    "household_id", "detail", "request_id",
)  # fmt: skip
"""What a row says, in the order in which it is signed."""

GENESIS = ""
"""What the first seal names as the one before it."""
MOST_ROWS = 1000
"""Of one seal; more is no seal of ours."""


def row_message(values: Sequence[Any]) -> bytes:
    """The bytes that a row's HMAC covers; ``values`` follow ``SIGNED_FIELDS``."""
    at, *rest = values
    return _canonical([at.astimezone(datetime.UTC).isoformat(), *rest])


def seal_message(
    *, number: int, previous: str, at: datetime.datetime, row_ids: str, count: int, rows_digest: str
) -> bytes:
    """The bytes that a seal's HMAC covers. A list, which no row's or head's message can be taken for."""
    return _canonical(["seal", number, previous, at.astimezone(datetime.UTC).isoformat(), row_ids, count, rows_digest])


def rows_digest(signatures: Iterable[tuple[int, str]]) -> str:
    """SHA-256 over ids and signatures of a seal's rows, by id: two rows that change places change it."""
    said = hashlib.sha256()
    for pk, signature in sorted(signatures):
        said.update(f"{pk}:{signature}\n".encode())
    return said.hexdigest()


def written_ids(ids: Iterable[int]) -> str:
    """Ids in short: ``3-17 20 25-26``."""
    parts: list[list[int]] = []
    for pk in sorted(ids):
        if parts and pk == parts[-1][1] + 1:
            parts[-1][1] = pk
        else:
            parts.append([pk, pk])
    return " ".join(str(first) if first == last else f"{first}-{last}" for first, last in parts)


def read_ids(text: str) -> list[int]:
    """The ids of ``written_ids``. Raises ValueError for anything that it would not have written."""
    ids: list[int] = []
    for part in text.split(" "):
        first, _, last = part.partition("-")
        start, end = int(first), int(last or first)
        if not 0 <= end - start < MOST_ROWS or len(ids) + end - start >= MOST_ROWS:
            raise ValueError("More rows than a seal holds.")
        ids += range(start, end + 1)
    if written_ids(set(ids)) != text:
        raise ValueError("Not as a seal writes its rows.")
    return ids


class IdSet:
    """A set of row ids, one bit each: 125 KB for a million in a row, and sparse ids cost no more than 8 KB each."""

    _BITS = 65_536

    def __init__(self) -> None:
        self._pages: dict[int, bytearray] = {}

    def add(self, number: int) -> bool:
        """Put it in; False when it was there."""
        page, bit = divmod(number, self._BITS)
        bits = self._pages.setdefault(page, bytearray(self._BITS // 8))
        mask = 1 << (bit & 7)
        known = bool(bits[bit >> 3] & mask)
        bits[bit >> 3] |= mask
        return not known

    def __contains__(self, number: int) -> bool:
        page, bit = divmod(number, self._BITS)
        bits = self._pages.get(page)
        return bits is not None and bool(bits[bit >> 3] & (1 << (bit & 7)))


class HeadError(ValueError):
    """A file that is no head of ours, or was altered."""


@dataclass(frozen=True)
class Head:
    """Where the chain stood on a day: kept apart from the database, it shows when the end was cut off later."""

    day: str
    """Local day, ``2026-03-01``."""
    seal: int
    chain: str
    rows: int
    """How many rows the seals up to this one cover."""

    def to_json(self) -> str:
        """The signed file."""
        said = asdict(self)
        return json.dumps({**said, "signature": keyring.sign(_head_message(said))}, indent=2) + "\n"

    @classmethod
    def from_json(cls, text: str) -> "Head":
        """Read a head back. Raises HeadError when it is not what ``to_json`` wrote with a key of the ring."""
        try:
            said = json.loads(text)
            signature = said.pop("signature")
            head = cls(day=str(said["day"]), seal=int(said["seal"]), chain=str(said["chain"]), rows=int(said["rows"]))
            signed = keyring.signature_holds(_head_message(said), str(signature))
        except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError) as error:
            raise HeadError from error
        if not signed or asdict(head) != said:
            raise HeadError
        return head


def _head_message(said: dict[str, Any]) -> bytes:
    return _canonical({"head": said})


def _canonical(said: Any) -> bytes:
    return json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def in_chunks(ids: Sequence[int], size: int) -> Iterator[Sequence[int]]:
    """The ids in pieces that fit into one statement."""
    for start in range(0, len(ids), size):
        yield ids[start : start + size]
