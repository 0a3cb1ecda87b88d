"""工作交接: what is handed over, what may follow, and who is proposed to take it."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Handed(TextChoices):
    """The kinds of rows of a hand-over."""

    HOUSEHOLD = "household", _("Household")
    ISSUE = "issue", _("Matter")
    WISH = "wish", _("Small wish")
    PROMISE = "promise", _("Promised visit")
    FOLLOW_UP = "follow_up", _("Follow-up visit")


class After(TextChoices):
    """What happens to the one who hands over."""

    NOTHING = "nothing", _("Nothing else changes")
    POSTING = "posting", _("The posting ends")
    ACCOUNT = "account", _("The account is closed")
    LEAVES = "leaves", _("Leaves the service: postings end, the account is closed")


@dataclass(frozen=True)
class House:
    """A household as far as the proposal asks (ids)."""

    pk: int
    village: int
    group: int | None = None


@dataclass
class Person:
    """Somebody who could take over: how many households they have, where they serve, how many in each group."""

    pk: int
    load: int = 0
    villages: frozenset[int] = frozenset()
    groups: Counter[tuple[int, int | None]] = field(default_factory=Counter)


def propose(houses: Iterable[House], people: Sequence[Person], most: int) -> dict[int, int]:
    """House → person: who serves in the village, below ``most`` households, nearest (most houses of the same group,
    those given just now included), least loaded. Houses come in the order of the road, so that neighbours stay
    together. Empty without people.
    """
    loads = {person.pk: person.load for person in people}
    near = {person.pk: Counter(person.groups) for person in people}
    found: dict[int, int] = {}
    for house in houses if people else ():
        group = (house.village, house.group)
        best = min(
            people,
            key=lambda one: (
                house.village not in one.villages, loads[one.pk] >= most, -near[one.pk][group], loads[one.pk], one.pk,
            ),
        )  # fmt: skip
        found[house.pk] = best.pk
        loads[best.pk] += 1
        near[best.pk][group] += 1
    return found
