"""会议: kept question by question, its author's alone, finished only when every question has an answer or a number."""

import json
import uuid
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from ledger.actions import meeting_drafts
from ledger.models import AuditRow, Category, Household, Issue, Keyword, MeetingDraft, NumberCounter, Visit
from ledger.rules.days import local_today
from tests.world import World

SignIn = Callable[[str], Client]


def text(response: Any) -> str:
    return str(response.content.decode())


@pytest.fixture
def world(world: World) -> World:
    """The world's own issues have taken the numbers up to 200."""
    NumberCounter.objects.update_or_create(township=world.township, year=local_today().year, defaults={"last": 200})
    return world


def head(world: World, **more: Any) -> dict[str, Any]:
    return {
        "meeting_form": "courtyard", "village": world.villages["城垵"].pk, "people_met": "23", "attendees": "二组村民",
        "speakers": "村支书", "occurred_on": local_today().isoformat(), "client_id": str(uuid.uuid4()), **more,
    }  # fmt: skip


def begun(world: World, client: Client, **more: Any) -> MeetingDraft:
    client.post(reverse("meeting_draft_create"), head(world, **more))
    return MeetingDraft.objects.latest("pk")


def go(client: Client, name: str, draft: MeetingDraft, **data: Any) -> Any:
    return client.post(reverse(f"meeting_draft_{name}", args=[draft.pk]), data)


def asked(client: Client, draft: MeetingDraft, *texts: str) -> list[str]:
    for each in texts:
        go(client, "ask", draft, text=each, asked_by="黄阿婆", client_id=str(uuid.uuid4()))
    draft.refresh_from_db()
    return [question.key for question in meeting_drafts.read(draft).questions]


def settled(client: Client, draft: MeetingDraft, key: str, **data: Any) -> Any:
    said = {"text": "改过的话", "asked_by": "", "answer": "", "category": "", "kind": "request", **data}
    return go(client, "answer", draft, question=key, **{f"q{key}-{name}": value for name, value in said.items()})


def test_from_the_first_question_to_the_visit(world: World, sign_in: SignIn) -> None:
    client, present = sign_in("village_cadre"), world.households["城垵"][1]
    draft = begun(world, client, households=[present.pk])
    keys = asked(client, draft, "路灯何时修", "水渠堵了谁来清", "重复的")
    assert Visit.objects.filter(kind="meeting").count() == 0
    category = Category.objects.get(county=world.county, name="村道破损")
    settled(client, draft, keys[0], text="路灯何时修", asked_by="黄阿婆", answer="下周来修")
    go(client, "answer", draft, question=keys[2], remove="1")
    before, said = Visit.objects.count(), AuditRow.objects.count()

    refused = go(client, "finish", draft)
    assert refused.status_code == 200
    assert "还有 1 个问题" in text(refused)
    assert (Visit.objects.count(), AuditRow.objects.count()) == (before, said)

    settled(
        client, draft, keys[1], text="水渠堵了谁来清", category=category.pk, kind="suggestion", household=present.pk
    )
    done = go(client, "finish", draft)
    visit = Visit.objects.get(kind="meeting")
    assert done.url == reverse("visit_detail", args=[visit.pk])
    assert (visit.meeting_form, visit.people_met, visit.attendees, visit.speakers) == (
        "courtyard", 23, "二组村民", "村支书",
    )  # fmt: skip
    assert list(visit.other_households.all()) == [present]
    issue = Issue.objects.get(visit=visit)
    assert (issue.title, issue.kind, issue.source, issue.household, issue.category) == (
        "水渠堵了谁来清", "suggestion", "meeting", present, category,
    )  # fmt: skip
    assert list(visit.questions.order_by("sort_order").values_list("text", "answer", "issue")) == [
        ("路灯何时修", "下周来修", None), ("水渠堵了谁来清", "", issue.pk),
    ]  # fmt: skip
    assert Household.objects.get(pk=present.pk).last_met_on is None
    assert go(client, "finish", draft).url == done.url
    assert Visit.objects.count() == before + 1
    draft.refresh_from_db()
    assert draft.body == ""
    shown = text(client.get(done.url))
    for what in ("下周来修", "二组村民", "村支书", present.head_name):
        assert what in shown


def test_a_question_sent_twice_is_one_and_enter_brings_the_next(world: World, sign_in: SignIn) -> None:
    client = sign_in("village_cadre")
    draft, key = begun(world, client), str(uuid.uuid4())
    url = reverse("meeting_draft_ask", args=[draft.pk])
    for _again in range(2):
        piece = client.post(url, {"text": "路灯何时修", "client_id": key}, HTTP_HX_REQUEST="true")
    assert "<html" not in text(piece)
    assert "autofocus" in text(piece)
    draft.refresh_from_db()
    assert [question.text for question in meeting_drafts.read(draft).questions] == ["路灯何时修"]
    empty = client.post(url, {"text": " "})
    assert empty.status_code == 200
    draft.refresh_from_db()
    assert len(meeting_drafts.read(draft).questions) == 1


def test_what_the_words_propose_is_chosen_beforehand(world: World, sign_in: SignIn) -> None:
    client, category = sign_in("village_cadre"), Category.objects.get(county=world.county, name="村道破损")
    Keyword.objects.create(county=world.county, name="坑洼", category=category)
    draft = begun(world, client)
    asked(client, draft, "村口坑洼", "别的事")
    forms = client.get(reverse("meeting_draft_detail", args=[draft.pk])).context["questions"]
    assert [form["category"].value() for form in forms] == [category.pk, None]
    assert go(client, "finish", draft).status_code == 200
    assert not Visit.objects.filter(kind="meeting").exists()


def test_the_same_form_is_one_draft(world: World, sign_in: SignIn) -> None:
    client, sent = sign_in("village_cadre"), head(world)
    first, again = (client.post(reverse("meeting_draft_create"), sent) for _n in range(2))
    assert first.url == again.url
    assert MeetingDraft.objects.count() == 1


@pytest.mark.parametrize("key", ["household_cadre", "village_official", "township_leader", "village_cadre@马銮"])
def test_a_draft_is_its_authors_alone(world: World, sign_in: SignIn, key: str) -> None:
    draft = begun(world, sign_in("village_cadre"))
    asked(sign_in("village_cadre"), draft, "只给自己看的问题")
    body, client = MeetingDraft.objects.get(pk=draft.pk).body, sign_in(key)
    assert client.get(reverse("meeting_draft_detail", args=[draft.pk])).status_code == 404
    for name in ("ask", "answer", "finish", "discard", "head"):
        assert go(client, name, draft, text="外人的话").status_code == 404
    assert MeetingDraft.objects.get(pk=draft.pk).body == body
    assert "城垵村" not in text(client.get(reverse("today"))) or key != "village_cadre@马銮"


def test_a_village_that_is_no_longer_ones_own_refuses_the_end(world: World, sign_in: SignIn) -> None:
    client = sign_in("village_cadre")
    draft = begun(world, client)
    MeetingDraft.objects.filter(pk=draft.pk).update(body=draft.body)
    foreign = world.villages["马銮"]
    assert client.post(reverse("meeting_draft_create"), head(world, village=foreign.pk)).status_code == 200
    world.cadre("village_cadre").postings.update(village=foreign)
    assert go(client, "finish", draft).status_code == 200
    assert not Visit.objects.filter(kind="meeting").exists()


def test_an_issue_that_cant_be_registered_leaves_the_draft(world: World, sign_in: SignIn) -> None:
    client = sign_in("village_cadre")
    draft = begun(world, client)
    asked(client, draft, "村里的事")
    body = meeting_drafts.read(draft)
    body.questions[0].category = Category.objects.get(county=world.other_county, name="村道破损").pk
    MeetingDraft.objects.filter(pk=draft.pk).update(body=json.dumps(asdict(body)))
    count = Issue.objects.count()
    refused = go(client, "finish", draft)
    assert refused.status_code == 200
    assert "村里的事" in text(refused)
    assert (Issue.objects.count(), Visit.objects.filter(kind="meeting").count()) == (count, 0)


def test_discarded_is_gone_and_a_finished_one_stays(world: World, sign_in: SignIn) -> None:
    client = sign_in("village_cadre")
    draft = begun(world, client)
    assert "继续" in text(client.get(reverse("today")))
    go(client, "discard", draft)
    assert not MeetingDraft.objects.exists()
    other = begun(world, client)
    go(client, "finish", other)
    assert go(client, "discard", other).status_code == 404
    assert client.get(reverse("meeting_draft_detail", args=[other.pk])).status_code == 302


@pytest.mark.parametrize("count", [2, 12])
def test_the_same_number_of_queries(world: World, sign_in: SignIn, django_assert_num_queries: Any, count: int) -> None:
    client = sign_in("village_cadre")
    draft = begun(world, client)
    asked(client, draft, *(f"问题{n}" for n in range(count)))
    with django_assert_num_queries(6):
        assert client.get(reverse("meeting_draft_detail", args=[draft.pk])).status_code == 200
