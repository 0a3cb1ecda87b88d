"""民情月报, 季度小结 and 年度总结: figures of a period in sentences, the matters that were chosen, masked (terms.md 2).

Every number is one of ``queries/figures.py``; nothing is counted here.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import translation
from django.utils.formats import date_format

from ledger.actions.audit import record
from ledger.exporting import cells
from ledger.exporting.diary import Period, outcomes_of
from ledger.exporting.issue_ledger import CHINESE
from ledger.exporting.issue_papers import Printed
from ledger.exporting.paper_templates import template_of
from ledger.exporting.word import fill
from ledger.models import Cadre, County, Issue, PaperKind, Village
from ledger.models.scope import may
from ledger.queries.figures import FIGURES, RATIOS, Counts, rows_of, tally
from ledger.queries.figures_window import Source, Window
from ledger.queries.period_records import not_met, only_of, visits_by_kind
from ledger.rules.days import local_today
from ledger.rules.issues import OPEN_STATES, UNFINISHED_STATES, IssueKind, State
from ledger.rules.masking import scrub
from ledger.rules.permissions import Permission
from ledger.rules.visits import VisitKind

KEYS = (
    "households", "visited", "household_visits", "visit_people", "meetings", "meeting_people", "talk_people",
    "enterprises", "opinions", "collected", "resolved", "struck_off", "under_way", "overdue", "deferred", "wishes",
    "wishes_done", "answered", "satisfied", "in_time",
)  # fmt: skip
"""Figures of a digest and of a summary, in the order of its table."""
SAID = (
    ("household_visits", "走访 {} 户次"), ("visit_people", "见面群众 {} 人次"), ("visited", "覆盖联系户 {} 户"),
    ("meetings", "召开会议 {} 场次"), ("enterprises", "走访企业 {} 家"), ("opinions", "征求意见 {} 人"),
    ("collected", "收集问题 {} 件"), ("resolved", "办结 {} 件"), ("struck_off", "销号 {} 件"),
    ("under_way", "办理中 {} 件"),
    ("overdue", "超期 {} 件"), ("deferred", "挂账推进 {} 件"), ("wishes_done", "实现微心愿 {} 个"),
)  # fmt: skip
SHARES = (("coverage", "走访覆盖率"), ("on_time", "按期办结率"), ("satisfaction", "群众满意率"))
"""概况, figure by figure."""
MOST_LISTED = 60
LONGEST = 300
Rows = list[dict[str, str]]


@dataclass(frozen=True)
class Subject:
    """What a summary is about: villages, narrowed to a unit or to one cadre."""

    name: str
    villages: list[int]
    county: County
    unit: int | None = None
    cadre: Cadre | None = None


@dataclass(frozen=True)
class Typed:
    """What the clerk types for a digest."""

    number: str = ""
    next_words: str = ""
    to: str = ""
    copied: str = ""
    handed: str = ""
    is_internal: bool = False


def matters_of(user: Any, villages: Iterable[int], period: Period) -> QuerySet[Issue]:
    """What a digest may tell of: registered, resolved or struck off in the period; nothing restricted."""
    window = Window(period.first, period.last)
    moved = window.moments("registered_at") | window.moments("resolved_at") | window.moments("closed_at")
    rows = Issue.objects.visible_to(user, Permission.EXPORT).filter(moved, village__in=list(villages))
    found: QuerySet[Issue] = rows.filter(is_sensitive=False).exclude(state__in=(State.VOID, State.MERGED))
    return found.select_related("village", "group", "category__parent").order_by("-registered_at", "-pk")


def signs_of(user: Any, villages: Iterable[int]) -> QuerySet[Issue]:
    """苗头隐患 that are not settled, as far as somebody may see them."""
    rows = Issue.objects.visible_to(user, Permission.EXPORT).filter(village__in=list(villages))
    found: QuerySet[Issue] = rows.filter(kind=IssueKind.EARLY_SIGN, state__in=UNFINISHED_STATES)
    return found.select_related("village", "group").order_by("-registered_at")


def may_see_signs(user: Any) -> bool:
    """Who may make the internal edition."""
    return may(user, Permission.SEE_SENSITIVE)


def print_digest(
    *, by: Any, unit: str, subject: Subject, period: Period, issues: Iterable[Issue], typed: Typed
) -> Printed:
    """民情月报 of these villages with these matters; raises PaperRefused. Early signs only in the internal edition."""
    with transaction.atomic(), translation.override(CHINESE):
        chosen = [*issues][:MOST_LISTED]
        internal = typed.is_internal and may_see_signs(by)
        signs = list(signs_of(by, subject.villages)[:MOST_LISTED]) if internal else []
        values = _common(unit, subject, period, by) | {
            "期号": typed.number, "重点": scrub(typed.next_words),
            "报": typed.to, "送": typed.copied, "发": typed.handed,
            "事项": _matters(chosen), "苗头": _matters(signs),
        }  # fmt: skip
        data = fill(PaperKind.DIGEST, template_of(subject.county, PaperKind.DIGEST), values)
        _note(by, subject, PaperKind.DIGEST, period, len(chosen) + len(signs))
        name = f"民情月报_{subject.name}_{period.first:%Y-%m}{'_内部' if internal else ''}.docx"
    return Printed(data, name)


def print_summary(*, by: Any, kind: str, unit: str, subject: Subject, period: Period, words: str) -> Printed:
    """季度小结 or 年度总结, a draft to be edited; raises PaperRefused. ``words`` name the quarter or the year."""
    with transaction.atomic(), translation.override(CHINESE):
        moved = _of_subject(matters_of(by, subject.villages, period), subject)
        wishes = list(moved.filter(kind=IssueKind.WISH)[:MOST_LISTED])
        ended = counted_matters(by, "resolved", subject, period).order_by("-registered_at", "-pk")
        open_rows = counted_matters(by, "pending", subject, period).order_by(F("at_due").asc(nulls_last=True), "pk")
        done, left = list(ended[:MOST_LISTED]), list(open_rows[:MOST_LISTED])
        cadre = subject.cadre
        values = _common(unit, subject, period, by) | {
            "季度" if kind == PaperKind.QUARTERLY else "年度": words,
            "事项": _matters(done), "未办结": _matters(left), "微心愿": _matters(wishes),
            "未列出": _unlisted({"已办结": (ended, done), "未办结": (open_rows, left)}), **records_of(subject, period),
        }  # fmt: skip
        if kind == PaperKind.QUARTERLY:
            values |= {"姓名": cadre.name if cadre else "", "职务": cadre.title if cadre else ""}
        data = fill(kind, template_of(subject.county, kind), values)
        _note(by, subject, kind, period, len(done) + len(left))
    title = "季度小结" if kind == PaperKind.QUARTERLY else "年度总结"
    return Printed(data, f"{title}_{subject.name}_{words}.docx")


def counted_matters(user: Any, key: str, subject: Subject, period: Period) -> QuerySet[Issue]:
    """The rows of that figure of the paper, as far as somebody may see them, each with ``then`` and ``ended_at``:
    how it stood at the end of the period."""
    only = only_of(subject.unit, subject.cadre).get(Source.ISSUES, Q())
    rows: QuerySet[Issue] = rows_of(key, subject.villages, Window(period.first, period.last)).filter(only)
    rows = rows.filter(pk__in=Issue.objects.visible_to(user, Permission.EXPORT).order_by().values("pk"))
    return rows.annotate(then=F("at_state"), ended_at=F("at_resolved"))


def _unlisted(cut: dict[str, tuple[QuerySet[Issue], list[Issue]]]) -> str:
    """What a paper of so many matters leaves out, said; empty where it holds all."""
    more = {name: rows.count() - len(shown) for name, (rows, shown) in cut.items() if len(shown) == MOST_LISTED}
    said = "、".join(f"{name}事项 {n} 件" for name, n in more.items() if n)
    return f"另有{said}未列出，见民情台账。" if said else ""


def _of_subject(rows: QuerySet[Issue], subject: Subject) -> QuerySet[Issue]:
    if subject.cadre is not None:
        return rows.filter(Q(registered_by=subject.cadre) | Q(handler=subject.cadre))
    if subject.unit is not None:
        return rows.filter(Q(lead_organisation=subject.unit) | Q(handler__organisation=subject.unit))
    return rows


def _note(by: Any, subject: Subject, kind: str, period: Period, count: int) -> None:
    detail = {"paper": kind, "name": subject.name, "start_on": period.first.isoformat(),
              "end_on": period.last.isoformat(), "rows": count}  # fmt: skip
    record(verb="paper.made", by=by, obj=subject.county, label=subject.name, detail=detail)


def _common(unit: str, subject: Subject, period: Period, by: Any) -> dict[str, Any]:
    figures, parts = figures_of(subject, period)
    return {
        "县": subject.county.name, "单位": unit, "期间": period.words,
        "日期": date_format(local_today(), "DATE_FORMAT"),
        "对象": subject.name, "概况": sentence(figures), "填报人": str(getattr(by, "name", "")),
        "统计": figure_rows(figures), "各村": parts,
    }  # fmt: skip


def figures_of(subject: Subject, period: Period) -> tuple[Counts, Rows]:
    """Key → number of the subject, and the lines of its villages: of a unit or a cadre, those where it has any."""
    window, only = Window(period.first, period.last), only_of(subject.unit, subject.cadre)
    by_village = tally(KEYS, subject.villages, window, only=only)
    whole = tally(KEYS, subject.villages, window, by=None, only=only)[None]
    villages = Village.objects.filter(pk__in=[pk for pk, n in by_village.items() if not only or any(n.values())])
    return whole, [_part(village.name, by_village[village.pk]) for village in villages]


def records_of(subject: Subject, period: Period) -> dict[str, Any]:
    """走访分类, 漏项 and 缺口: what was done in which way, and which households nobody met."""
    window, only = Window(period.first, period.last), only_of(subject.unit, subject.cadre)
    kinds = visits_by_kind(subject.villages, window, only)
    missed = not_met(subject.villages, window, only, by_group=subject.cadre is not None)
    number, never = sum(n for *_place, n, _never in missed), sum(none for *_place, none in missed)
    said = f"本期未见面的联系户 {number} 户，其中从未见面的 {never} 户。" if number else "联系户本期都见过面。"
    return {
        "走访分类": [
            {"方式": str(VisitKind(kind).label), "次数": str(n), "人次": str(people)} for kind, n, people in kinds
        ],
        "漏项": [
            {"村组": f"{village}{f'{group}组' if group else ''}", "未见面户": str(n), "从未见面户": str(none)}
            for village, group, n, none in missed
        ],
        "缺口": said,
    }  # fmt: skip


def figure_rows(counts: Counts) -> Rows:
    """项目, 数量, 说明: each figure with the sentence that defines it, and the ratios that can be told."""
    found = [
        {"项目": str(FIGURES[key].name), "数量": str(counts[key]), "说明": str(FIGURES[key].definition)}
        for key in KEYS if key in counts
    ]  # fmt: skip
    for ratio in RATIOS.values():
        if {ratio.part, *ratio.whole} <= counts.keys():
            share = ratio.of(counts)
            said = "" if share is None else f"{share}%"
            found.append({"项目": str(ratio.name), "数量": said, "说明": str(ratio.definition)})
    return found


def sentence(counts: Counts) -> str:
    """概况: what there is of the figures, in the offices' words."""
    said = [words.format(counts[key]) for key, words in SAID if key in counts]
    shares = [
        f"{word} {share}%" for key, word in SHARES
        if {RATIOS[key].part, *RATIOS[key].whole} <= counts.keys() and (share := RATIOS[key].of(counts)) is not None
    ]  # fmt: skip
    return f"本期{'，'.join([*said, *shares])}。" if said else "本期没有记录。"


def _part(name: str, counts: Counts) -> dict[str, str]:
    share = RATIOS["coverage"].of(counts)
    return {
        "名称": name, "联系户": str(counts.get("households", 0)), "走访户次": str(counts.get("household_visits", 0)),
        "覆盖率": "" if share is None else f"{share}%", "收集问题": str(counts.get("collected", "")),
        "办结": str(counts.get("resolved", "")), "超期": str(counts.get("overdue", "")),
    }  # fmt: skip


def _matters(issues: list[Issue]) -> Rows:
    """Each matter without anybody's name, its texts masked and of a length that can be printed."""
    return [_matter(number, issue) for number, issue in enumerate(issues, start=1)]


def _matter(number: int, issue: Issue) -> dict[str, str]:
    """One of them; of a period that ended before, what came of it since stays out."""
    state, ended = getattr(issue, "then", issue.state), getattr(issue, "ended_at", issue.resolved_at)
    stands, is_open = str(State(state).label), state in OPEN_STATES
    return {
        "序号": str(number),
        "标题": scrub(issue.title),
        "编号": issue.printed_number,
        "情况": _cut(issue.text or issue.title),
        "过程": stands if is_open else _cut(issue.result_text) or stands,
        "结果": stands if is_open else outcomes_of(issue) or stands,
        "评价": str(issue.get_answer_display()) if issue.answer and not is_open else "",
        "日期": cells.iso(issue.registered_at),
        "办结日期": "" if is_open else cells.iso(ended),
    }


def _cut(text: str) -> str:
    return scrub(text[:LONGEST]) + ("…" if len(text) > LONGEST else "")


def span_words(key: str) -> str:
    """2026年第一季度 of ``2026q1``, 2026年 of ``2026``."""
    year, _q, quarter = key.partition("q")
    return f"{year}年第{'一二三四'[int(quarter) - 1]}季度" if quarter else f"{year}年"
