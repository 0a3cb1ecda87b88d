"""Of what and of which days a digest or a summary is, and what is typed into it."""

import datetime
from typing import Any

from django import forms
from django.db.models import Q
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ledger.exporting.diary import Period, diary_cadres
from ledger.exporting.period_papers import Subject, Typed, may_see_signs, span_words
from ledger.filters.area import find_area
from ledger.forms.fields import ManyField
from ledger.forms.registers import places
from ledger.models import County, Household, Issue, Organisation, PaperKind, Village, Visit
from ledger.models.scope import scope_of
from ledger.rules.days import local_today, month_limits
from ledger.rules.permissions import Permission

SEE = Permission.SEE_DASHBOARD
MONTHS, QUARTERS, YEARS = 12, 8, 4
ONE_DAY = datetime.timedelta(days=1)


class DigestForm(forms.Form):
    """``?area= month=`` choose; the rest is typed and ticked."""

    area = forms.ChoiceField(label=gettext_lazy("Place"))
    month = forms.ChoiceField(label=gettext_lazy("Month"))
    number = forms.CharField(label=gettext_lazy("Number of the issue"), max_length=40, required=False)
    issues = ManyField(Issue.objects.none(), label=gettext_lazy("Matters to tell of"), required=False)
    next_words = forms.CharField(
        label=gettext_lazy("What comes next month"), max_length=2000, required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )  # fmt: skip
    to = forms.CharField(label=gettext_lazy("Reported to"), max_length=200, required=False)
    copied = forms.CharField(label=gettext_lazy("Sent to"), max_length=200, required=False)
    handed = forms.CharField(label=gettext_lazy("Handed to"), max_length=200, required=False)
    is_internal = forms.BooleanField(label=gettext_lazy("Internal edition, with early signs"), required=False)

    def __init__(self, data: Any = None, *, user: Any, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.user = user
        self.fields["area"].choices = places(user)  # type: ignore[attr-defined]
        self.fields["month"].choices = _months()  # type: ignore[attr-defined]
        if not may_see_signs(user):
            del self.fields["is_internal"]

    def offer(self, issues: Any) -> None:
        """The matters that may be ticked."""
        self.fields["issues"].queryset = issues  # type: ignore[attr-defined]

    @property
    def typed(self) -> Typed:
        """What goes onto the paper as it stands."""
        data = self.cleaned_data
        return Typed(data["number"], data["next_words"], data["to"], data["copied"], data["handed"],
                     bool(data.get("is_internal")))  # fmt: skip


class SummaryForm(forms.Form):
    """A quarter or a year of a place, a unit or a cadre."""

    subject = forms.ChoiceField(label=gettext_lazy("Of whom"))
    span = forms.ChoiceField(label=gettext_lazy("Period"))

    def __init__(self, data: Any = None, *, user: Any, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.user = user
        self.fields["subject"].choices = _subjects(user)  # type: ignore[attr-defined]
        self.fields["span"].choices = _spans()  # type: ignore[attr-defined]

    @property
    def kind(self) -> str:
        """The paper: quarters are ``2026q1``, years ``2026``."""
        return PaperKind.QUARTERLY if "q" in self.cleaned_data["span"] else PaperKind.YEARLY

    @property
    def words(self) -> str:
        """The quarter or the year as a paper says it."""
        return span_words(self.cleaned_data["span"])

    @property
    def period(self) -> Period:
        """Its days; of one under way, up to today."""
        year, _q, quarter = self.cleaned_data["span"].partition("q")
        first = datetime.date(int(year), 3 * int(quarter) - 2 if quarter else 1, 1)
        last = month_limits(datetime.date(int(year), 3 * int(quarter) if quarter else 12, 1))[1]
        return Period(first, min(last, local_today()))


def month_of(key: str) -> Period:
    """The days of ``2026-03``; of the month under way, up to today."""
    first, last = month_limits(datetime.date.fromisoformat(f"{key}-01"))
    return Period(first, min(last, local_today()))


def subject_of(user: Any, key: str) -> Subject | None:
    """The place, unit or cadre of a choice, within the villages whose figures somebody sees; None for another's."""
    kind, _dash, number = key.partition("-")
    seen = Village.objects.visible_to(user, SEE)
    if kind == "cadre":
        cadre = diary_cadres(user).select_related("county").filter(pk=number).first()
        own = cadre is not None and cadre.pk == scope_of(user).cadre_id
        rows = _own_villages(cadre) if own and cadre is not None else seen
        return Subject(cadre.name, _keys(rows), cadre.county, cadre=cadre) if cadre is not None else None
    if kind == "unit":
        unit = Organisation.objects.visible_to(user, SEE).select_related("county").filter(pk=number).first()
        return Subject(unit.name, _keys(seen), unit.county, unit=unit.pk) if unit is not None else None
    area = find_area(user, key, SEE)
    villages = _keys(area.villages()) if area is not None else []
    county = County.objects.filter(townships__villages__in=villages[:1]).first()
    return Subject(area.name, villages, county) if area is not None and county is not None else None


def _own_villages(cadre: Any) -> Any:
    """Those of the cadre's township, and where they hold households or went: of a county cadre those only."""
    held, went = Household.objects.filter(cadre=cadre), Visit.objects.filter(lead=cadre)
    there = Q(pk__in=held.order_by().values("village")) | Q(pk__in=went.order_by().values("village"))
    return Village.objects.filter(Q(township=cadre.township_id) | there)


def _keys(villages: Any) -> list[int]:
    return list(villages.filter(successor__isnull=True).values_list("pk", flat=True))


def _subjects(user: Any) -> list[Any]:
    """Oneself, the places, the units, the cadres of the area."""
    mine = scope_of(user).cadre_id
    people = [
        (f"cadre-{pk}", name) for pk, name in diary_cadres(user).order_by("pinyin", "pk").values_list("pk", "name")
    ]
    own = [pair for pair in people if pair[0] == f"cadre-{mine}"]
    if not Village.objects.visible_to(user, SEE).exists():
        return own
    units = Organisation.objects.visible_to(user, SEE).filter(is_active=True)
    named = [(f"unit-{pk}", name) for pk, name in units.values_list("pk", "name")]
    groups = ((_("Places"), places(user)), (_("Organisations"), named), (_("Cadres"), people))
    return [(label, choices) for label, choices in groups if choices]


def _months() -> list[tuple[str, str]]:
    first, found = local_today().replace(day=1), []
    for _back in range(MONTHS):
        found.append((f"{first:%Y-%m}", date_format(first, "YEAR_MONTH_FORMAT")))
        first = (first - ONE_DAY).replace(day=1)
    return found


def _spans() -> list[tuple[str, str]]:
    """The last quarters, then the last years."""
    today = local_today()
    found, year, quarter = [], today.year, (today.month + 2) // 3
    for _back in range(QUARTERS):
        found.append((f"{year}q{quarter}", _("Quarter %(q)s of %(y)s") % {"q": quarter, "y": year}))
        year, quarter = (year, quarter - 1) if quarter > 1 else (year - 1, 4)
    return found + [(str(each), _("Year %(y)s") % {"y": each}) for each in range(today.year, today.year - YEARS, -1)]
