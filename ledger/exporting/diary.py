"""民情记录本: whom a cadre contacts, each visit, each problem and how it ended, as one Word document (terms.md 2).

A visit's problems stand with their numbers and with what has become of them by now. Restricted matters are left out.
"""

import datetime
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import translation
from django.utils.formats import date_format

from ledger.actions.audit import record
from ledger.exporting import cells
from ledger.exporting.issue_ledger import CHINESE
from ledger.exporting.issue_papers import Printed
from ledger.exporting.paper_templates import template_of
from ledger.exporting.word import fill
from ledger.models import Cadre, Household, Issue, PaperKind, Resident, Visit
from ledger.models.scope import scope_of
from ledger.queries.households import with_line
from ledger.rules.days import local_day, local_today
from ledger.rules.households import COUNTED_STATUSES, ORDINARY_TYPE, Relation
from ledger.rules.issues import Outcome, State
from ledger.rules.masking import mask_phone, scrub
from ledger.rules.permissions import Permission

WEEKDAYS = "一二三四五六日"
MOST_VISITS = 600
"""Of one diary; more is printed in shorter periods."""
Rows = list[dict[str, str]]


class TooManyVisits(Exception):
    """More visits than one document is made of."""


@dataclass(frozen=True)
class Period:
    """Both days included."""

    first: datetime.date
    last: datetime.date

    @property
    def words(self) -> str:
        """2026年1月1日至2026年3月31日."""
        return f"{_day(self.first)}至{_day(self.last)}"


def diary_cadres(user: Any) -> QuerySet[Cadre]:
    """Whose diary somebody may print: their own, and those of the area whose visits they look after."""
    own = Q(pk=scope_of(user).cadre_id)
    seen = Cadre.objects.visible_to(user, Permission.SEE_DASHBOARD).values("pk")
    return Cadre.objects.filter(own | Q(pk__in=seen))


def print_diary(*, by: Any, cadre: Cadre, period: Period, with_phones: bool = False) -> Printed:
    """The diary of a cadre, as far as ``by`` may see the visits. Full phones only for the cadre, on their own diary.

    Raises TooManyVisits, and PaperRefused when the county's template does not fill.
    """
    visits = visits_of(by, cadre, period)
    if len(visits) > MOST_VISITS:
        raise TooManyVisits
    full = with_phones and scope_of(by).cadre_id == cadre.pk
    with transaction.atomic(), translation.override(CHINESE):
        issues = _issues(by, visits)
        homes = _homes(by, cadre)
        values = _cover(cadre, period) | {
            "联系户": _home_rows(homes, full=full),
            "走访": [_visit_row(visit, issues[visit.pk]) for visit in visits],
            "问题": _problem_rows([issue for found in issues.values() for issue in found]),
        }
        data = fill(PaperKind.DIARY, template_of(cadre.county, PaperKind.DIARY), values)
        record(
            verb="paper.made", by=by, obj=cadre, detail={
                "paper": PaperKind.DIARY, "start_on": period.first.isoformat(), "end_on": period.last.isoformat(),
                "households": len(homes), "rows": len(visits), "phones": full,
            },
        )  # fmt: skip
    return Printed(data, f"民情记录本_{cadre.name}_{period.first.isoformat()}_{period.last.isoformat()}.docx")


def visits_of(user: Any, cadre: Cadre, period: Period) -> list[Visit]:
    """What the cadre led or joined in the period, as far as somebody may see it, oldest first."""
    joined = Visit.companions.through._base_manager.filter(cadre_id=cadre.pk).values("visit_id")
    rows = Visit.objects.visible_to(user).filter(Q(lead=cadre) | Q(pk__in=joined), voided_at__isnull=True)
    rows = rows.filter(occurred_on__range=(period.first, period.last)).order_by("occurred_on", "occurred_time", "pk")
    return list(
        rows.select_related("household", "village", "group", "lead", "enterprise")
        .prefetch_related("companions", "topics", "questions")[: MOST_VISITS + 1]
    )  # fmt: skip


def _cover(cadre: Cadre, period: Period) -> dict[str, Any]:
    villages = Household.objects.filter(cadre=cadre).order_by().values("village__name").distinct()
    posted = cadre.postings.open_on(local_today()).filter(village__isnull=False).values_list("village__name", flat=True)
    names = dict.fromkeys([*posted, *(row["village__name"] for row in villages)])
    place = str(cadre.township or cadre.county)
    unit = cadre.organisation.name if cadre.organisation is not None else ""
    same = period.first.year == period.last.year
    return {
        "县": cadre.county.name, "单位": unit if unit.startswith(place) else f"{place}{unit}", "姓名": cadre.name,
        "职务": cadre.title, "联系村": "、".join(names), "期间": period.words, "日期": _day(local_today()),
        "年度": f"{period.last.year}年" if same else f"{period.first.year}—{period.last.year}年",
    }  # fmt: skip


def _homes(user: Any, cadre: Cadre) -> list[Household]:
    rows = Household.objects.visible_to(user, Permission.EXPORT).filter(cadre=cadre, status__in=COUNTED_STATUSES)
    return list(with_line(rows).order_by("village__sort_order", "group__number", "house_order", "code"))


def _home_rows(homes: list[Household], *, full: bool) -> Rows:
    heads = Resident.objects.filter(household__in=homes, left_on__isnull=True, relation=Relation.HEAD)
    phones = dict(heads.values_list("household_id", "phone"))
    return [
        {
            "序号": str(number), "户编号": home.code, "村组": _place(home), "户主": home.head_name,
            "人口": "" if home.population is None else str(home.population), "住址": home.address,
            "电话": phones.get(home.pk, "") if full else mask_phone(phones.get(home.pk, "")),
            "户类型": "、".join(kind.name for kind in home.types.all() if kind.name != ORDINARY_TYPE),
            "最近走访": cells.iso(home.last_met_on),
        }
        for number, home in enumerate(homes, start=1)
    ]  # fmt: skip


def _issues(user: Any, visits: list[Visit]) -> dict[int, list[Issue]]:
    """Visit → the matters it raised that somebody may see."""
    found: dict[int, list[Issue]] = defaultdict(list)
    rows = Issue.objects.visible_to(user).filter(visit__in=visits, is_sensitive=False).exclude(state=State.VOID)
    for issue in rows.select_related("household").order_by("registered_at", "pk"):
        found[issue.visit_id or 0].append(issue)
    return found


def _visit_row(visit: Visit, issues: list[Issue]) -> dict[str, str]:
    asked = [scrub(issue.title) for issue in issues]
    asked += [scrub(question.text) for question in visit.questions.all() if question.issue_id is None]
    answers = [scrub(issue.result_text) for issue in issues if _on_the_day(visit, issue)]
    answers += [scrub(question.answer) for question in visit.questions.all() if question.answer]
    kind = visit.get_meeting_form_display() if visit.meeting_form else visit.get_kind_display()
    with_ = [visit.lead, *visit.companions.all()]
    return {
        "日期": visit.occurred_on.isoformat(), "星期": WEEKDAYS[visit.occurred_on.weekday()], "天气": "",
        "方式": str(kind), "地点": visit.place or _place(visit), "对象": _whom(visit),
        "同行": "、".join(each.name for each in with_[1:]), "内容": scrub(visit.content),
        "问题": "；".join(asked),
        "答复": "；".join(filter(None, answers)),
        "编号": "\n".join(issue.printed_number for issue in issues),
        "结果": "\n".join(_standing(issue) for issue in issues), "记录人": visit.lead.name, "序号": "",
    }  # fmt: skip


def _on_the_day(visit: Visit, issue: Issue) -> bool:
    return issue.resolved_at is not None and local_day(issue.resolved_at) == visit.occurred_on


def _whom(visit: Visit) -> str:
    if visit.household is not None:
        return str(visit.household.head_name)
    return (
        visit.enterprise.name if visit.enterprise is not None else f"{visit.people_met}人" if visit.people_met else ""
    )


def _place(row: Any) -> str:
    """石桥村4组, or the group's own name."""
    group = row.group
    named = "" if group is None else group.name or f"{group.number}组"
    return f"{row.village.name}{named}"


def _standing(issue: Issue) -> str:
    """已销号，解决到位."""
    return "，".join(filter(None, (str(issue.get_state_display()), outcomes_of(issue))))


def outcomes_of(issue: Issue) -> str:
    """解决到位、解释到位; empty before there is any."""
    return "、".join(str(Outcome(each).label) for each in issue.outcomes if each in Outcome.values)


def _problem_rows(issues: list[Issue]) -> Rows:
    return [
        {
            "序号": str(number), "日期": cells.iso(issue.registered_at),
            "户主": issue.household.head_name if issue.household is not None else issue.raised_by_name,
            "问题": scrub(issue.title), "措施": scrub(issue.result_text),
            "结果": outcomes_of(issue) or str(issue.get_state_display()), "办结日期": cells.iso(issue.resolved_at),
            "评价": str(issue.get_answer_display()) if issue.answer else "",
        }
        for number, issue in enumerate(issues, start=1)
    ]  # fmt: skip


def _day(day: datetime.date) -> str:
    return date_format(day, "DATE_FORMAT")
