"""Filters of the ledger list. They live in the URL, every choice is narrowed to who asks, and what is no choice of
theirs shows nothing: an export never holds more than was asked for."""

import datetime
from typing import Any

import django_filters
from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import F, Q, QuerySet, TextField
from django.db.models.functions import Cast, Coalesce
from django.utils.translation import gettext_lazy as _

from ledger.filters.area import area_q
from ledger.filters.figures import counted_rows
from ledger.models import Category, County, District, Group, Household, Issue, Organisation, OrganisationKind, Village
from ledger.queries.calendar import Calendar
from ledger.queries.dashboard import issue_conditions
from ledger.queries.desk import lane_conditions
from ledger.queries.figures_window import Source as Rows
from ledger.queries.issue_search import handler_q, search_q
from ledger.queries.issues import handled, raised_by, supported
from ledger.rules.days import day_start
from ledger.rules.issues import OPEN_STATES, UNFINISHED_STATES, Answer, IssueKind, Outcome, Source, State
from ledger.rules.permissions import Level

NEWEST = ("-is_supervised", "-registered_at", "-id")
"""What a leader watches stands above all else."""
OPEN, UNFINISHED = "open", "unfinished"
GROUPS = {UNFINISHED: UNFINISHED_STATES, OPEN: OPEN_STATES}
STATE_CHOICES = ((UNFINISHED, _("Not struck off")), (OPEN, _("Not resolved")), *State.choices)
DUE_CHOICES = (("near", _("Near due")), ("today", _("Due today")), ("overdue", _("Overdue")))
MINE_CHOICES = (("raised", _("Raised by me")), ("handled", _("Handled by me")), ("supported", _("Supported by us")))
BY_DATE = frozenset({"handled", "supported"})
"""Choices of ``mine`` whose rows come by their date."""
ON_TIME_CHOICES = (("yes", _("In time")), ("no", _("Late, or past its date")))
SUPERVISED_CHOICES = (("yes", _("Under supervision")), ("no", _("Not supervised")))
DAYS = [MinValueValidator(datetime.date(1990, 1, 1)), MaxValueValidator(datetime.date(2099, 12, 31))]
FIRST = ("q", "state", "due", "category", "village")
"""Always in sight; the others open with one tap."""


class _Categories(forms.ModelChoiceField):
    """A tree in one list: what belongs to a category stands indented below it."""

    def label_from_instance(self, category: Any) -> str:
        return f"　{category}" if category.parent_id else str(category)


class CategoryFilter(django_filters.ModelChoiceFilter):
    field_class = _Categories


def _day(label: Any, path: str, side: str) -> django_filters.DateFilter:
    """A day in China that bounds a moment, itself included."""

    def bound(rows: QuerySet[Issue], name: str, value: datetime.date) -> QuerySet[Issue]:
        if side == "to":
            return rows.filter(**{f"{path}__lt": day_start(value + datetime.timedelta(days=1))})
        return rows.filter(**{f"{path}__gte": day_start(value)})

    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    return django_filters.DateFilter(label=label, method=bound, widget=widget, validators=DAYS)


class IssueFilter(django_filters.FilterSet):
    """``mine`` is chosen by the chips above the list. Hidden parameters that other pages put in a link: ``area``
    (``village-3``), ``count`` (a figure of the dashboard), ``sensitive=no``, ``household`` (its id), and what a figure
    of the statistics counted (``filters/figures.py``).
    """

    q = django_filters.CharFilter(label=_("Search"), method="search", max_length=60)
    state = django_filters.ChoiceFilter(
        label=_("state"), empty_label=_("All states"), choices=STATE_CHOICES, method="by_state"
    )
    due = django_filters.ChoiceFilter(label=_("due"), empty_label=_("Any date"), choices=DUE_CHOICES, method="by_due")
    category = CategoryFilter(
        label=_("category"), empty_label=_("All categories"), queryset=Category.objects.none(), method="by_category"
    )
    village = django_filters.ModelChoiceFilter(
        label=_("village"), empty_label=_("All villages"), queryset=Village.objects.none()
    )
    group = django_filters.ModelChoiceFilter(
        label=_("group"), empty_label=_("All groups"), queryset=Group.objects.none()
    )
    district = django_filters.ModelChoiceFilter(
        label=_("district"), empty_label=_("All districts"), queryset=District.objects.none(),
        field_name="village__district",
    )  # fmt: skip
    kind = django_filters.ChoiceFilter(label=_("kind"), empty_label=_("All kinds"), choices=IssueKind)
    source = django_filters.ChoiceFilter(label=_("source"), empty_label=_("All sources"), choices=Source)
    level = django_filters.ChoiceFilter(label=_("level"), empty_label=_("All levels"), choices=Level)
    unit = django_filters.ModelChoiceFilter(
        label=_("unit in charge"), empty_label=_("All units"), queryset=Organisation.objects.none(), method="by_unit"
    )
    handler = django_filters.CharFilter(label=_("handler"), method="by_handler", max_length=20)
    answer = django_filters.ChoiceFilter(label=_("satisfaction"), empty_label=_("Any answer"), choices=Answer)
    on_time = django_filters.ChoiceFilter(
        label=_("in time"), empty_label=_("In time or late"), choices=ON_TIME_CHOICES, method="by_on_time"
    )
    outcome = django_filters.ChoiceFilter(
        label=_("outcome"), empty_label=_("Any outcome"), choices=Outcome, method="by_outcome"
    )
    supervised = django_filters.ChoiceFilter(
        label=_("supervision"), empty_label=_("Supervised or not"), choices=SUPERVISED_CHOICES, method="by_supervised"
    )
    registered_from = _day(_("registered from"), "registered_at", "from")
    registered_to = _day(_("registered until"), "registered_at", "to")
    resolved_from = _day(_("resolved from"), "resolved_at", "from")
    resolved_to = _day(_("resolved until"), "resolved_at", "to")
    closed_from = _day(_("struck off from"), "closed_at", "from")
    closed_to = _day(_("struck off until"), "closed_at", "to")
    mine = django_filters.ChoiceFilter(choices=MINE_CHOICES, method="by_person", widget=forms.HiddenInput)
    area = django_filters.CharFilter(method="by_area", widget=forms.HiddenInput, max_length=30)
    count = django_filters.CharFilter(method="by_count", widget=forms.HiddenInput, max_length=12)
    sensitive = django_filters.CharFilter(method="by_sensitive", widget=forms.HiddenInput, max_length=3)
    figure = django_filters.CharFilter(method="by_figure", widget=forms.HiddenInput, max_length=20)
    since = django_filters.CharFilter(method="unchanged", widget=forms.HiddenInput, max_length=10)
    until = django_filters.CharFilter(method="unchanged", widget=forms.HiddenInput, max_length=10)
    of_unit = django_filters.CharFilter(method="unchanged", widget=forms.HiddenInput, max_length=12)
    household = django_filters.ModelChoiceFilter(queryset=Household.objects.none(), widget=forms.HiddenInput)

    class Meta:
        model = Issue
        fields: tuple[str, ...] = ()

    def __init__(self, *args: Any, user: Any, calendar: Calendar, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user, self.calendar = user, calendar
        villages = Village.objects.visible_to(user)
        chosen = str(self.data.get("village", ""))
        in_village = int(chosen) if chosen.isascii() and chosen.isdigit() and len(chosen) <= 12 else None
        county_ids = list(County.objects.filter(cadres__user=user).values_list("pk", flat=True))
        units = Organisation.objects.visible_to(user).filter(is_active=True).exclude(kind=OrganisationKind.VILLAGE)
        self._offer("village", villages, least=2)
        self._offer("group", Group.objects.filter(village__in=villages, village=in_village))
        self._offer("district", District.objects.filter(villages__in=villages).distinct(), least=2)
        self._offer("category", _tree(county_ids))
        self._offer("unit", units)
        self.filters["household"].field.queryset = Household.objects.visible_to(user)

    @property
    def ordered(self) -> QuerySet[Issue]:
        """The rows in the order of the list: what one handles or supports by its date, all else newest first."""
        if self.data.get("mine") in BY_DATE:
            return self.qs.order_by(NEWEST[0], F("due_on").asc(nulls_last=True), *NEWEST[1:])
        return self.qs.order_by(*NEWEST)

    def _offer(self, name: str, rows: QuerySet[Any], least: int = 1) -> None:
        """The rows that somebody may choose among; without so many, the choice is not offered unless it was made."""
        if not self.data.get(name) and len(rows[:least]) < least:
            del self.filters[name]
        else:
            self.filters[name].field.queryset = rows

    def filter_queryset(self, queryset: QuerySet[Issue]) -> QuerySet[Issue]:
        """Nothing where a choice is none of theirs: not everything."""
        if self.form.errors:
            return queryset.none()
        found: QuerySet[Issue] = super().filter_queryset(queryset)
        return found

    def search(self, rows: QuerySet[Issue], name: str, value: str) -> QuerySet[Issue]:
        """By number, words, household, people, pinyin initials."""
        return rows.filter(search_q(value))

    def by_state(self, rows: QuerySet[Issue], name: str, value: str) -> QuerySet[Issue]:
        """One state, or all that are open or unfinished."""
        return rows.filter(state__in=GROUPS.get(value, {value}))

    def by_due(self, rows: QuerySet[Issue], name: str, value: str) -> QuerySet[Issue]:
        """As the lanes of the desk count; due today is near, too."""
        if value == "today":
            return rows.filter(lane_conditions(self.calendar)["near"], due_on=self.calendar.today)
        return rows.filter(lane_conditions(self.calendar)[value])

    def by_category(self, rows: QuerySet[Issue], name: str, value: Category) -> QuerySet[Issue]:
        """A parent stands for its children too."""
        return rows.filter(Q(category=value) | Q(category__parent=value))

    def by_unit(self, rows: QuerySet[Issue], name: str, value: Organisation) -> QuerySet[Issue]:
        """Given to the unit, or to one of its people."""
        return rows.filter(Q(lead_organisation=value) | Q(handler__organisation=value))

    def by_handler(self, rows: QuerySet[Issue], name: str, value: str) -> QuerySet[Issue]:
        """By the beginning of the handler's name or pinyin initials."""
        return rows.filter(handler_q(value))

    def by_on_time(self, rows: QuerySet[Issue], name: str, value: str) -> QuerySet[Issue]:
        """Resolved in time; or resolved late, or past its date and not resolved (design.md 6)."""
        if value == "yes":
            return rows.filter(resolved_in_time=True)
        return rows.filter(Q(resolved_in_time=False) | lane_conditions(self.calendar)["overdue"])

    def by_outcome(self, rows: QuerySet[Issue], name: str, value: str) -> QuerySet[Issue]:
        """More than one outcome may hold."""
        return rows.alias(outcome_text=Cast("outcomes", TextField())).filter(outcome_text__contains=f'"{value}"')

    def by_supervised(self, rows: QuerySet[Issue], name: str, value: str) -> QuerySet[Issue]:
        """Whether a leader has it under supervision."""
        return rows.filter(is_supervised=value == "yes")

    def by_person(self, rows: QuerySet[Issue], name: str, value: str) -> QuerySet[Issue]:
        """Raised or handled by who asks, or supported by their unit."""
        return rows.filter({"raised": raised_by, "supported": supported}.get(value, handled)(self.user))

    def by_area(self, rows: QuerySet[Issue], name: str, value: str) -> QuerySet[Issue]:
        """Inside a territory; a malformed key matches nothing."""
        return rows.filter(area_q(value))

    def by_count(self, rows: QuerySet[Issue], name: str, value: str) -> QuerySet[Issue]:
        """Exactly what a figure of the dashboard counted."""
        condition = issue_conditions(self.calendar.today).get(value)
        return rows.filter(condition) if condition is not None else rows.none()

    def by_sensitive(self, rows: QuerySet[Issue], name: str, value: str) -> QuerySet[Issue]:
        """``no`` leaves the sensitive ones out, which figures count apart."""
        return rows.filter(is_sensitive=False) if value == "no" else rows

    def by_figure(self, rows: QuerySet[Issue], name: str, value: str) -> QuerySet[Issue]:
        """Exactly what a figure of the statistics counted."""
        return counted_rows(rows, self.data, Rows.ISSUES)

    def unchanged(self, rows: QuerySet[Issue], name: str, value: str) -> QuerySet[Issue]:
        """Read together with the figure."""
        return rows


def _tree(county_ids: list[int]) -> QuerySet[Category]:
    """The categories in use, each followed by those below it."""
    own = Category.objects.filter(county_id__in=county_ids, is_active=True).select_related("parent")
    return own.order_by(
        Coalesce("parent__sort_order", "sort_order"), Coalesce("parent_id", "pk"),
        F("parent_id").asc(nulls_first=True), "sort_order", "pk",
    )  # fmt: skip
