"""The world of the access guards: the shared one, with a row of every kind in every place and with more people.

Places are seen from the people under test, who serve 城垵: their own village, one beside it in the same district, one
in another district of the township, one in another township, one in another county. Ids of every table begin at a
number of their own, so that an id of one table is never by chance an id of another.
"""

import datetime
import json
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.utils import timezone

from accounts.models import User
from ledger.exporting import kept_files
from ledger.models import (
    Allocation,
    BenefitKind,
    CalendarDay,
    CallBackSample,
    Campaign,
    Correction,
    DisputeParty,
    DisputeSettlement,
    District,
    EarlySign,
    Enterprise,
    Evidence,
    Exclusion,
    Export,
    FillInForm,
    FollowUp,
    GivenGuide,
    Guide,
    HandOver,
    HeldRow,
    HouseholdBenefit,
    HouseholdEvent,
    HouseholdTie,
    ImportBatch,
    ImportRow,
    Issue,
    IssueBatch,
    IssueBatchRow,
    IssueResult,
    IssueStep,
    KeptEntry,
    LinkKind,
    MeetingDraft,
    Notice,
    Organisation,
    PrintRun,
    PublishedWish,
    Rotation,
    SampledIssue,
    SampleReview,
    SavedFilter,
    SignReview,
    StatisticsSnapshot,
    Substitution,
    Topic,
    VillageLink,
    Visit,
    VisitCorrection,
    VisitNote,
    VisitQuestion,
    WishClaim,
)
from ledger.rules.days import local_today
from ledger.rules.permissions import Role
from tests.access.allocations import allocated
from tests.access.duties import campaigned, going_round, handed_over, on_leave, substitutes
from tests.access.reports import guide_of, printed, reported
from tests.world import START, World, build, make_cadre, make_household, make_issue, post

PLACES = {
    "own": "城垵", "sibling": "马銮", "other district": "东沈", "other township": "前楼", "other county": "六龙",
}  # fmt: skip
MISSING = 987654321
"""An id that no table has."""
Find = Callable[[World, str], Any]


def build_for_access() -> World:
    """Everything the guards open, in all five places."""
    _spread_ids()
    world = build()
    _more_people(world)
    for place in PLACES.values():
        _more_rows(world, place)
        _ends_of_issues(world, place)
    _give_issues(world)
    return world


def _spread_ids() -> None:
    """Table after table a hundred thousand further: a foreign id means one row in the whole database."""
    with connection.cursor() as cursor:
        for number, model in enumerate(apps.get_models(include_auto_created=True), start=1):
            table, start = model._meta.db_table, number * 100_000
            key = model._meta.pk
            if key is None or not key.get_internal_type().endswith("AutoField") or model.objects.exists():
                continue
            if connection.vendor == "sqlite":
                cursor.execute("DELETE FROM sqlite_sequence WHERE name = %s", [table])
                cursor.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)", [table, start])
            else:
                cursor.execute("SELECT setval(pg_get_serial_sequence(%s, %s), %s)", [f'"{table}"', key.column, start])


def _more_people(world: World) -> None:
    """The same roles elsewhere, who moved yesterday, and whose account is closed."""
    far, county = world.far_township, world.other_county
    committee = world.organisations["村镇建设办@前楼"]
    for role, home, territory in (
        (Role.COUNTY_ADMIN, None, {"county": county}), (Role.COUNTY_DESK, None, {"county": county}),
        (Role.COUNTY_LEADER, None, {"county": county}), (Role.TOWNSHIP_DESK, far, {"township": far}),
        (Role.DEPARTMENT_HANDLER, world.other_township, {"organisation": committee}),
    ):  # fmt: skip
        cadre = make_cadre(home, f"{county.name}{Role(role).label}", county if home in {None, far} else world.county)
        post(cadre, role, **territory)
        world.users[f"{role}@elsewhere"] = cadre.user  # type: ignore[assignment]
    yesterday = local_today() - datetime.timedelta(days=1)
    moved = make_cadre(world.other_township, "昨日调动", world.county)
    for role in (Role.TOWNSHIP_ADMIN, Role.TOWNSHIP_DESK):
        post(moved, role, end_on=yesterday, township=world.township)
        post(moved, role, start_on=yesterday, township=world.other_township)
    world.users["moved"] = moved.user  # type: ignore[assignment]
    substitutes(world)
    disabled = make_cadre(None, "停用账号", world.county)
    for role in (Role.COUNTY_ADMIN, Role.COUNTY_LEADER):
        post(disabled, role, county=world.county)
    User.objects.filter(pk=disabled.user_id).update(is_active=False)
    world.users["disabled"] = User.objects.get(pk=disabled.user_id)


def _more_rows(world: World, place: str) -> None:
    village, household, issue = world.villages[place], world.households[place][0], world.issues[place]
    cadre, visit, now = world.cadre(f"household_cadre@{place}"), world.visits[place], timezone.now()
    admin = world.users["county_admin" if place != "六龙" else "county_admin@elsewhere"]
    Correction.objects.create(household=household, proposed='{"remark": "改"}', reason="入户看到", proposed_by=cadre)
    Enterprise.objects.create(village=village, name=f"{place}合作社", contact=f"{place}老板")
    Exclusion.objects.create(
        household=world.households[place][2], start_on=START, reason=f"{place}常年外出", approved_by=admin,
        approved_at=now,
    )  # fmt: skip
    HouseholdEvent.objects.create(
        household=household, kind="status", on=START, reason=f"{place}变动原因", by=admin, at=now,
        kept={"period": 0, "period_before": None, "status": "active"},
    )  # fmt: skip
    meeting = Visit.objects.create(
        kind="meeting", meeting_form="courtyard", village=village, lead=cadre, recorded_by=cadre.user,
        occurred_on=local_today(), people_met=9, content=f"{place}会上说的", place=f"{place}祠堂",
        promise=f"{place}答应的事", follow_up_on=local_today(),
    )  # fmt: skip
    VisitNote.objects.create(
        visit=visit, profession="doctor", subject=f"{place}病人", finding=f"{place}血压", advice=f"{place}少盐"
    )
    kind, _made = BenefitKind.objects.get_or_create(county=village.township.county, name="高龄津贴")
    HouseholdBenefit.objects.create(household=household, kind=kind, amount=f"{place}每月80元", source=f"{place}名册")
    VisitQuestion.objects.create(visit=meeting, asked_by=f"{place}问的人", text=f"{place}问题", answer=f"{place}答复")
    VisitCorrection.objects.create(visit=visit, old={"content": f"{place}旧话"}, reason=f"{place}记错", by=cadre)
    IssueStep.objects.bulk_create(
        [IssueStep(issue=issue, step="register", to_state="registered", by=cadre, at=now, text=f"{place}经过")]
    )
    guide_of(world, place)
    VillageLink.objects.create(village=village, kind=LinkKind.VILLAGE_CADRE, cadre=cadre, start_on=START)
    District.objects.get_or_create(township=village.township, name=f"{village.township.short_name}试管区")
    township = village.township
    Organisation.objects.get_or_create(
        county=township.county, township=township, name=f"{township.short_name}试办", kind="internal"
    )
    CalendarDay.objects.get_or_create(county=township.county, day=START, defaults={"is_working": False})
    batch = ImportBatch.objects.create(file_name=f"{place}.xlsx", uploaded_by=admin, state="planned")
    batch.townships.add(township)
    ImportRow.objects.create(batch=batch, row=2, outcome="refused", label=f"{place}行", household=household)
    _held_row(village, household, place, admin)
    handed_over(village, household, place, admin)
    allocated(village, household, cadre, place)
    on_leave(village, place, admin)
    going_round(village, admin)
    campaigned(village, visit, place, admin)
    reported(township, admin)
    _evidence(issue, place, admin)
    _acted(world, issue, place)
    make_household(village, 4)
    address = f"/visits/new/?household={household.pk}"
    said = {"address": address, "values": {}, "lines": [["谈话内容", f"{place}另一说法"]], "files": []}
    _exported(place, cadre)
    printed(household, cadre, place)
    SavedFilter.objects.create(user=cadre.user, page="issues", name=f"{place}常用", query="state=open")
    _kept(cadre.user, household, visit, said)
    said = {"head": {"village": [str(village.pk)], "meeting_form": ["courtyard"], "occurred_on": [str(local_today())]},
            "questions": [{"key": "a", "text": f"{place}草稿问题"}]}  # fmt: skip
    MeetingDraft.objects.create(cadre=cadre, village=village, occurred_on=local_today(), body=json.dumps(said))
    Notice.objects.create(cadre=cadre, issue=issue, sort="assigned", mark=place, at=now, rings_at=now)


def _kept(user: Any, household: Any, visit: Any, said: dict[str, Any]) -> None:
    """A form sent twice with other words; a visit that waited on a phone until its household was another's."""
    township = household.village.township
    handed_in = {"village": household.village, "is_handed_in": True}
    for about in ({"object_id": visit.pk}, {"household": household}, handed_in):
        entry = KeptEntry.objects.create(
            user=user, form="visit", client_id=uuid.uuid4(), body=json.dumps(said), county=township.county,
            township=township, **about,
        )  # fmt: skip
    place = household.village.name
    name = f"access/{place}.entry.jpg"
    default_storage.delete(name)
    default_storage.save(name, ContentFile(place.encode()))
    Evidence.objects.create(
        entry=entry, kind="photo", stored_as=name, name=f"{place}门口.jpg", size=9, digest="0", added_by=user
    )


def _exported(place: str, cadre: Any) -> None:
    """A workbook somebody took out."""
    made = Path(settings.MEDIA_ROOT) / "made.xlsx"
    made.parent.mkdir(parents=True, exist_ok=True)
    made.write_bytes(b"PK made")
    Export.objects.create(
        kind="issues", query="state=open", filter_words=f"{place}的条件", file_name=f"{place}台账.xlsx", state="ready",
        total=1, done=1, size=7, stored_as=kept_files.keep(made), requested_by=cadre.user,
    )  # fmt: skip


def _ends_of_issues(world: World, place: str) -> None:
    """What was settled on the spot and drawn, and what results rest on."""
    village, cadre, now = world.villages[place], world.cadre(f"household_cadre@{place}"), timezone.now()
    settled = make_issue(
        world.households[place][0], cadre, world.issues[place].serial + 300, state="resolved", handler=cadre,
        resolved_by=cadre, resolved_at=now, resolved_in_time=True, outcomes=["explained"], result_text=f"{place}讲清了",
    )  # fmt: skip
    IssueStep.objects.create(
        issue=settled, step="resolve", to_state="resolved", by=cadre, at=now, text="", data={"on_spot": True}
    )
    sample = CallBackSample.objects.create(
        township=village.township, drawn_by=cadre, drawn_at=now, percent=10, least=1, seed="0123456789abcdef"
    )
    SampledIssue.objects.create(sample=sample, issue=settled, round=1, handler=cadre, is_drawn=True)
    reviewer = world.cadre(f"village_cadre@{place}")
    SampleReview.objects.create(sample=sample, handler=cadre, text=f"{place}核查", by=reviewer, at=now)
    at_odds = make_issue(world.households[place][0], cadre, world.issues[place].serial + 400, kind="dispute")
    DisputeSettlement.objects.create(issue=at_odds, mediator=f"{place}调解人", agreement=f"{place}协议")
    DisputeParty.objects.create(issue=at_odds, name=f"{place}甲方", side="first", phone="13711112222")
    FollowUp.objects.create(issue=at_odds, planned_on=local_today(), planned_by=cadre)
    wish = make_issue(world.households[place][0], cadre, world.issues[place].serial + 500, kind="wish")
    WishClaim.objects.create(
        issue=wish, cadre=cadre, donor=f"{place}捐助人", claimed_at=now, claimed_by=cadre, ended_at=now,
        reason=f"{place}退还",
    )  # fmt: skip
    PublishedWish.objects.create(
        issue=wish, text=f"{place}说错的话", published_at=now, published_by=cadre, ended_at=now, how_ended="withdrawn"
    )
    PublishedWish.objects.create(issue=wish, text=f"{place}公开的话", published_at=now, published_by=cadre)
    secret = world.issues[f"{place}-sensitive"]
    EarlySign.objects.create(issue=secret, cause=f"{place}起因", review_on=local_today())
    SignReview.objects.create(
        issue=secret, at=now, by=reviewer, colour="3yellow", review_on=local_today(), text=f"{place}复查"
    )
    for each in (world.issues[place], world.issues[f"{place}-sensitive"]):
        IssueResult.objects.create(
            issue=each, round=0, seen=f"{place}看到", explained=f"{place}解释", policy=f"{place}规定",
            help_given=f"{place}帮扶", help_amount=100, help_source=f"{place}来源", thanks=f"{place}谢谢",
        )  # fmt: skip


def _evidence(issue: Any, place: str, admin: Any) -> None:
    for kind, suffix in (("photo", "jpg"), ("pdf", "pdf")):
        name = f"access/{place}.{suffix}"
        default_storage.delete(name)
        default_storage.save(name, ContentFile(f"%PDF-1.7 {place}".encode()))
        Evidence.objects.create(
            issue=issue, kind=kind, stored_as=name, name=f"{place}.{suffix}", size=9, digest="0", added_by=admin
        )


def _acted(world: World, issue: Any, place: str) -> None:
    township, now = world.villages[place].township, timezone.now()
    acted = IssueBatch.objects.create(
        step="assign", county=township.county, township=township, made_by=world.users[f"village_cadre@{place}"],
        made_at=now, said={"text": f"{place}批量说明"}, asked={"q": f"{place}搜索"}, done=0, left=1,
    )  # fmt: skip
    IssueBatchRow.objects.create(batch=acted, issue=issue, outcome="refused", why=f"{place}不能交办")


def _held_row(village: Any, household: Any, place: str, admin: Any) -> None:
    """An import that was applied, with a row that waits for a decision."""
    now, township = timezone.now(), village.township
    applied = ImportBatch.objects.create(
        file_name=f"已导入{place}.xlsx", uploaded_by=admin, applied_by=admin, applied_at=now, state="applied",
        counts={"refused": 1, "held": 1},
    )  # fmt: skip
    applied.townships.add(township)
    row = ImportRow.objects.create(
        batch=applied, row=3, outcome="refused", label=f"{place}另户", codes=["code_conflict"]
    )
    said = {"village_code": village.code, "hh_no": household.code, "head": f"{place}另户主", "remark": f"{place}说法"}
    HeldRow.objects.create(row=row, township=township, reason="code_conflict", said=json.dumps(said))


def _give_issues(world: World) -> None:
    """Each place's issue waits at a unit: that of 城垵 at the one whose handler is under test."""
    units = {"城垵": "村镇建设办", "马銮": "纪委", "东沈": "派出所", "前楼": "村镇建设办@前楼"}
    for place, unit in units.items():
        Issue.objects.filter(pk=world.issues[place].pk).update(
            state="assigned", lead_organisation=world.organisations[unit], assigned_at=timezone.now(),
            due_on=local_today(), first_due_on=local_today(),
        )  # fmt: skip


def household(world: World, place: str) -> Any:
    return world.households[place][0]


def cadre(world: World, place: str) -> Any:
    return world.cadre(f"household_cadre@{place}")


def _last(model: Any, **path: str) -> Find:
    """The row of a model that hangs on something of the place: ``household="household"``."""
    ((field, kind),) = path.items()
    return lambda world, place: model.objects.filter(**{field: KINDS[kind](world, place)}).order_by("pk").last()


KINDS: dict[str, Find] = {
    "household": household,
    "member": lambda world, place: household(world, place).residents.get(),
    "visit": lambda world, place: world.visits[place],
    "issue": lambda world, place: world.issues[place],
    "village": lambda world, place: world.villages[place],
    "township": lambda world, place: world.villages[place].township,
    "county": lambda world, place: world.villages[place].township.county,
    "cadre": cadre,
    "posting": lambda world, place: cadre(world, place).postings.get(),
    "benefit kind": lambda world, place: BenefitKind.objects.get(county=world.villages[place].township.county),
    "topic": lambda world, place: Topic.objects.get(county=world.villages[place].township.county),
}
KINDS |= {
    "allocation": _last(Allocation, village="village"),
    "wish about a household": _last(HouseholdTie, household__village="village"),
    "correction": _last(Correction, household="household"),
    "published wish": _last(PublishedWish, issue__village="village"),
    "household event": _last(HouseholdEvent, household="household"),
    "exclusion": lambda world, place: Exclusion.objects.get(household=world.households[place][2]),
    "evidence": _last(Evidence, issue="issue"),
    "link": _last(VillageLink, village="village"),
    "district": _last(District, township="township"),
    "organisation": _last(Organisation, township="township"),
    "calendar day": _last(CalendarDay, county="county"),
    "guide": _last(Guide, township="township"),
    "given guide": _last(GivenGuide, issue="issue"),
    "kept entry": lambda world, place: KeptEntry.objects.get(
        user=cadre(world, place).user, household=None, is_handed_in=False
    ),
    "moved entry": lambda world, place: KeptEntry.objects.get(household=household(world, place)),
    "enterprise": _last(Enterprise, village="village"),
    "meeting draft": lambda world, place: MeetingDraft.objects.get(cadre=cadre(world, place)),
    "notice": lambda world, place: Notice.objects.filter(cadre=cadre(world, place)).earliest("pk"),
    "follow-up": _last(FollowUp, issue__village="village"),
    "party": _last(DisputeParty, issue__village="village"),
    "sample": lambda world, place: CallBackSample.objects.get(rows__issue__village=world.villages[place]),
    "export": lambda world, place: Export.objects.get(requested_by=cadre(world, place).user),
    "card run": lambda world, place: PrintRun.objects.get(made_by=cadre(world, place).user, kind="card"),
    "badge run": lambda world, place: PrintRun.objects.get(made_by=cadre(world, place).user, kind="badge"),
    "saved filter": lambda world, place: SavedFilter.objects.get(user=cadre(world, place).user),
    "held row": _last(HeldRow, township="township"),
    "campaign": _last(Campaign, places__village="village"),
    "rotation": _last(Rotation, organisation__township="township"),
    "substitution": lambda world, place: Substitution.objects.get(
        absent__postings__village=world.villages[place], start_on__gt=local_today()
    ),
    "hand-over": lambda world, place: HandOver.objects.get(rows__household=household(world, place)),
    "snapshot": _last(StatisticsSnapshot, township="township"),
    "form": _last(FillInForm, township="township"),
    "applied batch": lambda world, place: ImportBatch.objects.get(file_name__startswith=f"已导入{place}"),
    "issue batch": lambda world, place: IssueBatch.objects.get(made_by=world.users[f"village_cadre@{place}"]),
    "batch": lambda world, place: ImportBatch.objects.get(file_name__startswith=place),
}
"""What an id may stand for, and which row of it lies in a place."""
