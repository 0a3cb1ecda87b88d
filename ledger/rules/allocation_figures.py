"""The figures of a proposal, for a village and summed over many."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields

from ledger.rules.allocation_score import Task


@dataclass(frozen=True)
class Figures:
    """Households to cover, cadres who take part, how many lists keep to the band, and how many reach across groups."""

    households: int = 0
    cadres: int = 0
    uncovered: int = 0
    in_band: int = 0
    below: int = 0
    above: int = 0
    cut_groups: int = 0
    changed: int = 0
    """Households that would change hands, those without anybody among them."""

    def __add__(self, other: "Figures") -> "Figures":
        return Figures(*(getattr(self, each.name) + getattr(other, each.name) for each in fields(self)))

    def as_json(self) -> dict[str, int]:
        return asdict(self)


def figures(task: Task, given: Mapping[int, int]) -> Figures:
    """Of one village; ``given`` is household → cadre, pinned ones may stand in it or not."""
    free = {house.key: given[house.key] for house in task.line if house.key in given}
    score, loads = task.score(free), loads_of(task, free)
    below = sum(loads[hand.key] < band[0] for hand, band in zip(task.hands, task.full_bands, strict=True))
    above = sum(loads[hand.key] > band[1] for hand, band in zip(task.hands, task.full_bands, strict=True))
    return Figures(
        households=len(task.houses), cadres=len(task.hands), uncovered=score.uncovered,
        in_band=len(task.hands) - below - above, below=below, above=above, cut_groups=score.cut, changed=score.changed,
    )  # fmt: skip


def loads_of(task: Task, given: Mapping[int, int]) -> dict[int, int]:
    """What each cadre would have altogether: in the line, pinned, and in other villages."""
    loads = {hand.key: held for hand, held in zip(task.hands, task.held, strict=True)}
    for house, cadre in given.items():
        if house not in task.pins:
            loads[cadre] += 1
    return loads


def total(each: Iterable[Figures]) -> Figures:
    """The sum over villages."""
    return sum(each, Figures())
