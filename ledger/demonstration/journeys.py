"""From a fate to a course: who takes which step of an issue on which day."""

import datetime
import functools
import random
from typing import Any

from ledger.demonstration.courses import Clock, Course
from ledger.demonstration.fates import Fate
from ledger.demonstration.homes import Home
from ledger.demonstration.matters import Matter
from ledger.demonstration.places import Place, Town
from ledger.demonstration.results import shown_for
from ledger.demonstration.staff import Staff
from ledger.models import Cadre, Category, Organisation
from ledger.rules.calendar import NEAR_DAYS, DueState, due_on, near_limit
from ledger.rules.days import local_day
from ledger.rules.issue_limits import Limits
from ledger.rules.issue_steps import Step
from ledger.rules.issues import Answer, IssueKind, State
from ledger.rules.permissions import Level

DAY = datetime.timedelta(days=1)
OPINIONS = (
    "请尽快上门核实，办结后报结果。", "请按类别时限办理。", "请先电话联系本人，约时间现场看。",
    "涉及多户，请一并解决。", "请会同村里办理。", "请依政策答复清楚。", "", "", "",
)  # fmt: skip
RETURNED = (
    "经核实不属本单位职责范围，建议转有管理权限的单位办理。", "所述地点位置不清，请补充具体位置和联系人。",
    "该户已由另一单位受理，请核对是否重复。", "需要先由村里确认权属，再行交办。",
)  # fmt: skip
TRIES = ("两次拨打无人接听。", "电话关机，明天再打。", "上门无人，邻居说外出。")
ANSWERS: dict[str, tuple[str, ...]] = {
    Answer.SATISFIED: (
        "电话回访，表示满意。", "上门回访，问题已经解决，本人满意。", "当面核实，说办得快。", "回访时本人连说谢谢。",
        "电话核实，与办理结果一致。",
    ),
    Answer.ACCEPTABLE: ("基本满意，希望再快一些。", "问题解决了，说过程跑了两趟。", "大体满意，说后面要有人管。"),
    Answer.DISSATISFIED: ("本人不满意，说只解决了一半。", "解释听懂了，但结果不能接受。", "说过了几天又是老样子。"),
    Answer.ON_SITE: (
        "现场核查，已完工，能正常使用。", "到现场看过，与办理结果相符。", "实地查看，拍照留存，情况属实。",
    ),
}  # fmt: skip
REOPENED = ("本人反映问题没有彻底解决，重新办理。", "雨后再次出现，原措施不到位。", "核查发现还有一处未处理。")
CLOSED_ANYWAY = "政策范围内已尽力办理，已当面说明理由并送达书面答复，准予销号。"
HALF_DONE = "已答复本人。"
"""What the result of a round adds that did not hold."""
WRONG_UNITS = ("党政综合办", "经济发展办", "应急办", "文化站")
"""Where a matter lands by mistake before it is returned."""


@functools.cache
def _limit(day: datetime.date, days: int) -> datetime.date:
    return due_on(day, days).date


class Journey:
    """The way of one issue."""

    def __init__(
        self, rng: random.Random, clock: Clock, staff: Staff, town: Town, matter: Matter, category: Category, fate: Fate
    ) -> None:  # fmt: skip
        self.rng, self.clock, self.staff, self.town = rng, clock, staff, town
        self.matter, self.fate = matter, fate
        self.days = Limits().days(matter.urgency, category.days)
        self.unit_name = category.unit_name
        self.today = local_day(clock.now)
        self.sender: Cadre | None = None
        """Whose desk assigned it last."""

    def registered_on(self, ago: int | None = None) -> datetime.date | None:
        """A day that lets it stand today where its fate says; None when the matter does not fit its month.

        ``ago``: the day wished for, in days before today; None too when the way would be too long from there.
        """
        day = self.today - max(0, self._ago() if ago is None else ago) * DAY
        if ago is not None and ago < self._least():
            return None
        fits = not self.matter.rule.months or day.month in self.matter.rule.months
        return day if fits else None

    def _ago(self) -> int:
        fate, rng = self.fate, self.rng
        span = self.days * 7 // 5
        if fate.due and fate.rounds > 1:
            return int(span * 0.7) + rng.randint(12, 20)
        if fate.due:
            return self._ago_for_due()
        if fate.ago != (0, 0) or fate.state in {State.REGISTERED, State.ASSIGNED}:
            return rng.randint(*fate.ago)
        return rng.randint(max(4, span // 3), span + 4)

    def _least(self) -> int:
        """Days that a closed matter's whole way takes at least."""
        return 2 if self.fate.on_spot else max(4, self.days * 7 // 15) + self.fate.days

    def _target(self) -> tuple[datetime.date, datetime.date]:
        """Between which days the due date lies."""
        near = near_limit(self.today, within=NEAR_DAYS)
        return {
            DueState.OVERDUE: (self.today - 13 * DAY, self.today - DAY), DueState.TODAY: (self.today, self.today),
            DueState.NEAR: (self.today + DAY, near), DueState.LATER: (near + DAY, self.today + 120 * DAY),
        }[DueState(self.fate.due)]  # fmt: skip

    def _ago_for_due(self) -> int:
        first, last = self._target()
        back = range(1, min(150, self.days * 2 + 16))
        fitting = [ago for ago in back if first <= _limit(self.today - ago * DAY, self.days) <= last]
        if fitting:
            return self.rng.choice(fitting)
        return (self.today - first).days + self.rng.randint(3, 8) if first <= self.today else self.rng.randint(2, 6)

    def _set_due(self, on: datetime.date) -> datetime.date | None:
        """The date the desk sets by hand, where the category's limit from that day would not end where it should."""
        if not self.fate.due:
            return None
        first, last = self._target()
        if first <= _limit(on, self.days) <= last:
            return None
        last = min(last, first + 25 * DAY)
        return max(on, first + self.rng.randint(0, (last - first).days) * DAY)

    def travel(self, course: Course, place: Place, home: Home | None, handler: Cadre | None) -> None:
        """Take the steps until the issue stands where its fate says."""
        self.course, self.place, self.home = course, place, home
        course.register()
        if self.matter.kind == IssueKind.COMPLAINT:
            self._complain()
        elif self.fate.on_spot:
            self._settle_on_the_spot()
        elif self.fate.state != State.REGISTERED or self.fate.returned:
            self._hand_over(handler)
        if course.issue.state == State.IN_PROGRESS:
            self._work()
        if course.issue.state == State.RESOLVED and self.fate.answer:
            self._ask_and_close()

    def _complain(self) -> None:
        """Straight to the discipline office, by the system, in the moment of registering."""
        unit = self.staff.units[self.town.township.pk]["纪委"]
        self.course.take(Step.ASSIGN, self.course.at, None, assignee=unit)
        if self.fate.state != State.ASSIGNED:
            self._accept(unit)

    def _settle_on_the_spot(self) -> None:
        course = self.course
        who = course.issue.registered_by
        said = {"assignee": who, "outcomes": [self.matter.outcome]}
        for step in (Step.ASSIGN, Step.ACCEPT, Step.RESOLVE):
            text = self._say(self.matter.result) if step == Step.RESOLVE else ""
            shown = self._shown(text) if step == Step.RESOLVE else {}
            course.take(step, course.at, who, on_spot=True, **{**said, "text": text, **shown})

    def _hand_over(self, handler: Cadre | None) -> None:
        """Assigned, perhaps returned once and assigned again, accepted."""
        if self.fate.returned:
            wrong = self._unit(self.rng.choice([name for name in WRONG_UNITS if name != self.unit_name]))
            self._assign(wrong, self._high_desk())
            sender = self.rng.choice(self.staff.handlers[wrong.pk])
            self.course.take(Step.RETURN, self._later(3, 20), sender, text=self.rng.choice(RETURNED))
            if self.fate.state == State.REGISTERED:
                return
        to, desk = self._assignee(handler)
        self._assign(to, desk, last=self.fate.rounds == 1)
        if self.fate.state != State.ASSIGNED:
            self._accept(to)

    def _assign(self, to: Cadre | Organisation, desk: Cadre, *, last: bool = False) -> None:
        at, self.sender = self._later(0.4, 16), desk
        supporting = [self._unit(name) for name in self.matter.supporting] if isinstance(to, Organisation) else []
        due = self._set_due(local_day(at)) if last else None
        text = self.rng.choice(OPINIONS)
        self.course.take(Step.ASSIGN, at, desk, assignee=to, due_on=due, supporting=supporting, text=text)

    def _accept(self, to: Cadre | Organisation) -> None:
        by = self.rng.choice(self.staff.handlers[to.pk]) if isinstance(to, Organisation) else to
        self.course.take(Step.ACCEPT, self._later(0.5, 20), by)

    def _work(self) -> None:
        """Progress and result of each round; all but the last one end in a reopening."""
        for left in reversed(range(1, self.fate.rounds)):
            self._resolve(late=False, text=f"{self._say(self.matter.progress)}{HALF_DONE}")
            self._call_back(Answer.DISSATISFIED)
            self.course.take(Step.REOPEN, self._later(6, 60), self._desk(), text=self.rng.choice(REOPENED))
            to, desk = self._assignee(None)
            self._assign(to, desk, last=left == 1)
            self._accept(to)
        if self.fate.state != State.IN_PROGRESS:
            self._resolve(late=self.rng.random() < 0.1)
        elif self.rng.random() < 0.62:
            self._progress()

    def _progress(self) -> None:
        text = self._say(self.matter.progress)
        self.course.take(Step.PROGRESS, self._later(10, 70), self.course.issue.handler, text=text)

    def _resolve(self, *, late: bool, text: str = "") -> None:
        course, issue = self.course, self.course.issue
        due = issue.due_on
        assert due is not None
        if not text and (due - local_day(course.at)).days > 5 and self.rng.random() < 0.55:
            self._progress()
        left = max(1, (due - local_day(course.at)).days)
        hours = (left + self.rng.randint(1, 6)) * 24 if late else left * 24 * self.rng.uniform(0.15, 0.85)
        since = (self.clock.now - course.at).total_seconds() / 3600
        if self.fate.state == State.RESOLVED and self.fate.rounds == 1:
            hours = max(hours, since - self.rng.randint(10, 110) - 60 * self.fate.tries)
        elif self.fate.state != State.RESOLVED:
            hours = min(hours, since * self.rng.uniform(0.2, 0.6))  # the call-back and the close come after it
        at = self._later(hours, hours + 3)
        text = text or self._say(self.matter.result)
        course.take(
            Step.RESOLVE, at, issue.handler, outcomes=[self.matter.outcome], text=text, **self._shown(text)
        )  # fmt: skip

    def _shown(self, text: str) -> dict[str, Any]:
        return shown_for(self.rng, self.matter.outcome, self.matter.category[0], text)

    def _ask_and_close(self) -> None:
        fate, course = self.fate, self.course
        if fate.answer == Answer.UNREACHABLE:
            for _try in range(fate.tries):
                text, at = self.rng.choice(TRIES), self._later(20, 60)
                if course.issue.call_back.tried_on == local_day(at):  # pressed together: one a day counts
                    continue
                course.take(Step.CALL_BACK, at, self._caller(), answer=fate.answer, text=text)
        else:
            self._call_back(fate.answer)
        if fate.state != State.CLOSED:
            return
        if fate.answer == Answer.DISSATISFIED:
            leaders = [
                cadre for cadre in self.staff.leaders[self.town.township.pk] if cadre is not course.issue.resolved_by
            ]
            course.take(Step.CLOSE, self._later(20, 90), self.rng.choice(leaders), text=CLOSED_ANYWAY)
            return
        closer = course.issue.called_back_by if self.rng.random() < 0.5 else self._desk()
        course.take(Step.CLOSE, self._later(0.3, 30), closer)

    def _call_back(self, answer: str) -> None:
        at = self._later(8, 70)
        self.course.take(Step.CALL_BACK, at, self._caller(), answer=answer, text=self.rng.choice(ANSWERS[answer]))

    def _caller(self) -> Cadre:
        """Who registered it, or the desk; never who resolved it."""
        issue = self.course.issue
        registrant = issue.registered_by
        if registrant is not None and registrant is not issue.resolved_by and self.rng.random() < 0.5:
            return registrant
        return self._desk()

    def _desk(self) -> Cadre:
        """Who assigned it, or else the next desk up: not who resolved it nor whom it is about."""
        issue = self.course.issue
        desk = self.staff.desks[self.town.township.pk]
        leader = self.staff.leaders[self.town.township.pk][0]
        below = [] if issue.level == Level.TOWNSHIP else [self.sender, self.place.village_cadre, self.place.secretary]
        held = [cadre for cadre in (*below, desk, leader) if cadre is not None]
        return next(cadre for cadre in held if cadre is not issue.resolved_by and cadre is not issue.about_cadre)

    def _high_desk(self) -> Cadre:
        desk = self.staff.desks[self.town.township.pk]
        low = self.course.issue.level != Level.TOWNSHIP
        return self.place.secretary if low and self.place.secretary and self.rng.random() < 0.65 else desk

    def _assignee(self, handler: Cadre | None) -> tuple[Cadre | Organisation, Cadre]:
        """To whom it goes and which desk sends it: units are out of a village desk's reach."""
        rng, place = self.rng, self.place
        desk = place.village_cadre or place.secretary
        assert desk is not None
        if handler is not None:
            return handler, desk
        if self.matter.unit or self.course.issue.level == Level.TOWNSHIP or rng.random() < 0.25:
            return self._unit(self.unit_name), self._high_desk()
        own = self.home.cadre if self.home is not None else None
        people = [*place.officials, *([own] * 2 if own else [])]
        return rng.choice([cadre for cadre in people if cadre is not desk] or people), desk

    def _unit(self, name: str) -> Organisation:
        units = self.staff.units[self.town.township.pk]
        unit = units.get(name)
        return unit if unit is not None and unit.pk in self.staff.handlers else units["村镇建设办"]

    def _later(self, low: float, high: float) -> datetime.datetime:
        return self.clock.after(self.course.at, low, high)

    def _say(self, text: str) -> str:
        return text.format(**self.course.values)
