"""专题要点 in 批量补记: said once for all that were met, and at a household where it was otherwise."""

import datetime
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ledger.forms.visit_points import ANSWERS
from ledger.models import CampaignPoint, Household
from ledger.queries.campaigns import points_ahead, points_at
from ledger.rules.campaigns import Answer
from ledger.rules.days import local_today

NOT_HERE = "no"
AT_ONE: list[tuple[str, Any]] = [("", _("As for all")), *Answer.choices, (NOT_HERE, _("Not yet"))]
GONE = _("A point is no part of a campaign at this household any more: look at it again.")
OTHER_DAY = _("The day of this visit is none of the campaign's.")
_SENT = re.compile(r"point-(all|\d{1,18})-(\d{1,18})")


def said_of_points(typed: Mapping[str, Any]) -> Iterator[tuple[str, int, str]]:
    """(``all`` or the household's id, point, answer) as a form sent them."""
    for name in typed:
        if (match := _SENT.fullmatch(name)) and typed[name]:
            yield match[1], int(match[2]), typed[name]


@dataclass
class Asked:
    """One point with its control: ``name``, what it is called and what was chosen."""

    point: CampaignPoint
    name: str
    chosen: str
    households: int = 0
    is_over: bool = False


@dataclass
class TogetherPoints:
    """``point-all-POINT`` and ``point-HOUSEHOLD-POINT``; sent none, nothing is looked up."""

    typed: Mapping[str, Any]
    user: Any
    fault: Promise | str = ""
    at_all: list[Asked] = field(default_factory=list)
    at_one: dict[int, list[Asked]] = field(default_factory=dict)

    CHOICES = (ANSWERS, AT_ONE)

    def __post_init__(self) -> None:
        self.sent = {(where, point): answer for where, point, answer in said_of_points(self.typed)}

    def offer(self, households: Iterable[Household]) -> None:
        """What is open at the households that a page shows: three questions at most."""
        today = local_today()
        counted: dict[int, Asked] = {}
        for home, point in points_ahead([one.pk for one in households], today, self.user, late=True):
            over = point.campaign.is_over(today)
            here = Asked(point, f"point-{home}-{point.pk}", self.sent.get((str(home), point.pk), ""), is_over=over)
            self.at_one.setdefault(home, []).append(here)
            name, chosen = f"point-all-{point.pk}", self.sent.get(("all", point.pk), "")
            counted.setdefault(point.pk, Asked(point, name, chosen, is_over=over)).households += 1
        self.at_all = list(counted.values())

    def said(
        self, ticked: dict[int, bool], day: datetime.date | None, faults: dict[int, str]
    ) -> dict[int, list[dict[str, Any]]]:
        """Household → what ``log_visit`` wants of points; ``ticked`` says of each whether somebody was met there.

        What can't be kept is put into ``faults`` of the household, or into ``fault`` where it was said for all.
        """
        if not self.sent:
            return {}
        asked = {
            (home, point.pk): point
            for home, point, _open in points_at(list(ticked), local_today(), self.user, late=True)
        }
        answers = self._answers(ticked, asked, faults)
        said: dict[int, list[dict[str, Any]]] = defaultdict(list)
        for (home, pk), (answer, of_all) in answers.items():
            point = asked[home, pk]
            if day is not None and not point.campaign.start_on <= day <= point.campaign.last_on:
                self._refuse(home, OTHER_DAY, faults, of_all=of_all)
            said[home].append({"point": point, "answer": answer, "text": ""})
        return dict(said)

    def _answers(
        self, ticked: dict[int, bool], asked: dict[tuple[int, int], CampaignPoint], faults: dict[int, str]
    ) -> dict[tuple[int, int], tuple[str, bool]]:
        """(household, point) → its answer and whether it was said for all; what is said at one household goes first."""
        found: dict[tuple[int, int], tuple[str, bool]] = {}
        for (where, pk), answer in self.sent.items():
            if where == "all":
                here = [home for home in ticked if (home, pk) in asked]
                if not here or answer not in Answer.values:
                    self.fault = GONE
                met = [home for home in here if ticked[home] and (str(home), pk) not in self.sent]
                found |= {(home, pk): (answer, True) for home in met}
            elif int(where) in ticked and answer != NOT_HERE:
                if (int(where), pk) not in asked or answer not in Answer.values:
                    self._refuse(int(where), GONE, faults)
                else:
                    found[int(where), pk] = (answer, False)
        return found

    def _refuse(self, home: int, said: Promise, faults: dict[int, str], *, of_all: bool = False) -> None:
        if of_all:
            self.fault = said
        else:
            faults[home] = str(said)
