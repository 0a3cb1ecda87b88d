"""The pages of an allocation: draw, move a border, apply, take back; and who may not."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from ledger.actions import assignments
from ledger.actions.allocation import begin, fill
from ledger.models import Allocation, AllocationState, Assignment, CadreShare, Household, HouseholdTie
from tests.world import World, make_cadre, make_household

SignIn = Callable[[str], Client]


@pytest.fixture
def people(world: World) -> list[Any]:
    """Two cadres of 城垵 and eight households without anybody."""
    for order in range(8):
        make_household(world.villages["城垵"], 600 + order)
    found = [make_cadre(world.township, name, world.county) for name in ("甲干部", "乙干部")]
    for cadre in found:
        CadreShare.objects.create(cadre=cadre, village=world.villages["城垵"])
    return found


def draw(client: Client, world: World, place: str = "城垵") -> Allocation:
    answer = client.post(reverse("allocation_draw"), {"area": f"village-{world.villages[place].pk}"})
    allocation = Allocation.objects.latest("pk")
    assert answer.url == reverse("allocation_detail", args=[allocation.pk])
    return allocation


def state() -> Any:
    return (
        list(Assignment.objects.order_by("pk").values_list("pk", "cadre_id", "end_on")),
        list(Allocation.objects.order_by("pk").values_list("pk", "state", "version")),
    )


def test_from_the_list_to_applied_and_back(world: World, people: list[Any], sign_in: SignIn) -> None:
    client = sign_in("township_admin")
    before = dict(Household.objects.values_list("pk", "cadre_id"))
    names = {
        line.village.name for _town, lines in client.get(reverse("allocation_list")).context["places"] for line in lines
    }
    assert names == {village.name for village in world.villages.values() if village.township == world.township}
    allocation = draw(client, world)
    page = client.get(reverse("allocation_detail", args=[allocation.pk]))
    assert page.context["draft"].figures.as_json() == allocation.figures
    assert [row.household_id for row in page.context["draft"].changes]
    assert dict(Household.objects.values_list("pk", "cadre_id")) == before
    client.post(reverse("allocation_apply", args=[allocation.pk]), {"version": allocation.version})
    rows = dict(allocation.rows.values_list("household_id", "after_id"))
    assert dict(Household.objects.filter(pk__in=rows).values_list("pk", "cadre_id")) == rows
    assert client.get(reverse("allocation_detail", args=[allocation.pk])).status_code == 200
    client.post(reverse("allocation_take_back", args=[allocation.pk]))
    assert dict(Household.objects.values_list("pk", "cadre_id")) == before


def test_a_border_moves_all_beyond_it(world: World, people: list[Any], sign_in: SignIn) -> None:
    client = sign_in("township_admin")
    allocation = draw(client, world)
    village = world.villages["城垵"]
    lists = client.get(reverse("allocation_detail", args=[allocation.pk])).context["draft"].lists
    at = next(n for n, line in enumerate(lists) if len(line.rows) > 2 and n + 1 < len(lists))
    mine, following = ([row.household_id for row in lists[n].rows] for n in (at, at + 1))
    sent = {"version": allocation.version, "village": village.pk, "border": f"{mine[1]}:down"}
    piece = client.post(reverse("allocation_move", args=[allocation.pk]), sent, headers={"HX-Request": "true"})
    moved = {line.of.cadre_id: [row.household_id for row in line.rows] for line in piece.context["draft"].lists}
    assert moved[lists[at].of.cadre_id] == mine[:1]
    assert moved[lists[at + 1].of.cadre_id] == mine[1:] + following
    allocation.refresh_from_db()
    assert allocation.figures == piece.context["draft"].figures.as_json()


def test_a_border_that_lies_elsewhere_is_as_one_that_is_not(world: World, people: list[Any], sign_in: SignIn) -> None:
    client = sign_in("township_admin")
    allocation = draw(client, world)
    before = list(allocation.rows.order_by("pk").values())
    address, said = reverse("allocation_move", args=[allocation.pk]), []
    for named in (world.households["马銮"][0].pk, world.households["六龙"][0].pk, 999_999):
        sent = {"version": allocation.version, "village": world.villages["城垵"].pk, "border": f"{named}:down"}
        page = client.post(address, sent, follow=True)
        said.append((page.redirect_chain, [str(message) for message in page.context["messages"]]))
    assert said == [said[0]] * 3
    assert list(allocation.rows.order_by("pk").values()) == before


def test_ticked_households_go_to_whom_is_chosen(world: World, people: list[Any], sign_in: SignIn) -> None:
    client = sign_in("township_admin")
    allocation = draw(client, world)
    row = allocation.rows.exclude(after=people[1]).first()
    assert row is not None
    sent = {
        "version": allocation.version, "village": world.villages["城垵"].pk, "household": [row.household_id],
        "cadre": people[1].pk,
    }  # fmt: skip
    client.post(reverse("allocation_move", args=[allocation.pk]), sent)
    row.refresh_from_db()
    assert row.after == people[1]


@pytest.mark.parametrize("wrong", ["stale", "stranger", "avoided", "foreign"])
def test_a_wrong_move_changes_nothing(world: World, people: list[Any], sign_in: SignIn, wrong: str) -> None:
    client = sign_in("township_admin")
    allocation = draw(client, world)
    row = allocation.rows.exclude(after=people[1]).first()
    assert row is not None
    sent = {
        "version": allocation.version, "village": world.villages["城垵"].pk, "household": [row.household_id],
        "cadre": people[1].pk,
    }  # fmt: skip
    if wrong == "stale":
        sent["version"] += 1
    elif wrong == "stranger":
        sent["cadre"] = world.cadre("household_cadre@马銮").pk
    elif wrong == "avoided":
        HouseholdTie.objects.create(household=row.household, cadre=people[1], kind="avoid")
    else:
        sent["household"] = [world.households["马銮"][0].pk]
    before = list(allocation.rows.order_by("pk").values_list("household_id", "after_id"))
    client.post(reverse("allocation_move", args=[allocation.pk]), sent)
    assert list(allocation.rows.order_by("pk").values_list("household_id", "after_id")) == before


def test_a_stale_proposal_is_drawn_again(world: World, people: list[Any], sign_in: SignIn) -> None:
    client = sign_in("township_admin")
    allocation = draw(client, world)
    assignments.assign(
        by=world.users["township_admin"], household=Household.objects.get(code__endswith="0600"), cadre=people[0]
    )
    before, _proposals = state()
    answer = client.post(reverse("allocation_apply", args=[allocation.pk]), {"version": allocation.version})
    again = Allocation.objects.latest("pk")
    assert answer.url == reverse("allocation_detail", args=[again.pk])
    assert again.pk != allocation.pk
    assert again.is_open
    assert state()[0] == before


@pytest.mark.parametrize("who", ["township_leader", "township_desk", "village_cadre", "household_cadre", "inspector"])
def test_only_who_gives_out_households_may(world: World, people: list[Any], sign_in: SignIn, who: str) -> None:
    allocation = begin(by="system", place=world.villages["城垵"])
    fill(allocation)
    before, client = state(), sign_in(who)
    for name in ("allocation_detail", "allocation_apply", "allocation_move", "allocation_discard"):
        url = reverse(name, args=[allocation.pk])
        answer = client.get(url) if name == "allocation_detail" else client.post(url, {"version": allocation.version})
        assert answer.status_code == 403, name
    assert state() == before


def test_of_another_township_nothing_exists(world: World, sign_in: SignIn) -> None:
    allocation = begin(by="system", place=world.villages["前楼"])
    fill(allocation)
    before, client = state(), sign_in("township_admin")
    for name in ("allocation_apply", "allocation_move", "allocation_discard", "allocation_take_back"):
        assert client.post(reverse(name, args=[allocation.pk]), {"version": 1}).status_code == 404, name
    village = world.villages["前楼"]
    assert client.get(reverse("allocation_detail", args=[allocation.pk])).status_code == 404
    assert client.get(reverse("allocation_people", args=[village.pk])).status_code == 404
    assert client.post(reverse("allocation_draw"), {"area": f"village-{village.pk}"}).status_code == 404
    assert state() == before


def test_a_township_shows_its_villages(world: World, people: list[Any], sign_in: SignIn) -> None:
    client = sign_in("township_admin")
    client.post(reverse("allocation_draw"), {"area": f"township-{world.township.pk}"})
    allocation = Allocation.objects.latest("pk")
    if allocation.state == AllocationState.DRAWING:
        fill(allocation)
    page = client.get(reverse("allocation_detail", args=[allocation.pk]))
    assert {village.name for village, _figures in page.context["villages"]} == {
        village.name for village in world.villages.values() if village.township == world.township
    }
    url = f"{reverse('allocation_detail', args=[allocation.pk])}?village={{}}"
    assert client.get(url.format(world.villages["城垵"].pk)).context["draft"].village == world.villages["城垵"]
    assert client.get(url.format(world.villages["前楼"].pk)).status_code == 404


def test_who_takes_part_is_kept(world: World, people: list[Any], sign_in: SignIn) -> None:
    client, village = sign_in("township_admin"), world.villages["城垵"]
    url = reverse("allocation_people", args=[village.pk])
    form = client.get(url).context["form"]
    sent = {bound.html_name: bound.value() or "" for bound in form}
    known = CadreShare.objects.count()
    client.post(url, sent)
    assert CadreShare.objects.count() == known, "what is as before is not tied to the village"
    client.post(url, sent | {f"part-{people[0].pk}": "50", f"part-{people[1].pk}": "0"})
    kept = CadreShare.objects.filter(cadre__in=people).order_by("pk").values_list("weight", "takes_part")
    assert list(kept) == [(50, True), (100, False)]
    allocation = draw(client, world)
    assert people[1].pk not in set(allocation.lists.values_list("cadre", flat=True))


def test_a_wish_is_kept_and_taken_back(world: World, people: list[Any], sign_in: SignIn) -> None:
    client, village = sign_in("township_admin"), world.villages["城垵"]
    household = world.households["城垵"][0]
    url = reverse("allocation_tie_create", args=[village.pk])
    sent = {"household": household.head_name, "kind": "pin", "cadre": people[0].pk, "reason": ""}
    client.post(url, sent)
    tie = HouseholdTie.objects.get()
    assert (tie.household, tie.cadre, tie.kind) == (household, people[0], "pin")
    client.post(url, sent | {"cadre": people[1].pk})
    client.post(url, sent | {"household": world.households["马銮"][0].head_name})
    assert HouseholdTie.objects.count() == 1
    assert draw(client, world).rows.get(household=household).after == people[0]
    client.post(reverse("allocation_tie_remove", args=[tie.pk]))
    assert not HouseholdTie.objects.exists()
