"""The fields that only one or two steps ask for, and the rows of a search among issues or cadres."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.db.models import Case, IntegerField, Q, QuerySet, Value, When
from django.utils.translation import gettext as _

from ledger.actions.issue_desks import LONGEST_BETWEEN_REPORTS
from ledger.forms.fields import DayField
from ledger.forms.issues import CategoryField, categories
from ledger.forms.picks import Pick, PickField, cadre_pick, number_of
from ledger.forms.widgets import Chips, Stepper
from ledger.models import Cadre, Issue
from ledger.models.scope import scope_of
from ledger.queries.issue_desks import desk_holders, desks_above, desks_below, held_levels, own_desk
from ledger.queries.issue_search import search_q
from ledger.queries.issue_standing import leaders_over, possible_masters, undecided
from ledger.queries.issues import cadres_found
from ledger.rules.days import local_today
from ledger.rules.issue_steps import Step
from ledger.rules.issues import IssueKind
from ledger.rules.permissions import LEVEL_RANK, Level

MOST_HITS = 12
USUAL_DAYS = 7


class LeaderField(forms.ModelChoiceField):
    """The leaders over the place, each with unit and title."""

    def label_from_instance(self, obj: Cadre) -> str:
        return " · ".join(part for part in (obj.name, obj.title) if part)


def _level(form: Any) -> forms.Field:
    """Where it goes: desks that somebody holds, with the names of who does; up it goes no lower than one's own."""
    issue = form.issue
    held = held_levels(issue.village, without_id=issue.about_cadre_id)
    if form.step == Step.ESCALATE:
        own = own_desk(form.user, issue)
        possible = [level for level in desks_above(issue, held) if own is None or LEVEL_RANK[Level(level)] >= own]
        beyond = [level for level in possible if own is None or LEVEL_RANK[Level(level)] > own]
    else:
        possible = beyond = desks_below(issue, held)
    names = desk_holders(issue, possible)
    shown = [
        (level, " · ".join(part for part in (str(Level(level).label), names.get(level, "")) if part))
        for level in possible
    ]
    first = next(iter([*beyond, *possible]), None)
    return forms.ChoiceField(label=_("To the desk of"), choices=shown, widget=Chips, initial=first)


def _leader(form: Any) -> forms.Field:
    leaders = leaders_over(form.user, form.issue)
    field = LeaderField(label=_("Whose instruction"), queryset=leaders, empty_label=None, widget=Chips(shown=6))
    found = [leader.pk for leader in leaders]
    me = scope_of(form.user).cadre_id
    field.initial = me if me in found else (found[0] if len(found) == 1 else None)
    return field


def _instructed_on(form: Any) -> forms.Field:
    return DayField(label=_("Date of the instruction"), initial=local_today())


def _wanted_on(form: Any) -> forms.Field:
    return DayField(ahead=True, label=_("New date asked for"))


def _granted_on(form: Any) -> forms.Field:
    asked = undecided(form.issue)
    wanted = asked.wanted_on if asked is not None else None
    return DayField(ahead=True, label=_("New due date"), initial=wanted)


def _deferred_until(form: Any) -> forms.Field:
    return DayField(
        ahead=True, label=_("Planned date"), initial=form.issue.deferred_until,
        help_text=_("Until then it is not overdue."),
    )  # fmt: skip


def _review_on(form: Any) -> forms.Field:
    return DayField(
        ahead=True, label=_("Next review"), initial=form.issue.review_on,
        help_text=_("When the desk looks at the obstacle again."),
    )  # fmt: skip


def _report_every(form: Any) -> forms.Field:
    return forms.IntegerField(
        label=_("Progress every how many days"), min_value=1, max_value=LONGEST_BETWEEN_REPORTS, initial=USUAL_DAYS,
        widget=Stepper,
    )  # fmt: skip


def _kind(form: Any) -> forms.Field:
    return forms.ChoiceField(label=_("kind"), choices=IssueKind.choices, widget=Chips, initial=form.issue.kind)


def _category(form: Any) -> forms.Field:
    rows = categories(form.issue.township.county_id)
    field = CategoryField(label=_("category"), queryset=rows, empty_label=None, initial=form.issue.category_id)
    field.widget.choices = [choice for choice in field.grouped() if choice[0]]
    return field


def _master(form: Any) -> forms.Field:
    return PickField(label=_("The matter it is merged into"), find=form.picked_row)


def _about_cadre(form: Any) -> forms.Field:
    return PickField(label=_("complaint about"), find=form.picked_row, required=False)


FIELDS: dict[str, Callable[[Any], forms.Field]] = {
    "level": _level,
    "leader": _leader,
    "instructed_on": _instructed_on,
    "wanted_on": _wanted_on,
    "granted_on": _granted_on,
    "deferred_until": _deferred_until,
    "review_on": _review_on,
    "report_every": _report_every,
    "kind": _kind,
    "category": _category,
    "master": _master,
    "about_cadre": _about_cadre,
}


def master_of(form: Any, value: str) -> Issue | None:
    """The issue of that id, when this one may be merged into it."""
    found: Issue | None = possible_masters(form.user, form.issue).filter(pk=number_of(value)).first()
    return found


def master_rows(form: Any, typed: str) -> list[tuple[str, Pick]]:
    """What was searched; else matters of the same household, of the same category in the village, of the village."""
    issue, masters = form.issue, possible_masters(form.user, form.issue)
    if typed.strip():
        masters = masters.filter(search_q(typed)).order_by("-registered_at", "-pk")
    else:
        masters = _nearest(masters, issue)
    listed = masters.select_related("village", "group", "category__parent", "household")[:MOST_HITS]
    return [master_pick(each) for each in listed]


def _nearest(masters: QuerySet[Issue], issue: Issue) -> QuerySet[Issue]:
    same_house = Q(household_id=issue.household_id, household__isnull=False)
    same_kind = Q(village_id=issue.village_id, category_id=issue.category_id)
    near = Case(
        When(same_house, then=Value(0)), When(same_kind, then=Value(1)), default=Value(2), output_field=IntegerField()
    )
    close = masters.filter(same_house | Q(village_id=issue.village_id))
    return close.order_by(near, "-registered_at", "-pk")


def master_pick(issue: Issue) -> tuple[str, Pick]:
    """Title, number, place, who raised it, category."""
    place = f"{issue.village} {issue.group}" if issue.group is not None else str(issue.village)
    raised = issue.raised_by_name or (issue.household.head_name if issue.household is not None else "")
    parts = (issue.printed_number, place, raised, issue.category.full_name)
    return str(issue.pk), Pick(issue.title, " · ".join(part for part in parts if part), issue.get_state_display())


def cadre_of(form: Any, value: str) -> Cadre | None:
    """The cadre of that id, among those the user knows."""
    known = Cadre.objects.visible_to(form.user).select_related("organisation")
    found: Cadre | None = known.filter(pk=number_of(value)).first()
    return found


def cadre_rows(form: Any, typed: str) -> list[tuple[str, Pick]]:
    """The cadres a typed text may mean; none before anything is typed."""
    hits = cadres_found(Cadre.objects.visible_to(form.user), typed, MOST_HITS) if typed.strip() else []
    return [(str(cadre.pk), cadre_pick(cadre)) for cadre in hits]
