"""What is chosen in a filter, in words: the chips that can be taken away one by one, and the line on a paper."""

from dataclasses import dataclass
from typing import Any

from django.forms import BoundField
from django.http import QueryDict
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from ledger.filters.area import MODELS
from ledger.filters.figures import NO_UNIT, day_of
from ledger.models import Cadre, Category, Household, Organisation
from ledger.queries.figures import FIGURES

PAGES = ("page", "after", "before")
"""Where in the list somebody is: no part of what is chosen."""
HIDDEN_LABELS = {
    "mine": gettext_lazy("whose"), "area": gettext_lazy("area"), "count": gettext_lazy("figure"),
    "sensitive": gettext_lazy("restricted"), "household": gettext_lazy("household"),
    "account": gettext_lazy("account"), "number": gettext_lazy("number"), "counted": gettext_lazy("counted"),
    "covered": gettext_lazy("covered"),
    "figure": gettext_lazy("statistics"), "since": gettext_lazy("from"), "until": pgettext_lazy("figure", "as of"),
    "of_unit": gettext_lazy("unit"),
}  # fmt: skip
COUNTS = {
    "open": gettext_lazy("Not resolved"), "overdue": gettext_lazy("Overdue"),
    "call_back": gettext_lazy("Awaiting call-back"), "closed": gettext_lazy("Closed this month"),
}  # fmt: skip
NEEDS = {"group": "village", "since": "figure", "until": "figure", "of_unit": "figure"}
"""A choice that means nothing without another one."""


@dataclass(frozen=True)
class Chosen:
    """One choice: its name in the address, what it is about, what was chosen, the address without it."""

    name: str
    label: str
    words: str
    without: str


def choices_of(chosen: Any) -> list[Chosen]:
    """All valid choices of a bound filter set, in the order of its form."""
    found = []
    cleaned = {} if not chosen.is_bound or chosen.form.errors is None else chosen.form.cleaned_data
    for bound in chosen.form:
        value = cleaned.get(bound.name)
        words = _words(chosen, bound, value) if value not in (None, "") else ""
        if words:
            label = str(HIDDEN_LABELS.get(bound.name) or bound.label)
            found.append(Chosen(bound.name, label, words, _without(chosen, bound.name)))
    return found


def query_of(chosen: Any) -> str:
    """The filter as an address says it: valid choices only, in the order of the form, without the page."""
    query = QueryDict(mutable=True)
    for choice in choices_of(chosen):
        query[choice.name] = str(chosen.data.get(choice.name))
    return query.urlencode()


def sentence_of(chosen: Any, *, typed: bool = True) -> str:
    """The choices on one line. ``typed=False`` leaves out what was typed: the trail keeps no names for ever."""
    said = [
        f"{choice.label} {choice.words if typed or not _is_typed(chosen, choice.name) else '…'}"
        for choice in choices_of(chosen)
    ]
    return "；".join(said)


def _is_typed(chosen: Any, name: str) -> bool:
    return name in {"q", "handler", "household", "number", "account"}


def _without(chosen: Any, name: str) -> str:
    query = chosen.data.copy() if isinstance(chosen.data, QueryDict) else QueryDict(mutable=True)
    for gone in (name, *PAGES, *(other for other, needed in NEEDS.items() if needed == name)):
        query.pop(gone, None)
    return f"?{query.urlencode()}" if query else "?mine="


def _words(chosen: Any, bound: BoundField, value: Any) -> str:
    special = {
        "area": lambda key: _area(_user(chosen), key),
        "count": lambda key: str(COUNTS.get(key, "")),
        "sensitive": _sensitive, "number": lambda key: "****", "order": lambda key: "",
        "counted": lambda key: _("yes"), "covered": lambda key: _("yes") if key == "yes" else _("no"),
        "account": lambda key: _named(_user(chosen), Cadre, key),
        "figure": lambda key: str(FIGURES[key].name) if key in FIGURES else _("unknown"),
        "since": _day,
        "until": _day,
        "of_unit": lambda key: _unit(_user(chosen), key),
    }.get(bound.name)  # fmt: skip
    if special is not None:
        return special(str(value))
    if bound.name == "household" and not isinstance(value, Household):
        return _named(_user(chosen), Household, str(value))
    if isinstance(value, bool):
        return _("yes") if value else ""
    if isinstance(value, Category):
        return value.full_name
    if hasattr(value, "year"):
        return date_format(value, "DATE_FORMAT")
    if hasattr(bound.field, "queryset"):
        return str(value)
    labels = dict(getattr(bound.field, "choices", ()))
    return str(labels.get(value, value)) if labels else str(value)


def _user(chosen: Any) -> Any:
    """Whose filter set it is."""
    return chosen.user if hasattr(chosen, "user") else chosen.request.user


def _named(user: Any, model: Any, key: str) -> str:
    """The name of a row that somebody sees; another one is as unknown as none."""
    pk = int(float(key)) if key.replace(".", "", 1).isdigit() and len(key) < 19 else 0
    return str(model.objects.visible_to(user).filter(pk=pk).first() or _("unknown"))


def _sensitive(value: str) -> str:
    return _("left out") if value == "no" else ""


def _day(value: str) -> str:
    day = day_of(value)
    return date_format(day, "DATE_FORMAT") if day is not None else _("unknown")


def _unit(user: Any, key: str) -> str:
    if key == NO_UNIT:
        return _("No unit")
    known = key.isascii() and key.isdigit() and len(key) <= 12
    return str((Organisation.objects.visible_to(user).filter(pk=int(key)).first() if known else None) or _("unknown"))


def _area(user: Any, key: str) -> str:
    """The name of a county, township, district or village that somebody sees; another one is as unknown as none."""
    level, _dash, number = key.partition("-")
    if level not in MODELS or not number.isascii() or not number.isdigit() or len(number) > 12:
        return _("unknown")
    return str(MODELS[level].objects.visible_to(user).filter(pk=int(number)).first() or _("unknown"))
