"""Notes of a profession: health and pupils' are read by that profession and the household's cadre alone."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from ledger.models import AuditRow, Cadre, Visit, VisitNote
from tests.views.test_visits import address, filled
from tests.world import World, make_cadre, post

SignIn = Callable[[str], Client]
NOTE = {"note_subject": "老母亲", "note_finding": "血压一百七", "note_advice": "按时服药"}


def text(response: Any) -> str:
    return str(response.content.decode())


def noted(world: World, sign_in: SignIn, profession: str) -> Visit:
    """A visit of 城垵's professional to the first household, which the household cadre looks after."""
    Cadre.objects.filter(pk=world.cadre("visitor").pk).update(profession=profession)
    home = world.households["城垵"][0]
    sign_in("visitor").post(address(home), filled(**NOTE))
    visit: Visit = Visit.objects.filter(household=home).latest("pk")
    return visit


@pytest.mark.parametrize("profession", ["doctor", "teacher", "agri_technician"])
def test_who_reads_a_note(world: World, sign_in: SignIn, profession: str) -> None:
    visit = noted(world, sign_in, profession)
    assert (visit.profession, visit.note.profession, visit.note.finding) == (profession, profession, "血压一百七")
    other = make_cadre(
        world.township, "另一专业", world.county, profession="teacher" if profession != "teacher" else "doctor"
    )
    post(other, "visitor", village=world.villages["城垵"])
    world.users["other visitor"] = other.user  # type: ignore[assignment]
    same = make_cadre(world.township, "同一专业", world.county, profession=profession)
    post(same, "visitor", village=world.villages["城垵"])
    world.users["same visitor"] = same.user  # type: ignore[assignment]
    url, readers = reverse("visit_detail", args=[visit.pk]), set()
    everybody = (
        "visitor", "same visitor", "other visitor", "household_cadre", "village_cadre", "village_official",
        "district_secretary", "township_desk", "township_leader", "township_admin", "inspector", "county_leader",
        "county_admin",
    )  # fmt: skip
    for key in everybody:
        page = sign_in(key).get(url)
        assert page.status_code == 200, key
        if "血压一百七" in text(page):
            readers.add(key)
    circle = {"visitor", "same visitor", "household_cadre"}
    assert readers == (set(everybody) if profession == "agri_technician" else circle)
    for key in ("household_cadre@马銮", "village_cadre@马銮", "household_cadre@前楼"):
        assert sign_in(key).get(url).status_code == 404


def test_nothing_of_it_stands_elsewhere(world: World, sign_in: SignIn) -> None:
    visit = noted(world, sign_in, "doctor")
    for key in ("village_cadre", "township_leader", "county_admin"):
        client = sign_in(key)
        for url in ("/visits/", "/visits/?q=血压", "/diary/", reverse("household_detail", args=[visit.household_id])):
            assert "血压一百七" not in text(client.get(url))
    with connection.cursor() as cursor:
        cursor.execute("SELECT subject, finding, advice FROM ledger_visitnote")
        assert not any(said in str(cursor.fetchall()) for said in NOTE.values())


def test_nobody_else_writes_one(world: World, sign_in: SignIn) -> None:
    home = world.households["城垵"][1]
    sign_in("household_cadre").post(address(home), filled(**NOTE))
    assert home.visits.count() == 1
    assert not VisitNote.objects.exists()
    assert "note_finding" not in text(sign_in("household_cadre").get(address(home)))


def test_without_a_note_there_is_none(world: World, sign_in: SignIn) -> None:
    Cadre.objects.filter(pk=world.cadre("visitor").pk).update(profession="doctor")
    home = world.households["城垵"][0]
    sign_in("visitor").post(address(home), filled())
    assert not VisitNote.objects.exists()


def corrected(visit: Visit, **more: Any) -> dict[str, Any]:
    """What the page of a correction sends, as the visit is now."""
    said = {
        "kind": visit.kind, "result": visit.result, "occurred_on": visit.occurred_on.isoformat(),
        "people_met": visit.people_met, "content": visit.content, "reason": "记错了", "version": visit.version,
    }  # fmt: skip
    return {**said, **more}


def test_a_note_is_corrected_and_stays_sealed(world: World, sign_in: SignIn) -> None:
    visit = noted(world, sign_in, "doctor")
    edit, page = reverse("visit_edit", args=[visit.pk]), reverse("visit_detail", args=[visit.pk])
    assert "血压一百七" in text(sign_in("visitor").get(edit))
    new = {**NOTE, "note_finding": "血压一百四"}
    assert sign_in("visitor").post(edit, corrected(visit, **new)).status_code == 302
    assert (VisitNote.objects.get().finding, Visit.objects.get(pk=visit.pk).version) == ("血压一百四", 2)
    for who, sees in {"visitor": True, "household_cadre": True, "village_cadre": False, "inspector": False}.items():
        shown = text(sign_in(who).get(page))
        assert ("血压一百四" in shown, "血压一百七" in shown, "记错了" in shown) == (sees, sees, True), who
    desk = sign_in("village_cadre")  # corrects the visit, and neither reads nor touches the note
    assert "note_finding" not in text(desk.get(edit))
    visit.refresh_from_db()
    assert desk.post(edit, corrected(visit, content="改过的话", note_finding="没病")).status_code == 302
    assert VisitNote.objects.get().finding == "血压一百四"
    with connection.cursor() as cursor:
        cursor.execute("SELECT old, old_note FROM ledger_visitcorrection")
        assert "血压" not in str(cursor.fetchall())
    assert list(AuditRow.objects.filter(verb="visit.corrected").order_by("pk").values_list("detail__fields")) == [
        (["note"],), (["content"],),
    ]  # fmt: skip


def test_a_forgotten_note_is_added_by_who_made_the_visit(world: World, sign_in: SignIn) -> None:
    Cadre.objects.filter(pk=world.cadre("visitor").pk).update(profession="teacher")
    home = world.households["城垵"][0]
    sign_in("visitor").post(address(home), filled())
    visit = Visit.objects.filter(household=home).latest("pk")
    assert sign_in("visitor").post(reverse("visit_edit", args=[visit.pk]), corrected(visit, **NOTE)).status_code == 302
    assert (VisitNote.objects.get().profession, VisitNote.objects.get().advice) == ("teacher", "按时服药")
