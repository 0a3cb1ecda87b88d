"""What the server would not take from a phone any more: handed in, read and decided by the desk of its place."""

import io
import uuid
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from ledger.models import AuditRow, Evidence, Household, KeptEntry, Notice, Posting, Substitution, Visit
from ledger.rules.days import local_today
from tests.world import START, World

SignIn = Callable[[str], Client]
LIST = reverse("kept_entry_list")


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = str(tmp_path / "media")


def photo(name: str = "门口.jpg") -> SimpleUploadedFile:
    picture = io.BytesIO()
    Image.new("RGB", (40, 30), "green").save(picture, "JPEG")
    return SimpleUploadedFile(name, picture.getvalue())


def hand_in(client: Client, address: str, **more: Any) -> Any:
    said = {"kind": "household", "result": "met", "content": "路面塌了 13812345678", "people_met": "1"}
    shown = {"outbox_label": ["", "说了什么"], "outbox_value": ["走访 · 李四", "路面塌了 13812345678"]}
    data = {**said, **shown, "occurred_on": local_today().isoformat(), "client_id": str(uuid.uuid4()), **more}
    return client.post(f"{reverse('outbox_send')}?to={quote(address)}&review=1", data)


def of(household: Household | int) -> str:
    return f"/visits/new/?household={household if isinstance(household, int) else household.pk}"


def told(world: World, who: str) -> int:
    return Notice.objects.filter(cadre=world.cadre(who), sort="kept_entry").count()


def test_a_lost_village_goes_to_its_desk_with_the_photos(world: World, sign_in: SignIn) -> None:
    """Whose posting ended while the phone was away: the household's desk takes it over as their visit."""
    home, sender = world.households["城垵"][0], world.cadre("village_cadre")
    Posting.objects.filter(cadre=sender).update(end_on=local_today())
    client, key, before = sign_in("village_cadre"), str(uuid.uuid4()), Visit.objects.count()
    first = hand_in(client, of(home), client_id=key, photos=[photo(), SimpleUploadedFile("坏.jpg", b"no picture")])
    again = hand_in(client, of(home), client_id=key, photos=[photo(), SimpleUploadedFile("坏.jpg", b"no picture")])
    for said in (first.json(), again.json()):
        assert (said["state"], said["whole"]) == ("kept", False)
        assert "坏.jpg" in said["sentences"][1]
    entry = KeptEntry.objects.get()
    assert (entry.household, entry.village, entry.is_handed_in) == (home, None, True)
    assert (Visit.objects.count(), entry.evidence.count()) == (before, 1)
    assert AuditRow.objects.filter(verb="kept_entry.handed_in").count() == 1
    file = reverse("evidence_file", args=[entry.evidence.get().pk])
    assert {who: told(world, who) for who in ("village_cadre", "district_secretary", "township_desk")} == {
        "village_cadre": 0, "district_secretary": 1, "township_desk": 0,
    }  # fmt: skip
    desk = sign_in("district_secretary")
    page = desk.get(LIST).content.decode()
    assert [text in page for text in ("走访 · 李四", "138****5678", "13812345678", file)] == [True, True, False, True]
    assert desk.get(file).status_code == 200
    for who in ("household_cadre", "township_admin", "township_desk@前楼", "inspector"):
        assert sign_in(who).get(file).status_code == 404
        assert "路面塌了" not in sign_in(who).get(LIST).content.decode()
        assert sign_in(who).post(reverse("kept_entry_take_over", args=[entry.pk])).status_code in {403, 404}
    assert Visit.objects.count() == before
    desk.post(reverse("kept_entry_take_over", args=[entry.pk]))
    visit = Visit.objects.latest("pk")
    assert (visit.lead, visit.household, visit.content) == (sender, home, "路面塌了 13812345678")
    assert Evidence.objects.get().visit == visit
    assert desk.get(file).status_code == 200


def test_what_never_was_theirs_lies_with_their_own_desk_and_says_nothing(world: World, sign_in: SignIn) -> None:
    client = sign_in("household_cadre")
    foreign, missing = (hand_in(client, of(pk)) for pk in (world.households["前楼"][0].pk, 10**9))
    assert foreign.content == missing.content
    assert [(one.household, one.village, one.township) for one in KeptEntry.objects.all()] == [
        (None, None, world.township)
    ] * 2
    assert (told(world, "township_desk"), told(world, "township_desk@前楼"), told(world, "village_cadre")) == (2, 0, 0)
    assert "路面塌了" not in sign_in("township_desk@前楼").get(LIST).content.decode()
    desk, before = sign_in("township_desk"), Visit.objects.count()
    page = desk.get(LIST).content.decode()
    assert ("路面塌了" in page, "标记为已处理" in page, reverse("kept_entry_take_over", args=[0])[:-12] in page) == (
        True, True, True,
    )  # fmt: skip
    entry = KeptEntry.objects.latest("pk")
    desk.post(reverse("kept_entry_take_over", args=[entry.pk]))
    desk.post(reverse("kept_entry_discard", args=[entry.pk]))
    entry.refresh_from_db()
    assert (entry.discarded_by, Visit.objects.count()) == (world.users["township_desk"], before)
    assert "已处理" in client.get(LIST, {"state": "decided"}).content.decode()


def test_a_patrol_in_a_village_of_theirs_is_taken_over_there(world: World, sign_in: SignIn) -> None:
    village = world.villages["城垵"]
    Posting.objects.filter(cadre=world.cadre("village_official")).update(end_on=local_today())
    said = hand_in(sign_in("village_official"), "/visits/new/?place=1", kind="patrol", village=village.pk, result="")
    assert said.json() == {"state": "kept", "url": LIST, "sentences": said.json()["sentences"], "whole": True}
    entry = KeptEntry.objects.get()
    assert (entry.household, entry.village, told(world, "village_cadre")) == (None, village, 1)
    sign_in("village_cadre").post(reverse("kept_entry_take_over", args=[entry.pk]))
    visit = Visit.objects.latest("pk")
    assert (visit.kind, visit.village, visit.lead) == ("patrol", village, world.cadre("village_official"))


def test_a_walk_of_households_that_never_were_theirs_is_read_and_entered_anew(world: World, sign_in: SignIn) -> None:
    homes = [one.pk for one in world.households["前楼"]]
    hand_in(sign_in("household_cadre"), reverse("visits_together"), households=homes, kind="household")
    entry, before = KeptEntry.objects.get(), Visit.objects.count()
    assert (entry.form, entry.village) == ("visits", None)
    sign_in("township_desk").post(reverse("kept_entry_take_over", args=[entry.pk]))
    assert Visit.objects.count() == before


def test_what_had_been_saved_is_said_to_be(world: World, sign_in: SignIn) -> None:
    """The answer was lost on the way; then the phone was refused for another cause."""
    client, home, key = sign_in("household_cadre"), world.households["城垵"][0], str(uuid.uuid4())
    said = {"kind": "household", "result": "met", "content": "先前的", "occurred_on": local_today().isoformat()}
    client.post(of(home), {**said, "client_id": key})
    visit = Visit.objects.get(content="先前的")
    answer = hand_in(client, of(home), client_id=key).json()
    assert answer == {"state": "sent", "url": reverse("visit_detail", args=[visit.pk])}
    assert hand_in(client, of(home), client_id="?").status_code == 400
    assert hand_in(sign_in("nobody"), of(home)).status_code == 403
    assert KeptEntry.objects.count() == 0


def test_a_desk_on_leave_is_told_with_who_stands_in(world: World, sign_in: SignIn) -> None:
    """The notice leads to the page, and is read by opening it."""
    absent, substitute = world.cadre("village_cadre"), world.cadre("household_cadre")
    Substitution.objects.create(
        absent=absent,
        substitute=substitute,
        start_on=START,
        end_on=local_today().replace(year=2100, day=1),
        appointed_at=timezone.now(),
        appointed_by=world.users["township_admin"],
    )
    Posting.objects.filter(cadre=world.cadre("village_official")).update(end_on=local_today())
    hand_in(sign_in("village_official"), of(world.households["城垵"][0]))
    assert (told(world, "village_cadre"), told(world, "household_cadre"), told(world, "township_desk")) == (1, 1, 0)
    notice = Notice.objects.get(cadre=absent)
    assert sign_in("village_cadre").post(reverse("notice_open", args=[notice.pk])).url == LIST
