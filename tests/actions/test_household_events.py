"""户的变动: who and what goes along, what was is dated, and a wrong entry leaves no trace but itself."""

import datetime
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from ledger.actions.assignments import assign
from ledger.actions.exclusions import approve
from ledger.actions.exclusions import end as end_exclusion
from ledger.actions.household_events import merge, move, split
from ledger.actions.household_undo import undo
from ledger.actions.households import change_status
from ledger.actions.versions import StaleEdit
from ledger.models import (
    Assignment,
    Exclusion,
    Household,
    HouseholdCode,
    HouseholdEvent,
    Issue,
    Resident,
    StatusPeriod,
)
from ledger.queries.gaps import households as without_cadre
from ledger.queries.household_events import standing_in_the_way
from ledger.queries.timeline import household_timeline
from ledger.rules.days import local_today
from ledger.rules.households import Relation
from tests.world import START, World, make_issue, make_visit

TODAY = local_today()


@pytest.fixture
def home(world: World) -> Household:
    """A household of three with an open matter, whose cadre has another one beside it."""
    household = world.households["城垵"][0]
    for name, relation in (("城垵妻", "spouse"), ("城垵次子", "child")):
        household.residents.create(township=world.township, name=name, relation=relation)
    return fresh(household)


def fresh(household: Household) -> Household:
    return Household.objects.select_related("village__township", "cadre").get(pk=household.pk)


def everything() -> dict[str, list[Any]]:
    """What a household is, without the versions and moments that tell of a change."""
    hidden = {"version", "updated_at", "created_at"}
    return {
        model.__name__: [
            {name: value for name, value in row.items() if name not in hidden}
            for row in model.objects.order_by("pk").values()
        ]
        for model in (Household, Resident, HouseholdCode, StatusPeriod, Assignment)
    } | {"Issue": list(Issue.objects.order_by("pk").values_list("pk", "household"))}


def do_split(world: World, home: Household, **more: Any) -> Household:
    son = home.residents.get(relation="child")
    said = {"version": home.version, "on": TODAY, "reason": "次子成家", "head": son, "members": [], **more}
    return split(by=world.user("township_admin"), household=home, **said)


def do_merge(world: World, home: Household, **more: Any) -> Household:
    said = {"into": world.households["城垵"][2], "version": home.version, "on": TODAY, "reason": "与儿子同住", **more}
    return merge(by=world.user("township_admin"), household=home, **said)


def do_move(world: World, home: Household, **more: Any) -> Household:
    said = {"village": world.villages["马銮"], "version": home.version, "on": TODAY, "reason": "搬迁", **more}
    return move(by=world.user("township_admin"), household=home, **said)


def test_a_split_takes_members_and_the_cadre_along(world: World, home: Household) -> None:
    along = make_issue(home, world.cadre("household_cadre"), 900)
    made = do_split(world, home, issues=[along], group=home.group, address="新房")
    assert (made.head_name, made.population, made.cadre, made.status, made.address) == (
        "城垵次子", 1, world.cadre("household_cadre"), "active", "新房"
    )  # fmt: skip
    assert made.code.startswith("自编")
    assert [(r.name, r.relation) for r in made.residents.all()] == [("城垵次子", Relation.HEAD)]
    left = fresh(home)
    assert (left.population, left.open_issues, made.open_issues) == (2, 1, 1)
    assert Issue.objects.get(pk=along.pk).household == made
    assert left.issues.count() == 1
    event = HouseholdEvent.objects.get()
    assert (event.household, event.other, event.on, event.reason) == (home, made, TODAY, "次子成家")


def test_the_head_stays_and_strangers_do_not_go_along(world: World, home: Household) -> None:
    head, stranger = home.residents.get(relation="head"), world.households["城垵"][1].residents.get()
    for wrong in ({"head": head}, {"members": [stranger]}, {"head": stranger}):
        with pytest.raises(ValidationError):
            do_split(world, home, **wrong)
    assert not HouseholdEvent.objects.exists()


def test_a_merge_moves_members_and_matters_and_ends_the_duty(world: World, home: Household) -> None:
    matter = home.issues.get()
    target = fresh(do_merge(world, home))
    gone = fresh(home)
    assert (gone.status, gone.cadre, gone.open_issues, gone.residents.count()) == ("merged", None, 0, 0)
    assert (target.population, target.open_issues) == (6, 1)
    assert target.residents.filter(relation="head").count() == 1
    assert Issue.objects.get(pk=matter.pk).household == target
    assert gone.visits.count() == 1
    assert not Assignment.objects.open().filter(household=gone).exists()
    assert StatusPeriod.objects.get(household=gone, end_on=None).status == "merged"


@pytest.mark.parametrize("into", [("城垵", 0), ("前楼", 0)])
def test_a_merge_into_itself_or_another_township_is_refused(world: World, home: Household, into: Any) -> None:
    place, number = into
    with pytest.raises(ValidationError):
        do_merge(world, home, into=world.households[place][number])
    assert fresh(home).status == "active"


def test_a_move_keeps_the_household_and_dates_what_was(world: World, home: Household) -> None:
    code, group = home.code, world.villages["马銮"].groups.get(number=2)
    moved = do_move(
        world, home, cadre=world.cadre("household_cadre@马銮"), group=group, address="马銮新村", code="ML-9"
    )
    assert (moved.village.name, moved.code, moved.group, moved.residents.count()) == ("马銮村", "ML-9", group, 3)
    codes = HouseholdCode.objects.filter(household=home).order_by("pk")
    assert [(row.code, row.village_id, row.end_on) for row in codes] == [
        (code, world.villages["城垵"].pk, TODAY), ("ML-9", None, None)
    ]  # fmt: skip
    terms = Assignment.objects.filter(household=home).order_by("pk").values_list("cadre", "start_on", "end_on")
    assert list(terms) == [
        (world.cadre("household_cadre").pk, START, TODAY), (world.cadre("household_cadre@马銮").pk, TODAY, None)
    ]  # fmt: skip
    assert world.visits["城垵"].village == world.villages["城垵"]
    assert Issue.objects.get(household=moved, state="registered").village == world.villages["城垵"]


def test_without_a_cadre_there_it_is_a_gap(world: World, home: Household) -> None:
    moved = do_move(world, home)
    assert moved.pk in set(
        without_cadre(type(moved.village).objects.filter(pk=moved.village_id)).values_list("pk", flat=True)
    )
    assert fresh(home).cadre is None


def test_what_does_not_fit_changes_nothing(world: World, home: Household) -> None:
    taken = world.households["马銮"][0].code
    for wrong in ({"code": taken}, {"village": world.villages["城垵"]}, {"on": TODAY + datetime.timedelta(days=1)},
                  {"on": START - datetime.timedelta(days=1)}):  # fmt: skip
        before = everything()
        with pytest.raises(ValidationError):
            do_move(world, home, **wrong)
        assert everything() == before
    for act in (do_split, do_merge, do_move):
        with pytest.raises(StaleEdit):
            act(world, home, version=home.version + 5)


ACTS: dict[str, Callable[..., Any]] = {
    "split": do_split, "merge": do_merge, "move": do_move,
    "status": lambda world, home: change_status(
        by=world.user("township_admin"), household=home, version=home.version, status="closed", on=TODAY, reason="误"
    ),
}  # fmt: skip


def test_its_page_says_since_when_nobody_looks_after_it(world: World, home: Household) -> None:
    """Closed, and back: the end of the assignment stands in its story; who was followed is not said to have ended."""
    old, new = world.cadre("household_cadre"), world.cadre("village_cadre")
    ended = f"{old.name}不再包联该户"
    assert told(world, home)[-1:] == [f"{old.name}开始包联该户"]
    ACTS["status"](world, home)
    assert told(world, home) == [ended, f"{old.name}开始包联该户"]
    closed = fresh(home)
    admin = world.user("township_admin")
    change_status(by=admin, household=closed, version=closed.version, status="active", on=TODAY, reason="迁回")
    assert fresh(home).cadre is None
    assign(by=admin, household=fresh(home), cadre=new, on=TODAY)
    assert set(told(world, home)) == {f"{new.name}开始包联该户", f"{old.name}开始包联该户"}


def told(world: World, home: Household) -> list[str]:
    """Who looked after it, as its page tells it to the township's administrator."""
    events, _older = household_timeline(fresh(home), world.user("township_admin"))
    return [event.title for event in events if "包联" in event.title]


def test_a_page_offers_only_what_can_be_done(world: World, client: Client, home: Household) -> None:
    """Of a closed household no cadre is chosen; who may only leave it out of coverage has no empty box after that."""
    client.force_login(world.user("township_admin"))
    url, choose = reverse("household_detail", args=[home.pk]), reverse("household_assign", args=[home.pk])
    assert choose in client.get(url).content.decode()
    ACTS["status"](world, home)
    assert choose not in client.get(url).content.decode()
    leader, other = world.user("township_leader"), world.households["城垵"][1]
    client.force_login(leader)
    page = reverse("household_detail", args=[other.pk])
    leave_out = reverse("exclusion_create", args=[other.pk])
    assert leave_out in client.get(page).content.decode()
    approve(by=leader, household=other, reason="外迁")
    body = client.get(page).content.decode()
    assert leave_out not in body
    assert not re.search(r'<section class="card pad stack">\s*</section>', body)


@pytest.mark.parametrize("kind", ACTS)
def test_a_wrong_entry_is_reversed_to_the_last_row(world: World, home: Household, kind: str) -> None:
    before = everything()
    ACTS[kind](world, home)
    event = HouseholdEvent.objects.get()
    undo(by=world.user("township_admin"), event=event)
    assert everything() == before
    event.refresh_from_db()
    assert (event.reversed_at is not None, event.kind) == (True, kind)
    with pytest.raises(ValidationError):
        undo(by=world.user("township_admin"), event=event)


def test_what_somebody_has_built_on_stays(world: World, home: Household) -> None:
    made = do_split(world, home)
    make_visit(made, world.cadre("household_cadre"))
    event = HouseholdEvent.objects.get()
    assert standing_in_the_way(event)
    with pytest.raises(ValidationError):
        undo(by=world.user("township_admin"), event=event)
    assert Household.objects.filter(pk=made.pk).exists()


def test_only_the_last_event_is_reversed_and_not_for_ever(world: World, home: Household) -> None:
    do_split(world, home)
    ACTS["status"](world, fresh(home))
    first, last = HouseholdEvent.objects.order_by("pk")
    assert standing_in_the_way(first)
    assert not standing_in_the_way(last)
    HouseholdEvent.objects.filter(pk=last.pk).update(at=last.at - datetime.timedelta(days=31))
    assert standing_in_the_way(HouseholdEvent.objects.get(pk=last.pk))


def test_an_exclusion_is_approved_once_and_ends(world: World, home: Household) -> None:
    leader = world.user("township_leader")
    made = approve(by=leader, household=home, reason="常年在外")
    with pytest.raises(ValidationError):
        approve(by=leader, household=home, reason="再来一次")
    assert (end_exclusion(by=leader, exclusion=made), end_exclusion(by=leader, exclusion=made)) == (True, False)
    vacant = world.households["城垵"][1]
    Household.objects.filter(pk=vacant.pk).update(status="vacant")
    with pytest.raises(ValidationError):
        approve(by=leader, household=vacant, reason="空置")
    assert Exclusion.objects.count() == 1


def test_the_pages(world: World, home: Household, sign_in: Callable[[str], Client]) -> None:
    admin = sign_in("township_admin")
    page = admin.get(f"/households/{home.pk}/")
    for path in ("split", "merge", "move"):
        assert f"/households/{home.pk}/{path}/" in page.content.decode()
        assert sign_in("village_cadre").get(f"/households/{home.pk}/{path}/").status_code == 403
        assert admin.get(f"/households/{world.households['前楼'][0].pk}/{path}/").status_code == 404
    said = {"into": world.households["前楼"][0].code, "on": TODAY.isoformat(), "reason": "并", "version": home.version}
    refused = admin.post(f"/households/{home.pk}/merge/", said)
    assert (refused.status_code, fresh(home).status) == (200, "active")
    said["into"] = "城垵户主3"
    assert admin.post(f"/households/{home.pk}/merge/", said).status_code == 302
    shown = admin.get(f"/households/{home.pk}/").content.decode()
    event = HouseholdEvent.objects.get()
    assert f"/households/events/{event.pk}/undo/" in shown
    assert "undo" not in sign_in("village_cadre").get(f"/households/{home.pk}/").content.decode()
    assert sign_in("village_cadre").post(f"/households/events/{event.pk}/undo/").status_code == 403
    assert sign_in("township_admin@前楼").post(f"/households/events/{event.pk}/undo/").status_code == 404
    assert admin.post(f"/households/events/{event.pk}/undo/").status_code == 302
    assert fresh(home).status == "active"


def test_who_is_left_out_stands_on_a_list(world: World, home: Household, sign_in: Callable[[str], Client]) -> None:
    leader = sign_in("township_leader")
    assert leader.post(f"/households/{home.pk}/exclude/", {"reason": "定居外省"}).status_code == 302
    listed = sign_in("village_cadre").get("/exclusions/").content.decode()
    assert "定居外省" in listed
    assert world.cadre("township_leader").name in listed
    assert "定居外省" not in sign_in("village_cadre@马銮").get("/exclusions/").content.decode()
    made = Exclusion.objects.get()
    assert sign_in("village_cadre").post(f"/exclusions/{made.pk}/end/").status_code == 403
    assert sign_in("township_admin").post(f"/households/{home.pk}/exclude/", {"reason": "x"}).status_code == 403
    assert leader.post(f"/exclusions/{made.pk}/end/").status_code == 302
    assert Exclusion.objects.get().end_on == TODAY
