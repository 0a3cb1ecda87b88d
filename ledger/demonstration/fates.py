"""In which states the demonstration's issues stand, and in what shares: a living ledger, not an even one."""

from dataclasses import dataclass

from ledger.rules.calendar import DueState
from ledger.rules.issues import Answer, CloseBasis, State


@dataclass(frozen=True)
class Fate:
    """Where an issue stands today. ``ago``: how many days ago it was registered; closed ones on any day of the year."""

    state: str
    due: str = ""
    ago: tuple[int, int] = (0, 0)
    answer: str = ""
    tries: int = 0
    basis: str = ""
    rounds: int = 1
    returned: bool = False
    """A handler sent it back to the desk before somebody else took it."""
    on_spot: bool = False

    @property
    def is_closed(self) -> bool:
        """Whether its whole way lies in the past."""
        return self.state == State.CLOSED

    @property
    def days(self) -> int:
        """Days that its rounds and call-backs take on top of the category's limit."""
        return 40 * (self.rounds - 1) + 6 * self.tries

    @property
    def is_old(self) -> bool:
        """Whether it may have been registered in another season."""
        return self.state == State.CLOSED or self.rounds > 1


S, D, A = State, DueState, Answer
FATES: tuple[tuple[Fate, int], ...] = (
    (Fate(S.REGISTERED, ago=(0, 1)), 7),
    (Fate(S.REGISTERED, ago=(2, 6)), 7),
    (Fate(S.REGISTERED, ago=(3, 8), returned=True), 3),
    (Fate(S.ASSIGNED, ago=(1, 7)), 20),
    (Fate(S.ASSIGNED, due=D.NEAR), 4),
    (Fate(S.IN_PROGRESS, due=D.OVERDUE), 19),
    (Fate(S.IN_PROGRESS, due=D.TODAY), 6),
    (Fate(S.IN_PROGRESS, due=D.NEAR), 16),
    (Fate(S.IN_PROGRESS, due=D.LATER), 48),
    (Fate(S.IN_PROGRESS, due=D.LATER, rounds=2), 7),
    (Fate(S.RESOLVED), 24),
    (Fate(S.RESOLVED, on_spot=True, ago=(1, 4)), 6),
    (Fate(S.RESOLVED, answer=A.SATISFIED), 6),
    (Fate(S.RESOLVED, answer=A.UNREACHABLE, tries=2), 5),
    (Fate(S.RESOLVED, answer=A.DISSATISFIED), 5),
    (Fate(S.CLOSED, answer=A.SATISFIED, basis=CloseBasis.CALLED_BACK), 452),
    (Fate(S.CLOSED, answer=A.SATISFIED, basis=CloseBasis.CALLED_BACK, on_spot=True), 92),
    (Fate(S.CLOSED, answer=A.ACCEPTABLE, basis=CloseBasis.CALLED_BACK), 92),
    (Fate(S.CLOSED, answer=A.ON_SITE, basis=CloseBasis.CALLED_BACK), 28),
    (Fate(S.CLOSED, answer=A.UNREACHABLE, tries=3, basis=CloseBasis.UNREACHABLE), 10),
    (Fate(S.CLOSED, answer=A.DISSATISFIED, basis=CloseBasis.CALLED_BACK), 5),
    (Fate(S.CLOSED, answer=A.SATISFIED, basis=CloseBasis.CALLED_BACK, returned=True), 16),
    (Fate(S.CLOSED, answer=A.SATISFIED, basis=CloseBasis.CALLED_BACK, rounds=2), 14),
)
