"""The papers of one issue: 交办(转办)单 and 告知书, filled from what the ledger holds, each printing on record."""

import datetime
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import translation
from django.utils.formats import date_format
from django.utils.timezone import localtime

from ledger.actions.audit import record
from ledger.actions.covering_documents import assignment_of, covering_document
from ledger.actions.issue_phones import reveal_phone
from ledger.exporting.issue_ledger import CHINESE
from ledger.exporting.paper_templates import template_of
from ledger.exporting.word import fill
from ledger.models import Issue, IssueStep, LinkKind, PaperKind, VillageLink
from ledger.models.issue_scope import capacities
from ledger.models.scope import may
from ledger.queries.issue_timeline import line_of, steps_of
from ledger.queries.issues import may_see_phone, phone_of
from ledger.queries.responsibility import day_that_counts
from ledger.rules.days import local_day, local_today
from ledger.rules.issue_steps import Capacity, Step
from ledger.rules.issues import Outcome, State
from ledger.rules.masking import mask_phone, scrub
from ledger.rules.permissions import Permission

NUMBERS = frozenset({Capacity.DESK, Capacity.LEADER, Capacity.HANDLER})
"""Who has the number of a covering document given; others print it once it has one."""
ANSWERED = frozenset({State.RESOLVED, State.CLOSED})


@dataclass(frozen=True)
class Paper:
    """A paper that can be had of an issue now."""

    kind: str
    number: str = ""
    """Of a covering document that was printed before."""
    is_outside: bool = False


@dataclass(frozen=True)
class Printed:
    """A filled paper and the name to keep it under."""

    data: bytes
    file_name: str


class NothingToPrint(Exception):
    """The issue has no such paper now, or not for this person."""


def papers_of(user: Any, issue: Issue) -> list[Paper]:
    """What somebody may print of this issue in its state."""
    if not may(user, Permission.EXPORT, issue):
        return []
    found = []
    step = assignment_of(issue) if issue.state not in {State.VOID, State.MERGED} else None
    if step is not None:
        document = getattr(step, "covering_document", None)
        if document is not None or capacities(user, issue) & NUMBERS:
            number = document.number if document is not None else ""
            found.append(Paper(PaperKind.COVERING, number, bool(step.data.get("outside"))))
    if issue.state in ANSWERED and issue.result_text and not issue.is_anonymous:
        found.append(Paper(PaperKind.REPLY))
    return found


def may_print_phone(user: Any, issue: Issue) -> bool:
    """Whether the covering document may carry the full phone: it stays with the handler, the matter is no secret."""
    return not issue.is_sensitive and bool(phone_of(issue)) and may_see_phone(user, issue)


def print_covering(*, by: Any, issue: Issue, with_phone: bool = False) -> Printed:
    """交办(转办)单 of the assignment that stands; printed again it has the same number. Raises NothingToPrint,
    PaperRefused when the county's template does not fill, TooManyReveals for the full phone."""
    if not any(paper.kind == PaperKind.COVERING for paper in papers_of(by, issue)):
        raise NothingToPrint
    step = assignment_of(issue)
    assert step is not None
    with transaction.atomic(), translation.override(CHINESE):
        full = with_phone and may_print_phone(by, issue)
        phone = reveal_phone(by=by, issue=issue) if full else mask_phone(phone_of(issue))
        document = covering_document(by=by, issue=issue, step=step)
        word = "转办单" if step.data.get("outside") else "交办单"
        values = _matter(issue) | _course(issue, step) | {"电话": phone, "文种": word, "单号": document.number}
        data = fill(PaperKind.COVERING, template_of(issue.township.county, PaperKind.COVERING), values)
        _note(by, issue, PaperKind.COVERING, {"number": document.number, "phone": full})
    return Printed(data, f"{word}_{document.number}_{issue.printed_number}.docx")


def print_reply(*, by: Any, issue: Issue, basis: str = "") -> Printed:
    """告知书 of a resolved issue, to its household. Raises NothingToPrint, PaperRefused."""
    if not any(paper.kind == PaperKind.REPLY for paper in papers_of(by, issue)):
        raise NothingToPrint
    with transaction.atomic(), translation.override(CHINESE):
        rests_on = scrub(basis.strip() or _policy(issue))
        values = _matter(issue) | _contact(issue) | {"依据": rests_on, "电话": mask_phone(phone_of(issue))}
        data = fill(PaperKind.REPLY, template_of(issue.township.county, PaperKind.REPLY), values)
        _note(by, issue, PaperKind.REPLY, {})
    return Printed(data, f"告知书_{issue.printed_number}_{local_today().isoformat()}.docx")


def _note(by: Any, issue: Issue, kind: str, detail: dict[str, Any]) -> None:
    record(verb="paper.printed", by=by, obj=issue, label=issue.number, detail={"paper": kind, **detail})


def _day(day: datetime.date | None) -> str:
    return date_format(day, "DATE_FORMAT") if day is not None else ""


def _local(moment: datetime.datetime | None) -> str:
    return _day(local_day(moment)) if moment is not None else ""


def _matter(issue: Issue) -> dict[str, Any]:
    """What every paper of an issue may say; free texts with the numbers in them masked."""
    group = (issue.group.name or f"{issue.group.number}组") if issue.group is not None else ""
    lead = str(issue.lead_organisation or "") or (issue.handler.name if issue.handler is not None else "")
    asked = issue.text if issue.text.startswith(issue.title) else "。".join(filter(None, (issue.title, issue.text)))
    return {
        "县": issue.township.county.name, "乡镇": issue.township.name, "事项编号": issue.printed_number,
        "登记日期": _local(issue.registered_at), "来源": issue.get_source_display(), "性质": issue.get_kind_display(),
        "类别": issue.category.full_name, "标题": scrub(issue.title), "反映人": _raiser(issue),
        "村组": f"{issue.village}{group}", "反映内容": scrub(asked), "牵头单位": lead,
        "协办单位": "、".join(str(unit) for unit in issue.supporting.all()),
        "承办人": issue.handler.name if issue.handler is not None else "", "时限": _day(issue.due_on),
        "结果": "、".join(str(Outcome(each).label) for each in issue.outcomes if each in Outcome.values),
        "办理情况": scrub(issue.result_text), "办结日期": _local(issue.resolved_at), "日期": _day(local_today()),
        "办理经过": [
            {"时间": line.at, "环节": line.title, "人员": line.who, "内容": scrub(line.text)}
            for line in map(line_of, steps_of(issue))
        ],
    }  # fmt: skip


def _raiser(issue: Issue) -> str:
    household = issue.household
    return issue.raised_by_name or (household.head_name if household is not None else "")


def _course(issue: Issue, step: IssueStep) -> dict[str, str]:
    """The assignment, what leaders said, who accepted, called back and struck off."""
    accepted = issue.steps.filter(step=Step.ACCEPT, round=issue.round, pk__gt=step.pk).select_related("by").last()
    lead = str(issue.lead_organisation or issue.handler or "")
    due = f"于{_day(issue.due_on)}前" if issue.due_on is not None else ""
    closed = issue.closed_by
    return {
        "交办日期": _local(step.at), "拟办意见": scrub(step.text) or f"请{lead}{due}办结并回复。",
        "领导批示": _instructions(issue), "包案领导": _leader(issue),
        "签收人": accepted.by.name if accepted is not None and accepted.by is not None else "",
        "签收时间": date_format(localtime(accepted.at), "DATETIME_FORMAT") if accepted is not None else "",
        "回访评价": str(issue.get_answer_display()) if issue.answer else "",
        "回访人": issue.called_back_by.name if issue.called_back_by is not None else "",
        "回访日期": _local(issue.called_back_at),
        "销号意见": f"同意销号。（{closed.name} {_local(issue.closed_at)}）" if closed is not None else "",
    }  # fmt: skip


def _instructions(issue: Issue) -> str:
    """批示, oldest first, each with its leader and day."""
    said = []
    for step in issue.steps.filter(step=Step.INSTRUCT).select_related("by", "acting_for").order_by("pk"):
        who = step.acting_for or step.by
        on = step.data.get("on")
        day = _day(datetime.date.fromisoformat(on)) if on else _local(step.at)
        said.append(f"{scrub(step.text)}（{who.name if who is not None else ''} {day}）")
    return "\n".join(said)


def _leader(issue: Issue) -> str:
    """Who has it under supervision, else the township leaders tied to its village on the day that counts."""
    if issue.supervised_by is not None:
        return str(issue.supervised_by.name)
    on = day_that_counts(issue)
    links = VillageLink.objects.filter(Q(end_on__isnull=True) | Q(end_on__gt=on), start_on__lte=on)
    names = links.filter(village=issue.village_id, kind=LinkKind.TOWNSHIP_LEADER).order_by("pk")
    return "、".join(names.values_list("cadre__name", flat=True))


def _policy(issue: Issue) -> str:
    """The policy or rule that was named with the result of this round."""
    found = issue.results.filter(round=issue.round).values_list("policy", flat=True).first()
    return str(found or "")


def _contact(issue: Issue) -> dict[str, str]:
    """Whom the household asks: the handler on the work phone, else the township's duty phone."""
    township, handler = issue.township, issue.resolved_by or issue.handler
    unit = issue.lead_organisation or (handler.organisation if handler is not None else None)
    name = str(unit or township.name)
    return {
        "称呼": _raiser(issue), "联系人": handler.name if handler is not None else township.name,
        "联系电话": (handler.phone if handler is not None else "") or township.duty_phone,
        "监督电话": township.supervision_phone,
        "落款单位": name if name.startswith(township.name) else f"{township.name}{name}",
    }  # fmt: skip
