"""What is wrong with a list somebody hands in (divisions, cadres): all faults at once, each with its line."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

from django.utils.functional import Promise
from django.utils.translation import gettext as _

SHOWN_FAULTS = 50
"""Faults named one by one; of the others only the count is said."""
ALIKE = 4
"""So many lines on end with the same fault are told in one sentence."""
EXAMPLE = "示例"
"""What the first cell of a blank template's example row says: no importer takes such a row."""


def is_example(first_cell: str) -> bool:
    """Whether a row is the example of a blank template, by its first cell."""
    return first_cell.strip() == EXAMPLE


@dataclass(frozen=True)
class LineFault:
    """One fault of one line, counted as the file's own program counts it; line 0 is the file as a whole."""

    line: int
    text: Promise | str

    def __str__(self) -> str:
        if not self.line:
            return str(self.text)
        return _("Line %(line)s: %(fault)s") % {"line": self.line, "fault": self.text}


class ListRefused(Exception):
    """The list is not taken, not even in part. ``faults`` says why, in the order of the lines."""

    def __init__(self, faults: Iterable[LineFault]) -> None:
        self.faults = sorted(faults, key=lambda fault: fault.line)
        super().__init__("; ".join(self.sentences()))

    def sentences(self) -> list[str]:
        """The faults in the reader's language, fifty sentences at most, and how many more faults there are."""
        told = list(self._told())
        more = sum(faults for _sentence, faults in told[SHOWN_FAULTS:])
        shown = [sentence for sentence, _faults in told[:SHOWN_FAULTS]]
        return [*shown, _("And %(count)s more faults.") % {"count": more}] if more else shown

    def _told(self) -> Iterator[tuple[str, int]]:
        """Each sentence with the number of faults it tells: the same fault of many lines is told once."""
        for text, group in groupby(self.faults, key=lambda fault: str(fault.text)):
            same = list(group)
            if len(same) < ALIKE:
                yield from ((str(fault), 1) for fault in same)
            else:
                values = {"count": len(same), "first": same[0].line, "last": same[-1].line, "fault": text}
                yield _("Lines %(first)s to %(last)s, %(count)s of them: %(fault)s") % values, len(same)
