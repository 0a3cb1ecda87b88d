"""Households, their members, corrections, searches by a full number."""

from django.test import Client
from django.urls import reverse

from ledger.actions.allocation import apply, begin, fill
from ledger.actions.exclusions import approve
from ledger.actions.households import change_status
from ledger.models import Allocation, Correction, HouseholdTie
from ledger.queries.household_search import number_token
from ledger.rules.days import local_today
from tests.audit_acts.recipe import Sent, act, fresh, home, opened
from tests.world import World


@act("household_create", "township_admin", "household.created", "resident.added")
def household_create(world: World, client: Client) -> Sent:
    url = f"{reverse('household_create')}?village={world.villages['城垵'].pk}"
    return opened(client, url, **fresh(name="新户主"))


@act("household_edit", "township_admin", "household.changed")
def household_edit(world: World, client: Client) -> Sent:
    return opened(client, reverse("household_edit", args=[home(world).pk]), address="城垵上里9号")


@act("household_status", "township_admin", "household.status_changed")
def household_status(world: World, client: Client) -> Sent:
    url = reverse("household_status", args=[home(world).pk])
    return Sent(url, {"status": "away", "on": local_today().isoformat(), "reason": "外出", "version": 1})


@act("household_assign", "township_admin", "assignment.changed")
def household_assign(world: World, client: Client) -> Sent:
    url = reverse("household_assign", args=[world.households["城垵"][2].pk])
    return opened(client, url, cadre=world.cadre("village_cadre").pk, on=local_today().isoformat())


@act("household_split", "township_admin", "assignment.changed", "household.split")
def household_split(world: World, client: Client) -> Sent:
    member = home(world).residents.create(township=world.township, name="城垵次子", relation="child")
    url = reverse("household_split", args=[home(world).pk])
    return opened(client, url, head=member.pk, reason="分户")


@act("household_merge", "township_admin", "assignment.ended", "household.merged")
def household_merge(world: World, client: Client) -> Sent:
    url = reverse("household_merge", args=[home(world).pk])
    return opened(client, url, into=world.households["城垵"][1].code, reason="并户")


@act("household_move", "township_admin", "household.moved")
def household_move(world: World, client: Client) -> Sent:
    url = reverse("household_move", args=[home(world).pk])
    return opened(client, url, village=world.villages["马銮"].pk, reason="搬迁")


@act("event_undo", "township_admin", "household.event_reversed")
def event_undo(world: World, client: Client) -> Sent:
    today = local_today()
    change_status(by="system", household=home(world), version=1, status="vacant", on=today, reason="误")
    return Sent(reverse("event_undo", args=[home(world).events.get().pk]))


@act("exclusion_create", "township_leader", "exclusion.approved")
def exclusion_create(world: World, client: Client) -> Sent:
    return Sent(reverse("exclusion_create", args=[home(world).pk]), {"reason": "长期在外"})


@act("exclusion_end", "township_leader", "exclusion.ended")
def exclusion_end(world: World, client: Client) -> Sent:
    made = approve(by=world.users["township_leader"], household=home(world), reason="长期在外")
    return Sent(reverse("exclusion_end", args=[made.pk]))


@act("household_call", "household_cadre", "resident.called", again=True)
def household_call(world: World, client: Client) -> Sent:
    return Sent(reverse("household_call", args=[home(world).pk]))


@act("household_list", "village_cadre", "household.searched", method="GET", again=True)
def number_found(world: World, client: Client) -> Sent:
    return Sent(reverse("household_list"), {"number": number_token(home(world).residents.get().id_no)})


@act("visit_create", "household_cadre", "household.searched", method="GET", again=True)
def number_to_visit(world: World, client: Client) -> Sent:
    return Sent(reverse("visit_create"), {"number": number_token(home(world).residents.get().phone)})


@act("visit_find", "household_cadre", "household.searched", again=True)
def visit_find(world: World, client: Client) -> Sent:
    return Sent(reverse("visit_find"), {"q": home(world).residents.get().id_no}, {"HX-Request": "true"})


@act("issue_create", "village_cadre", "household.searched", again=True)
def number_for_an_issue(world: World, client: Client) -> Sent:
    sent = {"household_find": home(world).residents.get().id_no, "search": "1", "rows": "household_find"}
    return Sent(reverse("issue_create"), sent, {"HX-Request": "true"})


@act("resident_create", "township_admin", "resident.added")
def resident_create(world: World, client: Client) -> Sent:
    return opened(client, reverse("resident_create", args=[home(world).pk]), **fresh(name="城垵新丁"))


@act("resident_edit", "township_admin", "resident.changed")
def resident_edit(world: World, client: Client) -> Sent:
    return opened(client, reverse("resident_edit", args=[home(world).residents.get().pk]), remark="改过")


@act("resident_leave", "township_admin", "resident.left")
def resident_leave(world: World, client: Client) -> Sent:
    member = home(world).residents.create(township=world.township, name="城垵次子", relation="child")
    url = reverse("resident_leave", args=[member.pk])
    return Sent(url, {"on": local_today().isoformat(), "reason": "外迁", "version": member.version})


@act("resident_reveal", "village_cadre", "resident.revealed", again=True)
def resident_reveal(world: World, client: Client) -> Sent:
    resident = home(world).residents.get()
    return Sent(reverse("resident_reveal", args=[resident.pk]), {"field": "id_no", "reason": "核对"})


@act("correction_create", "household_cadre", "correction.proposed")
def correction_create(world: World, client: Client) -> Sent:
    url = reverse("correction_create", args=[home(world).pk])
    return opened(client, url, **fresh(address="城垵上里9号", reason="看到的"))


@act("correction_decide", "township_admin", "correction.accepted", "household.changed")
def correction_decide(world: World, client: Client) -> Sent:
    return Sent(reverse("correction_decide", args=[proposal(world).pk]), {"act": "accept"})


@act("correction_decide", "township_admin", "correction.refused")
def refusing(world: World, client: Client) -> Sent:
    return Sent(reverse("correction_decide", args=[proposal(world).pk]), {"act": "refuse", "answer": "不对"})


def proposal(world: World) -> Correction:
    return Correction.objects.create(
        household=home(world), proposed='{"remark": "改"}', proposed_by=world.cadre("household_cadre")
    )


def drawn(world: World) -> Allocation:
    """An open proposal for 城垵."""
    made = begin(by=world.users["township_admin"], place=world.villages["城垵"])
    fill(made)
    return made


@act("allocation_apply", "township_admin", "allocation.applied")
def allocation_apply(world: World, client: Client) -> Sent:
    made = drawn(world)
    return Sent(reverse("allocation_apply", args=[made.pk]), {"version": made.version})


@act("allocation_workbook", "township_admin", "allocation.exported", again=True)
def allocation_workbook(world: World, client: Client) -> Sent:
    made = drawn(world)
    return Sent(reverse("allocation_workbook", args=[made.pk]))


@act("allocation_take_back", "township_admin", "allocation.taken_back")
def allocation_take_back(world: World, client: Client) -> Sent:
    made = drawn(world)
    apply(by=world.users["township_admin"], allocation=made)
    return Sent(reverse("allocation_take_back", args=[made.pk]))


@act("allocation_people", "township_admin", "allocation.people_changed")
def allocation_people(world: World, client: Client) -> Sent:
    url = reverse("allocation_people", args=[world.villages["城垵"].pk])
    first = client.get(url).context["form"].people[0]
    return opened(client, url, **{f"part-{first.pk}": 50})


@act("allocation_tie_create", "township_admin", "allocation.tied")
def allocation_tie_create(world: World, client: Client) -> Sent:
    url = reverse("allocation_tie_create", args=[world.villages["城垵"].pk])
    said = {"household": home(world).code, "kind": "avoid", "cadre": world.cadre("village_cadre").pk, "reason": "亲戚"}
    return Sent(url, said)


@act("allocation_tie_remove", "township_admin", "allocation.untied")
def allocation_tie_remove(world: World, client: Client) -> Sent:
    row = HouseholdTie.objects.create(household=home(world), cadre=world.cadre("village_cadre"), kind="avoid")
    return Sent(reverse("allocation_tie_remove", args=[row.pk]))
