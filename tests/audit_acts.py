"""One way to succeed with each route that changes or shows something on record, and the audit rows it then leaves."""

import datetime
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from ledger.models import (
    Cadre,
    CalendarDay,
    Category,
    Correction,
    District,
    ImportBatch,
    Issue,
    KeptEntry,
    LinkKind,
    Organisation,
    Topic,
    VillageLink,
)
from ledger.queries.household_search import number_token
from ledger.rules.days import local_today
from ledger.rules.issues import Answer, Outcome, State, Step
from tests.importing.test_plan import row
from tests.importing.workbooks import roster
from tests.issue_chain import advance
from tests.views.issue_pages import form_of
from tests.world import PASSWORD, START, World

Recipe = Callable[[World, Client], "Sent"]


@dataclass
class Sent:
    """A request that succeeds."""

    url: str
    data: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Act:
    """``who`` sends it; ``verbs`` are the rows of its success, in order. ``again``: sent twice it happens twice."""

    route: str
    who: str
    verbs: tuple[str, ...]
    recipe: Recipe
    method: str = "POST"
    again: bool = False

    def __str__(self) -> str:
        return f"{self.route}-{self.recipe.__name__}" if self.recipe.__name__ != self.route else self.route


ACTS: list[Act] = []


def act(route: str, who: str, *verbs: str, method: str = "POST", again: bool = False) -> Callable[[Recipe], Recipe]:
    def keep(recipe: Recipe) -> Recipe:
        ACTS.append(Act(route, who, verbs, recipe, method, again))
        return recipe

    return keep


WRITES_NOTHING = {
    "household_list": "sends the search on to an address",
    "cadre_import": "shows what a list would change",
    "division_import": "shows what a list would change",
    "language": "how a page is shown to oneself",
    "large_type": "how a page is shown to oneself",
}
"""Routes with POST that change nothing of the county's, and why."""


def fresh(**data: Any) -> dict[str, Any]:
    return {"client_id": str(uuid.uuid4()), **data}


def opened(client: Client, url: str, /, **changes: Any) -> Sent:
    """The form of a page as a browser would send it back, but for the changes."""
    form = client.get(url).context["form"]
    filled = {bound.html_name: _plain(bound.value()) for bound in form}
    return Sent(
        url, {key: value for key, value in {**filled, **changes}.items() if value is not None and value is not False}
    )


def _plain(value: Any) -> Any:
    if isinstance(value, Model):
        return value.pk
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, list | tuple) or hasattr(value, "all"):
        return [_plain(each) for each in value]
    return "on" if value is True else value


def csv(text: str) -> dict[str, Any]:
    return {"file": SimpleUploadedFile("名单.csv", text.encode())}


# -- accounts ----------------------------------------------------------------------------------------------------


@act("account_login", "", "account.signed_in", again=True)
def account_login(world: World, client: Client) -> Sent:
    return Sent(reverse("account_login"), {"login": world.users["nobody"].username, "password": PASSWORD})


@act("account_login", "", "account.sign_in_failed", again=True)
def failed(world: World, client: Client) -> Sent:
    return Sent(reverse("account_login"), {"login": world.users["nobody"].username, "password": "wrong"})


@act("account_logout", "nobody", "account.signed_out")
def account_logout(world: World, client: Client) -> Sent:
    return Sent(reverse("account_logout"))


@act("account_change_password", "nobody", "account.password_changed")
def account_change_password(world: World, client: Client) -> Sent:
    new = "twelve-green-hills"
    return Sent(reverse("account_change_password"), {"oldpassword": PASSWORD, "password1": new, "password2": new})


@act("account_create_one", "township_admin", "account.opened")
def account_create_one(world: World, client: Client) -> Sent:
    return Sent(reverse("account_create_one", args=[newcomer(world).pk]), fresh())


@act("account_reset", "township_admin", "account.password_reset")
def account_reset(world: World, client: Client) -> Sent:
    return Sent(reverse("account_reset", args=[world.cadre("nobody").pk]), fresh())


@act("account_active", "township_admin", "account.closed")
def closing(world: World, client: Client) -> Sent:
    return Sent(reverse("account_active", args=[world.cadre("nobody").pk]), {"active": "0"})


@act("account_active", "township_admin", "account.reopened")
def reopening(world: World, client: Client) -> Sent:
    user = world.users["nobody"]
    user.is_active = False
    user.save()
    return Sent(reverse("account_active", args=[world.cadre("nobody").pk]), {"active": "1"})


@act("account_sheet", "township_admin", "account.opened")
def account_sheet(world: World, client: Client) -> Sent:
    newcomer(world)
    return Sent(reverse("account_sheet"), fresh(act="open", home=f"township-{world.township.pk}"))


def newcomer(world: World) -> Cadre:
    return Cadre.objects.create(county=world.county, township=world.township, cadre_no="K9001", name="康美新人")


# -- setting up --------------------------------------------------------------------------------------------------


@act("cadre_create", "township_admin", "cadre.created")
def cadre_create(world: World, client: Client) -> Sent:
    return opened(client, reverse("cadre_create"), name="康美新人", cadre_no="K9002", township=world.township.pk)


@act("cadre_edit", "township_admin", "cadre.changed")
def cadre_edit(world: World, client: Client) -> Sent:
    return opened(client, reverse("cadre_edit", args=[world.cadre("nobody").pk]), title="科员")


@act("cadre_apply", "township_admin", "cadre.loaded")
def cadre_apply(world: World, client: Client) -> Sent:
    text = "place,cadre_no,cadre_name,cadre_unit,cadre_phone,township_code\nx,T001,新人,党建办,,350626102\n"
    page = client.post(reverse("cadre_import"), csv(text))
    return Sent(reverse("cadre_apply"), {"sealed": page.context["sealed"]})


@act("division_apply", "county_admin", "division.loaded", "defaults.loaded")
def division_apply(world: World, client: Client) -> Sent:
    text = (
        "county_code,county,township_code,township,village_code,name\n"
        "350626,东山县,350626102,康美镇,350626102299,新村\n"
    )  # fmt: skip
    page = client.post(reverse("division_import"), csv(text))
    return Sent(reverse("division_apply"), {"sealed": page.context["sealed"]})


@act("county_edit", "county_admin", "county.changed")
def county_edit(world: World, client: Client) -> Sent:
    return opened(client, reverse("county_edit", args=[world.county.pk]), coverage_days=120)


@act("township_edit", "township_admin", "township.changed")
def township_edit(world: World, client: Client) -> Sent:
    return opened(client, reverse("township_edit", args=[world.township.pk]), duty_phone="0596-5622222")


@act("village_detail", "township_admin", "village.changed")
def village_detail(world: World, client: Client) -> Sent:
    return opened(client, reverse("village_detail", args=[world.villages["城垵"].pk]), aliases="城安")


@act("village_link_create", "township_admin", "village_link.made")
def village_link_create(world: World, client: Client) -> Sent:
    url = reverse("village_link_create", args=[world.villages["城垵"].pk, LinkKind.VILLAGE_CADRE])
    return Sent(url, fresh(who=world.cadre("village_cadre").pk, start_on=START.isoformat()))


@act("village_link_end", "township_admin", "village_link.ended")
def village_link_end(world: World, client: Client) -> Sent:
    link = VillageLink.objects.create(
        village=world.villages["城垵"], kind=LinkKind.VILLAGE_CADRE, cadre=world.cadre("nobody"), start_on=START
    )
    return Sent(reverse("village_link_end", args=[link.pk]))


@act("district_create", "township_admin", "district.created")
def district_create(world: World, client: Client) -> Sent:
    url = reverse("district_create", args=[world.township.pk])
    return Sent(url, fresh(name="新管区", sort_order=5, villages=[world.villages["东沈"].pk]))


@act("district_edit", "township_admin", "district.changed")
def district_edit(world: World, client: Client) -> Sent:
    return opened(client, reverse("district_edit", args=[world.east.pk]), name="东片区")


@act("district_remove", "township_admin", "district.removed")
def district_remove(world: World, client: Client) -> Sent:
    return Sent(reverse("district_remove", args=[District.objects.create(township=world.township, name="空管区").pk]))


@act("organisation_create", "township_admin", "organisation.created")
def organisation_create(world: World, client: Client) -> Sent:
    sent = fresh(township=world.township.pk, name="新办公室", kind="internal", sort_order=1)
    return Sent(reverse("organisation_create"), sent)


@act("organisation_edit", "township_admin", "organisation.changed")
def organisation_edit(world: World, client: Client) -> Sent:
    unit = Organisation.objects.create(county=world.county, township=world.township, name="旧办公室")
    return opened(client, reverse("organisation_edit", args=[unit.pk]), name="新办公室")


@act("posting_create", "township_admin", "posting.granted")
def posting_create(world: World, client: Client) -> Sent:
    url = f"{reverse('posting_create')}?cadre={world.cadre('nobody').pk}&role=village_cadre"
    return Sent(url, fresh(village=[world.villages["城垵"].pk], start_on=START.isoformat()))


@act("posting_end", "township_admin", "posting.ended")
def posting_end(world: World, client: Client) -> Sent:
    posting = world.cadre("visitor").postings.get()
    return Sent(reverse("posting_end", args=[posting.pk]), {"end_on": local_today().isoformat()})


@act("word_create", "county_admin", "topic.created")
def word_create(world: World, client: Client) -> Sent:
    return Sent(reverse("word_create", args=["topic"]), fresh(name="新主题", name_en="New", sort_order=1))


@act("word_edit", "county_admin", "category.changed")
def word_edit(world: World, client: Client) -> Sent:
    category = Category.objects.filter(county=world.county, parent=None).get()
    return opened(client, reverse("word_edit", args=["category", category.pk]), days=9)


@act("word_edit", "county_admin", "topic.changed")
def topic(world: World, client: Client) -> Sent:
    kept = Topic.objects.get(county=world.county)
    return opened(client, reverse("word_edit", args=["topic", kept.pk]), name="新主题")


@act("calendar_day_create", "county_admin", "calendar.set")
def calendar_day_create(world: World, client: Client) -> Sent:
    return Sent(reverse("calendar_day_create"), fresh(day="2026-05-09", is_working="1", note="补班"))


@act("calendar_day_clear", "county_admin", "calendar.cleared")
def calendar_day_clear(world: World, client: Client) -> Sent:
    day = CalendarDay.objects.create(county=world.county, day=START, is_working=False)
    return Sent(reverse("calendar_day_clear", args=[day.pk]))


# -- households --------------------------------------------------------------------------------------------------


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


def home(world: World) -> Any:
    return world.households["城垵"][0]


def proposal(world: World) -> Correction:
    return Correction.objects.create(
        household=home(world), proposed='{"remark": "改"}', proposed_by=world.cadre("household_cadre")
    )


# -- visits ------------------------------------------------------------------------------------------------------


@act("visit_create", "household_cadre", "visit.logged")
def visit_create(world: World, client: Client) -> Sent:
    return Sent(f"{reverse('visit_create')}?household={home(world).pk}", a_visit())


@act("visit_create", "household_cadre", "issue.register", "visit.logged")
def with_an_issue(world: World, client: Client) -> Sent:
    category = Category.objects.get(county=world.county, name="村道破损")
    issue = {"issue-0-title": "村道坑洼", "issue-0-kind": "request", "issue-0-category": category.pk}
    return Sent(f"{reverse('visit_create')}?household={home(world).pk}", {**a_visit(), **issue})


@act("visit_edit", "household_cadre", "visit.corrected")
def visit_edit(world: World, client: Client) -> Sent:
    return opened(
        client, reverse("visit_edit", args=[world.visits["城垵"].pk]), content="另外的话", reason="写错了"
    )  # fmt: skip


@act("visit_void", "household_cadre", "visit.voided")
def visit_void(world: World, client: Client) -> Sent:
    return Sent(reverse("visit_void", args=[world.visits["城垵"].pk]), {"reason": "记错了户", "version": 1})


def a_visit() -> dict[str, Any]:
    said = {"kind": "household", "result": "met", "content": "聊了收成", "people_met": "2"}
    return fresh(**said, occurred_on=local_today().isoformat())


@act("visit_create", "household_cadre", "kept_entry.kept")
def other_words(world: World, client: Client) -> Sent:
    """The same form id with another body: both are kept, 409."""
    sent = visit_create(world, client)
    client.post(sent.url, sent.data)
    return Sent(sent.url, {**sent.data, "content": "另外的话"})


@act("kept_entry_save", "household_cadre", "visit.logged")
def kept_entry_save(world: World, client: Client) -> Sent:
    return Sent(reverse("kept_entry_save", args=[kept(world, client)]))


@act("kept_entry_discard", "household_cadre", "kept_entry.discarded")
def kept_entry_discard(world: World, client: Client) -> Sent:
    return Sent(reverse("kept_entry_discard", args=[kept(world, client)]))


def kept(world: World, client: Client) -> int:
    sent = other_words(world, client)
    client.post(sent.url, sent.data)
    return int(KeptEntry.objects.latest("pk").pk)


# -- issues ------------------------------------------------------------------------------------------------------


@act("issue_create", "household_cadre", "issue.register")
def issue_create(world: World, client: Client) -> Sent:
    return Sent(f"{reverse('issue_create')}?household={home(world).pk}", form_of(world))


@act("issue_detail", "village_cadre", "issue.read", method="GET", again=True)
def a_sensitive_issue(world: World, client: Client) -> Sent:
    return Sent(reverse("issue_detail", args=[world.issues["城垵-sensitive"].pk]))


@act("issue_evidence", "household_cadre", "evidence.added")
def issue_evidence(world: World, client: Client) -> Sent:
    from tests.views.test_evidence import photo

    return Sent(reverse("issue_evidence", args=[world.issues["城垵"].pk]), fresh(files=[photo()]))


@act("issue_phone", "household_cadre", "issue.phone_read", again=True)
def issue_phone(world: World, client: Client) -> Sent:
    Issue.objects.filter(pk=world.issues["城垵"].pk).update(raised_by_phone="13812345678")
    return Sent(reverse("issue_phone", args=[world.issues["城垵"].pk]))


@act("desk_assign", "district_secretary", "issue.assign", "issue.assign")
def desk_assign(world: World, client: Client) -> Sent:
    ids = [world.issues[key].pk for key in ("城垵", "马銮")]
    versions = {f"version-{pk}": 1 for pk in ids}
    return Sent(reverse("desk_assign"), {"issue": ids, **versions, "assignee": office(world)})


def step(to: str, name: str, **said: Any) -> Recipe:
    def recipe(world: World, client: Client) -> Sent:
        issue = advance(world, to)
        told = {key: value(world) if callable(value) else value for key, value in said.items()}
        return Sent(reverse("issue_step", args=[issue.pk, name]), {"version": issue.version, **told})

    recipe.__name__ = str(name)
    return recipe


def office(world: World) -> str:
    return f"u{world.organisations['村镇建设办'].pk}"


STEPS: dict[str, tuple[str, Recipe]] = {
    Step.ASSIGN: ("district_secretary", step(State.REGISTERED, Step.ASSIGN, assignee=office)),
    Step.ACCEPT: ("department_handler", step(State.ASSIGNED, Step.ACCEPT)),
    Step.RETURN: ("department_handler", step(State.ASSIGNED, Step.RETURN, text="不归我们")),
    Step.PROGRESS: ("department_handler", step(State.IN_PROGRESS, Step.PROGRESS, text="材料已到")),
    Step.RESOLVE: (
        "department_handler", step(State.IN_PROGRESS, Step.RESOLVE, outcomes=[Outcome.SOLVED], text="补好了")
    ),
    Step.CALL_BACK: ("village_cadre", step(State.RESOLVED, Step.CALL_BACK, answer=Answer.DISSATISFIED, text="没修好")),
    Step.REOPEN: ("village_cadre", step(State.CLOSED, Step.REOPEN, text="又坏了")),
}  # fmt: skip
for _name, (_who, _recipe) in STEPS.items():
    act("issue_step", _who, f"issue.{_name}")(_recipe)


@act("issue_step", "village_cadre", "issue.close")
def close(world: World, client: Client) -> Sent:
    issue = advance(world, State.RESOLVED)
    client.post(
        reverse("issue_step", args=[issue.pk, Step.CALL_BACK]), {"version": issue.version, "answer": "satisfied"}
    )
    issue.refresh_from_db()
    return Sent(reverse("issue_step", args=[issue.pk, Step.CLOSE]), {"version": issue.version})


# -- rosters and the trail ---------------------------------------------------------------------------------------


@act("import_create", "township_admin", "import.uploaded")
def import_create(world: World, client: Client) -> Sent:
    file = SimpleUploadedFile("名册.xlsx", roster(row()))
    return Sent(reverse("import_create"), fresh(file=file, townships=[world.township.pk]))


@act("import_apply", "township_admin", "import.confirmed", "import.applied")
def import_apply(world: World, client: Client) -> Sent:
    sent = import_create(world, client)
    client.post(sent.url, sent.data)
    batch = ImportBatch.objects.latest("pk")
    return Sent(reverse("import_apply", args=[batch.pk]), {"version": batch.version})


@act("import_retry", "township_admin", "import.taken_back")
def import_retry(world: World, client: Client) -> Sent:
    sent = import_create(world, client)
    client.post(sent.url, sent.data)
    ImportBatch.objects.update(state="failed")
    return Sent(reverse("import_retry", args=[ImportBatch.objects.latest("pk").pk]))


@act("audit_list", "township_admin", "audit.read", method="GET", again=True)
def audit_list(world: World, client: Client) -> Sent:
    return Sent(reverse("audit_list"), {"household": home(world).pk})
