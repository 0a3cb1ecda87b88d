"""Every list that can be exported: its filter, its rows in the order of its page, its look on paper.

A list is one more entry of ``LISTS``; views, the worker and the page of exports then know it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils import translation
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django_tasks import task

from ledger.exporting.exports import Source, make
from ledger.exporting.issue_ledger import CHINESE, issue_ledger
from ledger.exporting.tables import Head, Table
from ledger.filters.chosen import query_of, sentence_of
from ledger.filters.issue_ledger import IssueFilter
from ledger.models import Cadre, Export, Issue, Posting
from ledger.models.scope import scope_of
from ledger.queries.issues import calendar_for
from ledger.rules.days import local_today
from ledger.rules.permissions import Permission


@dataclass(frozen=True)
class Listed:
    """One list: what its page calls it, how it looks on paper, its filter set for somebody and what they chose."""

    title: Promise | str
    table: Callable[[], Table]
    filter_for: Callable[[Any, QueryDict], Any]
    rows: Callable[[Any], QuerySet[Any]]


def issue_filter(user: Any, chosen: QueryDict) -> IssueFilter:
    """The ledger's, over what somebody may take out."""
    rows = Issue.objects.visible_to(user, Permission.EXPORT)
    return IssueFilter(chosen, rows, user=user, calendar=calendar_for(user))


LISTS: dict[str, Listed] = {
    "issues": Listed(_("Ledger of issues to strike off"), issue_ledger, issue_filter, lambda chosen: chosen.ordered),
}


@dataclass(frozen=True)
class Wanted:
    """A list with a filter, as somebody asked for it just now; ``errors`` says that a choice was none of theirs."""

    kind: str
    chosen: Any
    source: Source
    file_name: str

    @property
    def errors(self) -> Any:
        """The faults of the filter, by name; empty for a good one."""
        return self.chosen.form.errors

    @property
    def query(self) -> str:
        """The filter as an address says it."""
        return query_of(self.chosen)


def wanted(user: Any, kind: str, chosen: QueryDict) -> Wanted:
    """What an export of this list is made of; in Chinese whatever face the page has, like every paper."""
    listed = LISTS[kind]
    found = listed.filter_for(user, chosen)
    with translation.override(CHINESE):
        today = date_format(local_today(), "DATE_FORMAT")
        head = _head(user, today, sentence_of(found))
        told = sentence_of(found, typed=False)
    table = listed.table()
    name = "_".join(part for part in (table.title, head.place, local_today().isoformat()) if part)
    return Wanted(kind, found, Source(table, listed.rows(found), head, told), f"{name}.xlsx")


def _head(user: Any, today: str, filter_words: str) -> Head:
    cadre = Cadre.objects.filter(user=user.pk).select_related("organisation").first()
    place = _place(user)
    unit = cadre.organisation.name if cadre is not None and cadre.organisation is not None else ""
    unit = unit if unit.startswith(place) else f"{place}{unit}"
    by, phone = (cadre.name, cadre.phone) if cadre is not None else (user.name, "")
    return Head(place=place, unit=unit or place, as_of=today, by=by, phone=phone, filter_words=filter_words)


def _place(user: Any) -> str:
    """The widest territory somebody holds; of who serves a unit alone, that unit."""
    held = Posting.objects.with_names().filter(pk__in=[each.posting for each in scope_of(user).territories])
    order = {kind: at for at, kind in enumerate(Posting.TERRITORIES)}
    places = sorted(held, key=lambda posting: next(at for kind, at in order.items() if getattr(posting, f"{kind}_id")))
    return str(places[0].territory) if places else ""


def words_of(export: Export) -> str:
    """What an export is of, for its page: the list's own name."""
    listed = LISTS.get(export.kind)
    return str(listed.title) if listed is not None else export.file_name


def _source_of(export: Export) -> Source:
    """Read anew when it is made: who has lost a posting since exports without it."""
    user = get_user_model().objects.get(pk=export.requested_by_id)
    found = wanted(user, export.kind, QueryDict(export.query))
    if found.errors:
        raise LookupError("A choice of the filter is none of theirs any more.")
    return found.source


@task()
def make_export(export_id: int) -> None:
    """Make a waiting export. Run twice, the second run finds nothing to do."""
    make(export_id, _source_of)
