"""What was reported, beside what the same table says today."""

from dataclasses import dataclass

from ledger.models import StatisticsSnapshot
from ledger.queries.figures_window import Window
from ledger.queries.statistics import Line, Statistics


def reported(snapshot: StatisticsSnapshot) -> Statistics:
    """The table as it was frozen."""
    lines = [Line(name, key, period, total) for name, key, period, total in snapshot.lines]
    return Statistics(lines[:-1], lines[-1])


def window_of(snapshot: StatisticsSnapshot) -> Window:
    """The period that was reported."""
    return Window(snapshot.since, snapshot.until)


@dataclass(frozen=True)
class Pair:
    """A unit as reported and as it is counted today; None where one of the two tables lacks it."""

    was: Line | None
    now: Line | None

    @property
    def line(self) -> Line:
        """Whichever there is, the reported one first."""
        found = self.was or self.now
        assert found is not None
        return found


def paired(was: Statistics, now: Statistics) -> list[Pair]:
    """The units of both tables by their key, in the order reported, new ones after them; the whole last."""
    today = {line.key: line for line in now.lines}
    pairs = [Pair(line, today.pop(line.key, None)) for line in was.lines]
    return [*pairs, *(Pair(None, line) for line in today.values()), Pair(was.whole, now.whole)]
