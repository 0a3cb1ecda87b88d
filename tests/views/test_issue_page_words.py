"""What the pages of an issue say of where it lies, why it came back, what is asked about, and what comes first."""

import pytest
from django.urls import reverse

from accounts.models import User
from ledger.models import Cadre, Category, Issue, IssueRound, LinkKind, VillageLink
from ledger.rules.issue_steps import Step
from ledger.rules.issues import Answer, IssueKind, Outcome, State
from ledger.rules.permissions import Role
from tests.issue_chain import advance, called_back, put_off, raise_issue, take, working
from tests.views.issue_pages import SignIn, detail, step_url, text_of
from tests.world import START, World, make_cadre, post


def test_the_page_says_at_which_desk_it_lies(world: World, sign_in: SignIn) -> None:
    issue, client = raise_issue(world), sign_in("township_desk")
    assert "村待办台须在" in text_of(client.get(detail(issue)))
    take(world, "village_cadre", issue, Step.ESCALATE, level="township", text="村里办不了")
    shown = text_of(client.get(detail(issue)))
    assert "乡镇待办台须在" in shown
    assert "<dt>主管待办台</dt><dd>乡镇</dd>" in shown


def test_a_deferral_after_a_review_has_its_own_name(world: World, sign_in: SignIn) -> None:
    issue, client = working(world), sign_in("village_cadre")
    assert "转挂账推进</a>" in text_of(client.get(detail(issue)))
    issue = put_off(world, issue=issue)
    page = text_of(client.get(step_url(issue, Step.DEFER)))
    assert "<h1>继续挂账</h1>" in page
    assert ">继续挂账</button>" in page
    issue = put_off(world, days=60, issue=issue)
    shown = text_of(client.get(detail(issue)))
    assert shown.count("转挂账推进 · 至") == shown.count("继续挂账 · 至") == 1


def test_who_calls_back_reads_what_was_done(world: World, sign_in: SignIn) -> None:
    issue = take(
        world, "department_handler", working(world), Step.RESOLVE, text="送了棉被", outcomes=[Outcome.ASSISTED]
    )  # fmt: skip
    for step in (Step.CALL_BACK, Step.REOPEN):
        page = text_of(sign_in("village_cadre").get(step_url(issue, step)))
        assert "帮扶到位 · 送了棉被" in page
        assert "棉被两床" in page, "and what the result rests on"


def test_a_reopened_matter_says_why_and_keeps_the_dates_of_its_round(world: World, sign_in: SignIn) -> None:
    issue = advance(world, State.CLOSED)
    IssueRound.objects.filter(issue=issue).update(first_due_on=issue.due_on.replace(year=2025, month=3, day=9))
    issue = take(world, "village_cadre", issue, Step.REOPEN, text="又塌了一块")
    shown = text_of(sign_in("village_cadre").get(detail(issue)))
    assert shown.count("又塌了一块") == 2, "on top and on the timeline"
    assert "最初时限 2025年3月9日" in shown
    issue = take(world, "district_secretary", issue, Step.ASSIGN, assignee=world.organisations["村镇建设办"])
    issue = take(world, "department_handler", issue, Step.ACCEPT)
    take(world, "department_handler", issue, Step.RESOLVE, text="再补", outcomes=[Outcome.SOLVED])
    assert text_of(sign_in("village_cadre").get(detail(issue))).count("又塌了一块") == 1


def test_the_page_in_english_says_the_same(world: World, sign_in: SignIn) -> None:
    """Where it lies; and a category noted in Chinese is not taken for another one."""
    Category.objects.filter(name="村道破损").update(name_en="Damaged roads")
    issue = raise_issue(world)
    User.objects.update(language="en")
    client = sign_in("township_desk")
    shown = text_of(client.get(detail(issue)))
    assert "The Village desk assigns it by" in shown
    assert "when it was registered" not in shown
    Category.objects.filter(name="村道破损").update(name="村道", name_en="Roads")
    assert "when it was registered" in text_of(client.get(detail(issue)))


@pytest.mark.parametrize(
    ("who", "first"),
    [("township_leader", ["instruct", "supervise", "remind"]), ("township_desk", ["assign", "remind", "escalate"])],
)
def test_what_somebody_came_for_stands_first(world: World, sign_in: SignIn, who: str, first: list[str]) -> None:
    others = sign_in(who).get(detail(working(world))).context["others"]
    assert [str(rule.step) for rule in others][:3] == first


def test_the_leaders_of_the_village_come_first(world: World, sign_in: SignIn) -> None:
    """Then the others of the township as the county orders them, not by pinyin; a leader's own name is chosen."""
    made = []
    for order, name in ((9, "阿一"), (3, "周二"), (5, "赵三")):
        leader = make_cadre(world.township, name, world.county)
        post(leader, Role.TOWNSHIP_LEADER, township=world.township)
        Cadre.objects.filter(pk=leader.pk).update(sort_order=order)
        made.append(leader)
    Cadre.objects.filter(pk=world.cadre("township_leader").pk).update(sort_order=99)
    VillageLink.objects.bulk_create([
        VillageLink(village=world.villages["城垵"], kind=LinkKind.TOWNSHIP_LEADER, cadre=made[0], start_on=START),
        VillageLink(village=world.villages["马銮"], kind=LinkKind.TOWNSHIP_LEADER, cadre=made[2], start_on=START),
    ])  # fmt: skip
    issue = raise_issue(world)
    field = sign_in("township_leader").get(step_url(issue, Step.INSTRUCT)).context["form"].fields["leader"]
    names = [each.name for each in field.queryset]
    assert names == ["阿一", "周二", "赵三", world.cadre("township_leader").name, world.cadre("county_leader").name]
    assert field.initial == world.cadre("township_leader").pk


@pytest.mark.parametrize("who", ["village_cadre", "township_leader"])
def test_after_a_dissatisfied_answer_the_way_leads_back_to_work(world: World, sign_in: SignIn, who: str) -> None:
    issue = called_back(world, Answer.DISSATISFIED)
    page = sign_in(who).get(detail(issue))
    assert page.context["main"].step == Step.REOPEN
    assert [str(rule.step) for rule in page.context["others"]] == (["close"] if who == "township_leader" else [])
    done = called_back(world, Answer.SATISFIED)
    assert sign_in(who).get(detail(done)).context["main"].step == Step.CLOSE


def test_a_wrong_entry_keeps_nobody_waiting(world: World, sign_in: SignIn) -> None:
    issue, client = raise_issue(world), sign_in("village_cadre")
    assert text_of(client.get(detail(issue))).count("群众") == 2
    take(world, "village_cadre", issue, Step.VOID, text="登错了")
    assert "群众" not in text_of(client.get(detail(issue)))


def test_on_a_desk_a_reclassification_asks_for_no_date(world: World, sign_in: SignIn) -> None:
    client = sign_in("village_cadre")
    assert "due_on" not in client.get(step_url(raise_issue(world), Step.RECLASSIFY)).context["form"].fields
    assert "due_on" in client.get(step_url(working(world), Step.RECLASSIFY)).context["form"].fields


def test_a_dispute_leads_to_the_agreement_it_lacks(world: World, sign_in: SignIn) -> None:
    def given(kind: str) -> Issue:
        issue = raise_issue(world, kind=kind, raised_by_name="甲", other_party="乙")
        issue = take(world, "village_cadre", issue, Step.ASSIGN, assignee=world.cadre("village_official"))
        return take(world, "village_official", issue, Step.ACCEPT)

    issue, client = given(IssueKind.DISPUTE), sign_in("village_official")
    link = f'href="{reverse("dispute_edit", args=[issue.pk])}"'
    assert link in text_of(client.get(step_url(issue, Step.RESOLVE)))
    request = given(IssueKind.REQUEST)
    assert "dispute/" not in text_of(client.get(step_url(request, Step.RESOLVE)))


def test_causes_to_be_written_alike_are_those_of_ones_own_circle(world: World, sign_in: SignIn) -> None:
    raise_issue(world, kind=IssueKind.EARLY_SIGN, colour="2orange", cause="征地补偿未到位")
    raise_issue(
        world, by="household_cadre@马銮", household=world.households["马銮"][0], kind=IssueKind.EARLY_SIGN,
        colour="2orange", cause="马銮水源被截",
    )  # fmt: skip
    page = text_of(sign_in("village_cadre").get(reverse("issue_create")))
    assert '<option value="征地补偿未到位"></option>' in page
    assert "马銮水源" not in page
    outside = text_of(sign_in("village_official").get(reverse("issue_create")))
    assert "征地补偿未到位" not in outside
