"""周例会: what the wall shows, who may be named there, and what was decided. Sensitive matters are never on it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, F, IntegerField, Q, QuerySet, Value, When
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from ledger.models import Cadre, Issue, IssueStep, Organisation
from ledger.models.scope import NOTHING
from ledger.queries.calendar import Calendar
from ledger.queries.desk import PRESSING, Desk, on_desk
from ledger.queries.issue_desks import cadres_within, units_within, who_could_handle
from ledger.rules.days import day_start, local_today
from ledger.rules.issue_steps import Step
from ledger.rules.issues import HANDED_STATES, OPEN_STATES, Answer, State
from ledger.rules.masking import scrub
from ledger.rules.meeting import Need
from ledger.rules.permissions import Level

MARK = "meeting"
"""The key in a step's data that says it was decided in the meeting."""


def on_the_wall(user: Any, desks: Sequence[Desk], calendar: Calendar) -> QuerySet[Issue]:
    """What the room talks about: open, or resolved to nobody's satisfaction; the most pressing need first."""
    unfinished = Q(state__in=OPEN_STATES) | Q(state=State.RESOLVED, answer=Answer.DISSATISFIED)
    rows = on_desk(user, desks).filter(unfinished, is_sensitive=False)
    need = Case(
        *(When(condition, then=Value(int(each))) for each, condition in needs(calendar).items()),
        default=Value(int(Need.NONE)), output_field=IntegerField(),
    )  # fmt: skip
    order = ("need", PRESSING, F("due_on").asc(nulls_last=True), "registered_at", "pk")
    found: QuerySet[Issue] = rows.annotate(need=need).order_by(*order)
    return found


def needs(calendar: Calendar) -> dict[Need, Q]:
    """In the order of ``Need``: a matter has the first need that fits."""
    handed, registered = Q(state__in=HANDED_STATES), Q(state=State.REGISTERED)
    return {
        Need.DISSATISFIED: Q(state=State.RESOLVED),
        Need.REPORT_LATE: Q(is_supervised=True, report_due_on__lt=calendar.today),
        Need.OVERDUE: handed & Q(due_on__lt=calendar.today),
        Need.EXTENSION: ~Q(extension_level=""),
        Need.REVIEW: Q(state=State.DEFERRED)
        & (Q(review_on__lte=calendar.today) | Q(deferred_until__lt=calendar.today)),
        Need.TRIAGE_LATE: registered & Q(triage_due_on__lt=calendar.today),
        Need.TO_ASSIGN: registered,
        Need.SUPERVISED: Q(is_supervised=True),
        Need.NEAR: handed & Q(due_on__range=(calendar.today, calendar.near_until)),
    }


@dataclass(frozen=True)
class Nameable:
    """Somebody who can be named on the wall: a unit or a cadre within reach of the desks."""

    key: str
    label: str
    initials: str
    to: Cadre | Organisation


MOST_NAMEABLE = 400


def nameable(desks: Sequence[Desk]) -> list[Nameable]:
    """Units first, then cadres with their unit: whom these desks may give something (two queries).

    Whether somebody may be given this very matter is asked again when it is.
    """
    units, cadres = NOTHING, NOTHING
    for desk in desks:
        township = desk.villages.order_by().values("township")[:1]
        units |= units_within(desk.level, desk.territory, township)
        if desk.level != Level.COUNTY:  # the county gives to units, not to thousands of people
            within = Cadre.objects.filter(cadres_within(desk.level, desk.territory, township))
            cadres |= Q(pk__in=within.values("pk"))
    rows = [
        Nameable(f"u{unit.pk}", unit.name, "", unit)
        for unit in Organisation.objects.filter(units, is_active=True).order_by("sort_order", "pk")[:MOST_NAMEABLE]
    ]
    handling = who_could_handle(cadres).select_related("organisation").order_by("pinyin", "pk")
    for cadre in handling[:MOST_NAMEABLE]:
        unit = f" · {cadre.organisation}" if cadre.organisation is not None else ""
        rows.append(Nameable(f"c{cadre.pk}", f"{cadre.name}{unit}", cadre.initials, cadre))
    counted: dict[str, int] = {}
    for row in rows:
        counted[row.label] = counted.get(row.label, 0) + 1
    return [
        row if counted[row.label] == 1 or not isinstance(row.to, Cadre)
        else Nameable(row.key, f"{row.label} · {row.to.cadre_no}", row.initials, row.to)
        for row in rows
    ]  # fmt: skip


def named(rows: Sequence[Nameable], typed: str) -> list[Nameable]:
    """Whom a typed text means: the label as it was offered, else a name, else pinyin initials or a part of a name."""
    text = " ".join(typed.split())
    exact = [row for row in rows if row.label == text]
    if exact:
        return exact[:1]
    by_name = [row for row in rows if row.label.split(" · ")[0] == text]
    if by_name:
        return by_name
    key = text.lower()
    if key.isascii():
        return [row for row in rows if row.initials and key in row.initials.split()]
    return [row for row in rows if text in row.label]


def decided_today(user: Any, cadre_id: int | None) -> list[IssueStep]:
    """What this person decided in today's meeting, as far as they still see it; oldest first (one query)."""
    if cadre_id is None:
        return []
    seen = Issue.objects.visible_to(user).filter(is_sensitive=False)
    steps = IssueStep.objects.filter(by=cadre_id, at__gte=day_start(local_today()), issue__in=seen)
    marked = steps.filter(**{f"data__{MARK}": True})
    return list(
        marked.select_related(
            "issue__village", "issue__group", "issue__category__parent", "issue__handler", "issue__lead_organisation",
            "issue__household", "by__organisation", "acting_for", "to_cadre", "to_organisation",
        ).order_by("pk")
    )  # fmt: skip


def minutes_text(place: str, steps: Sequence[IssueStep]) -> str:
    """The decisions to paste into the chat group: numbers, villages, categories, handlers, dates, next steps.

    A matter's title may name a villager and is left out; names and numbers of who raised it are taken out of what
    was typed as the next step.
    """
    day = date_format(local_today(), "DATE_FORMAT")
    lines = [_("Weekly meeting, %(day)s, %(place)s") % {"day": day, "place": place}]
    last = {step.issue_id: step for step in steps}  # opened again and given in one breath is one decision
    for number, step in enumerate(last.values(), start=1):
        issue = step.issue
        facts = [f"{issue.printed_number} {issue.village} {issue.category.full_name}"]
        who = step.to_organisation or step.to_cadre or issue.lead_organisation or issue.handler
        if who is not None:
            facts.append(_("handled by %(who)s") % {"who": who})
        due = step.due_on or issue.deferred_until or issue.due_on
        if due is not None and step.step != Step.REOPEN:
            facts.append(_("by %(day)s") % {"day": date_format(due, "MONTH_DAY_FORMAT")})
        if step.text:
            facts.append(_("next: %(goal)s") % {"goal": without_names(issue, step.text)})
        lines.append(f"{number}. {_joined(facts)}")
    return "\n".join(lines)


def _joined(facts: Sequence[str]) -> str:
    """With the language's own sign between them."""
    line = facts[0]
    for fact in facts[1:]:
        line = _("%(first)s; %(second)s") % {"first": line, "second": fact}
    return line


def without_names(issue: Issue, text: str) -> str:
    """The text without the names and numbers of the household and of who raised it."""
    text = scrub(text)
    names = {issue.raised_by_name, issue.household.head_name if issue.household is not None else ""}
    for name in sorted(filter(None, names), key=len, reverse=True):
        text = text.replace(name, f"{name[0]}**")
    return text
