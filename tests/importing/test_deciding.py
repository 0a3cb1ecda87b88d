"""Held rows: what each decision writes, that it is remembered, that it stands on what was seen, that it is undone."""

import datetime
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from ledger.actions import households
from ledger.importing.batches import OutOfScope, create_batch, plan_batch
from ledger.importing.deciding import AlreadyDecided, Changed, decide
from ledger.importing.questions import question
from ledger.importing.tidying import tidy_imports
from ledger.importing.undo_check import Left, check_undo
from ledger.models import Assignment, AuditRow, BatchState, HeldRow, Household, ImportBatch, ImportRow, Resident
from ledger.models.fields import id_index
from ledger.rules.held_rows import Decision, HeldState
from ledger.rules.households import Relation
from tests.importing.test_plan import existing, members, row
from tests.importing.test_undo import applied, ledger, undone
from tests.importing.workbooks import GOOD_ID, HEADINGS, OTHER_ID, book, roster, saved
from tests.world import World, make_visit

WITH_ADDRESS = [*HEADINGS, "家庭住址"]


def one_held(batch: ImportBatch) -> HeldRow:
    return HeldRow.objects.select_related("row", "township").get(row__batch=batch)


def answered(world: World, held: HeldRow, decision: str, other: int | None = None) -> HeldRow:
    asked = question(held)
    assert asked.may(decision, other), asked.answers
    return decide(by=world.user("township_admin"), held=held, decision=decision, other=other, seen=asked.seen())


def moved_away(world: World) -> bytes:
    """The first household of 城垵, as a roster of 马銮 has it."""
    return roster(row(**existing(world) | {"村": "马銮村", "户编号": "M9", "村民组": "第七组", "人口数": 5}))


def person_elsewhere(world: World) -> tuple[Resident, bytes]:
    """Somebody's wife, who heads a household of her own in a roster of 马銮."""
    home = world.households["城垵"][0]
    wife = Resident.objects.create(
        household=home, township=world.township, name="王芳", relation=Relation.SPOUSE, id_no=GOOD_ID,
        id_index=id_index(GOOD_ID),
    )  # fmt: skip
    return wife, roster(row(村="马銮村", 户主姓名="王芳"))


def new_head(world: World) -> bytes:
    return roster(row(**existing(world) | {"户主姓名": "新户主", "身份证号": OTHER_ID, "手机号": "13800001234"}))


def same_home(world: World) -> bytes:
    """A household of the same head at the same address, without numbers that tell the two apart."""
    home = world.households["城垵"][2]
    cells = {"村民组": "", "户编号": "", "户主姓名": home.head_name, "身份证号": "", "手机号": "", "人口数": 6}
    return roster([*row(**cells), home.address], headings=WITH_ADDRESS)


def test_a_held_row_waits_and_is_refused_with_its_code(world: World) -> None:
    before = ledger()
    batch = applied(world, moved_away(world))
    held = one_held(batch)
    assert (held.state, held.reason, held.township, held.in_file) == ("open", "id_elsewhere", world.township, False)
    assert (held.row.outcome, held.row.codes, held.row.values) == ("refused", ["id_elsewhere"], "")
    assert (batch.counts["refused"], batch.counts["held"]) == (1, 1)
    assert ledger() == before
    raw = HeldRow._base_manager.filter(pk=held.pk).extra(select={"raw": "said"}).values_list("raw", flat=True)
    assert existing(world)["身份证号"] not in raw[0]


def test_the_household_moves_with_its_people_and_its_cadre(world: World) -> None:
    home, cadre = world.households["城垵"][0], world.cadre("household_cadre@城垵")
    visit = world.visits["城垵"]
    batch = applied(world, moved_away(world))
    held = answered(world, one_held(batch), Decision.MOVED, home.pk)
    after = Household.objects.select_related("group").get(pk=home.pk)
    assert (after.village, after.code, after.code_is_generated) == (world.villages["马銮"], "M9", False)
    assert (after.group.number, after.population, after.cadre, after.status) == (7, 5, cadre, "active")
    today = timezone.localdate()
    assert list(after.codes.values_list("code", "village", "end_on")) == [
        (home.code, world.villages["城垵"].pk, today), ("M9", None, None),
    ]  # fmt: skip
    assert list(Assignment.objects.open().filter(household=home).values_list("cadre", flat=True)) == [cadre.pk]
    visit.refresh_from_db()
    assert (visit.household_id, visit.village) == (home.pk, world.villages["城垵"])
    assert (held.state, held.decision, held.household_id) == (HeldState.DECIDED, Decision.MOVED, home.pk)
    batch.refresh_from_db()
    assert (batch.counts["refused"], batch.counts["updated"], batch.counts["held"]) == (0, 1, 0)
    kept = AuditRow.objects.get(verb="import.row_decided")
    assert (kept.household_id, kept.user_id, kept.detail["decision"]) == (home.pk, held.decided_by_id, "moved")


def test_who_is_a_member_elsewhere_leaves_there_and_heads_a_household_here(world: World) -> None:
    wife, data = person_elsewhere(world)
    home = wife.household
    batch = applied(world, data)
    held = answered(world, one_held(batch), Decision.MOVED, home.pk)
    wife.refresh_from_db()
    home.refresh_from_db()
    assert (wife.left_on, home.population) == (timezone.localdate(), 2)
    new = Household.objects.get(pk=held.household_id)
    assert (new.village, new.head_name, new.residents.get().id_no) == (world.villages["马銮"], "王芳", GOOD_ID)


def test_two_people_of_one_number_the_new_one_comes_without_it(world: World) -> None:
    batch = applied(world, moved_away(world))
    held = answered(world, one_held(batch), Decision.TWO)
    new = Household.objects.get(pk=held.household_id)
    assert (new.village, new.code, new.residents.get().id_no) == (world.villages["马銮"], "M9", "")
    assert new.pk != world.households["城垵"][0].pk


def test_a_new_head_of_the_same_household(world: World) -> None:
    home = world.households["城垵"][0]
    former = home.residents.get()
    batch = applied(world, new_head(world))
    answered(world, one_held(batch), Decision.SAME, home.pk)
    home.refresh_from_db()
    people = dict(home.residents.filter(left_on=None).values_list("name", "relation"))
    assert (home.head_name, people) == ("新户主", {former.name: Relation.OTHER, "新户主": Relation.HEAD})
    assert home.residents.get(relation=Relation.HEAD).id_no == OTHER_ID


def test_the_same_household_takes_over_the_values(world: World) -> None:
    home = world.households["城垵"][2]
    batch = applied(world, same_home(world))
    assert one_held(batch).reason == "possible_duplicate"
    answered(world, one_held(batch), Decision.SAME, home.pk)
    home.refresh_from_db()
    assert (home.population, Household.objects.filter(head_name=home.head_name).count()) == (6, 1)


Case = tuple[Callable[[World], bytes], str, Callable[[World], int | None]]


def member_as_head(world: World) -> bytes:
    """The wife heads the household by now: she is in it already, with her number."""
    wife, _data = person_elsewhere(world)
    return roster(row(**existing(world) | {"户主姓名": wife.name, "身份证号": GOOD_ID, "手机号": ""}))


CASES: dict[str, Case] = {
    "a member as head": (member_as_head, "same", lambda world: world.households["城垵"][0].pk),
    "moved": (moved_away, "moved", lambda world: world.households["城垵"][0].pk),
    "split off": (lambda world: person_elsewhere(world)[1], "moved", lambda world: world.households["城垵"][0].pk),
    "two of one number": (moved_away, "two", lambda world: None),
    "left out": (moved_away, "out", lambda world: None),
    "new head": (new_head, "same", lambda world: world.households["城垵"][0].pk),
    "two of one code": (new_head, "two", lambda world: None),
    "same home": (same_home, "same", lambda world: world.households["城垵"][2].pk),
    "two at one home": (same_home, "two", lambda world: None),
}


@pytest.mark.parametrize("case", CASES)
def test_the_same_file_again_asks_nothing_and_changes_nothing(world: World, case: str) -> None:
    made, decision, other = CASES[case]
    data = made(world)
    answered(world, one_held(applied(world, data)), decision, other(world))
    before = ledger()
    again = applied_or_planned(world, data)
    taken = "ignored" if decision == "out" else "unchanged"
    assert {name: again.counts[name] for name in ("created", "updated", "refused", "held", taken)} == {
        "created": 0, "updated": 0, "refused": 0, "held": 0, taken: 1,
    }  # fmt: skip
    assert ledger() == before


def applied_or_planned(world: World, data: bytes) -> ImportBatch:
    """A file that would write nothing is planned and left."""
    batch = create_batch(by=world.users["township_admin"], townships=[world.township], file_name="再来.xlsx", data=data)
    plan_batch(batch.pk)
    batch.refresh_from_db()
    assert batch.state == BatchState.PLANNED
    return batch


@pytest.mark.parametrize("case", CASES)
def test_a_decision_is_undone_with_its_import(world: World, case: str) -> None:
    made, decision, other = CASES[case]
    data = made(world)
    before = ledger()
    batch = applied(world, data)
    answered(world, one_held(batch), decision, other(world))
    batch = undone(world, batch)
    assert (batch.state, batch.error_code) == (BatchState.UNDONE, "")
    assert ledger() == before
    again = applied_or_planned(world, data)
    assert again.counts["held"] == 1  # what was decided is undone too


@pytest.mark.parametrize("case", ["moved", "two of one number", "new head"])
def test_a_decision_that_somebody_built_on_stays(world: World, case: str) -> None:
    made, decision, other = CASES[case]
    batch = applied(world, made(world))
    held = answered(world, one_held(batch), decision, other(world))
    make_visit(Household.objects.get(pk=held.household_id), world.cadre("household_cadre@城垵"))
    before = ledger()
    assert check_undo(batch).left == {Left.WORK: 1}
    undone(world, batch)
    assert ledger() == before


def test_who_came_away_and_was_edited_since_stays(world: World) -> None:
    wife, data = person_elsewhere(world)
    batch = applied(world, data)
    answered(world, one_held(batch), Decision.MOVED, wife.household_id)
    Resident.objects.filter(pk=wife.pk).update(version=9)
    assert check_undo(batch).left == {Left.EDITED: 1}


def test_it_stands_on_what_was_seen(world: World) -> None:
    home, admin = world.households["城垵"][0], world.user("township_admin")
    held = one_held(applied(world, moved_away(world)))
    seen = question(held).seen()
    households.edit_household(by=admin, household=home, version=home.version, data={"address": "新址"})
    before = ledger()
    with pytest.raises(Changed):
        decide(by=admin, held=held, decision=Decision.MOVED, other=home.pk, seen=seen)
    assert (ledger(), one_held_state(held)) == (before, HeldState.OPEN)


def one_held_state(held: HeldRow) -> str:
    return HeldRow.objects.get(pk=held.pk).state


@pytest.mark.parametrize(("decision", "key"), [("moved", "东沈"), ("same", "城垵"), ("take", None), ("nonsense", None)])
def test_what_was_not_offered_is_not_done(world: World, decision: str, key: str | None) -> None:
    held = one_held(applied(world, moved_away(world)))
    other = world.households[key][0].pk if key else None
    before = ledger()
    with pytest.raises(Changed):
        decide(by=world.user("township_admin"), held=held, decision=decision, other=other, seen=question(held).seen())
    assert (ledger(), one_held_state(held)) == (before, HeldState.OPEN)


def test_it_is_decided_once(world: World) -> None:
    batch = applied(world, moved_away(world))
    held = one_held(batch)
    seen = question(held).seen()
    answered(world, held, Decision.TWO)
    before = ledger()
    with pytest.raises(AlreadyDecided):
        decide(by=world.user("township_admin"), held=held, decision=Decision.OUT, other=None, seen=seen)
    undone(world, batch)
    assert ledger() != before
    with pytest.raises(AlreadyDecided):
        decide(by=world.user("township_admin"), held=held, decision=Decision.OUT, other=None, seen=seen)


def test_whose_area_it_is_not_decides_nothing(world: World) -> None:
    held = one_held(applied(world, moved_away(world)))
    before = ledger()
    with pytest.raises(OutOfScope):
        decide(
            by=world.user("township_admin@前楼"), held=held, decision=Decision.TWO, other=None,
            seen=question(held).seen(),
        )  # fmt: skip
    assert ledger() == before


def test_the_number_of_another_township_is_nobodys_question(world: World) -> None:
    """What lies outside the township is not even hinted at: the row comes in as any other."""
    foreign = world.households["前楼"][0].residents.get()
    batch = applied(world, roster(row(身份证号=foreign.id_no, 户主姓名=foreign.name)))
    assert (batch.counts["created"], batch.counts["held"]) == (1, 0)
    assert not HeldRow.objects.exists()


def test_where_nothing_stands_in_the_way_any_more_it_is_taken_in(world: World) -> None:
    home, admin = world.households["城垵"][0], world.user("township_admin")
    held = one_held(applied(world, new_head(world)))
    households.edit_household(by=admin, household=home, version=home.version, data={"code": "城9"})
    held.refresh_from_db()
    assert question(held).answers == [(Decision.TAKE, None), (Decision.OUT, None)]
    held = answered(world, held, Decision.TAKE)
    assert held.household_id not in {None, home.pk}


def test_the_same_number_twice_in_a_file(world: World) -> None:
    """In two villages it is a question, in one a slip of the pen; neither is ever merged."""
    batch = applied(world, roster(row(), row(村="马銮村", 户编号="M9"), row(户编号="A002")))
    held = one_held(batch)
    assert (held.reason, held.in_file, held.row.row) == ("id_duplicate_in_file", True, 3)
    assert question(held).answers == [(Decision.TWO, None), (Decision.OUT, None)]
    answered(world, held, Decision.TWO)
    before = ledger()
    again = applied_or_planned(world, roster(row(), row(村="马銮村", 户编号="M9")))
    assert (again.counts["unchanged"], again.counts["refused"]) == (2, 0)
    assert ledger() == before


def test_a_row_that_stands_twice_in_its_file(world: World) -> None:
    bare = {"户编号": "", "身份证号": "", "户主姓名": "双胞胎"}
    data = roster(row(**bare), row(**bare))
    batch = applied(world, data)
    held = one_held(batch)
    assert (held.in_file, question(held).answers) == (True, [(Decision.TWO, None), (Decision.OUT, None)])
    answered(world, held, Decision.TWO)
    assert Household.objects.filter(head_name="双胞胎").count() == 2
    again = applied_or_planned(world, data)
    assert (again.counts["unchanged"], again.counts["held"]) == (2, 0)


def known_home(home: Household) -> list[Any]:
    """A row that says nothing new of a household of 马銮."""
    cells = {"村": "马銮村", "户编号": home.code, "户主姓名": home.head_name}
    return row(**dict.fromkeys(HEADINGS, "") | cells)


def member_elsewhere(world: World) -> bytes:
    wife, _data = person_elsewhere(world)
    home = world.households["马銮"][0]
    household = known_home(home)
    return saved(book(("户", [HEADINGS, household]), members([home.code, home.head_name, wife.name, "妻", GOOD_ID])))


@pytest.mark.parametrize(("decision", "id_no"), [("moved", GOOD_ID), ("two", ""), ("out", None)])
def test_a_member_who_is_elsewhere(world: World, decision: str, id_no: str | None) -> None:
    data = member_elsewhere(world)
    before = ledger()
    batch = applied(world, data)
    held = one_held(batch)
    home = world.households["城垵"][0]
    answered(world, held, decision, home.pk if decision == "moved" else None)
    here = Resident.objects.filter(household=world.households["马銮"][0], name="王芳").values_list("id_no", flat=True)
    assert list(here) == ([] if id_no is None else [id_no])
    again = applied_or_planned(world, data)
    assert (again.counts["created"], again.counts["updated"], again.counts["refused"]) == (0, 0, 0)
    undone(world, batch)
    assert ledger() == before


def test_the_same_row_in_a_later_file_is_asked_once(world: World) -> None:
    data = moved_away(world)
    first = one_held(applied(world, data))
    second = applied(world, data)
    first.refresh_from_db()
    assert (first.state, first.said) == (HeldState.REPLACED, "")
    assert HeldRow.objects.get(state=HeldState.OPEN).row.batch == second


def test_what_nobody_decides_ends(world: World) -> None:
    batch = applied(world, moved_away(world))
    held = one_held(batch)
    assert tidy_imports(timezone.now() + datetime.timedelta(days=29)).questions == 0
    assert tidy_imports(timezone.now() + datetime.timedelta(days=31)).questions == 1
    held.refresh_from_db()
    batch.refresh_from_db()
    assert (held.state, held.said, batch.counts["held"]) == (HeldState.EXPIRED, "", 0)


def test_only_what_recognises_a_decided_row_is_kept_of_it(world: World) -> None:
    held = answered(world, one_held(applied(world, moved_away(world))), Decision.OUT)
    assert set(json.loads(held.said)) == {"village_code", "group_no", "hh_no", "head", "id_no"}
    assert ImportRow.objects.get(held=held).outcome == "refused"


def answers(world: World, **cells: Any) -> list[tuple[str, int | None]]:
    return question(one_held(applied(world, roster(row(**cells))))).answers


def test_a_number_of_one_and_a_code_of_another(world: World) -> None:
    """Which of the two is meant: the household of the code, without the number, or none."""
    first, second = world.households["城垵"][0], world.households["城垵"][1]
    cells = existing(world, 2) | {"身份证号": first.residents.get().id_no}
    assert answers(world, **cells) == [(Decision.SAME, second.pk), (Decision.OUT, None)]


def test_a_member_known_without_a_number_does_not_take_somebody_elses(world: World) -> None:
    """It had been written over, and the database refused the whole import."""
    data = member_elsewhere(world)
    home = world.households["马銮"][0]
    Resident.objects.create(household=home, township=world.township, name="王芳", relation=Relation.SPOUSE)
    assert one_held(applied(world, data)).reason == "id_elsewhere"


def test_a_member_known_without_a_number_is_given_one(world: World) -> None:
    """Gender and birth come with it, though the sheet has no columns of them."""
    home = world.households["马銮"][0]
    Resident.objects.create(household=home, township=world.township, name="王芳", relation=Relation.SPOUSE)
    batch = applied(
        world, saved(book(("户", [HEADINGS, known_home(home)]), members([home.code, "", "王芳", "妻", GOOD_ID])))
    )
    assert batch.counts["updated"] == 1
    assert home.residents.get(name="王芳").gender == "female"
