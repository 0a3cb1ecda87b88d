"""Rows of 城垵 that the crawl opens pages of, by how the names of their routes begin."""

import json

from django.utils import timezone

from ledger.models import (
    Allocation,
    CallBackSample,
    EarlySign,
    Enterprise,
    FillInForm,
    FollowUp,
    HandOver,
    HeldRow,
    ImportBatch,
    ImportRow,
    MeetingDraft,
    PrintRun,
    PublishedWish,
    SampledIssue,
    StatisticsSnapshot,
)
from ledger.rules.days import local_today
from tests.access.allocations import allocated
from tests.access.duties import campaigned, handed_over
from tests.access.reports import printed, reported
from tests.world import START, World, make_issue


def kinds_of_issue(world: World) -> dict[str, int]:
    """A dispute with a visit to come, a wish in the pool, an early sign, what was drawn to be called back."""
    household, cadre = world.households["城垵"][0], world.cadre("household_cadre")
    at_odds, wish = (make_issue(household, cadre, 901 + at, kind=kind) for at, kind in enumerate(("dispute", "wish")))
    published = PublishedWish.objects.create(
        issue=wish, text="想要一个书包", published_at=timezone.now(), published_by=cadre
    )
    sign = make_issue(household, cadre, 903, kind="early_sign", is_sensitive=True)
    EarlySign.objects.create(issue=sign, cause="征地", review_on=START)
    visit = FollowUp.objects.create(issue=at_odds, planned_on=START, planned_by=cadre)
    sample = CallBackSample.objects.create(
        township=world.township, drawn_by=cadre, drawn_at=timezone.now(), percent=10, least=1, seed="0123456789abcdef"
    )
    SampledIssue.objects.create(sample=sample, issue=world.issues["城垵"], round=1, handler=cadre, is_drawn=True)
    return {
        "dispute_": at_odds.pk, "follow_up_plan": at_odds.pk, "follow_up_": visit.pk, "wish_": wish.pk,
        "wish_pool_": published.pk,
        "sign_": sign.pk, "sample_": sample.pk,
    }  # fmt: skip


def held_row(world: World) -> int:
    """A row of an import that waits for a decision."""
    applied = ImportBatch.objects.create(
        file_name="待定.xlsx", uploaded_by=world.users["township_admin"], state="applied", counts={"held": 1}
    )
    applied.townships.add(world.township)
    row = ImportRow.objects.create(batch=applied, row=3, outcome="refused", label="另户", codes=["code_conflict"])
    code, village = world.households["城垵"][0].code, world.villages["城垵"].code
    said = json.dumps({"village_code": village, "hh_no": code, "head": "另户主"})
    return HeldRow.objects.create(row=row, township=world.township, reason="code_conflict", said=said).pk


def kept_by_offices(world: World) -> dict[str, int]:
    """What was handed over, allocated, reported and printed; a meeting that is being recorded."""
    village, household, admin = world.villages["城垵"], world.households["城垵"][0], world.users["township_admin"]
    cadre = world.cadre("household_cadre")
    handed_over(village, household, "城垵", admin)
    allocated(village, household, cadre, "城垵")
    proposal = Allocation.objects.get(village=village)
    reported(village.township, admin)
    printed(household, cadre, "城垵")
    said = {"head": {"village": [str(village.pk)], "meeting_form": ["courtyard"], "occurred_on": [str(local_today())]},
            "questions": [{"key": "a", "text": "路灯"}]}  # fmt: skip
    draft = MeetingDraft.objects.create(cadre=cadre, village=village, occurred_on=local_today(), body=json.dumps(said))
    enterprise = Enterprise.objects.create(village=village, name="合作社")
    township = village.township
    whole, drawn = (
        Allocation.objects.create(county=township.county, township=place, state=state, digest="0", total=1)
        for place, state in ((township, "open"), (None, "drawing"))
    )
    newest = {
        "handover_": HandOver, "snapshot_": StatisticsSnapshot, "fill_in_form_": FillInForm,
    }  # fmt: skip
    runs = dict(PrintRun.objects.values_list("kind", "pk"))
    return {
        **{start: model._base_manager.latest("pk").pk for start, model in newest.items()},
        "contact_card_": runs["card"], "badge_": runs["badge"], "meeting_draft_": draft.pk,
        "campaign_": campaigned(village, world.visits["城垵"], "城垵", admin).pk,
        "enterprise_": enterprise.pk, "exclusion_create": household.pk, "allocation_people": village.pk,
        "allocation_": proposal.pk, "whole township": whole.pk, "being drawn": drawn.pk,
    }  # fmt: skip
