"""Every edit of what somebody else changed meanwhile: both are shown, nothing is written, and it can be sent again."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.db.models import F

from ledger.models import AuditRow, Household, ImportBatch, Issue, Resident, Visit
from tests.audit_acts import Act
from tests.durability.acts import EDITS, Form, browser, of, post, prepared
from tests.guards.test_audit_rows import everything, last
from tests.world import World

pytestmark = pytest.mark.django_db
TOLD = frozenset({"import_apply", "import_undo", "import_columns_forget"})
"""Nothing is typed there: who comes second is told, and nothing is done."""
ONE_WAY = frozenset(
    {
        "household_status",
        "cadre_handover",
        "household_merge",
        "household_move",
        "household_split",
        "resident_leave",
        "visit_void",
        "issue_step",
        "meeting_row",
        "import_columns",
        "wish_claim",
        "wish_give_back",
        "wish_publish",
    }
)
"""Acts that cannot be done twice, or begin something anew; somebody else's edit came between."""
FIRST = {
    "cadre_edit": ("title", "主任"), "county_edit": ("coverage_days", 150), "district_edit": ("name", "东边"),
    "dispute_edit": ("mediator", "村调委会"), "guide_edit": ("title", "另一事"),
    "household_edit": ("address", "上里1号"), "sign_review": ("cause", "另一原因"),
    "organisation_edit": ("name", "另一办"), "resident_edit": ("remark", "先改的"),
    "township_edit": ("duty_phone", "0596-5611111"), "village_detail": ("aliases", "安城"),
    "visit_edit": ("content", "先写的话"),
}  # fmt: skip
"""What the faster one saved, by route; ``word_edit`` has several kinds, ``household_assign`` names a cadre."""

FORMS, TAGS = re.compile(r"<form\b.*?</form>", re.DOTALL), re.compile(r"<input\b[^>]*>")


@pytest.fixture(autouse=True)
def _own_media(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = str(tmp_path)


def kept() -> dict[str, list[Any]]:
    return {table: rows for table, rows in everything().items() if "session" not in table}


def complaints(answer: Any) -> list[str]:
    """What a page says is wrong, for the one who reads a failure."""
    return re.findall(r"(?:strip b-late|invalid-feedback)[^>]*>(.{0,300})", answer.content.decode(), re.DOTALL)


def faster(form: Form, world: World) -> tuple[str, str]:
    """Somebody else saves first; the field and the value that the record has by then, as people read it."""
    route, client = form.act.route, browser(world, form.act)
    if route in ONE_WAY | TOLD:
        for model in (Household, Resident, Visit, Issue, ImportBatch):
            model.objects.update(version=F("version") + 1)
        return "", ""
    if route == "household_assign":
        field, value, shown = "cadre", world.cadre("visitor").pk, world.cadre("visitor").name
    else:
        field, value = FIRST.get(route) or ("days" if "days" in form.sent.data else "name", 21)
        shown = str(value)
    answer = post(client, form, form.bytes_of(**{field: value}))
    assert answer.status_code == 302, complaints(answer)
    return field, shown


@pytest.mark.parametrize("act", of(EDITS), ids=str)
def test_the_slower_one_sees_both_and_keeps_what_was_typed(kept_world: World, db: None, act: Act) -> None:
    form = prepared(act, kept_world)
    field, stored = faster(form, kept_world)
    client = browser(kept_world, act)
    before = kept()
    answer = post(client, form, form.bytes_of())
    assert kept() == before
    if act.route in TOLD:
        assert answer.status_code == 302
        return
    page = answer.content.decode()
    assert answer.status_code == 409
    typed = form.sent.data.get(field) or form.sent.data.get("reason") or form.sent.data.get("text") or ""
    assert f"{stored}" in page
    assert f"{typed}" in page
    if act.route != "issue_step":
        sent_again(form, kept_world, page)


def sent_again(form: Form, world: World, page: str) -> None:
    """The form of that page, with the version it has now: it is taken."""
    posts = [one for one in FORMS.findall(page) if 'name="version"' in one]
    again = next(one for one in posts if "action=" not in one.partition(">")[0] or form.sent.url in one)
    version = re.search(r'value="([^"]+)"', next(tag for tag in TAGS.findall(again) if 'name="version"' in tag))
    assert version is not None
    before = last()
    answer = post(browser(world, form.act), form, form.bytes_of(version=version[1]))
    assert answer.status_code == 302, complaints(answer)
    assert list(AuditRow.objects.filter(pk__gt=before).order_by("pk").values_list("verb", flat=True)) == list(
        form.act.verbs
    )
