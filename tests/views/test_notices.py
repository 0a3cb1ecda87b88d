"""The page of notices: own ones alone, no title of a sensitive matter, nobody's name in the text for the chat group."""

import datetime
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from ledger.models import AuditRow, Issue, Notice, NoticeChoice
from ledger.rules.days import local_today
from ledger.rules.issue_steps import Step
from ledger.rules.issues import State
from tests.issue_chain import advance, put_off, take, working
from tests.world import World

SignIn = Callable[[str], Client]
LIST = "notice_list"


def returned(world: World, **data: Any) -> Issue:
    """A matter that the village's desk is told of."""
    issue = advance(world, State.ASSIGNED, **data)
    take(world, "department_handler", issue, Step.RETURN, text="不归我们管")
    Notice.objects.update(rings_at=timezone.now())
    return Issue.objects.get(pk=issue.pk)


def shown(client: Client, **asked: str) -> list[int]:
    days = client.get(reverse(LIST), asked).context["days"]
    return [line.notice.pk for _day, lines in days for line in lines]


def mine(world: World, key: str) -> Notice:
    return Notice.objects.get(cadre=world.cadre(key))


def test_it_lists_ones_own_and_the_bell_counts_them(world: World, sign_in: SignIn) -> None:
    issue = returned(world)
    client = sign_in("village_cadre")
    assert shown(client) == [mine(world, "village_cadre").pk]
    page = client.get(reverse(LIST)).content.decode()
    assert issue.title in page
    assert '<span class="bell-count">1' in page
    for stranger in ("district_secretary", "household_cadre@马銮", "nobody", "county_admin@前楼"):
        if stranger in world.users:
            other = sign_in(stranger).get(reverse(LIST)).content.decode()
            assert (issue.title in other, "bell-count" in other) == (False, False)


def test_the_text_for_the_chat_group_names_nobody(world: World, sign_in: SignIn) -> None:
    issue = returned(world, raised_by_name="城垵户主一", raised_by_phone="13812345678")
    page = sign_in("village_cadre").get(reverse(LIST))
    ((_day, (line,)),) = page.context["days"]
    assert issue.printed_number in line.chat
    assert "城垵村，诉求（道路交通），时限" in line.chat
    for secret in (
        issue.title,
        issue.text,
        issue.raised_by_name,
        "138",
        "户主",
        world.users["department_handler"].name,
    ):
        assert secret not in line.chat
    assert f">{line.chat}</textarea>" in page.content.decode(), "to be selected without a script"


def test_a_sensitive_matter_has_neither_title_nor_place_here(world: World, sign_in: SignIn) -> None:
    issue = returned(world)
    Issue.objects.filter(pk=issue.pk).update(is_sensitive=True)
    page = sign_in("village_cadre").get(reverse(LIST))
    ((_day, (line,)),) = page.context["days"]
    body = page.content.decode()
    assert issue.title not in body
    assert (issue.printed_number in line.chat, "城垵" in line.chat, "诉求" in line.chat) == (True, False, False)


def test_opening_marks_it_read_and_leads_to_the_matter(world: World, sign_in: SignIn) -> None:
    issue = returned(world)
    client, notice = sign_in("village_cadre"), mine(world, "village_cadre")
    for stranger in ("district_secretary", "department_handler"):
        assert sign_in(stranger).post(reverse("notice_open", args=[notice.pk])).status_code == 404
    assert client.get(reverse("notice_open", args=[notice.pk])).status_code == 405
    assert mine(world, "village_cadre").read_at is None
    answer = client.post(reverse("notice_open", args=[notice.pk]))
    assert (answer.status_code, answer.url) == (302, reverse("issue_detail", args=[issue.pk]))
    assert shown(client) == []
    assert shown(client, state="read") == [notice.pk]


def test_marked_as_read_it_stays_on_the_list_it_came_from(world: World, sign_in: SignIn) -> None:
    returned(world)
    notice = mine(world, "village_cadre")
    url, back = reverse("notice_open", args=[notice.pk]), f"{reverse(LIST)}?sort=returned"
    answer = sign_in("village_cadre").post(url, {"stay": "1", "next": back})
    assert (answer.url, mine(world, "village_cadre").read_at is None) == (back, False)
    assert sign_in("village_cadre").post(url, {"stay": "1", "next": "https://evil.example"}).url == reverse(LIST)


def test_all_are_read_at_once_and_nobody_elses(world: World, sign_in: SignIn) -> None:
    returned(world)
    returned(world)
    others = Notice.objects.exclude(cadre=world.cadre("village_cadre")).values_list("pk", "read_at")
    before = sorted(others)
    sign_in("village_cadre").post(reverse("notice_read_all"))
    assert Notice.objects.filter(cadre=world.cadre("village_cadre"), read_at__isnull=True).count() == 0
    assert sorted(others.all()) == before


def test_one_sort_and_rubbish(world: World, sign_in: SignIn) -> None:
    returned(world)
    client = sign_in("village_cadre")
    assert shown(client, sort="returned") == [mine(world, "village_cadre").pk]
    assert shown(client, sort="near") == []
    assert len(shown(client, sort="'; DROP", state="x", after="%%%")) == 1


def test_what_the_quiet_hours_hold_back_is_listed_with_its_hour(world: World, sign_in: SignIn) -> None:
    returned(world)
    Notice.objects.update(rings_at=timezone.now() + datetime.timedelta(hours=5))
    client = sign_in("village_cadre")
    page = client.get(reverse(LIST)).content.decode()
    assert ("免打扰时段收到" in page, "bell-count" in page) == (True, False)
    client.post(reverse("notice_read_all"))
    assert shown(client) == []


@pytest.mark.parametrize("count", [1, 4])
def test_the_same_number_of_queries(world: World, sign_in: SignIn, count: int, django_assert_num_queries: Any) -> None:
    for _time in range(count):
        returned(world)
    client = sign_in("village_cadre")
    client.get(reverse(LIST))
    with django_assert_num_queries(7):
        assert len(shown(client)) == count


def test_choices_are_kept_and_refused_with_a_sentence(world: World, sign_in: SignIn) -> None:
    client, url = sign_in("village_cadre"), reverse("notice_choices")
    assert "20:00–07:00" in client.get(url).content.decode()
    bad = client.post(url, {"wanted": ["near"], "quiet": "own", "quiet_from": "", "quiet_until": "06:00"})
    assert (bad.status_code, NoticeChoice.objects.count()) == (200, 0)
    assert client.post(url, {"wanted": ["assigned"], "quiet": "never"}).status_code == 200, "not to be chosen"
    client.post(url, {"wanted": ["near"], "quiet": "own", "quiet_from": "21:30", "quiet_until": "06:00"})
    kept = NoticeChoice.objects.get()
    assert (kept.cadre, kept.quiet, "near" in kept.muted, "reopened" in kept.muted) == (
        world.cadre("village_cadre"), "own", False, True
    )  # fmt: skip
    assert AuditRow.objects.filter(verb="notice.chosen").count() == 1
    assert sign_in("nobody").post(url, {"quiet": "never"}).url == reverse(LIST)
    assert NoticeChoice.objects.count() == 1


def parts(client: Client) -> dict[str, tuple[int, list[int]]]:
    waiting = client.get(reverse("notice_digest")).context["waiting"]
    return {each.part.key: (each.count, [issue.pk for issue in each.issues]) for each, _url in waiting}


def test_the_digest_counts_what_waits_for_me_now(world: World, sign_in: SignIn) -> None:
    """As handler and as desk; what lies at a desk below, or with somebody else, is not mine."""
    given, done = advance(world, State.ASSIGNED), advance(world, State.RESOLVED)
    assert parts(sign_in("department_handler")) == {"own_new": (1, [given.pk])}
    registered = {world.issues["城垵"].pk, world.issues["城垵-sensitive"].pk}
    at_village = parts(sign_in("village_cadre"))
    assert at_village.keys() == {"to_assign", "to_call_back"}
    assert (at_village["to_assign"][0], set(at_village["to_assign"][1])) == (2, registered)
    assert at_village["to_call_back"] == (1, [done.pk])
    for stranger in ("district_secretary", "nobody", "department_handler@纪委", "inspector"):
        assert parts(sign_in(stranger)) == {}
    assert "今天没有需要您处理的事项" in sign_in("nobody").get(reverse("notice_digest")).content.decode()


def test_overdue_and_due_today_stand_apart(world: World, sign_in: SignIn) -> None:
    today, issue = local_today(), advance(world, State.ASSIGNED)
    Issue.objects.filter(pk=issue.pk).update(due_on=today)
    assert set(parts(sign_in("department_handler"))) == {"own_today", "own_new"}
    assert parts(sign_in("village_cadre"))["near"] == (1, [issue.pk])
    Issue.objects.filter(pk=issue.pk).update(due_on=today - datetime.timedelta(days=1))
    assert set(parts(sign_in("department_handler"))) == {"own_overdue", "own_new"}
    assert parts(sign_in("village_cadre"))["overdue"] == (1, [issue.pk])


def test_the_digests_text_counts_nothing_sensitive(world: World, sign_in: SignIn) -> None:
    page = sign_in("village_cadre").get(reverse("notice_digest"))
    assert page.context["chat"] == "【民情台账】今日待办：本台 · 新增待交办 1。请及时登录办理。"
    assert world.issues["城垵-sensitive"].title not in page.content.decode()


def test_each_part_opens_exactly_its_rows(world: World, sign_in: SignIn) -> None:
    advance(world, State.RESOLVED)
    Issue.objects.filter(pk=advance(world, State.ASSIGNED).pk).update(level="district", due_on=local_today())
    client = sign_in("district_secretary")
    for each, url in client.get(reverse("notice_digest")).context["waiting"]:
        assert client.get(url).context["page"].paginator.count == each.count == 1


def test_a_digest_opens_the_page_of_today(world: World, sign_in: SignIn) -> None:
    now = timezone.now()
    row = Notice.objects.create(
        cadre=world.cadre("village_cadre"), sort="digest", mark="2026-03-01", at=now, rings_at=now
    )
    answer = sign_in("village_cadre").post(reverse("notice_open", args=[row.pk]))
    assert answer.url == reverse("notice_digest")


def test_the_bell_counts_to_ninety_nine(world: World, sign_in: SignIn) -> None:
    now, cadre, issue = timezone.now(), world.cadre("village_cadre"), world.issues["城垵"]
    rows = [Notice(cadre=cadre, issue=issue, sort="near", mark=str(n), at=now, rings_at=now) for n in range(120)]
    Notice.objects.bulk_create(rows)
    client = sign_in("village_cadre")
    page = client.get(reverse(LIST))
    assert '<span class="bell-count">99+' in page.content.decode()
    following = client.get(reverse(LIST), {"after": page.context["page"].next})
    pks = [line.notice.pk for answer in (page, following) for _day, lines in answer.context["days"] for line in lines]
    assert pks == [row.pk for row in reversed(rows)][:60]


def test_what_is_to_be_reviewed_or_reported_is_in_the_digest_of_its_desk(world: World, sign_in: SignIn) -> None:
    issue = put_off(world)
    assert parts(sign_in("village_cadre")).keys() == {"to_assign"}
    Issue.objects.filter(pk=issue.pk).update(review_on=local_today())
    assert parts(sign_in("village_cadre"))["to_review"] == (1, [issue.pk])
    watched = take(world, "township_leader", working(world), Step.SUPERVISE, report_every=3)
    Issue.objects.filter(pk=watched.pk).update(report_due_on=local_today() - datetime.timedelta(days=1))
    assert parts(sign_in("village_cadre"))["reports_late"] == (1, [watched.pk])
    for stranger in ("village_cadre@马銮", "district_secretary"):
        assert not {"to_review", "reports_late"} & parts(sign_in(stranger)).keys()
