"""The form that registers an issue."""

from django.urls import reverse

from ledger.models import Issue
from ledger.rules.issues import IssueKind, State
from tests.views.issue_pages import SignIn, create_url, detail, form_of, text_of
from tests.world import World


def test_a_registering_sent_twice_is_one_issue(world: World, sign_in: SignIn) -> None:
    client, sent = sign_in("household_cadre"), form_of(world)
    urls = {client.post(create_url(world), sent).url for _each in range(2)}
    assert urls == {detail(Issue.objects.get(title="路灯不亮"))}
    changed = client.post(create_url(world), {**sent, "title": "另一句话"})
    assert changed.status_code == 409
    assert "另一句话" in text_of(changed)
    assert not Issue.objects.filter(title="另一句话").exists()


def test_a_household_out_of_scope_or_senseless_answers_alike(world: World, sign_in: SignIn) -> None:
    client = sign_in("household_cadre")
    for value in (world.households["前楼"][0].pk, 0, "x", "9" * 40, ""):
        assert client.get(reverse("issue_create"), {"household": value}).status_code == 404, value
    before = Issue.objects.count()
    assert client.post(create_url(world, "前楼"), form_of(world)).status_code == 404
    picked = client.post(reverse("issue_create"), form_of(world, household=world.households["前楼"][0].pk))
    assert picked.status_code == 200
    assert "household" in picked.context["form"].errors
    foreign_village = client.post(reverse("issue_create"), form_of(world, village=world.villages["东沈"].pk))
    assert foreign_village.context["form"].errors.keys() == {"village"}
    assert Issue.objects.count() == before


def test_missing_fields_are_named_and_the_rest_is_kept(world: World, sign_in: SignIn) -> None:
    page = sign_in("village_cadre").post(
        reverse("issue_create"), {"kind": "wish", "text": "说了这么多", "raised_by_phone": "123"}
    )
    assert page.status_code == 200
    assert page.context["form"].errors.keys() == {"category", "title", "village", "raised_by_phone"}
    assert "说了这么多" in text_of(page)


def test_settled_on_the_spot_in_one_form(world: World, sign_in: SignIn) -> None:
    client = sign_in("household_cadre")
    short = client.post(create_url(world), form_of(world, on_spot="on", result_text=""))
    assert short.context["form"].errors.keys() == {"outcomes", "result_text"}
    bare = form_of(world, on_spot="on", outcomes=["explained"], result_text="当场讲清")
    assert client.post(create_url(world), bare).context["form"].errors.keys() == {"explained", "policy"}
    assert not Issue.objects.filter(title="路灯不亮").exists()
    sent = bare | {"explained": "路灯由供电所按季检修，已报修", "policy": "路灯管护办法"}
    client.post(create_url(world), sent)
    issue = Issue.objects.get(title="路灯不亮")
    assert (issue.state, issue.resolved_by) == (State.RESOLVED, world.cadre("household_cadre"))


def test_a_complaint_leaves_for_the_discipline_office(world: World, sign_in: SignIn) -> None:
    client = sign_in("household_cadre")
    about = world.cadre("village_official")
    client.post(create_url(world), form_of(world, kind=IssueKind.COMPLAINT, about_cadre=about.pk))
    issue = Issue.objects.get(title="路灯不亮")
    assert issue.lead_organisation == world.organisations["纪委"]
    assert sign_in("village_official").get(detail(issue)).status_code == 404
    assert sign_in("village_cadre").get(detail(issue)).status_code == 404
    assert sign_in("department_handler@纪委").get(detail(issue)).status_code == 200


def test_a_household_is_searched_inside_the_scope(world: World, sign_in: SignIn) -> None:
    live = {"rows": "household_find", "search": "1"}
    page = sign_in("village_cadre").post(
        reverse("issue_create"), {"household_find": "城垵户主", **live}, headers={"HX-Request": "true"}
    )
    assert "<html" not in text_of(page)
    assert text_of(page).count('name="household"') == 3
    head = world.households["城垵"][0].residents.get()
    by_number = sign_in("village_cadre").post(
        reverse("issue_create"), {"household_find": head.id_no, **live}, headers={"HX-Request": "true"}
    )
    assert text_of(by_number).count('name="household"') == 1
    assert head.id_no not in text_of(by_number)
    assert "hx-get" not in text_of(sign_in("village_cadre").get(reverse("issue_create")))
    page = sign_in("village_cadre").post(
        reverse("issue_create"), {"household_find": "城垵户主", "title": "想好的标题", "search": "1"}
    )
    assert "想好的标题" in text_of(page)
    assert text_of(page).count('name="household"') == 3
    foreign = sign_in("village_cadre").post(reverse("issue_create"), {"household_find": "前楼户主", "search": "1"})
    assert 'name="household"' not in text_of(foreign)


def test_the_only_village_is_chosen_already(world: World, sign_in: SignIn) -> None:
    village = world.villages["城垵"]
    chosen = f'<option value="{village.pk}" selected>'
    assert chosen in text_of(sign_in("village_cadre").get(reverse("issue_create")))
    assert f'<option value="{village.pk}">' in text_of(sign_in("township_desk").get(reverse("issue_create")))
