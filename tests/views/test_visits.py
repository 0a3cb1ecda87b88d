"""记走访 in the browser's eyes: one form, one record, nothing typed is lost, nobody else's visits."""

import io
import uuid
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image

from ledger.models import Category, Evidence, Household, HouseholdType, Issue, Topic, Visit, VisitQuestion
from ledger.rules.days import local_today
from tests.world import World, make_cadre, make_household, make_visit

SignIn = Callable[[str], Client]


def text(response: Any) -> str:
    return str(response.content.decode())


def address(household: Household) -> str:
    return f"{reverse('visit_create')}?household={household.pk}"


def filled(**more: Any) -> dict[str, Any]:
    return {
        "kind": "household", "result": "met", "content": "聊了收成", "people_met": "2", "promise": "",
        "follow_up_on": "", "occurred_on": local_today().isoformat(), "client_id": str(uuid.uuid4()), **more,
    }  # fmt: skip


def issue(world: World, number: int = 0, **more: Any) -> dict[str, Any]:
    category = Category.objects.get(county=world.county, name="村道破损")
    fields = {"title": "村道坑洼", "kind": "request", "category": category.pk, "text": "", **more}
    return {f"issue-{number}-{name}": value for name, value in fields.items()}


def test_a_visit_with_issues_in_one_form(world: World, sign_in: SignIn) -> None:
    household, client = world.households["城垵"][1], sign_in("household_cadre")
    topic = Topic.objects.get(county=world.county)
    data = filled(topics=[topic.pk], **issue(world), **issue(world, 3, title="想学剪枝", kind="wish"))
    response = client.post(address(household), data)
    visit = Visit.objects.latest("pk")
    assert response.url == reverse("visit_detail", args=[visit.pk])
    assert (visit.household, visit.people_met, visit.content) == (household, 2, "聊了收成")
    assert list(visit.topics.all()) == [topic]
    assert list(visit.issues.order_by("pk").values_list("title", "kind")) == [
        ("村道坑洼", "request"),
        ("想学剪枝", "wish"),
    ]
    shown = text(client.get(response.url))
    assert "村道坑洼" in shown
    assert "想学剪枝" in shown


def test_four_required_fields_at_most(world: World, sign_in: SignIn) -> None:
    household, client = world.households["城垵"][1], sign_in("household_cadre")
    form = client.get(address(household)).context["form"]
    assert {name for name, field in form.fields.items() if field.required} == {"kind", "result", "occurred_on"}
    assert (form["kind"].value(), form["occurred_on"].value()) == ("household", local_today())


def test_sent_twice_is_one_visit_and_other_words_are_a_conflict(world: World, sign_in: SignIn) -> None:
    household, client = world.households["城垵"][1], sign_in("household_cadre")
    data = filled(**issue(world))
    issues = Issue.objects.count()
    first, again = client.post(address(household), data), client.post(address(household), data)
    assert first.url == again.url
    assert household.visits.count() == 1
    assert Issue.objects.count() == issues + 1

    other = client.post(address(household), data | {"content": "另外的话"})
    assert other.status_code == 409
    assert "另外的话" in text(other)
    assert first.url in text(other)
    assert household.visits.count() == 1

    fresh = other.context["form"]["client_id"].value()
    client.post(address(household), data | {"content": "另外的话", "client_id": fresh})
    assert set(household.visits.values_list("content", flat=True)) == {"聊了收成", "另外的话"}


@pytest.mark.parametrize(
    "wrong",
    [
        {"result": ""},
        {"occurred_on": "2999-01-01"},
        {"occurred_on": "昨天"},
        {"people_met": "-1"},
        {"companion_names": "查无此人"},
        {"issue-0-title": "没选类别"},
        {"issue-0-title": "坏类别", "issue-0-kind": "request", "issue-0-category": "99999999999999999999"},
        {"topics": ["x"]},
        {"content": "有\x00字符"},
    ],
)
def test_a_fault_keeps_everything_typed_and_writes_nothing(
    world: World, sign_in: SignIn, wrong: dict[str, Any]
) -> None:
    household = world.households["城垵"][1]
    before = (Visit.objects.count(), Issue.objects.count())
    response = sign_in("household_cadre").post(address(household), filled(promise="周五带材料") | wrong)
    assert response.status_code == 200
    assert 'value="周五带材料"' in text(response)
    assert wrong.get("content", "聊了收成").replace("\x00", "") in text(response).replace("\x00", "")
    assert wrong.get("issue-0-title", "") in text(response)
    assert (Visit.objects.count(), Issue.objects.count()) == before
    assert Household.objects.get(pk=household.pk).last_met_on is None


def test_a_form_sent_after_the_session_ended_opens_again_after_sign_in(world: World, client: Client) -> None:
    form = address(world.households["城垵"][1])
    login = reverse("account_login")
    assert client.post(form, filled()).url == f"{login}?next={form.replace('?', '%3F').replace('=', '%3D')}"
    void = reverse("visit_void", args=[1])
    assert client.post(void, {"reason": "x"}).url == f"{login}?next=/"
    assert not Visit.objects.filter(content="聊了收成").exists()


@pytest.mark.parametrize("client_id", ["", "no-uuid"])
def test_a_mangled_client_id_loses_no_visit(world: World, sign_in: SignIn, client_id: str) -> None:
    household = world.households["城垵"][1]
    assert sign_in("household_cadre").post(address(household), filled(client_id=client_id)).status_code == 302


@pytest.mark.parametrize(
    ("key", "place", "status"),
    [
        ("household_cadre", ("城垵", 2), 404),  # in the village, not one's own
        ("household_cadre", ("马銮", 0), 404),
        ("village_cadre", ("马銮", 0), 404),
        ("village_cadre", ("城垵", 2), 302),
        ("visitor", ("城垵", 0), 302),
        ("district_secretary", ("东沈", 0), 404),
        ("inspector", ("城垵", 0), 403),
        ("township_admin", ("城垵", 0), 403),
        ("department_handler", ("城垵", 0), 403),
        ("nobody", ("城垵", 0), 403),
    ],
)
def test_who_may_log_where(world: World, sign_in: SignIn, key: str, place: tuple[str, int], status: int) -> None:
    household = world.households[place[0]][place[1]]
    count = household.visits.count()
    response = sign_in(key).post(address(household), filled())
    assert response.status_code == status
    assert household.visits.count() == count + (status == 302)


def test_a_household_is_found_by_name_among_those_one_may_visit(world: World, sign_in: SignIn) -> None:
    client = sign_in("household_cadre")
    own = text(client.get(reverse("visit_create")))
    assert "城垵户主1" in own
    assert "城垵户主3" not in own
    found = text(client.get(reverse("visit_create"), {"q": "城垵户主2"}))
    assert address(world.households["城垵"][1]) in found
    foreign = client.get(reverse("visit_create"), {"q": "马銮户主1"}, headers={"HX-Request": "true"})
    assert f"household={world.households['马銮'][0].pk}" not in text(foreign)
    assert "<html" not in text(foreign)


@pytest.mark.parametrize("number", ["id_no", "phone"])
def test_a_household_is_found_by_a_full_number_that_stands_in_no_address(
    world: World, sign_in: SignIn, number: str
) -> None:
    client, htmx = sign_in("village_cadre"), {"HX-Request": "true"}
    for place, finds in (("城垵", True), ("马銮", False)):
        household = world.households[place][2]
        typed = getattr(household.residents.get(), number)
        answers = [client.post(reverse("visit_find"), {"q": typed}), client.get(reverse("visit_create"), {"q": typed})]
        assert {answer.status_code for answer in answers} == {302}
        assert not [answer.url for answer in answers if typed in answer.url]
        live = client.post(reverse("visit_find"), {"q": typed}, headers=htmx)
        assert "<html" not in text(live)
        for found in (live, *(client.get(answer.url) for answer in answers)):
            assert (address(household) in text(found)) is finds
            assert typed not in text(found)


def test_other_words_are_searched_by_their_address(world: World, sign_in: SignIn) -> None:
    client = sign_in("household_cadre")
    found = client.post(reverse("visit_find"), {"q": " 城垵户主2 "}, follow=True)
    assert found.redirect_chain == [(f"{reverse('visit_create')}?{urlencode({'q': '城垵户主2'})}", 302)]
    assert address(world.households["城垵"][1]) in text(found)
    assert client.post(reverse("visit_find"), {"q": " "}).url == reverse("visit_create")


def test_a_meeting_in_the_village(world: World, sign_in: SignIn) -> None:
    village = world.villages["城垵"]
    data = {
        "kind": "meeting", "meeting_form": "courtyard", "village": village.pk, "place": "祠堂前", "people_met": "23",
        "occurred_on": local_today().isoformat(), "content": "说了医保", **issue(world),
    }  # fmt: skip
    response = sign_in("village_cadre").post(f"{reverse('visit_create')}?place=1", data)
    visit = Visit.objects.latest("pk")
    assert response.status_code == 302
    assert (visit.village, visit.household, visit.meeting_form, visit.people_met) == (village, None, "courtyard", 23)
    assert visit.issues.get().source == "meeting"


def test_a_meeting_shows_what_was_asked_and_only_the_issues_one_may_see(world: World, sign_in: SignIn) -> None:
    visit = make_visit(world.households["城垵"][0], world.cadre("household_cadre"))
    open_issue, sensitive = world.issues["城垵"], world.issues["城垵-sensitive"]
    VisitQuestion.objects.bulk_create([
        VisitQuestion(visit=visit, text="路灯几时修？", asked_by="2组村民", answer="下周动工。", sort_order=1),
        VisitQuestion(visit=visit, text="路怎么修？", issue=open_issue, sort_order=2),
        VisitQuestion(visit=visit, text="账目在哪看？", issue=sensitive, sort_order=3),
    ])  # fmt: skip
    for who, seen in (("village_cadre", [open_issue, sensitive]), ("village_official", [open_issue])):
        questions = sign_in(who).get(reverse("visit_detail", args=[visit.pk])).context["questions"]
        assert [question.text for question, _issue in questions] == ["路灯几时修？", "路怎么修？", "账目在哪看？"]
        assert [issue for _question, issue in questions if issue is not None] == seen, who


def test_the_ordinary_type_is_no_badge_in_a_list(world: World, sign_in: SignIn) -> None:
    household = world.households["城垵"][0]
    names = ("一般户", "监测户")
    kinds = [HouseholdType.objects.get_or_create(county=world.county, name=name)[0] for name in names]
    household.types.set(kinds)
    client = sign_in("household_cadre")
    # The badge of the form's head, where a filter above the list names all types.
    form = text(client.get(address(household)))
    assert ("一般户" in form, "监测户" in form) == (False, True)
    assert "一般户" in text(client.get(reverse("household_detail", args=[household.pk])))


def test_a_meeting_elsewhere_is_refused(world: World, sign_in: SignIn) -> None:
    data = {"kind": "meeting", "village": world.villages["马銮"].pk, "occurred_on": local_today().isoformat()}
    count = Visit.objects.count()
    response = sign_in("village_cadre").post(f"{reverse('visit_create')}?place=1", data)
    assert response.context["form"].errors["village"]
    assert Visit.objects.count() == count


def test_companions_by_name(world: World, sign_in: SignIn) -> None:
    household, client = world.households["城垵"][1], sign_in("household_cadre")
    colleague, elsewhere = world.cadre("village_official"), world.cadre("village_official@前楼")
    response = client.post(address(household), filled(companion_names=elsewhere.name))
    assert response.context["form"].errors["companion_names"]
    client.post(address(household), filled(companion_names=colleague.name))
    assert list(household.visits.get().companions.all()) == [colleague]
    chips = dict(client.get(address(household)).context["form"].fields["companions"].choices)
    assert chips == {colleague.pk: colleague.name}

    make_cadre(world.township, colleague.name, world.county)
    twice = client.post(address(household), filled(companion_names=colleague.name))
    assert colleague.name in str(twice.context["form"].errors["companion_names"])


def test_a_photo_in_the_same_form_and_a_bad_one_refused(world: World, sign_in: SignIn) -> None:
    household, client = world.households["城垵"][1], sign_in("household_cadre")
    picture = io.BytesIO()
    Image.new("RGB", (40, 30), "green").save(picture, "JPEG")
    bad = SimpleUploadedFile("院子.jpg", b"no picture")
    response = client.post(address(household), filled(photos=[bad]))
    assert response.context["form"].errors["photos"]
    assert not Evidence.objects.exists()
    client.post(address(household), filled(photos=[SimpleUploadedFile("院子.jpg", picture.getvalue())]))
    assert Evidence.objects.get().visit == household.visits.get()


def test_the_diary_holds_the_own_scope_only(world: World, sign_in: SignIn) -> None:
    shown = text(sign_in("household_cadre").get(reverse("visit_list")))
    assert "城垵户主1走访内容" in shown
    for foreign in ("马銮", "东沈", "前楼", "六龙"):
        assert f"{foreign}户主1走访内容" not in shown
    searched = text(sign_in("township_leader").get(reverse("visit_list"), {"q": "前楼户主1"}))
    assert "前楼户主1走访内容" not in searched


@pytest.mark.parametrize("count", [1, 12])
def test_the_diary_asks_the_same_number_of_queries(
    world: World, sign_in: SignIn, django_assert_max_num_queries: Any, count: int
) -> None:
    cadre = world.cadre("household_cadre")
    for n in range(10, 10 + count):
        make_visit(make_household(world.villages["城垵"], n, cadre), cadre)
    client = sign_in("township_leader")
    with django_assert_max_num_queries(11):
        assert client.get(reverse("visit_list")).status_code == 200


def test_a_sensitive_issue_of_a_visit_is_neither_shown_nor_counted(world: World, sign_in: SignIn) -> None:
    visit = world.visits["城垵"]
    Issue.objects.filter(pk=world.issues["城垵-sensitive"].pk).update(visit=visit)
    for key in ("inspector", "village_official"):
        client = sign_in(key)
        assert "城垵户主2的问题" not in text(client.get(reverse("visit_detail", args=[visit.pk])))
        row = next(v for v in client.get(reverse("visit_list")).context["page"] if v.pk == visit.pk)
        assert row.issue_count == 0


def test_a_correction_keeps_the_old_words_and_is_the_author_s(world: World, sign_in: SignIn) -> None:
    visit = world.visits["城垵"]
    change = reverse("visit_edit", args=[visit.pk])
    data = {
        "kind": "household", "result": "met", "occurred_on": visit.occurred_on.isoformat(), "people_met": 1,
        "content": "改正后的话", "reason": "记错了", "version": 1,
    }  # fmt: skip
    assert sign_in("village_official").post(change, data).status_code == 403
    assert Visit.objects.get(pk=visit.pk).version == 1

    author = sign_in("household_cadre")
    assert author.post(change, data).status_code == 302
    shown = text(author.get(reverse("visit_detail", args=[visit.pk])))
    for said in ("改正后的话", "城垵户主1走访内容", "记错了"):
        assert said in shown

    stale = author.post(change, data | {"content": "第三种说法"})
    assert stale.status_code == 409
    assert "第三种说法" in text(stale)
    assert "改正后的话" in text(stale)
    assert Visit.objects.get(pk=visit.pk).content == "改正后的话"


def test_companions_topics_and_what_was_done_are_corrected(world: World, sign_in: SignIn) -> None:
    """Who came along until now stays to be chosen; a stranger to the township can't be."""
    visit, author = world.visits["城垵"], sign_in("household_cadre")
    came, new, far = world.cadre("village_official"), world.cadre("village_cadre"), world.cadre("village_cadre@前楼")
    Topic.objects.filter(county=world.county).update(is_active=False)
    topic = Topic.objects.get(county=world.county)
    visit.companions.set([came])
    visit.topics.set([topic])
    change = reverse("visit_edit", args=[visit.pk])
    page = text(author.get(change))
    assert (f'value="{came.pk}"' in page, topic.name in page) == (True, True)
    data = {
        "kind": "service", "result": "met", "occurred_on": visit.occurred_on.isoformat(), "people_met": 1,
        "content": visit.content, "reason": "漏记同行", "version": 1, "companions": [came.pk], "topics": [topic.pk],
        "companion_names": new.name, "quantity": 3, "unit": "亩",
    }  # fmt: skip
    refused = author.post(change, data | {"companions": [came.pk, far.pk]})
    assert (refused.status_code, list(refused.context["form"].errors)) == (200, ["companions"])
    assert Visit.objects.get(pk=visit.pk).version == 1
    assert author.post(change, data).status_code == 302
    after = Visit.objects.get(pk=visit.pk)
    assert (set(after.companions.all()), after.quantity, after.unit, list(after.topics.all())) == (
        {came, new}, 3, "亩", [topic],
    )  # fmt: skip
    assert set(after.corrections.get().old) == {"kind", "companions", "quantity", "unit"}
    stale = author.post(change, data | {"companion_names": ""})
    assert (stale.status_code, new.name in text(stale)) == (409, True)
    assert after.companions.count() == 2


def test_a_void_entry_stays_in_sight_and_counts_nowhere(world: World, sign_in: SignIn) -> None:
    visit, author = world.visits["城垵"], sign_in("household_cadre")
    address = reverse("visit_void", args=[visit.pk])
    assert author.post(address, {"reason": "", "version": 1}).status_code == 200
    assert author.post(address, {"reason": "记到别人家", "version": 1}).status_code == 302
    assert "记到别人家" in text(author.get(reverse("visit_detail", args=[visit.pk])))
    late = {"kind": "household", "result": "met", "occurred_on": visit.occurred_on.isoformat(), "version": 2}
    refused = author.post(reverse("visit_edit", args=[visit.pk]), late | {"content": "还想改", "reason": "再改"})
    assert "还想改" in text(refused)
    assert refused.context["form"].non_field_errors()
    assert Visit.objects.get(pk=visit.pk).voided_by == world.users["household_cadre"]
    assert Visit.objects.get(pk=visit.pk).content == "城垵户主1走访内容"
    assert Household.objects.get(pk=visit.household_id).last_met_on is None


@pytest.mark.parametrize(("key", "status"), [("household_cadre@马銮", 404), ("visitor", 403)])
def test_nobody_else_voids_it(world: World, sign_in: SignIn, key: str, status: int) -> None:
    visit = world.visits["城垵"]
    response = sign_in(key).post(reverse("visit_void", args=[visit.pk]), {"reason": "x", "version": 1})
    assert response.status_code == status
    assert Visit.objects.get(pk=visit.pk).voided_at is None


def test_saving_takes_few_statements(world: World, sign_in: SignIn, django_assert_max_num_queries: Any) -> None:
    """Session, user, scope 2, household, form, look for the twin, savepoints, four writes."""
    household, client = world.households["城垵"][1], sign_in("household_cadre")
    with django_assert_max_num_queries(16):
        assert client.post(address(household), filled()).status_code == 302
