"""What waits for somebody taken out: the rows of its page, no neighbour's, nothing of a circle one is not in."""

import uuid
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from ledger.models import (
    CallBackSample,
    EarlySign,
    Exclusion,
    FollowUp,
    ImportBatch,
    Issue,
    IssueStep,
    Notice,
    SampledIssue,
)
from ledger.rules.days import local_today
from tests.actions.test_campaigns import begun
from tests.exporting.test_lists import book_of, rows_of
from tests.views.issue_pages import SignIn
from tests.views.test_kept_entries import twice
from tests.world import START, World, make_issue

TODAY = local_today()


def cells(world: World, kind: str, who: str, *columns: int, query: str = "") -> list[Any]:
    rows = rows_of(book_of(world, kind, who, query).active)
    return [tuple(row[at] for at in columns) for row in rows] if len(columns) > 1 else [row[columns[0]] for row in rows]


def test_notices_are_worded_as_on_their_page_and_are_ones_own(world: World) -> None:
    now, mine, other = timezone.now(), world.cadre("village_cadre"), world.cadre("household_cadre@马銮")
    for at, cadre, issue in ((1, mine, "城垵"), (2, mine, "城垵-sensitive"), (3, other, "马銮")):
        Notice.objects.create(
            cadre=cadre, issue=world.issues[issue], sort="arrived", mark=str(at), at=now, rings_at=now
        )
    begun(world, "城垵")
    Notice.objects.filter(mark="2").update(read_at=now)
    found = cells(world, "notices", "village_cadre", 3, 6)
    assert sorted(found) == [("医保缴费提醒", "未读"), ("城垵户主1的问题", "未读")]
    hidden = cells(world, "notices", "village_cadre", 3, 6, query="state=read")
    assert [("户主" in title, read) for title, read in hidden] == [(False, "已读")]
    assert cells(world, "notices", "village_cadre", 3, query="sort=campaign") == ["医保缴费提醒"]


def test_imports_of_ones_own_townships(world: World) -> None:
    for name, town in (("康美", world.township), ("前楼", world.other_township)):
        batch = ImportBatch.objects.create(
            file_name=f"{name}.xlsx", uploaded_by=world.users["county_admin"], state="applied",
            counts={"created": 3, "refused": 1},
        )  # fmt: skip
        batch.townships.add(town)
    assert cells(world, "imports", "township_admin", 2, 4, 6, 9) == [("康美.xlsx", "康美镇", 3, 1)]


def test_kept_entries_say_their_words_to_their_sender_alone(world: World, sign_in: SignIn) -> None:
    twice(world, sign_in("household_cadre"))
    mine = cells(world, "kept_entries", "household_cadre", 5, 6)
    assert [("第二次的话" in said, "13812345678" in said, done) for said, done in mine] == [(True, False, "待核对")]
    assert cells(world, "kept_entries", "township_admin", 3, 5) == [(world.users["household_cadre"].name, None)]
    assert cells(world, "kept_entries", "household_cadre@马銮", 5) == []
    assert cells(world, "kept_entries", "household_cadre", 5, query="state=decided") == []


def test_signs_and_follow_ups_of_ones_circle(world: World) -> None:
    for place in ("城垵", "前楼"):
        EarlySign.objects.create(issue=world.issues[f"{place}-sensitive"], cause=f"{place}征地", review_on=TODAY)
        dispute = make_issue(
            world.households[place][0], world.cadre(f"household_cadre@{place}"), 700 + len(place), kind="dispute",
        )  # fmt: skip
        FollowUp.objects.create(issue=dispute, planned_on=START, planned_by=world.cadre(f"village_cadre@{place}"))
    assert cells(world, "signs", "village_cadre", 6, query="cause=城垵征地") == ["城垵征地"]
    assert cells(world, "signs", "village_cadre", 6, query="cause=前楼征地") == []
    assert cells(world, "signs", "village_cadre@马銮", 6) == [None]
    assert cells(world, "follow_ups", "village_cadre", 4, 6) == [("城垵户主1的问题", "已过期")]
    assert cells(world, "follow_ups", "village_cadre@马銮", 4) == []


def test_samples_say_who_was_drawn_and_what_they_answered(world: World) -> None:
    now, cadre = timezone.now(), world.cadre("household_cadre")
    issues: list[Issue] = []
    for serial in (801, 802, 803):
        issue = make_issue(
            world.households["城垵"][0], cadre, serial, state="resolved", handler=cadre, resolved_by=cadre,
            resolved_at=now, resolved_in_time=True, outcomes=["explained"], result_text="讲清了",
        )  # fmt: skip
        IssueStep.objects.create(
            issue=issue, step="resolve", to_state="resolved", by=cadre, at=now, text="", data={"on_spot": True}
        )
        issues.append(issue)
    sample = CallBackSample.objects.create(
        township=world.township, drawn_by=cadre, drawn_at=now, percent=10, least=1, seed=uuid.uuid4().hex
    )
    for at, issue in enumerate(issues[:2]):
        SampledIssue.objects.create(sample=sample, issue=issue, round=issue.round, handler=cadre, is_drawn=not at)
    IssueStep.objects.create(
        issue=issues[0], step="call_back", to_state="resolved", by=world.cadre("village_cadre"), at=now, text="",
        round=issues[0].round, data={"answer": "satisfied"},
    )  # fmt: skip
    desk = "village_cadre"
    assert cells(world, "for_samples", desk, 1, 8) == [("康美〔2026〕803号", cadre.name)]
    assert cells(world, "samples", desk, 2, 7, 8, query=f"sample={sample.pk}") == [
        ("康美〔2026〕801号", "抽中", "满意"), ("康美〔2026〕802号", "未抽中", None),
    ]  # fmt: skip
    assert cells(world, "samples", "village_cadre@马銮", 5, query=f"sample={sample.pk}") == []
    assert cells(world, "samples", desk, 5, query="sample=999") == []


def test_exclusions_with_reason_and_approver(world: World) -> None:
    for place in ("城垵", "前楼"):
        Exclusion.objects.create(
            household=world.households[place][0], start_on=START, reason=f"{place}外省定居",
            approved_by=world.users["township_leader"], approved_at=timezone.now(),
        )  # fmt: skip
    assert cells(world, "exclusions", "village_cadre", 3, 5) == [("城垵户主1", "城垵外省定居")]
    area = f"area=village-{world.villages['马銮'].pk}"
    assert cells(world, "exclusions", "township_desk", 3, query=area) == []


@pytest.mark.parametrize("kind", ["imports", "signs", "for_samples"])
def test_who_may_not_open_the_page_takes_nothing_out(world: World, sign_in: SignIn, kind: str) -> None:
    answer = sign_in("household_cadre").post(reverse("list_export", args=[kind]))
    assert answer.status_code == 403
