"""工作交接: what is handed over, what may follow, and who is proposed to take it."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from django.db.models import TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext


class Handed(TextChoices):
    """The kinds of rows of a hand-over."""

    HOUSEHOLD = "household", gettext_lazy("Household")
    ISSUE = "issue", gettext_lazy("Matter")
    WISH = "wish", gettext_lazy("Small wish")
    PROMISE = "promise", gettext_lazy("Promised visit")
    FOLLOW_UP = "follow_up", gettext_lazy("Follow-up visit")


class After(TextChoices):
    """What happens to the one who hands over."""

    NOTHING = "nothing", gettext_lazy("Nothing else changes")
    POSTING = "posting", gettext_lazy("The posting ends")
    ACCOUNT = "account", gettext_lazy("The account is closed")
    LEAVES = "leaves", gettext_lazy("Leaves the service: postings end, the account is closed")


Lying = tuple[int, int | None]
"""A house along the road and the cadre it has now (ids)."""
FAR = 1_000_000


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


@dataclass(frozen=True)
class Proposed:
    """Who is proposed for a household, and why: what was known of them when it was given to them."""

    pk: int
    load: int
    """Households they have, those proposed before this one included."""
    serves: bool
    """Whether they serve in the village or have households there."""
    distance: int | None = None
    """Houses along the road to the nearest of theirs; None where they have none in the village, or nobody knows."""
    in_group: int = 0
    is_full: bool = False

    @property
    def why(self) -> str:
        """In words, for the line under the choice."""
        parts = [_("the same village") if self.serves else _("nobody of the village could take it")]
        if self.distance == 1:
            parts.append(_("next door"))
        elif self.distance is not None:
            parts.append(_("%(n)s houses away") % {"n": self.distance})
        elif self.in_group:
            parts.append(ngettext("%(n)s household in the group", "%(n)s households in the group", self.in_group)
                         % {"n": self.in_group})  # fmt: skip
        parts.append(ngettext("has %(n)s household", "has %(n)s households", self.load) % {"n": self.load})
        if self.is_full:
            parts.append(_("nobody nearer has room"))
        return " · ".join(parts)


def propose(
    houses: Iterable[House], people: Sequence[Person], most: int, lying: Mapping[int, Sequence[Lying]] | None = None
) -> dict[int, Proposed]:
    """House → who is proposed: who serves in the village, below ``most`` households, nearest, least loaded.

    Nearest is by the houses between along the road (``lying``: village → its houses in the order in which they lie);
    where that is not known by how many houses of the same group somebody has, those given just now included. The houses
    next to somebody's are given first, the others in the order of the road, so that neighbours stay together. Empty
    without people.
    """
    listed = list(houses)
    away = _distances(listed, lying or {})
    loads = {person.pk: person.load for person in people}
    near = {person.pk: Counter(person.groups) for person in people}
    found: dict[int, Proposed] = {}
    nearest = sorted(listed, key=lambda each: min(away.get(each.pk, {}).values(), default=FAR))
    for house in nearest if people else ():
        group = (house.village, house.group)
        distances = away.get(house.pk, {})
        best = min(
            people,
            key=lambda one: (
                house.village not in one.villages, loads[one.pk] >= most, distances.get(one.pk, FAR),
                -near[one.pk][group], loads[one.pk], one.pk,
            ),
        )  # fmt: skip
        found[house.pk] = Proposed(
            best.pk, loads[best.pk], house.village in best.villages, distances.get(best.pk), near[best.pk][group],
            loads[best.pk] >= most,
        )  # fmt: skip
        loads[best.pk] += 1
        near[best.pk][group] += 1
    return found


def _distances(houses: Sequence[House], lying: Mapping[int, Sequence[Lying]]) -> dict[int, dict[int, int]]:
    """House → person → houses between it and the nearest of theirs, plus one; two walks along each road."""
    asked = {house.pk for house in houses}
    found: dict[int, dict[int, int]] = {}
    for village in {house.village for house in houses}:
        road = lying.get(village, ())
        for way in (list(enumerate(road)), list(enumerate(reversed(road)))):
            last: dict[int, int] = {}
            for at, (pk, cadre) in way:
                if pk in asked:
                    mine = found.setdefault(pk, {})
                    for person, place in last.items():
                        mine[person] = min(at - place, mine.get(person, FAR))
                elif cadre is not None:
                    last[cadre] = at
    return found
