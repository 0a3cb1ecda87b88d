"""Posting every model field changes only what the form declares.

Each form is found in its page and sent as a browser would send it, then once more with every column of every table
beside it. Both must change the same cells to the same values. What each request wrote is taken back.
"""

import datetime
from dataclasses import dataclass
from typing import Any

import pytest
from django import forms
from django.apps import apps
from django.core.cache import cache
from django.core.management.color import no_style
from django.db import connection, models, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path

from config import urls as site
from ledger.models import Household
from ledger.rules.permissions import Permission
from ledger.views.contract import contract
from tests.access.forms import Form, drawn_forms, forms_of
from tests.access.ids import pages
from tests.access.site import Asking
from tests.access.world import PLACES
from tests.world import PASSWORD, World

Changes = dict[tuple[str, str, str], Any]
MOMENTARY = frozenset(
    {
        "password",
        "signature",
        "request_id",
        "digest",
        "body_hash",
        "client_id",
        "token",  # of a household's first card: random
        "session_key",
        "session_data",
        "expire_date",
        "since",
    }
)
"""Columns that differ from one sending to the next by nature; so do moments (…_at, at) and encrypted texts."""
SAVED = {
    "township_admin": {
        "household_create", "household_edit", "household_assign", "resident_create", "resident_edit", "cadre_create",
        "cadre_edit", "organisation_edit", "district_create", "district_edit", "township_edit", "village_detail",
        "village_link_create", "posting_create", "posting_end", "correction_decide", "account_change_password",
    },
    "county_admin": {"county_edit", "word_edit", "word_create", "calendar_day_create"},
    "household_cadre": {"visit_create", "visit_edit", "issue_create", "correction_create"},
    "department_handler": {"issue_step"},
}  # fmt: skip
"""Whose forms are sent, and which of their pages must have saved: a refused form proves nothing."""
VALUES = {
    "name": "新名字", "reason": "核实过", "text": "办理情况", "title": "路灯不亮", "content": "在家", "note": "",
    "cadre_no": "XZ9001",
    "short_name": "康美", "start_on": "2026-01-05", "people_met": "1", "population": "3", "answer": "好的",
    "occurred_on": "", "name_en": "New", "oldpassword": PASSWORD, "password1": "shanhe-2026-xin",
    "password2": "shanhe-2026-xin",
}  # fmt: skip
CHANGED = {
    "address": "新地址九号", "remark": "新备注", "title": "新职务", "sort_order": "77", "aliases": "新别名",
    "coverage_days": "91",
}  # fmt: skip
"""What is typed over, where the page has it: a form sent back as it came changes nothing."""


@dataclass
class Sent:
    """A form of a page, ready to be sent."""

    page: str
    url: str
    data: dict[str, Any]
    declared: frozenset[str]


class Sending:
    """One person sends every form of every page."""

    def __init__(self, world: World, key: str) -> None:
        self.world, self.asking = world, Asking(world.users[key])
        self.saved: set[str] = set()
        self.refused: set[str] = set()
        self.wrong: list[str] = []
        self.extra = everything(world)

    def send_all(self, only: set[str]) -> None:
        for name, url in pages(self.world):
            if name not in only or name in self.saved:
                continue
            with drawn_forms() as drawn:
                page = self.asking.ask("GET", url)
            if page.status != 200:
                continue
            declared = {form.add_prefix(field) for form in drawn for field in form.fields}
            for form in forms_of(page.body, ticked_only=True):
                if form.method == "post" and "logout" not in form.action and set(form.names) & declared:
                    target = form.action if form.action.startswith("/") else url
                    sent = Sent(name, target, filled(form, drawn), frozenset(declared | set(form.names)))
                    self.compare(sent)

    def compare(self, sent: Sent) -> None:
        plain, status = self.changes(sent.url, sent.data)
        if status != 302 or not any(table.startswith("ledger_") for table, _row, _column in plain):
            self.refused.add(sent.page)
            return
        self.saved.add(sent.page)
        more = {name: value for name, value in self.extra.items() if name not in sent.declared}
        stuffed, status = self.changes(sent.url, more | sent.data)
        if status != 302:
            self.wrong.append(f"{sent.page} {sent.url}: {status} with every model field beside it")
        for cell in sorted(set(plain) | set(stuffed)):
            if plain.get(cell) != stuffed.get(cell):
                self.wrong.append(f"{sent.page} {sent.url} {cell}: {plain.get(cell)!r}, stuffed {stuffed.get(cell)!r}")

    def changes(self, url: str, data: dict[str, Any]) -> tuple[Changes, int]:
        """(table, row, column) → new value; rows that are new go by their place among the new ones."""
        _count_from_the_rows()
        before = cells()
        point = transaction.savepoint()
        try:
            status = self.asking.ask("POST", url, data, keeps=True).status
            after = cells()
        finally:
            transaction.savepoint_rollback(point)
            cache.clear()
        found: Changes = {}
        for table, rows in after.items():
            new = sorted(set(rows) - set(before[table]))
            for pk, row in rows.items():
                old = before[table].get(pk)
                place = f"new {new.index(pk)}" if old is None else str(pk)
                for column, value in row.items():
                    if old is None or old[column] != value:
                        found[table, place, column] = None if old is None and column == "id" else value
            found |= {(table, str(pk), "gone"): True for pk in set(before[table]) - set(rows)}
        return found, status


def _count_from_the_rows() -> None:
    """PostgreSQL's counters know no rollback: the second sending would get other ids than the first."""
    statements = connection.ops.sequence_reset_sql(no_style(), apps.get_models())
    if statements:
        with connection.cursor() as cursor:
            cursor.execute("".join(statements))


def cells() -> dict[str, dict[Any, dict[str, Any]]]:
    """Every table of ours as it is, without what is never twice the same."""
    found = {}
    encrypted = {f.column for m in apps.get_models() for f in m._meta.fields if type(f).__name__.startswith("Encrypt")}
    with connection.cursor() as cursor:
        for model in apps.get_models(include_auto_created=True):
            if model._meta.app_label not in {"ledger", "accounts"}:
                continue
            table = model._meta.db_table
            cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608 - names of our own tables
            names = [column[0] for column in cursor.description]
            keep = [n for n in names if n not in MOMENTARY | encrypted and n != "at" and not n.endswith("_at")]
            keys = [names.index(part.column) for part in model._meta.pk_fields]  # type: ignore[attr-defined]
            found[table] = {
                row[keys[0]] if len(keys) == 1 else tuple(row[at] for at in keys): {
                    n: row[names.index(n)] for n in keep
                }
                for row in cursor.fetchall()
            }
    return found


def everything(world: World) -> dict[str, str]:
    """Every column of every table, with a value that would do harm: rows of elsewhere, marks set, days long past."""
    place = PLACES["other township"]
    elsewhere = {
        "Household": world.households[place][0], "Cadre": world.cadre(f"household_cadre@{place}"),
        "Village": world.villages[place], "Township": world.other_township, "County": world.other_county,
        "User": world.users["township_admin@前楼"], "Issue": world.issues[place], "Visit": world.visits[place],
        "District": world.west, "Organisation": world.organisations["村镇建设办@前楼"],
    }  # fmt: skip
    found: dict[str, str] = {}
    for model in apps.get_models():
        if model._meta.app_label not in {"ledger", "accounts"}:
            continue
        for field in (*model._meta.concrete_fields, *model._meta.many_to_many):
            value = _harm(field, elsewhere)
            found |= {field.name: value, getattr(field, "attname", field.name): value}
    return found


def _harm(field: Any, elsewhere: dict[str, Any]) -> str:
    if field.related_model is not None:
        row = elsewhere.get(field.related_model.__name__)
        return str(row.pk if row is not None else 1)
    if field.choices:
        return str(field.choices[-1][0])
    if isinstance(field, (models.DateField, models.DateTimeField)):
        return "2001-02-03"
    return "1" if isinstance(field, (models.IntegerField, models.BooleanField)) else "篡改"


def filled(form: Form, drawn: list[forms.BaseForm]) -> dict[str, Any]:
    """What the page offers, with the first choice or a plausible word where something must be said."""
    data: dict[str, Any] = {}
    for name, value in form.values:
        data[name] = [*data[name], value] if isinstance(data.get(name), list) else value
    fields = {bound.add_prefix(name): field for bound in drawn for name, field in bound.fields.items()}
    for name, field in fields.items():
        if data.get(name) or (name not in form.required and not field.required):
            continue
        data[name] = _plausible(name, field)
    return data | {name: value for name, value in CHANGED.items() if name in data}


def _plausible(name: str, field: Any) -> Any:
    choices = [key for key, label in getattr(field, "choices", None) or () if key and not isinstance(label, list)]
    if choices:
        return str(choices[0])
    if isinstance(field, (forms.ModelChoiceField, forms.ModelMultipleChoiceField)):
        first = field.queryset.first()  # type: ignore[union-attr]
        return "" if first is None else str(first.pk)
    if name in VALUES:
        return VALUES[name]
    if isinstance(field, forms.DateField):
        return datetime.date(2026, 1, 5).isoformat()
    return "1" if isinstance(field, forms.IntegerField) else "新填"


@pytest.mark.parametrize("key", SAVED)
def test_only_declared_fields_change(access_world: World, db: None, key: str) -> None:
    sending = Sending(access_world, key)
    sending.send_all(SAVED[key])
    assert sending.wrong == []
    assert sending.saved == SAVED[key], f"refused: {sending.refused - sending.saved}"


@contract(Permission.EDIT_HOUSEHOLD, methods=("GET", "POST"))
def takes_anything(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        names = {field.attname for field in Household._meta.concrete_fields} - {"id"}
        sent = {name: value for name, value in request.POST.items() if name in names and name.endswith("remark")}
        Household.objects.filter(pk=request.GET["pk"]).update(address=request.POST["address"], **sent)
    return redirect("home")


urlpatterns = [*site.urlpatterns, path("planted/", takes_anything, name="planted")]
handler404, handler403, handler500 = site.handler404, site.handler403, site.handler500


def test_a_planted_view_that_takes_anything_is_caught(access_world: World, db: None, settings: Any) -> None:
    settings.ROOT_URLCONF = __name__
    sending = Sending(access_world, "township_admin")
    pk = access_world.households[PLACES["own"]][0].pk
    sending.compare(Sent("planted", f"/planted/?pk={pk}", {"address": "新址"}, frozenset({"address"})))
    assert sending.wrong == [f"planted /planted/?pk={pk} ('ledger_household', '{pk}', 'remark'): None, stuffed '篡改'"]
