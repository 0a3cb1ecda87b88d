"""Nothing of elsewhere in any answer: each text of the test world is tagged, and an oracle knows who may read it.

Pages, error pages, files, file names, headers and redirects of every route are swept (tests/canary/). Named
exceptions: the two answers that are there to say a full number (``SAYS_A_NUMBER``), and what a handler needs of the
household (``circle.NEEDED_BY_HANDLERS``).
"""

import ast
import io
import re
import zipfile
import zlib
from typing import Any

import pytest
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import path

from config import urls as site
from ledger.actions.audit import record
from ledger.models import Household, Issue, Resident
from ledger.rules.permissions import Permission
from ledger.views.contract import contract
from tests.access.site import MAY_BE_WRITTEN_BY_A_GET, Asking
from tests.access.world import build_for_access
from tests.canary.circle import Reader
from tests.canary.circle import World as Rows
from tests.canary.readers import READERS, read_tables, reader_of
from tests.canary.requests import Request, every
from tests.canary.sweep import tags, texts
from tests.canary.tagging import Mark, Tagger
from tests.drill import times
from tests.guards.sources import ROOT
from tests.world import World

SAYS_A_NUMBER = re.compile(r"/(?:reveal|call|phone)/$")
MASKED = re.compile(rb"1[3-9]\d\*{4}\d{4}")
Tagged = tuple[World, dict[str, Mark], Rows, list[Request]]


@pytest.fixture(scope="module")
def tagged(own_database: None) -> Tagged:
    """The world with a tag in every text, and with acts of everybody on the trail."""
    with transaction.atomic():
        world = build_for_access()
        for place in world.villages:
            for issue in (world.issues[place], world.issues[f"{place}-sensitive"]):
                record(verb="issue.register", by="system", obj=issue, label=issue.number)
            record(verb="household.edit", by="system", obj=world.households[place][0], label=f"{place}户主")
        for number, issue in enumerate(Issue.objects.order_by("pk")):
            Issue.objects.filter(pk=issue.pk).update(raised_by_phone=f"136{number:08d}")
        marks = Tagger().tag_everything()
    return world, marks, read_tables(), list(every(world))


class Sweep:
    """One person's answers, held against the oracle."""

    def __init__(self, tagged: Tagged, key: str) -> None:
        self.world, self.marks, self.rows, self.requests = tagged
        self.asking, self.reader = Asking(self.world.users[key]), reader_of(self.world, key)
        self.full, self.masked = _numbers(self.rows, self.reader)
        self.leaks: list[str] = []
        self.read: set[str] = set()
        self.deaf: set[str] = set()

    def ask(self, request: Request) -> None:
        """A page that did not look at what is searched for is the same page whatever that is."""
        if request.is_search and request.path in self.deaf:
            return
        answer = self.asking.ask(request.method, request.url, request.data, **request.headers)
        if request.method == "GET" and not answer.looked_at("q"):
            self.deaf.add(request.path)
        where = f"{request.method} {request.url} {request.data or ''}: {answer.status}"
        for tag in tags(answer.body, answer.headers):
            mark = self.marks[tag]
            if self.reader.may_read(self.rows, mark.table, mark.pk, mark.column):
                self.read.add(tag)
            else:
                self.leaks.append(f"{where} shows {mark}")
        said = b"\n".join(texts(answer.body, answer.headers))
        if not SAYS_A_NUMBER.search(request.url):
            self.leaks += [f"{where} says the full {n.decode()}" for n in self.full if n in said]
        self.leaks += [f"{where} says {n.decode()}" for n in set(MASKED.findall(said)) & self.masked]
        written = answer.written - MAY_BE_WRITTEN_BY_A_GET
        if request.method == "GET" and written:
            self.leaks.append(f"{where} wrote {sorted(written)}")
        if answer.status >= 500:
            self.leaks.append(where)


def _numbers(rows: Rows, reader: Reader) -> tuple[set[bytes], set[bytes]]:
    """All full numbers of residents; the masked phones that this person may not see even so."""
    full, hidden = set(), set()
    for resident in Resident._base_manager.all():
        full |= {resident.id_no.encode(), resident.phone.encode()}
        if not reader.may_read(rows, "ledger_resident", resident.pk, "name"):
            hidden.add(_masked(resident.phone))
    for issue in Issue._base_manager.all():
        full.add(issue.raised_by_phone.encode())
        if not reader.may_read(rows, "ledger_issue", issue.pk, "title"):
            hidden.add(_masked(issue.raised_by_phone))
    needed = {rows.tables["ledger_issue"][pk]["household_id"] for pk in reader.issues}
    for resident in Resident._base_manager.filter(household__in=needed):
        hidden.discard(_masked(resident.phone))
    return full - {b""}, hidden


def _masked(phone: str) -> bytes:
    return f"{phone[:3]}****{phone[-4:]}".encode()


ASKED_BY = times(ci=2, drill=1)
"""Of so many readers one asks a request, and each asks others: whole in ``make drill``."""


@pytest.mark.drill
@pytest.mark.parametrize("key", READERS)
def test_answers_hold_nothing_of_elsewhere(tagged: Any, db: None, key: str) -> None:
    sweep = Sweep(tagged, key)
    for number, request in enumerate(sweep.requests, READERS.index(key)):
        if number % ASKED_BY == 0:
            sweep.ask(request)
    assert sweep.leaks == [], "\n".join(map(str, sweep.leaks))
    assert len(sweep.read) > (0 if key in {"nobody"} else 5), "a sweep that reads nothing proves nothing"


def test_nobody_signed_in_reads_nothing_at_all(tagged: Any, db: None) -> None:
    _world, _marks, _rows, requests = tagged
    asking, found = Asking(None), []
    for request in requests:
        answer = asking.ask(request.method, request.url, request.data, **request.headers)
        found += [f"{request.url}: {tag}" for tag in tags(answer.body, answer.headers) if "zq" not in request.url]
    assert found == []


def test_the_oracle_shares_no_code_with_the_app() -> None:
    for name in ("circle.py", "sweep.py"):
        tree = ast.parse((ROOT / "tests" / "canary" / name).read_text(encoding="utf-8"))
        named = {n.module or "" for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)}
        named |= {alias.name for n in ast.walk(tree) if isinstance(n, ast.Import) for alias in n.names}
        assert {module.split(".")[0] for module in named}.isdisjoint({"ledger", "accounts", "config", "django"})


def test_every_tagged_table_has_its_way_home(tagged: Any, db: None) -> None:
    """A new table with texts fails here until ``circle.WAY_HOME`` says where its rows belong."""
    _world, marks, rows, _requests = tagged
    lost = {mark.table for mark in marks.values() if not rows.home(mark.table, mark.pk).county}
    # Those of one person, or of several townships, have no one home.
    assert lost <= {"ledger_importbatch", "ledger_importrow", "ledger_savedfilter", "ledger_export"}
    assert len(marks) > 800


# What the sweep would miss it must catch when it is planted.


def _leak_in_a_page(request: HttpRequest) -> HttpResponse:
    return HttpResponse("<p>" + Household.objects.filter(village__name="前楼村")[0].head_name)


def _leak_in_a_redirect(request: HttpRequest) -> HttpResponse:
    name = Household.objects.filter(village__name="前楼村")[0].address
    return HttpResponse(status=302, headers={"Location": "/?q=" + "".join(f"%{b:02x}" for b in name.encode())})


def _leak_in_a_file_name(request: HttpRequest) -> HttpResponse:
    name = Issue.objects.get(village__name="前楼村", is_sensitive=False).title
    return HttpResponse(b"", headers={"Content-Disposition": f"attachment; filename*=UTF-8''{name.encode().hex('%')}"})


def _leak_in_a_workbook(request: HttpRequest) -> HttpResponse:
    from openpyxl import Workbook

    book, held = Workbook(), io.BytesIO()
    book.active.append([Household.objects.filter(village__name="前楼村")[0].remark])  # type: ignore[union-attr]
    book.save(held)
    return HttpResponse(held.getvalue())


def _leak_in_a_zipped_word_file(request: HttpRequest) -> HttpResponse:
    inner, outer = io.BytesIO(), io.BytesIO()
    with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as word:
        word.writestr("word/document.xml", Household.objects.filter(village__name="前楼村")[0].head_name)
    with zipfile.ZipFile(outer, "w", zipfile.ZIP_DEFLATED) as bundle:
        bundle.writestr("papers/card.docx", inner.getvalue())
    return HttpResponse(outer.getvalue())


def _leak_in_a_pdf(request: HttpRequest) -> HttpResponse:
    name = Household.objects.filter(village__name="前楼村")[0].head_name
    drawn = b"BT <" + name.encode("utf-16-be").hex().encode() + b"> Tj ET"
    return HttpResponse(b"%PDF-1.7\n1 0 obj\nstream\n" + zlib.compress(drawn) + b"\nendstream\n")


def _leak_of_a_masked_phone(request: HttpRequest) -> HttpResponse:
    return HttpResponse(_masked(Resident.objects.filter(household__village__name="前楼村")[0].phone))


def _leak_of_a_full_number(request: HttpRequest) -> HttpResponse:
    return HttpResponse(Resident.objects.filter(household__village__name="城垵村")[0].id_no)


LEAKS = (
    _leak_in_a_page, _leak_in_a_redirect, _leak_in_a_file_name, _leak_in_a_workbook, _leak_in_a_zipped_word_file,
    _leak_in_a_pdf, _leak_of_a_masked_phone, _leak_of_a_full_number,
)  # fmt: skip
urlpatterns = [
    *site.urlpatterns,
    *(path(f"planted/{view.__name__}", contract(Permission.VIEW)(view), name=view.__name__) for view in LEAKS),
]
handler404, handler403, handler500 = site.handler404, site.handler403, site.handler500


@pytest.mark.parametrize("view", LEAKS, ids=lambda view: view.__name__)
def test_a_planted_leak_is_caught(tagged: Any, db: None, settings: Any, view: Any) -> None:
    settings.ROOT_URLCONF = __name__
    sweep = Sweep(tagged, "township_leader")
    sweep.ask(Request("GET", f"/planted/{view.__name__}"))
    assert len(sweep.leaks) == 1, sweep.leaks
