"""A 批量补记 that a desk must decide: each household at its own desk, taken over without typing, and told."""

import uuid
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client
from django.urls import reverse

from ledger.models import Assignment, AuditRow, CampaignTick, Household, KeptEntry, Notice, Posting, Visit
from ledger.rules.days import local_today
from tests.actions.test_campaigns import begun
from tests.world import World, make_household

SignIn = Callable[[str], Client]
LIST = reverse("kept_entry_list")
TODAY = local_today()


@pytest.fixture
def homes(world: World) -> list[Household]:
    """Three households of the household cadre."""
    return [make_household(world.villages["城垵"], n, world.cadre("household_cadre")) for n in range(10, 13)]


def moved(world: World, home: Household) -> None:
    Assignment.objects.filter(household=home).update(end_on=TODAY)
    Household.objects.filter(pk=home.pk).update(cadre=None, village=world.villages["东沈"], group=None)


def send(client: Client, homes: list[Household], *, review: bool = False, **more: Any) -> Any:
    said = {
        "kind": "household", "content": "无新情况。", "occurred_on": TODAY.isoformat(), "client_id": str(uuid.uuid4()),
        "households": [home.pk for home in homes], **more,
    }  # fmt: skip
    address = f"{reverse('outbox_send')}?to={quote(reverse('visits_together'))}{'&review=1' if review else ''}"
    return client.post(address, said)


def told(world: World, who: str, sort: str) -> int:
    return Notice.objects.filter(cadre=world.cadre(who), sort=sort).count()


def test_the_household_that_moved_away_waits_for_its_desk_and_the_rest_is_saved(
    world: World, sign_in: SignIn, homes: list[Household]
) -> None:
    gone, *stay = homes
    moved(world, gone)
    client, key = sign_in("household_cadre"), str(uuid.uuid4())
    lines = {f"line-{gone.pk}": "屋顶漏雨 13812345678", f"result-{gone.pk}": "met", "client_id": key}
    answers = [send(client, homes, **lines).json() for _ in range(2)]
    assert [one["state"] for one in answers] == ["sent", "sent"]
    assert gone.head_name in answers[0]["sentences"][0]
    entry = KeptEntry.objects.get()
    assert (entry.household, entry.form, entry.is_handed_in) == (gone, "visit", False)
    assert set(Visit.objects.filter(household__in=homes).values_list("household", flat=True)) == {
        one.pk for one in stay
    }
    assert Visit.objects.filter(household__in=homes).count() == 2
    assert [one.cadre for one in Notice.objects.filter(sort="kept_entry")] == [world.cadre("village_cadre@东沈")]
    assert client.get(f"{reverse('offline_state')}?kept=1").json()["answers"] == []
    desk = sign_in("township_desk")
    page = desk.get(LIST).content.decode()
    assert ("屋顶漏雨 138****5678" in page, "13812345678" in page) == (True, False)
    desk.post(reverse("kept_entry_take_over", args=[entry.pk]))
    visit = Visit.objects.get(household=gone)
    assert (visit.lead, visit.content, visit.people_met) == (
        world.cadre("household_cadre"), "屋顶漏雨 13812345678", 1,
    )  # fmt: skip
    assert (told(world, "household_cadre", "entry_decided"), told(world, "township_desk", "entry_decided")) == (1, 0)
    answer = client.get(f"{reverse('offline_state')}?kept=1").json()["answers"]
    assert [(one["id"], one["url"]) for one in answer] == [(key, reverse("visit_detail", args=[visit.pk]))]
    assert "answers" not in client.get(reverse("offline_state")).json()
    assert sign_in("village_cadre").get(f"{reverse('offline_state')}?kept=1").json()["answers"] == []


def test_a_household_that_never_was_theirs_is_refused_and_nothing_is_kept(
    world: World, sign_in: SignIn, homes: list[Household]
) -> None:
    answer = send(sign_in("household_cadre"), [homes[0], world.households["前楼"][0]])
    assert (answer.status_code, KeptEntry.objects.count()) == (422, 0)
    assert Visit.objects.filter(household__in=homes).count() == 0


def test_handed_in_whole_it_is_taken_over_at_one_tap_with_its_points(
    world: World, sign_in: SignIn, homes: list[Household]
) -> None:
    runs = begun(world, "城垵")
    first, second = runs.points.all()
    elsewhere = begun(world, "马銮").points.all()[0]
    sender = world.cadre("village_cadre")
    Posting.objects.filter(cadre=sender).update(end_on=TODAY)
    points = {
        f"point-all-{first.pk}": "done", f"point-all-{elsewhere.pk}": "done", f"point-{homes[1].pk}-{first.pk}": "no",
        f"point-{homes[2].pk}-{second.pk}": "na", f"result-{homes[2].pk}": "absent",
    }  # fmt: skip
    client = sign_in("village_cadre")
    assert send(client, homes, review=True, **points).json()["whole"]
    entries = list(KeptEntry.objects.order_by("household_id"))
    assert [(one.household, one.form, one.is_handed_in) for one in entries] == [(one, "visit", True) for one in homes]
    assert told(world, "district_secretary", "kept_entry") == 1
    assert AuditRow.objects.filter(verb="kept_entry.handed_in").count() == 3
    for who in ("household_cadre", "township_desk@前楼", "inspector"):
        refused = sign_in(who).post(reverse("kept_entry_take_over", args=[entries[0].pk]), {"walk": 1})
        assert refused.status_code in {403, 404}
    assert Visit.objects.filter(household__in=homes).count() == 0
    desk = sign_in("district_secretary")
    assert 'name="walk"' in desk.get(LIST).content.decode()
    for _again in range(2):
        desk.post(reverse("kept_entry_take_over", args=[entries[0].pk]), {"walk": 1})
    visits = Visit.objects.filter(household__in=homes).order_by("household_id")
    assert {one.lead for one in visits} == {sender}
    assert [(one.household, one.result, one.content) for one in visits] == [
        (homes[0], "met", "无新情况。"), (homes[1], "met", "无新情况。"), (homes[2], "absent", ""),
    ]  # fmt: skip
    assert set(CampaignTick.objects.values_list("household", "point", "answer")) == {
        (homes[0].pk, first.pk, "done"), (homes[2].pk, second.pk, "na"),
    }  # fmt: skip


def test_a_desk_that_does_not_take_it_over_says_why_to_its_sender_alone(
    world: World, sign_in: SignIn, homes: list[Household]
) -> None:
    moved(world, homes[0])
    client = sign_in("household_cadre")
    send(client, homes[:1])
    entry = KeptEntry.objects.get()
    discard = reverse("kept_entry_discard", args=[entry.pk])
    desk = sign_in("township_desk")
    desk.post(discard, {"answer": "长" * 201})
    entry.refresh_from_db()
    assert (entry.discarded_at, entry.answer) == (None, "")
    desk.post(discard, {"answer": "那天镇里已经去过。"})
    past = {"state": "decided"}
    assert "那天镇里已经去过。" in client.get(LIST, past).content.decode()
    assert "那天镇里已经去过。" in str(client.get(f"{reverse('offline_state')}?kept=1").json()["answers"])
    assert "那天镇里已经去过。" not in sign_in("township_admin").get(LIST, past).content.decode()
    assert "那天镇里已经去过。" not in str(AuditRow.objects.values_list("detail", flat=True))
    notice = Notice.objects.get(cadre=world.cadre("household_cadre"), sort="entry_decided")
    page = client.get(reverse("notice_list")).content.decode()
    assert f"{homes[0].head_name}" in page
    assert client.post(reverse("notice_open", args=[notice.pk])).url == f"{LIST}?state=decided"
    assert Visit.objects.filter(household__in=homes).count() == 0
