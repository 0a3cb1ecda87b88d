"""The demonstration keeps every rule that real data keep."""

from collections import Counter, defaultdict
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db.models import Max
from django.utils import timezone

from accounts.models import User
from ledger.demonstration.load import DemonstrationRefused, Loaded, load
from ledger.demonstration.places import AREA, COUNTY_CODE
from ledger.models import (
    Assignment,
    AuditRow,
    Cadre,
    Correction,
    CorrectionState,
    County,
    Exclusion,
    Household,
    HouseholdCode,
    Organisation,
    Resident,
    StatusPeriod,
    Township,
    Village,
    Visit,
    VisitQuestion,
)
from ledger.models.fields import id_index, phone_index
from ledger.queries.dashboard import counted_households
from ledger.rules.days import local_today
from ledger.rules.households import HouseholdStatus, Relation
from ledger.rules.identity import birth_date, gender, id_fault
from ledger.rules.phones import is_mobile
from ledger.rules.pinyin import initials, pinyin_key
from ledger.rules.visits import is_contact

GONE = {HouseholdStatus.MERGED, HouseholdStatus.MOVED, HouseholdStatus.CLOSED}


def test_what_it_says_is_there(loaded: Loaded) -> None:
    assert loaded.households == Household.objects.count()
    assert loaded.residents == Resident.objects.count()
    assert loaded.visits == Visit.objects.count()
    assert loaded.cadres == Cadre.objects.count()
    assert (loaded.townships, loaded.villages) == (2, 29)
    assert sorted(Township.objects.values_list("short_name", flat=True)) == ["河塘", "青山"]


def test_the_main_township_has_the_size_of_a_real_one(loaded: Loaded) -> None:
    main = Township.objects.get(short_name="青山")
    assert main.villages.count() == 25
    assert main.districts.count() == 5
    assert 310 <= Cadre.objects.filter(township=main).count() <= 350
    assert Cadre.objects.filter(township=main, postings__role="township_leader").count() == 17
    units = Organisation.objects.filter(county=main.county, village__isnull=True)
    assert units.filter(township=main).count() + units.filter(township__isnull=True).count() == 46


def test_every_code_is_of_a_place_that_does_not_exist(loaded: Loaded) -> None:
    codes = [*County.objects.values_list("code", flat=True), *Township.objects.values_list("code", flat=True)]
    codes += Village.objects.values_list("code", flat=True)
    assert {code[:6] for code in codes} == {COUNTY_CODE}


def test_id_numbers_are_valid_unique_and_fit_their_person(loaded: Loaded) -> None:
    today = local_today()
    residents = [resident for resident in Resident.objects.all() if resident.id_no]
    assert len(residents) > 0.9 * loaded.residents
    for resident in residents:
        assert id_fault(resident.id_no, today) is None
        assert resident.id_no.startswith(AREA)
        assert (birth_date(resident.id_no), gender(resident.id_no)) == (resident.birth_on, resident.gender)
        assert resident.id_index == id_index(resident.id_no)
    assert len({resident.id_no for resident in residents}) == len(residents)


def test_phones_are_mobiles_found_by_their_index(loaded: Loaded) -> None:
    phones = [(r.phone, r.phone_index) for r in Resident.objects.exclude(phone_index="")]
    assert phones
    assert all(is_mobile(phone) and index == phone_index(phone) for phone, index in phones)
    assert all(is_mobile(phone) for phone in Cadre.objects.values_list("phone", flat=True))


def test_each_household_keeps_its_head_and_people(loaded: Loaded) -> None:
    for household in Household.objects.prefetch_related("residents"):
        members = list(household.residents.all())
        heads = [member for member in members if member.relation == Relation.HEAD]
        assert [head.name for head in heads] == [household.head_name]
        assert (household.pinyin, household.initials) == (
            pinyin_key(household.head_name),
            initials(household.head_name),
        )
        assert household.population == len(members) > 0
        assert {member.township_id for member in members} == {household.village.township_id}


def test_ages_fit_each_other(loaded: Loaded) -> None:
    for household in Household.objects.prefetch_related("residents"):
        members = list(household.residents.all())
        head = next(member for member in members if member.relation == Relation.HEAD)
        for member in members:
            years = (member.birth_on - head.birth_on).days / 365.25
            if member.relation == Relation.CHILD:
                assert years >= 17
            if member.relation == Relation.PARENT:
                assert years <= -17
            if member.relation == Relation.GRANDCHILD:
                assert years >= 34


def test_the_cadre_beside_the_household_is_that_of_the_open_assignment(loaded: Loaded) -> None:
    open_ones = dict(Assignment.objects.open().values_list("household_id", "cadre_id"))
    for household in Household.objects.all():
        assert household.cadre_id == open_ones.get(household.pk)
        assert household.status not in GONE or household.cadre_id is None
    gaps = Household.objects.filter(counted_households(local_today()), cadre__isnull=True)
    assert 0 < gaps.count() <= 20


def test_nobody_looks_after_households_without_a_posting_there(loaded: Loaded) -> None:
    for household in Household.objects.filter(cadre__isnull=False).select_related("cadre"):
        assert household.cadre.postings.filter(village_id=household.village_id, role="household_cadre").exists()


def test_codes_and_status_are_dated(loaded: Loaded) -> None:
    codes = dict(HouseholdCode.objects.open().values_list("household_id", "code"))
    states = dict(StatusPeriod.objects.open().values_list("household_id", "status"))
    for household in Household.objects.all():
        assert codes[household.pk] == household.code
        assert states[household.pk] == household.status


def test_last_contact_is_that_of_the_visits(loaded: Loaded) -> None:
    met: dict[int, Any] = {}
    seen: dict[int, Any] = {}
    rows = Visit.objects.filter(household__isnull=False, voided_at__isnull=True)
    for household, kind, result, day in rows.values_list("household_id", "kind", "result", "occurred_on"):
        seen[household] = max(day, seen.get(household, day))
        if is_contact(kind, result):
            met[household] = max(day, met.get(household, day))
    for household in Household.objects.all():
        assert household.last_met_on == met.get(household.pk)
        assert household.last_visit_on == seen.get(household.pk)


def test_nothing_lies_in_the_future(loaded: Loaded) -> None:
    now, today = timezone.now(), local_today()
    assert Visit.objects.aggregate(day=Max("occurred_on"))["day"] <= today
    assert Visit.objects.aggregate(at=Max("recorded_at"))["at"] <= now
    assert Resident.objects.aggregate(day=Max("birth_on"))["day"] <= today
    for model in (Assignment, StatusPeriod, HouseholdCode, Exclusion):
        assert model._default_manager.aggregate(day=Max("start_on"))["day"] <= today
    assert Correction.objects.aggregate(at=Max("proposed_at"))["at"] <= now


def test_no_visit_says_more_than_it_should(loaded: Loaded) -> None:
    for visit in Visit.objects.prefetch_related("topics"):
        assert visit.content
        assert "{" not in visit.content
        assert visit.result != "met" or visit.people_met or visit.household_id is None
    texts = Visit.objects.values_list("content", flat=True)
    assert max(Counter(texts).values()) < loaded.visits / 20


def test_every_question_of_a_meeting_is_answered(loaded: Loaded) -> None:
    questions = list(VisitQuestion.objects.select_related("visit"))
    assert questions
    assert all(question.answer and question.visit.kind == "meeting" for question in questions)
    asked = Counter(question.visit_id for question in questions)
    heard = dict(Visit.objects.filter(kind="meeting").values_list("pk", "opinions_heard"))
    assert all(asked[visit] <= heard[visit] for visit in heard)


def test_the_smaller_facts(loaded: Loaded) -> None:
    assert 0 < Exclusion.objects.count() <= 3
    assert all(exclusion.approved_by_id for exclusion in Exclusion.objects.all())
    assert set(Correction.objects.values_list("state", flat=True)) == {CorrectionState.PENDING}
    assert AuditRow.objects.filter(verb="demonstration.loaded").count() == 1


def test_villages_have_their_leaders_units_and_teams(loaded: Loaded) -> None:
    kinds: dict[int, set[str]] = defaultdict(set)
    for village in Village.objects.filter(township__short_name="青山").prefetch_related("links"):
        kinds[village.pk] = {link.kind for link in village.links.all()}
    assert all({"county_leader", "county_unit", "township_leader"} <= found for found in kinds.values())


def test_a_second_load_changes_nothing(loaded: Loaded, capsys: pytest.CaptureFixture[str]) -> None:
    before = (Household.objects.count(), User.objects.count(), AuditRow.objects.count())
    call_command("load_demonstration")
    assert "nothing was loaded" in capsys.readouterr().out
    with pytest.raises(DemonstrationRefused):
        load()
    assert (Household.objects.count(), User.objects.count(), AuditRow.objects.count()) == before


@pytest.mark.django_db
def test_production_refuses(settings: Any) -> None:
    settings.DEMONSTRATION_ALLOWED = False
    before = (County.objects.count(), User.objects.count())
    with pytest.raises(DemonstrationRefused):
        load()
    with pytest.raises(CommandError):
        call_command("load_demonstration")
    assert (County.objects.count(), User.objects.count()) == before
