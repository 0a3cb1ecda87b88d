"""What is wrong with a list somebody hands in (divisions, cadres): all faults at once, each with its line."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _

SHOWN_FAULTS = 50
"""Faults named one by one; of the others only the count is said."""


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
        """The faults in the reader's language, the first fifty of them, and how many more there are."""
        shown = [str(fault) for fault in self.faults[:SHOWN_FAULTS]]
        more = len(self.faults) - len(shown)
        return [*shown, _("And %(count)s more faults.") % {"count": more}] if more else shown
