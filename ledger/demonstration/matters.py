"""The bank of matters: what villagers bring up, in the words of a township, with how it was settled."""

import functools
import random
from collections import deque
from dataclasses import dataclass, field

from ledger.demonstration.texts import FOLDER, Condition, condition
from ledger.rules.issues import IssueKind, Outcome, Urgency

PARTS = ("题", "述", "展", "果")


@dataclass(frozen=True)
class Matter:
    """One block of the bank. ``text`` is what was said, ``progress`` how far it came, ``result`` what was done."""

    category: tuple[str, str]
    kind: str
    outcome: str
    titles: tuple[str, ...]
    """Different words for it, used in turn."""
    text: str
    progress: str
    result: str
    rule: Condition
    urgency: str = Urgency.NORMAL
    public: bool = False
    """Of a place rather than of one household."""
    unit: bool = False
    """Beyond the village: handed to the category's unit."""
    supporting: tuple[str, ...] = field(default=())
    sensitive: bool = False


def parse(block: str) -> Matter:
    """A block of the bank: ``category/child kind outcome words…``, then the four parts, each on its line."""
    head, *lines = block.strip().splitlines()
    category, kind, outcome, *words = head.split()
    parts = {line[0]: line[2:].strip() for line in lines}
    if set(parts) != set(PARTS):
        raise ValueError(f"A matter has the four parts {PARTS}: {head}")
    marks = {word for word in words if word in {"public", "unit", "urgent", "long", "sensitive"}}
    supporting = tuple(word[1:] for word in words if word.startswith("+"))
    top, _slash, child = category.partition("/")
    return Matter(
        category=(top, child), kind=IssueKind(kind), outcome=Outcome(outcome), 
        titles=tuple(parts["题"].split("｜")), text=parts["述"],
        progress=parts["展"], result=parts["果"],
        rule=condition(word for word in words if word not in marks and not word.startswith("+")),
        urgency=Urgency.URGENT if "urgent" in marks else Urgency.LONG if "long" in marks else Urgency.NORMAL,
        public="public" in marks, unit="unit" in marks, supporting=supporting, sensitive="sensitive" in marks,
    )  # fmt: skip


@functools.cache
def matters() -> tuple[Matter, ...]:
    """All blocks of ``texts/matters_*.txt``."""
    blocks = [
        block
        for path in sorted(FOLDER.glob("matters_*.txt"))
        for block in path.read_text(encoding="utf-8").split("\n\n")
    ]
    return tuple(parse(block) for block in blocks if block.strip() and not block.startswith("#"))


class Deck:
    """Deals matters so that each comes up about as often, and none again before many others."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self._cards = list(matters())
        rng.shuffle(self._cards)
        self._queue = deque(self._cards)

    def draw(self, want: object = None) -> Matter:
        """The matter that waited longest among those ``want`` (a predicate) accepts."""
        for place, matter in enumerate(self._queue):
            if want is None or want(matter):  # type: ignore[operator]
                del self._queue[place]
                # Not right to the end: the order of one round should not be the order of the next.
                self._queue.insert(len(self._queue) - self.rng.randrange(12), matter)
                return matter
        raise LookupError("No matter of the bank fits.")
