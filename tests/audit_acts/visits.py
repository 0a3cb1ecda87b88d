"""Visits, and what was sent twice with other words."""

import datetime
import json
from typing import Any
from urllib.parse import quote

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from ledger.models import (
    Assignment,
    Campaign,
    Category,
    Enterprise,
    Household,
    KeptEntry,
    MeetingDraft,
)
from ledger.rules.days import local_today
from tests.audit_acts.recipe import Sent, act, fresh, home, opened
from tests.world import World


@act("visit_create", "household_cadre", "visit.logged")
def visit_create(world: World, client: Client) -> Sent:
    return Sent(f"{reverse('visit_create')}?household={home(world).pk}", a_visit())


@act("visit_create", "household_cadre", "issue.register", "visit.logged")
def with_an_issue(world: World, client: Client) -> Sent:
    category = Category.objects.get(county=world.county, name="村道破损")
    issue = {"issue-0-title": "村道坑洼", "issue-0-kind": "request", "issue-0-category": category.pk}
    return Sent(f"{reverse('visit_create')}?household={home(world).pk}", {**a_visit(), **issue})


@act("visits_together", "household_cadre", "visit.logged", "visit.logged")
def visits_together(world: World, client: Client) -> Sent:
    walked = [household.pk for household in world.households["城垵"][:2]]
    said = fresh(kind="household", content="无新情况", occurred_on=local_today().isoformat())
    return Sent(reverse("visits_together"), {**said, "households": walked, "doubles": "all"})


@act("outbox_send", "household_cadre", "visit.logged")
def outbox_send(world: World, client: Client) -> Sent:
    """A visit that waited on a phone."""
    sent = visit_create(world, client)
    return Sent(f"{reverse('outbox_send')}?to={quote(sent.url)}", sent.data)


@act("offline_data", "household_cadre", "household.taken_along", method="GET", again=True)
def offline_data(world: World, client: Client) -> Sent:
    return Sent(reverse("offline_data"))


@act("meeting_draft_finish", "household_cadre", "visit.logged")
def meeting_draft_finish(world: World, client: Client) -> Sent:
    village = world.villages["城垵"]
    head = {"village": [str(village.pk)], "meeting_form": ["courtyard"], "occurred_on": [str(local_today())]}
    said = {"head": head, "questions": [{"key": "a", "text": "路灯何时修", "answer": "下周"}]}
    draft = MeetingDraft.objects.create(
        cadre=world.cadre("household_cadre"), village=village, occurred_on=local_today(), body=json.dumps(said)
    )
    return Sent(reverse("meeting_draft_finish", args=[draft.pk]))


@act("enterprise_create", "village_cadre", "enterprise.created")
def enterprise_create(world: World, client: Client) -> Sent:
    return Sent(reverse("enterprise_create"), fresh(village=world.villages["城垵"].pk, name="海产加工厂"))


@act("enterprise_edit", "village_cadre", "enterprise.changed")
def enterprise_edit(world: World, client: Client) -> Sent:
    kept = Enterprise.objects.create(village=world.villages["城垵"], name="海产加工厂")
    return opened(client, reverse("enterprise_edit", args=[kept.pk]), name="海产品加工厂")


@act("visit_edit", "household_cadre", "visit.corrected")
def visit_edit(world: World, client: Client) -> Sent:
    return opened(
        client, reverse("visit_edit", args=[world.visits["城垵"].pk]), content="另外的话", reason="写错了"
    )  # fmt: skip


@act("visit_void", "household_cadre", "visit.voided")
def visit_void(world: World, client: Client) -> Sent:
    return Sent(reverse("visit_void", args=[world.visits["城垵"].pk]), {"reason": "记错了户", "version": 1})


def a_visit() -> dict[str, Any]:
    said = {"kind": "household", "result": "met", "content": "聊了收成", "people_met": "2"}
    return fresh(**said, occurred_on=local_today().isoformat())


@act("visit_create", "household_cadre", "kept_entry.kept")
def other_words(world: World, client: Client) -> Sent:
    """The same form id with another body: both are kept, 409."""
    sent = visit_create(world, client)
    client.post(sent.url, sent.data)
    return Sent(sent.url, {**sent.data, "content": "另外的话"})


@act("kept_entry_save", "household_cadre", "visit.logged")
def kept_entry_save(world: World, client: Client) -> Sent:
    return Sent(reverse("kept_entry_save", args=[kept(world, client)]))


@act("kept_entry_discard", "household_cadre", "kept_entry.discarded")
def kept_entry_discard(world: World, client: Client) -> Sent:
    return Sent(reverse("kept_entry_discard", args=[kept(world, client)]))


def kept(world: World, client: Client) -> int:
    sent = other_words(world, client)
    client.post(sent.url, sent.data)
    return int(KeptEntry.objects.latest("pk").pk)


@act("kept_entry_take_over", "township_desk", "visit.logged", "kept_entry.taken_over")
def kept_entry_take_over(world: World, client: Client) -> Sent:
    return Sent(reverse("kept_entry_take_over", args=[moved(world)]))


@act("outbox_send", "household_cadre", "kept_entry.moved")
def of_a_moved_household(world: World, client: Client) -> Sent:
    Household.objects.filter(pk=home(world).pk).update(village=world.villages["东沈"], group=None, cadre=None)
    Assignment.objects.filter(household=home(world)).update(end_on=local_today())
    address = f"{reverse('visit_create')}?household={home(world).pk}"
    return Sent(f"{reverse('outbox_send')}?to={quote(address)}", a_visit())


@act("outbox_send", "household_cadre", "kept_entry.handed_in")
def refused_for_good(world: World, client: Client) -> Sent:
    """Of a household that is out of reach: handed in for the desk of where its sender serves."""
    sent = of_a_moved_household(world, client)
    return Sent(f"{sent.url}&review=1", {**a_visit(), "outbox_label": "", "outbox_value": "走访"})


def moved(world: World) -> int:
    """A visit that was kept because its household had gone to another village."""
    sender = Client()
    sender.force_login(world.users["household_cadre"])
    sent = of_a_moved_household(world, sender)
    sender.post(sent.url, sent.data)
    return int(KeptEntry.objects.latest("pk").pk)


def _campaign(world: World) -> Campaign:
    """One of 城垵 that nobody has worked on."""
    runs = Campaign.objects.create(
        county=world.county, township=world.township, name="医保缴费提醒", start_on=local_today(),
        last_on=local_today() + datetime.timedelta(days=9), made_by=world.users["township_desk"],
        made_at=timezone.now(),
    )  # fmt: skip
    runs.places.create(village=world.villages["城垵"])
    runs.points.create(text="核对参保人数")
    return runs


@act("campaign_create", "township_desk", "campaign.begun")
def campaign_create(world: World, client: Client) -> Sent:
    today = local_today()
    return Sent(reverse("campaign_create"), fresh(
        name="防汛检查", start_on=today.isoformat(), last_on=(today + datetime.timedelta(days=9)).isoformat(),
        points="转移点是否知道", spread="all",
    ))  # fmt: skip


@act("campaign_edit", "township_desk", "campaign.changed")
def campaign_edit(world: World, client: Client) -> Sent:
    return opened(client, reverse("campaign_edit", args=[_campaign(world).pk]), name="医保缴费再提醒")


@act("campaign_end", "township_desk", "campaign.ended")
def campaign_end(world: World, client: Client) -> Sent:
    return Sent(reverse("campaign_end", args=[_campaign(world).pk]))


@act("campaign_remove", "township_desk", "campaign.removed")
def campaign_remove(world: World, client: Client) -> Sent:
    return Sent(reverse("campaign_remove", args=[_campaign(world).pk]))
