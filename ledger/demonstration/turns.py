"""What else happens to some matters on their way: time asked for, a leader's word, a stop, another desk, a mistake."""

import datetime
import random
from collections.abc import Callable, Iterator

from ledger.demonstration.courses import Clock, Course, Merging
from ledger.demonstration.issues import Told
from ledger.demonstration.places import Place, Town
from ledger.demonstration.staff import Staff
from ledger.models import Cadre
from ledger.rules.days import local_day
from ledger.rules.issue_steps import Step
from ledger.rules.issues import IssueKind, State
from ledger.rules.permissions import Level

DAY = datetime.timedelta(days=1)
REASONS = (
    "连日下雨无法施工，需顺延。", "材料还在路上，预计下周到货。", "涉及相邻两户，协商还需要时间。",
    "等上级主管部门答复。",
)  # fmt: skip
REFUSED = "本事项不复杂，请按原时限办结。"
OBSTACLES = (
    "需列入明年村级项目，资金已申报，待批复后开工。", "管线迁改由县里统一安排，排期在下季度。",
    "当事人外出务工，约定返乡后一并处理。", "用地手续正在报批，批复前不能动工。",
)  # fmt: skip
INSTRUCTIONS = (
    "群众反映强烈，请一周内拿出办法，办结后报我。", "请牵头单位到现场看，不要只打电话。",
    "同类问题一并排查，举一反三。", "请依规办理，给群众一个明确答复。",
)  # fmt: skip
ABOVE = "村里没有资金和权限，请上级研究解决。"
SAME = "反映的是同类问题，并件一并办理。"
MISTAKES = ("与上一条重复登记，误登。", "登错了户，已另行登记。")
SHARES = {
    "extended": 5, "asked": 4, "refused": 2, "deferred": 7, "supervised": 4, "instructed": 8, "escalated": 3, "void": 2,
    "merged": 2,
}  # fmt: skip
"""How many of each in a township of full size."""


class Turns:
    """Takes further steps on matters that lie open in one township."""

    def __init__(self, rng: random.Random, clock: Clock, town: Town, staff: Staff) -> None:
        self.rng, self.clock, self.town, self.staff = rng, clock, town, staff
        self.by_desk = False
        self.places = {place.village.pk: place for place in town.places}

    def take(self, told: list[Told], scale: float) -> None:
        """The shares of ``SHARES``, each on a matter of its own."""
        self.told = told
        working, spoken_of = self._of(told, State.IN_PROGRESS), self._of(told, State.IN_PROGRESS)
        waiting = self._of(told, State.REGISTERED)
        acts: dict[str, tuple[Iterator[Course], Callable[[Course], None]]] = {
            "extended": (working, self._extended), "asked": (working, self._ask), "refused": (working, self._refused),
            "deferred": (working, self._deferred), "supervised": (working, self._supervised),
            "instructed": (spoken_of, self._instructed), "escalated": (waiting, self._escalated),
            "void": (waiting, self._void), "merged": (waiting, self._merged),
        }  # fmt: skip
        for name, share in SHARES.items():
            courses, act = acts[name]
            for _time in range(max(1, round(share * scale))):
                course = next(courses, None)
                if course is not None:
                    act(course)

    def _of(self, told: list[Told], state: str) -> Iterator[Course]:
        found = [each.course for each in told if each.course.issue.state == state]
        plain = [c for c in found if not c.issue.is_sensitive and c.issue.kind != IssueKind.COMPLAINT]
        return iter(self.rng.sample(plain, len(plain)))

    def _later(self, course: Course) -> datetime.datetime:
        return self.clock.after(course.at, 2, 30)

    def _ask(self, course: Course) -> None:
        issue, at = course.issue, self._later(course)
        assert issue.due_on is not None
        wanted = max(issue.due_on, local_day(at)) + self.rng.randint(5, 20) * DAY
        said = {"wanted_on": wanted, "level": issue.level, "text": self.rng.choice(REASONS)}
        course.take(Step.REQUEST_EXTENSION, at, issue.handler, **said)

    def _extended(self, course: Course) -> None:
        self._ask(course)
        course.take(
            Step.GRANT_EXTENSION, self._later(course), self._desk(course), granted_on=course.extensions[-1].wanted_on
        )  # fmt: skip

    def _refused(self, course: Course) -> None:
        self._ask(course)
        course.take(Step.REFUSE_EXTENSION, self._later(course), self._desk(course), text=REFUSED)

    def _deferred(self, course: Course) -> None:
        at, today = self._later(course), local_day(self.clock.now)
        until = today + self.rng.randint(15, 100) * DAY
        review = max(today + self.rng.randint(0, 12) * DAY, local_day(at) + DAY)
        said = {"deferred_until": until, "review_on": review, "text": self.rng.choice(OBSTACLES)}
        course.take(Step.DEFER, at, self._desk(course), **said)

    def _supervised(self, course: Course) -> None:
        course.take(Step.SUPERVISE, self._later(course), self._leader(), report_every=self.rng.choice((3, 5, 7)))

    def _instructed(self, course: Course) -> None:
        """In the leader's own hand, or entered by the township's desk."""
        leader, at = self._leader(), self._later(course)
        self.by_desk = not self.by_desk
        by = self.staff.desks[self.town.township.pk] if self.by_desk else leader
        said = {"leader": leader, "instructed_on": local_day(at), "text": self.rng.choice(INSTRUCTIONS)}
        course.take(Step.INSTRUCT, at, by, **said)

    def _escalated(self, course: Course) -> None:
        """From the village to the township."""
        if course.issue.level != Level.TOWNSHIP:
            course.take(
                Step.ESCALATE, self._later(course), self._desk(course), level=str(Level.TOWNSHIP), text=ABOVE
            )  # fmt: skip

    def _void(self, course: Course) -> None:
        course.take(Step.VOID, self._later(course), self._desk(course), text=self.rng.choice(MISTAKES))

    def _merged(self, course: Course) -> None:
        """Into another open matter of its category; done when both have their numbers (``storing``)."""
        issue = course.issue
        open_ones = [
            each.course for each in self.told if each.course.issue.state in {State.REGISTERED, State.IN_PROGRESS}
        ]
        fitting = [
            other for other in open_ones
            if other is not course and not other.issue.is_sensitive and other.merging is None
            and other.issue.kind != IssueKind.COMPLAINT
        ]  # fmt: skip
        same = [other for other in fitting if other.issue.category == issue.category]
        alike = [other for other in fitting if other.issue.category.parent_id == issue.category.parent_id]
        if fitting:
            desk, master = self.staff.desks[self.town.township.pk], self.rng.choice(same or alike or fitting)
            course.merging = Merging(master, desk, self._later(course), SAME)

    def _leader(self) -> Cadre:
        return self.rng.choice(self.staff.leaders[self.town.township.pk])

    def _desk(self, course: Course) -> Cadre:
        """The lowest desk over it whose holder does not handle it."""
        issue = course.issue
        place: Place = self.places[issue.village.pk]
        below = [] if issue.level == Level.TOWNSHIP else [place.village_cadre, place.secretary]
        held = [cadre for cadre in (*below, self.staff.desks[self.town.township.pk]) if cadre is not None]
        return next((cadre for cadre in held if cadre is not issue.handler), held[-1])
