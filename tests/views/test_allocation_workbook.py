"""A proposal taken out as a workbook, changed there, looked through and taken over; what a bad row is told."""

import io
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from openpyxl import Workbook, load_workbook

from ledger.actions.allocation import begin, fill
from ledger.actions.allocation_edit import move
from ledger.models import Allocation, AuditRow, Cadre, CadreShare, Household, HouseholdTie
from tests.importing.workbooks import saved
from tests.world import World, make_cadre, make_household

SignIn = Callable[[str], Client]
HEADINGS, FIRST = 3, 4
CODE, HEAD, CHOSEN = 4, 5, 8


@pytest.fixture
def people(world: World) -> list[Cadre]:
    """Two cadres of 城垵, one of them with a name that looks like a formula, and eight more households."""
    for order in range(8):
        make_household(world.villages["城垵"], 600 + order)
    found = [make_cadre(world.township, name, world.county) for name in ("=1+1", "乙干部")]
    for cadre in found:
        CadreShare.objects.create(cadre=cadre, village=world.villages["城垵"])
    return found


@pytest.fixture
def proposal(world: World, people: list[Cadre]) -> Allocation:
    made = begin(by=world.users["township_admin"], place=world.villages["城垵"])
    fill(made)
    return made


def taken_out(client: Client, proposal: Allocation) -> Workbook:
    answer = client.post(reverse("allocation_workbook", args=[proposal.pk]))
    assert answer.status_code == 200
    return load_workbook(io.BytesIO(answer.content))


def handed_in(client: Client, proposal: Allocation, book: Workbook) -> Any:
    sent = {"file": SimpleUploadedFile("方案.xlsx", saved(book))}
    return client.post(reverse("allocation_return", args=[proposal.pk]), sent)


def taken_over(client: Client, proposal: Allocation, page: Any) -> Any:
    sent = {"sealed": page.context["sealed"], "version": page.context["allocation"].version}
    return client.post(reverse("allocation_take_over", args=[proposal.pk]), sent)


def given(proposal: Allocation) -> dict[int, int | None]:
    return dict(proposal.rows.values_list("household_id", "after_id"))


def test_out_in_and_taken_over(world: World, people: list[Cadre], proposal: Allocation, sign_in: SignIn) -> None:
    client, before = sign_in("township_admin"), given(proposal)
    owners = dict(Household.objects.values_list("pk", "cadre_id"))
    book = taken_out(client, proposal)
    sheet = book["城垵村"]
    rows = list(proposal.rows.select_related("household", "after").order_by("place"))
    assert [sheet.cell(FIRST + at, CODE).value for at in range(len(rows))] == [row.household.code for row in rows]
    chosen = [sheet.cell(FIRST + at, CHOSEN) for at in range(len(rows))]
    assert [cell.value for cell in chosen] == [f"{row.after.cadre_no} {row.after.name}" for row in rows]
    assert {cell.data_type for cell in chosen} == {"s"}, "a name that looks like a formula stays a text"
    offered = {cell.value for cell in book["选项"]["A"]}
    assert offered == {f"{each.cadre.cadre_no} {each.cadre.name}" for each in proposal.lists.select_related("cadre")}
    assert AuditRow.objects.filter(verb="allocation.exported", object_id=str(proposal.pk)).count() == 1

    at = next(number for number, row in enumerate(rows) if row.after_id != people[1].pk)
    chosen[at].value = people[1].name
    page = handed_in(client, proposal, book)
    found = page.context["found"]
    assert [(change.row.pk, change.to) for change in found.changes] == [(rows[at].pk, people[1])]
    assert (found.faults, found.missing, found.unchanged) == ([], [], len(rows) - 1)
    assert given(proposal) == before, "looking writes nothing"
    taken_over(client, proposal, page)
    assert given(proposal) == before | {rows[at].household_id: people[1].pk}
    assert dict(Household.objects.values_list("pk", "cadre_id")) == owners, "nothing of anybody before it is applied"


def test_only_what_was_changed_in_the_workbook_counts(
    world: World, people: list[Cadre], proposal: Allocation, sign_in: SignIn
) -> None:
    client = sign_in("township_admin")
    book = taken_out(client, proposal)
    row = proposal.rows.exclude(after=people[1]).first()
    assert row is not None
    village = world.villages["城垵"]
    move(by="system", allocation=proposal, version=1, village=village, households=[row.household_id],
         cadre=people[1].pk)  # fmt: skip
    found = handed_in(client, proposal, book).context["found"]
    assert found.changes == []
    assert given(proposal)[row.household_id] == people[1].pk


def test_every_bad_row_is_named_and_the_good_ones_are_taken(
    world: World, people: list[Cadre], proposal: Allocation, sign_in: SignIn
) -> None:
    client, before = sign_in("township_admin"), given(proposal)
    book = taken_out(client, proposal)
    sheet = book["城垵村"]
    rows = list(proposal.rows.select_related("household").order_by("place"))
    stranger = world.cadre("household_cadre@马銮")
    foreign = world.households["马銮"][0]
    sheet.cell(FIRST, CHOSEN).value = f"{stranger.cadre_no} {stranger.name}"
    sheet.cell(FIRST + 1, CODE).value = foreign.code + "x"
    sheet.cell(FIRST + 2, CODE).value = sheet.cell(FIRST + 3, CODE).value
    sheet.cell(FIRST + 2, HEAD).value = sheet.cell(FIRST + 3, HEAD).value
    sheet.cell(FIRST + 4, HEAD).value = "别人"
    sheet.cell(FIRST + 5, CHOSEN).value = None
    other = next(each for each in people if each.pk != rows[6].after_id)
    sheet.cell(FIRST + 6, CHOSEN).value = other.cadre_no
    HouseholdTie.objects.create(household=rows[7].household, cadre=other, kind="avoid")
    sheet.cell(FIRST + 7, CHOSEN).value = other.cadre_no if rows[7].after_id != other.pk else people[0].cadre_no
    page = handed_in(client, proposal, book)
    found = page.context["found"]
    wrong = {FIRST, FIRST + 1, FIRST + 3, FIRST + 4, FIRST + 5}
    wrong |= {FIRST + 7} if rows[7].after_id != other.pk else set()
    assert {fault.line for fault in found.faults} == wrong
    assert {row.pk for row in found.missing} == {rows[1].pk, rows[2].pk, rows[4].pk}
    shown = page.content.decode()
    assert f"第 {FIRST} 行：“{stranger.cadre_no} {stranger.name}”不在城垵村的参加人员中" in shown
    assert foreign.head_name not in shown
    taken_over(client, proposal, page)
    changed = {pk for pk, cadre in given(proposal).items() if cadre != before[pk]}
    assert rows[6].household_id in changed
    assert changed <= {rows[6].household_id, rows[7].household_id}


@pytest.mark.parametrize("wrong", ["stale", "forged", "of another", "avoided since"])
def test_what_is_no_longer_so_changes_nothing(
    world: World, people: list[Cadre], proposal: Allocation, sign_in: SignIn, wrong: str
) -> None:
    client = sign_in("township_admin")
    book = taken_out(client, proposal)
    row = proposal.rows.exclude(after=people[1]).select_related("household").order_by("place").first()
    assert row is not None
    book["城垵村"].cell(FIRST + row.place, CHOSEN).value = people[1].cadre_no
    page = handed_in(client, proposal, book)
    sent = {"sealed": page.context["sealed"], "version": 1}
    if wrong == "stale":
        Allocation.objects.filter(pk=proposal.pk).update(version=2)
    elif wrong == "forged":
        sent["sealed"] = sent["sealed"][:-2] + "xx"
    elif wrong == "of another":
        Allocation.objects.filter(pk=proposal.pk).update(state="dropped")
    else:
        HouseholdTie.objects.create(household=row.household, cadre=people[1], kind="avoid")
    before = given(proposal)
    client.post(reverse("allocation_take_over", args=[proposal.pk]), sent)
    assert given(proposal) == before


def test_a_file_that_is_no_proposal_is_refused(world: World, proposal: Allocation, sign_in: SignIn) -> None:
    client, url = sign_in("township_admin"), reverse("allocation_return", args=[proposal.pk])
    for data in (b"PK\x03\x04 broken", saved(Workbook()), "户编号,拟挂户干部\n".encode()):
        page = client.post(url, {"file": SimpleUploadedFile("x.xlsx", data)})
        assert page.context["faults"], data[:10]
    assert client.post(url, {}).context["form"].errors


@pytest.mark.parametrize(("who", "status"), [("township_leader", 403), ("household_cadre", 403)])
def test_only_who_gives_out_households_may(proposal: Allocation, sign_in: SignIn, who: str, status: int) -> None:
    client, before = sign_in(who), given(proposal)
    for name in ("allocation_workbook", "allocation_return", "allocation_take_over"):
        assert client.post(reverse(name, args=[proposal.pk]), {}).status_code == status, name
    assert given(proposal) == before
    assert not AuditRow.objects.filter(verb="allocation.exported").exists()


def test_of_another_township_nothing_exists(world: World, sign_in: SignIn) -> None:
    theirs = begin(by="system", place=world.villages["前楼"])
    fill(theirs)
    client = sign_in("township_admin")
    for name in ("allocation_workbook", "allocation_return", "allocation_take_over"):
        assert client.post(reverse(name, args=[theirs.pk]), {}).status_code == 404, name


def test_a_township_has_a_sheet_for_each_village(world: World, people: list[Cadre], sign_in: SignIn) -> None:
    made = begin(by="system", place=world.township)
    fill(made)
    client = sign_in("township_admin")
    book = taken_out(client, made)
    covered = {row.village.name for row in made.rows.select_related("village")}
    assert set(book.sheetnames) == covered | {"各人户数", "选项"}
    found = handed_in(client, made, book).context["found"]
    assert (found.changes, found.faults, found.missing, found.unchanged) == ([], [], [], made.rows.count())
