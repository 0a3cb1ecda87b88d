"""Filters of the desk and of the ledger list; they live in the URL, and every choice is narrowed to who asks."""

from typing import Any
from urllib.parse import urlencode

import django_filters
from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from ledger.filters.area import area_q
from ledger.models import Category, County, Household, Issue, Village
from ledger.queries.calendar import Calendar
from ledger.queries.dashboard import issue_conditions
from ledger.queries.desk import lane_conditions
from ledger.queries.issues import handled, raised_by, search_q
from ledger.rules.issues import OPEN_STATES, UNFINISHED_STATES, IssueKind, Source, State

DUE_CHOICES = (("near", _("Near due")), ("overdue", _("Overdue")))
MINE_CHOICES = (("raised", _("Raised by me")), ("handled", _("Handled by me")))
OPEN, UNFINISHED = "open", "unfinished"
STATE_CHOICES = (
    (UNFINISHED, _("Not struck off")), (OPEN, _("Not resolved")),
    *((value, label) for value, label in State.choices if value not in {State.DEFERRED, State.MERGED, State.VOID}),
)  # fmt: skip
GROUPS = {UNFINISHED: UNFINISHED_STATES, OPEN: OPEN_STATES}


def categories_of(county_ids: list[int]) -> QuerySet[Category]:
    """The categories in use of these counties, parents beside their children."""
    return (
        Category.objects.filter(county_id__in=county_ids, is_active=True)
        .select_related("parent")
        .order_by("parent__sort_order", "parent_id", "sort_order", "pk")
    )


class DeskFilter(django_filters.FilterSet):
    """Search, category, village, source."""

    q = django_filters.CharFilter(label=_("Search"), method="search", max_length=60)
    category = django_filters.ModelChoiceFilter(
        label=_("category"), empty_label=_("All categories"), queryset=Category.objects.none(), method="by_category"
    )
    village = django_filters.ModelChoiceFilter(
        label=_("village"), empty_label=_("All villages"), queryset=Village.objects.none()
    )
    source = django_filters.ChoiceFilter(label=_("source"), empty_label=_("All sources"), choices=Source)

    lane = django_filters.CharFilter(method="by_lane", widget=forms.HiddenInput, max_length=20)

    kept_when_cleared: tuple[str, ...] = ("lane",)
    """Names that say where one is, not what one looks for."""

    class Meta:
        model = Issue
        fields: tuple[str, ...] = ()

    def __init__(self, *args: Any, user: Any, calendar: Calendar, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user, self.calendar = user, calendar
        villages = Village.objects.visible_to(user)
        self.filters["village"].field.queryset = villages
        if len(villages[:2]) < 2:
            del self.filters["village"]
        counties = County.objects.filter(cadres__user=user).values_list("pk", flat=True)
        self.filters["category"].field.queryset = Category.objects.filter(
            county_id__in=list(counties), parent__isnull=True, is_active=True
        )

    def search(self, rows: QuerySet[Issue], name: str, value: str) -> QuerySet[Issue]:
        """By number, words, household, pinyin initials."""
        return rows.filter(search_q(value))

    def by_lane(self, rows: QuerySet[Issue], name: str, value: str) -> QuerySet[Issue]:
        """The desk has chosen the lane's rows already; the name only stays in the URL."""
        return rows

    @property
    def is_narrowed(self) -> bool:
        """Whether a choice beside the search is made; what "Handled by me" brings along is none."""
        given = {"state": "unfinished"} if self.data.get("mine") == "handled" else {}
        names = [field.name for field in self.form.visible_fields() if field.name != "q"]
        return any(self.data.get(name) not in (None, "", given.get(name)) for name in names)

    @property
    def cleared(self) -> str:
        """The address without the choices made: of the same lane and desk."""
        kept = {name: self.data[name] for name in self.kept_when_cleared if self.data.get(name)}
        return f"?{urlencode(kept)}" if kept else ""

    def by_category(self, rows: QuerySet[Issue], name: str, value: Category | None) -> QuerySet[Issue]:
        """A parent stands for its children too."""
        return rows.filter(Q(category=value) | Q(category__parent=value)) if value is not None else rows


class IssueFilter(DeskFilter):
    """The ledger's: also state, kind, due, mine; and, without a widget, the part of the map a figure counted.

    ``mine`` is chosen by the chips above the list. Hidden parameters other pages may put in a link: ``area``
    (``village-3``), ``count`` (a figure of the dashboard), ``sensitive=no``, ``household`` (its id).
    """

    state = django_filters.ChoiceFilter(
        label=_("state"), empty_label=_("All states"), choices=STATE_CHOICES, method="by_state"
    )
    kind = django_filters.ChoiceFilter(label=_("kind"), empty_label=_("All kinds"), choices=IssueKind)
    due = django_filters.ChoiceFilter(label=_("due"), empty_label=_("Any date"), choices=DUE_CHOICES, method="by_due")
    mine = django_filters.ChoiceFilter(choices=MINE_CHOICES, method="by_person", widget=forms.HiddenInput)
    area = django_filters.CharFilter(method="by_area", widget=forms.HiddenInput, max_length=30)
    count = django_filters.CharFilter(method="by_count", widget=forms.HiddenInput, max_length=12)
    sensitive = django_filters.CharFilter(method="by_sensitive", widget=forms.HiddenInput, max_length=3)
    household = django_filters.ModelChoiceFilter(queryset=Household.objects.none(), widget=forms.HiddenInput)

    field_order = ("q", "state", "due", "kind", "category", "village", "source")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.filters["household"].field.queryset = Household.objects.visible_to(self.user)
        self.form.order_fields(self.field_order)

    def by_state(self, rows: QuerySet[Issue], name: str, value: str) -> QuerySet[Issue]:
        """One state, or all that are open or unfinished."""
        return rows.filter(state__in=GROUPS.get(value, {value}))

    def by_due(self, rows: QuerySet[Issue], name: str, value: str) -> QuerySet[Issue]:
        """As the lanes of the desk count."""
        return rows.filter(lane_conditions(self.calendar)[value])

    def by_person(self, rows: QuerySet[Issue], name: str, value: str) -> QuerySet[Issue]:
        """Raised or handled by who asks."""
        return rows.filter(raised_by(self.user) if value == "raised" else handled(self.user))

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
