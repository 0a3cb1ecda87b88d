"""The same form under a used id with other words: kept, shown to its sender, saved once or discarded."""

import uuid
from collections.abc import Callable

from django.test import Client
from django.urls import reverse

from ledger.models import AuditRow, Household, KeptEntry, Resident, Visit
from ledger.rules.days import local_today
from ledger.rules.identity import make_id_number
from tests.world import World

SignIn = Callable[[str], Client]
LIST = "kept_entry_list"


def said(words: str, client_id: uuid.UUID) -> dict[str, str]:
    day = local_today().isoformat()
    return {"client_id": str(client_id), "kind": "household", "result": "met", "content": words, "occurred_on": day}


def twice(world: World, client: Client) -> KeptEntry:
    """A visit, and its form once more with other words."""
    url, client_id = f"{reverse('visit_create')}?household={world.households['城垵'][0].pk}", uuid.uuid4()
    assert client.post(url, said("第一次的话", client_id)).status_code == 302
    again = client.post(url, said("第二次的话 13812345678", client_id))
    assert again.status_code == 409
    assert "第二次的话" in again.content.decode()
    entry = KeptEntry.objects.get()
    assert f'value="{entry.next_id}"' in again.content.decode()
    return entry


def test_both_are_kept_and_the_sender_sees_them_masked(world: World, sign_in: SignIn) -> None:
    client = sign_in("household_cadre")
    entry = twice(world, client)
    page = client.get(reverse(LIST)).content.decode()
    assert "第二次的话 138****5678" in page
    assert "13812345678" not in page
    assert reverse("visit_detail", args=[entry.object_id]) in page
    kept = AuditRow.objects.get(verb="kept_entry.kept")
    assert (kept.object_id, kept.township_id, "第二次" in str(kept.detail) + kept.label) == (
        entry.pk, world.township.pk, False
    )  # fmt: skip


def test_the_same_again_is_kept_once(world: World, sign_in: SignIn) -> None:
    client = sign_in("household_cadre")
    entry = twice(world, client)
    url = f"{reverse('visit_create')}?household={world.households['城垵'][0].pk}"
    assert client.post(url, said("第二次的话 13812345678", entry.client_id)).status_code == 409
    assert client.post(url, said("第三次的话", entry.client_id)).status_code == 409
    assert KeptEntry.objects.earliest("pk") == entry
    assert KeptEntry.objects.count() == 2
    assert Visit.objects.filter(content="第一次的话").count() == 1


def test_an_administrator_sees_that_it_waits_and_not_what_it_says(world: World, sign_in: SignIn) -> None:
    entry = twice(world, sign_in("household_cadre"))
    page = sign_in("township_admin").get(reverse(LIST)).content.decode()
    assert entry.user.name in page
    assert "第二次的话" not in page
    assert sign_in("township_admin").post(reverse("kept_entry_save", args=[entry.pk])).status_code == 403
    for stranger in ("village_cadre", "district_secretary", "township_admin@前楼", "nobody"):
        client = sign_in(stranger)
        assert entry.user.name not in client.get(reverse(LIST)).content.decode()
        for act in ("kept_entry_save", "kept_entry_discard"):
            assert client.post(reverse(act, args=[entry.pk])).status_code == 404
    assert Visit.objects.filter(content__startswith="第二次").count() == 0


def test_saved_as_its_own_record_it_is_one(world: World, sign_in: SignIn) -> None:
    client = sign_in("household_cadre")
    entry = twice(world, client)
    url = reverse("kept_entry_save", args=[entry.pk])
    saved = client.post(url)
    visit = Visit.objects.get(content="第二次的话 13812345678")
    assert (saved.status_code, saved.url) == (302, reverse("visit_detail", args=[visit.pk]))
    assert visit.household == world.households["城垵"][0]
    assert client.post(url).url == reverse(LIST)
    assert client.post(reverse("kept_entry_discard", args=[entry.pk])).url == reverse(LIST)
    assert Visit.objects.filter(content__startswith="第二次").count() == 1
    assert KeptEntry.objects.get().discarded_at is None
    assert "第二次的话" in client.get(reverse(LIST), {"state": "decided"}).content.decode()


def test_discarded_the_first_stands(world: World, sign_in: SignIn) -> None:
    entry = twice(world, sign_in("household_cadre"))
    sign_in("township_admin").post(reverse("kept_entry_discard", args=[entry.pk]))
    sign_in("household_cadre").post(reverse("kept_entry_save", args=[entry.pk]))
    assert Visit.objects.filter(content__startswith="第二次").count() == 0
    assert AuditRow.objects.filter(verb="kept_entry.discarded", user_id=world.users["township_admin"].pk).count() == 1


def test_what_no_longer_fits_is_asked_again_on_its_own_form(world: World, sign_in: SignIn) -> None:
    """The ID number is taken by now: the form says so, keeps what was typed, and saves when it is put right."""
    client, client_id = sign_in("township_admin"), uuid.uuid4()
    url = f"{reverse('household_create')}?village={world.villages['城垵'].pk}"
    number = make_id_number("350626", local_today().replace(year=1971), 77)
    client.post(url, {"client_id": str(client_id), "name": "甲"})
    assert client.post(url, {"client_id": str(client_id), "name": "乙", "id_no": number}).status_code == 409
    client.post(url, {"client_id": str(uuid.uuid4()), "name": "丙", "id_no": number})
    entry = KeptEntry.objects.get()
    assert number not in client.get(reverse(LIST)).content.decode()
    save = reverse("kept_entry_save", args=[entry.pk])
    asked = client.post(save)
    assert asked.status_code == 200
    assert 'value="乙"' in asked.content.decode()
    right = client.post(save, {"client_id": str(entry.next_id), "name": "乙"})
    assert right.status_code == 302
    made = Household.objects.get(head_name="乙")
    assert (made.village, Resident.objects.filter(name="乙").count()) == (world.villages["城垵"], 1)
    assert client.post(save, {"client_id": str(entry.next_id), "name": "乙"}).url == reverse(LIST)


def test_who_may_no_longer_do_it_cannot_save_it(world: World, sign_in: SignIn) -> None:
    """The form asks for its permission and its scope anew."""
    client = sign_in("household_cadre")
    entry = twice(world, client)
    cadre = world.cadre("household_cadre")
    cadre.postings.update(end_on=local_today())
    Household.objects.filter(cadre=cadre).update(cadre=None)
    cadre.assignments.update(end_on=local_today())
    assert sign_in("household_cadre").post(reverse("kept_entry_save", args=[entry.pk])).status_code == 404
    assert Visit.objects.filter(content__startswith="第二次").count() == 0
