"""A visit, its issues and what is kept beside the household: once, forward only, never overwritten."""

import datetime
import io
import uuid

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from PIL import Image

from ledger.actions import evidence
from ledger.actions.submissions import SubmissionConflict
from ledger.actions.versions import StaleEdit
from ledger.actions.visits import IssueFault, correct_visit, log_visit, refresh_dates, void_visit
from ledger.models import AuditRow, Cadre, Category, Household, Issue, NumberCounter, Visit, VisitCorrection
from ledger.rules.days import local_today
from tests.world import World

DAY = datetime.timedelta(days=1)


@pytest.fixture
def world(world: World) -> World:
    """The world's own issues have taken the numbers up to 200."""
    NumberCounter.objects.update_or_create(township=world.township, year=local_today().year, defaults={"last": 200})
    return world


def fresh(world: World, number: int = 1) -> Household:
    """A household of the household cadre that nobody has visited."""
    household = world.households["城垵"][number]
    return Household.objects.select_related("village__township").get(pk=household.pk)


def log(world: World, household: Household | None, issues: list[dict] | None = None, **data: object) -> Visit:
    data = {"kind": "household", "result": "met", "occurred_on": local_today(), "content": "聊了收成", **data}
    client_id = data.pop("client_id", None)
    pk, _new = log_visit(
        by=world.user("household_cadre"), data={"household": household, **data}, client_id=client_id,
        issues=issues or [],
    )  # fmt: skip
    return Visit.objects.get(pk=pk)


def dates(household: Household) -> tuple[datetime.date | None, datetime.date | None]:
    row = Household.objects.get(pk=household.pk)
    return row.last_met_on, row.last_visit_on


def road(world: World) -> Category:
    return Category.objects.get(county=world.county, name="村道破损")


def test_a_visit_with_everything(world: World) -> None:
    household = fresh(world)
    topics = list(world.county.topics.all())
    companion = world.cadre("village_official")
    visit = log(world, household, people_met=2, promise="周五带材料", topics=topics, companions=[companion])

    assert (visit.lead, visit.recorded_by) == (world.cadre("household_cadre"), world.users["household_cadre"])
    assert (visit.village, visit.group, visit.profession) == (household.village, household.group, "cadre")
    assert (list(visit.topics.all()), list(visit.companions.all())) == (topics, [companion])
    assert dates(household) == (local_today(), local_today())
    row = AuditRow.objects.get()
    assert (row.verb, row.object_id, row.household_id) == ("visit.logged", visit.pk, household.pk)


@pytest.mark.parametrize(
    ("kind", "result", "met"),
    [
        ("household", "met", True),
        ("night", "met", True),
        ("phone", "met", False),
        ("talk", "met", False),
        ("household", "absent", False),
        ("household", "away", False),
        ("night", "declined", False),
    ],
)
def test_only_meeting_somebody_at_home_is_contact(world: World, kind: str, result: str, met: bool) -> None:
    household = fresh(world)
    log(world, household, kind=kind, result=result)
    assert dates(household) == (local_today() if met else None, local_today())


def test_a_late_entry_never_moves_the_dates_back(world: World) -> None:
    household = fresh(world)
    log(world, household, occurred_on=local_today() - 3 * DAY)
    log(world, Household.objects.get(pk=household.pk), occurred_on=local_today() - 40 * DAY)
    assert dates(household) == (local_today() - 3 * DAY,) * 2
    log(world, fresh(world), kind="phone", occurred_on=local_today())
    assert dates(household) == (local_today() - 3 * DAY, local_today())
    # An object read long ago, before the visits above, does no harm either.
    log(world, household, occurred_on=local_today() - 9 * DAY)
    assert dates(household) == (local_today() - 3 * DAY, local_today())


def test_issues_of_the_form_belong_to_the_visit_and_its_household(world: World) -> None:
    household = fresh(world)
    issues = [
        {"kind": "request", "category": road(world), "title": "村道坑洼"},
        {"kind": "wish", "category": road(world), "title": "想学剪枝", "text": "脐橙"},
    ]
    visit = log(world, household, issues=issues, kind="phone")

    made = Issue.objects.filter(visit=visit).order_by("pk")
    assert [(i.title, i.household, i.village, i.source, i.raised_by_name) for i in made] == [
        ("村道坑洼", household, household.village, "phone", household.head_name),
        ("想学剪枝", household, household.village, "phone", household.head_name),
    ]
    assert len({i.number for i in made}) == 2
    assert Household.objects.get(pk=household.pk).open_issues == household.open_issues + 2


def test_one_bad_issue_and_nothing_is_written(world: World) -> None:
    household = fresh(world)
    elsewhere = Category.objects.filter(county=world.other_county).first()
    issues = [
        {"kind": "request", "category": road(world), "title": "村道坑洼"},
        {"kind": "request", "category": elsewhere, "title": "外县类别"},
    ]
    before = (Visit.objects.count(), Issue.objects.count())
    with pytest.raises(IssueFault) as fault:
        log(world, household, issues=issues, client_id=uuid.uuid4())
    assert fault.value.index == 1
    assert (Visit.objects.count(), Issue.objects.count()) == before
    assert dates(household) == (None, None)
    assert NumberCounter.objects.get(township=world.township, year=local_today().year).last == 200


def test_the_same_form_twice_is_one_visit(world: World) -> None:
    household, client_id = fresh(world), uuid.uuid4()
    issues = [{"kind": "request", "category": road(world), "title": "村道坑洼"}]
    first = log(world, household, issues=issues, client_id=client_id)
    count = Issue.objects.count()
    assert log(world, household, issues=issues, client_id=client_id) == first
    assert Issue.objects.count() == count
    assert AuditRow.objects.filter(verb="visit.logged").count() == 1


def test_a_plain_form_sent_twice_leaves_nothing_of_the_second(world: World) -> None:
    """Without issues and photos nobody looks first: the constraint undoes the second writing."""
    household, client_id, today = fresh(world), uuid.uuid4(), local_today()
    first = log(world, household, client_id=client_id, occurred_on=today - datetime.timedelta(days=3))
    assert log(world, household, client_id=client_id, occurred_on=today - datetime.timedelta(days=3)) == first
    with pytest.raises(SubmissionConflict):
        log(world, household, client_id=client_id, occurred_on=today)
    assert Visit.objects.filter(household=household).count() == 1
    assert dates(household) == (first.occurred_on, first.occurred_on)
    assert AuditRow.objects.filter(verb="visit.logged").count() == 1


def test_the_same_client_id_with_other_words_is_a_conflict(world: World) -> None:
    household, client_id = fresh(world), uuid.uuid4()
    first = log(world, household, client_id=client_id)
    with pytest.raises(SubmissionConflict) as conflict:
        log(world, household, client_id=client_id, content="别的话")
    assert conflict.value.object_id == first.pk
    assert Visit.objects.filter(household=household).count() == 1


def test_a_professional_s_visit_is_of_the_profession(world: World) -> None:
    Cadre.objects.filter(pk=world.cadre("visitor").pk).update(profession="doctor")
    data = {"kind": "household", "result": "met", "occurred_on": local_today(), "household": fresh(world)}
    pk, _new = log_visit(by=world.user("visitor"), data=data)
    assert Visit.objects.get(pk=pk).profession == "doctor"


def test_a_correction_keeps_what_was_said_before(world: World) -> None:
    household = fresh(world)
    visit = log(world, household, topics=list(world.county.topics.all()))
    after = correct_visit(
        by=world.user("household_cadre"), visit=visit, version=1, reason="记错人了",
        data={"content": "聊了学费", "result": "absent", "topics": []},
    )  # fmt: skip
    assert (after.content, after.result, after.version, after.topics.count()) == ("聊了学费", "absent", 2, 0)
    kept = VisitCorrection.objects.get()
    assert kept.old == {"content": "聊了收成", "result": "met", "topics": ["政策宣传"]}
    assert (kept.reason, kept.by) == ("记错人了", world.cadre("household_cadre"))
    assert dates(household) == (None, local_today())


def test_a_correction_without_a_change_leaves_no_trace(world: World) -> None:
    visit = log(world, fresh(world))
    correct_visit(by=world.user("household_cadre"), visit=visit, version=1, reason="x", data={"content": "聊了收成"})
    assert not VisitCorrection.objects.exists()
    assert Visit.objects.get(pk=visit.pk).version == 1


def test_the_slower_correction_changes_nothing(world: World) -> None:
    visit, user = log(world, fresh(world)), world.user("household_cadre")
    correct_visit(by=user, visit=visit, version=1, reason="先", data={"content": "先存的"})
    with pytest.raises(StaleEdit) as stale, transaction.atomic():
        correct_visit(by=user, visit=visit, version=1, reason="后", data={"content": "后存的"})
    assert stale.value.current.content == "先存的"
    assert VisitCorrection.objects.count() == 1


def test_a_void_visit_counts_no_more_and_stays_on_record(world: World) -> None:
    household = fresh(world)
    log(world, household, occurred_on=local_today() - 5 * DAY)
    wrong = log(world, household)
    void_visit(by=world.user("household_cadre"), visit=wrong, version=1, reason="记到别人家")
    assert dates(household) == (local_today() - 5 * DAY,) * 2
    stored = Visit.objects.get(pk=wrong.pk)
    assert (stored.void_reason, stored.voided_by) == ("记到别人家", world.users["household_cadre"])
    with pytest.raises(ValidationError):
        correct_visit(by=world.user("household_cadre"), visit=wrong, version=2, reason="x", data={"content": "y"})
    with pytest.raises(ValidationError):
        void_visit(by=world.user("household_cadre"), visit=wrong, version=2, reason="again")


def test_a_meeting_has_a_village_and_touches_no_household(world: World) -> None:
    village = fresh(world).village
    visit = log(world, None, kind="meeting", result="", meeting_form="courtyard", village=village, place="祠堂前")
    assert (visit.village, visit.household, visit.place) == (village, None, "祠堂前")
    assert dates(fresh(world)) == (None, None)


def test_dates_can_be_rebuilt(world: World) -> None:
    household = fresh(world)
    log(world, household)
    Household.objects.filter(pk=household.pk).update(last_met_on=None, last_visit_on=None)
    refresh_dates([household.pk])
    assert dates(household) == (local_today(), local_today())


def test_a_plain_visit_takes_few_statements(world: World, django_assert_max_num_queries) -> None:
    """Scope 2, the twin, savepoints 4, visit, household, audit row, submission."""
    user, household = world.user("household_cadre"), fresh(world)
    data = {"kind": "household", "result": "met", "occurred_on": local_today(), "household": household}
    with django_assert_max_num_queries(11):
        log_visit(by=user, data=data, client_id=uuid.uuid4())


def test_photos_go_with_the_visit(world: World) -> None:
    picture = io.BytesIO()
    Image.new("RGB", (40, 30), "green").save(picture, "JPEG")
    photo = evidence.read(SimpleUploadedFile("院子.jpg", picture.getvalue()))
    data = {"kind": "household", "result": "met", "occurred_on": local_today(), "household": fresh(world)}
    pk, _new = log_visit(by=world.user("household_cadre"), data=data, photos=[photo])
    assert [(e.kind, e.added_by) for e in Visit.objects.get(pk=pk).evidence.all()] == [
        ("photo", world.users["household_cadre"])
    ]


def test_the_trail_of_a_visit_does_not_tell_of_sensitive_issues(world: World) -> None:
    sign = {"kind": "early_sign", "title": "苗头", "category": road(world)}
    plain = {"kind": "request", "title": "路坏了", "category": road(world)}
    log(world, fresh(world), issues=[plain, sign])
    assert Issue.objects.filter(title__in=["苗头", "路坏了"]).count() == 2
    assert AuditRow.objects.get(verb="visit.logged").detail["issues"] == 1


def test_a_date_read_before_a_correction_still_moves_forward(world: World) -> None:
    """What the form had read was taken back meanwhile: the dates follow what is stored."""
    household = fresh(world)
    first = log(world, household)
    stale = fresh(world)
    void_visit(by=world.user("household_cadre"), visit=first, version=first.version, reason="误记")
    assert dates(household)[0] != local_today()
    log(world, stale)
    assert dates(household) == (local_today(), local_today())
