"""A visit that waited on a phone until its household was somebody else's: kept, and decided by the desk there."""

import uuid
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client
from django.urls import reverse

from ledger.models import Assignment, AuditRow, Category, Household, Issue, KeptEntry, Visit
from ledger.rules.days import local_today
from tests.world import World

SignIn = Callable[[str], Client]
LIST = reverse("kept_entry_list")


@pytest.fixture
def moved(world: World) -> Household:
    """It was the household cadre's, and is the care of a colleague in another village now."""
    home = world.households["城垵"][0]
    there = world.villages["东沈"]
    assert Assignment.objects.filter(household=home, cadre=world.cadre("household_cadre")).exists()
    Assignment.objects.filter(household=home).update(end_on=local_today())
    Household.objects.filter(pk=home.pk).update(cadre=None, village=there, group=None)
    home.refresh_from_db()
    return home


def entry_of(world: World, sign_in: SignIn, home: Household, **more: Any) -> KeptEntry:
    answer = send(sign_in("household_cadre"), home.pk, **more)
    assert (answer.status_code, answer.json()["state"]) == (200, "kept")
    return KeptEntry.objects.latest("pk")


def send(client: Client, household: int, **more: Any) -> Any:
    said = {"kind": "household", "result": "met", "content": "搬走前谈的 13812345678", "people_met": "1"}
    data = {**said, "occurred_on": local_today().isoformat(), "client_id": str(uuid.uuid4()), **more}
    return client.post(f"{reverse('outbox_send')}?to={quote(f'/visits/new/?household={household}')}", data)


def test_it_is_kept_once_and_applied_to_nothing(world: World, sign_in: SignIn, moved: Household) -> None:
    before, client, key = Visit.objects.count(), sign_in("household_cadre"), str(uuid.uuid4())
    answers = [send(client, moved.pk, client_id=key).json() for _ in range(2)]
    assert [each["state"] for each in answers] == ["kept", "kept"]
    entry = KeptEntry.objects.get()
    assert (entry.household, entry.user) == (moved, world.users["household_cadre"])
    assert Visit.objects.count() == before
    assert AuditRow.objects.filter(verb="kept_entry.moved").count() == 1
    assert "搬走前谈的 138****5678" in client.get(LIST).content.decode()


def test_of_a_household_that_never_was_theirs_nothing_is_said_or_kept(world: World, sign_in: SignIn) -> None:
    client = sign_in("household_cadre")
    foreign, missing = (send(client, pk) for pk in (world.households["前楼"][0].pk, 10**9))
    assert (foreign.status_code, foreign.content) == (missing.status_code, missing.content)
    assert foreign.status_code == 404
    assert KeptEntry.objects.count() == 0


def test_the_desk_of_its_place_takes_it_over_as_the_senders_visit(
    world: World, sign_in: SignIn, moved: Household
) -> None:
    category = Category.objects.get(county=world.county, name="村道破损")
    issue = {"issue-0-title": "路又坏了", "issue-0-kind": "request", "issue-0-category": category.pk}
    entry = entry_of(world, sign_in, moved, **issue)
    desk = sign_in("township_desk")
    page = desk.get(LIST).content.decode()
    assert "搬走前谈的 138****5678" in page
    url = reverse("kept_entry_take_over", args=[entry.pk])
    answer = desk.post(url)
    visit = Visit.objects.latest("pk")
    assert answer.url == reverse("visit_detail", args=[visit.pk])
    assert (visit.household, visit.village) == (moved, world.villages["东沈"])
    assert (visit.lead, visit.recorded_by) == (world.cadre("household_cadre"), world.users["township_desk"])
    assert Issue.objects.get(title="路又坏了").visit == visit
    again = desk.post(url)
    assert again.url == LIST
    assert Visit.objects.filter(household=moved, content__startswith="搬走前").count() == 1
    assert AuditRow.objects.filter(verb="kept_entry.taken_over").count() == 1


@pytest.mark.parametrize("who", ["household_cadre", "village_cadre", "township_desk@前楼", "township_admin", "visitor"])
def test_nobody_else_decides_or_reads_it(world: World, sign_in: SignIn, moved: Household, who: str) -> None:
    entry, before = entry_of(world, sign_in, moved), Visit.objects.count()
    client = sign_in(who)
    assert client.post(reverse("kept_entry_take_over", args=[entry.pk])).status_code in {403, 404}
    assert Visit.objects.count() == before
    if who != "household_cadre":
        assert "搬走前谈的" not in client.get(LIST).content.decode()
    assert client.post(reverse("kept_entry_save", args=[entry.pk])).status_code in {403, 404}
    assert Visit.objects.count() == before


def test_the_desk_discards_it_and_it_stays_on_record(world: World, sign_in: SignIn, moved: Household) -> None:
    entry, before = entry_of(world, sign_in, moved), Visit.objects.count()
    desk = sign_in("township_desk")
    desk.post(reverse("kept_entry_discard", args=[entry.pk]))
    entry.refresh_from_db()
    assert entry.discarded_by == world.users["township_desk"]
    assert desk.post(reverse("kept_entry_take_over", args=[entry.pk])).url == LIST
    assert Visit.objects.count() == before
