"""What an export is made of: a list of ``export_lists.py`` with the filter that somebody chose just now."""

import datetime
from dataclasses import dataclass
from typing import Any

from django.contrib.auth import get_user_model
from django.http import QueryDict
from django.utils import translation
from django.utils.formats import date_format
from django_tasks import task

from ledger.exporting.exports import Source, make
from ledger.exporting.issue_ledger import CHINESE
from ledger.exporting.tables import Head
from ledger.filters.chosen import query_of, sentence_of
from ledger.filters.export_lists import LISTS
from ledger.models import Cadre, Export, Posting
from ledger.models.scope import may, scope_of
from ledger.rules.days import local_today


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
        table = listed.look(user, found)
    name = "_".join(part for part in (table.title, head.place, local_today().isoformat()) if part)
    return Wanted(kind, found, Source(table, listed.rows(found), head, told), f"{name}.xlsx")


def head_for(user: Any, day: datetime.date) -> Head:
    """What a paper of that day says of who fills it in; in Chinese like every paper."""
    with translation.override(CHINESE):
        return _head(user, date_format(day, "DATE_FORMAT"), "")


def _head(user: Any, today: str, filter_words: str) -> Head:
    cadre = Cadre.objects.filter(user=user.pk).select_related("organisation").first()
    place = _place(user)
    unit = cadre.organisation.name if cadre is not None and cadre.organisation is not None else ""
    unit = unit if unit.startswith(place) else f"{place}{unit}"
    by, phone = (cadre.name, cadre.phone) if cadre is not None else (user.name, "")
    return Head(place=place, unit=unit or place, as_of=today, by=by, phone=phone, filter_words=filter_words)


def unit_of(user: Any) -> str:
    """The unit that reports, as the line under a paper's title says it."""
    return _head(user, "", "").unit


def _place(user: Any) -> str:
    """The widest territory somebody holds; of who serves a unit alone, that unit."""
    held = Posting.objects.with_names().filter(pk__in=[each.posting for each in scope_of(user).territories])
    order = {kind: at for at, kind in enumerate(Posting.TERRITORIES)}
    places = sorted(held, key=lambda posting: next(at for kind, at in order.items() if getattr(posting, f"{kind}_id")))
    return str(places[0].territory) if places else ""


def may_take(user: Any, kind: str) -> bool:
    """Whether somebody may export this list at all, beside the permission to export."""
    needs = LISTS[kind].needs
    return not needs or any(may(user, permission) for permission in needs)


def words_of(export: Export) -> str:
    """What an export is of, for its page: the list's own name."""
    listed = LISTS.get(export.kind)
    return str(listed.title) if listed is not None else export.file_name


def _source_of(export: Export) -> Source:
    """Read anew when it is made: who has lost a posting since exports without it."""
    user = get_user_model().objects.get(pk=export.requested_by_id)
    found = wanted(user, export.kind, QueryDict(export.query))
    if found.errors or not may_take(user, export.kind):
        raise LookupError("A choice of the filter is none of theirs any more.")
    return found.source


@task()
def make_export(export_id: int) -> None:
    """Make a waiting export. Run twice, the second run finds nothing to do."""
    make(export_id, _source_of)
