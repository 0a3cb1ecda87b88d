"""The ledger list: what each filter finds, chips, filters kept under a name, the workbook of the same rows."""

import datetime
import io
from typing import Any
from urllib.parse import quote

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from ledger.models import AuditRow, Category, Export, Issue, Posting, SavedFilter
from ledger.rules.days import local_today
from ledger.rules.issues import State
from ledger.rules.permissions import Role
from tests.views.issue_pages import SignIn, text_of
from tests.world import World, make_issue

LIST, EXPORT = "/issues/", "/issues/export/"
DAY = datetime.timedelta(days=1)


def put(world: World, serial: int, place: str = "城垵", **fields: Any) -> Issue:
    return make_issue(
        world.households[place][2],
        world.cadre("household_cadre"),
        serial,
        group=world.households[place][2].group,
        **fields,
    )


def found(client: Any, query: str) -> set[int]:
    return {issue.pk for issue in client.get(f"{LIST}?{query}").context["rows"]}


@pytest.fixture
def several(world: World) -> dict[str, Issue]:
    """Seven matters, each apart from the others in something that can be asked for."""
    Issue.objects.all().delete()
    office, handler, today = world.organisations["村镇建设办"], world.cadre("department_handler"), local_today()
    child = Category.objects.get(county=world.county, name="村道破损")
    other = Category.objects.create(county=world.county, name="其他")
    long_ago = datetime.datetime(2026, 1, 5, 16, 30, tzinfo=datetime.UTC)  # the 6th in China
    given = {"lead_organisation": office, "category": other}
    waits: dict[str, Any] = {"deferred_on": today, "deferred_until": today + DAY * 30, "review_on": today + DAY * 9}
    done: dict[str, Any] = {"handler": handler, "resolved_at": long_ago, "category": other}
    return {
        "new": put(world, 1, category=child, kind="enquiry", level="township"),
        "late": put(world, 2, state=State.IN_PROGRESS, due_on=today - DAY, **given),
        "today": put(world, 3, state=State.ASSIGNED, due_on=today, **given),
        "deferred": put(
            world, 4, "马銮", state=State.DEFERRED, handler=handler, category=other, is_supervised=True, **waits,
        ),
        "resolved": put(world, 5, state=State.RESOLVED, resolved_in_time=False, outcomes=["solved"], **done),
        "closed": put(
            world, 6, state=State.CLOSED, close_basis="called_back", closed_at=long_ago, answer="acceptable",
            resolved_in_time=True, outcomes=["explained", "assisted"], source="phone", **done,
        ),
        "far": put(world, 7, "东沈", category=other, registered_at=long_ago),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("state=unfinished", "new late today deferred resolved far"), ("state=open", "new late today deferred far"),
        ("state=deferred", "deferred"), ("due=overdue", "late"), ("due=today", "today"), ("kind=enquiry", "new"),
        ("level=township", "new"), ("source=phone", "closed"), ("answer=acceptable", "closed"),
        ("on_time=yes", "closed"), ("on_time=no", "late resolved"), ("outcome=solved", "resolved"),
        ("outcome=assisted", "closed"), ("supervised=yes", "deferred"), ("registered_to=2026-01-05", ""),
        ("registered_from=2026-01-06&registered_to=2026-01-06", "far"), ("closed_from=2026-01-07", ""),
        ("resolved_to=2026-01-06", "resolved closed"), ("category={top}", "new"), ("category={child}", "new"),
        ("village={马銮}", "deferred"), ("district={west}", "far"), ("unit={office}", "late today"),
        ("handler=城垵承办", ""), ("handler={handler}", "deferred resolved closed"), ("q=康美〔2026〕6号", "closed"),
        ("village={城垵}&group={group}", "new late today resolved closed"), ("state=nonsense", ""),
        ("village=999999", ""),
        ("registered_from=0001-01-01", ""), ("unit={far_office}", ""), ("group={group}", ""),
    ],
)  # fmt: skip
def test_each_filter(
    world: World, sign_in: SignIn, several: dict[str, Issue], query: str, expected: str
) -> None:  # fmt: skip
    child = Category.objects.get(county=world.county, name="村道破损")
    values = {
        "top": child.parent_id, "child": child.pk, "west": world.west.pk,
        "office": world.organisations["村镇建设办"].pk,
        "far_office": world.organisations["村镇建设办@前楼"].pk,
        "handler": quote(world.cadre("department_handler").name),
        "group": world.households["城垵"][2].group_id, **{key: one.pk for key, one in world.villages.items()},
    }  # fmt: skip
    assert found(sign_in("township_desk"), query.format(**values)) == {several[key].pk for key in expected.split()}


def test_each_choice_is_a_chip_that_can_be_taken_away(world: World, sign_in: SignIn) -> None:
    village = world.villages["城垵"]
    page = sign_in("township_desk").get(f"{LIST}?q=户主&state=open&village={village.pk}&due=&page=2")
    chosen = [(one.name, one.words) for one in page.context["chosen"]]
    assert chosen == [("q", "户主"), ("state", "未办结"), ("village", "城垵村")]
    gone = next(one.without for one in page.context["chosen"] if one.name == "state")
    assert gone == f"?q={quote('户主')}&village={village.pk}&due="
    assert page.context["query"] == f"q={quote('户主')}&state=open&village={village.pk}"
    assert "清除全部" in text_of(page)


def test_the_workbook_holds_the_rows_of_the_page_in_their_order(world: World, sign_in: SignIn) -> None:
    for number in range(3):
        put(world, 200 + number, state=State.ASSIGNED, due_on=local_today() + DAY * (3 - number),
            lead_organisation=world.organisations["村镇建设办"])  # fmt: skip
    client = sign_in("department_handler")
    listed = [issue.printed_number for issue in client.get(f"{LIST}?mine=handled&state=unfinished").context["rows"]]
    answer = client.post(f"{EXPORT}?mine=handled&state=unfinished")
    sheet = load_workbook(io.BytesIO(answer.content)).active
    assert len(listed) == 3
    assert [sheet.cell(4 + at, 2).value for at in range(3)] == listed
    assert "no-store" in answer["Cache-Control"]
    assert answer["Content-Disposition"].startswith("attachment; filename*=utf-8''" + quote("民情事项销号台账"))


def test_many_rows_go_to_the_worker(world: World, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ledger.views.exports.AT_ONCE", 1)
    client = sign_in("village_cadre")
    assert client.post(f"{EXPORT}?state=open").url == reverse("export_list")
    export = Export.objects.get()
    assert (export.query, export.total, export.requested_by_id) == ("state=open", 2, world.users["village_cadre"].pk)
    page = text_of(client.get(reverse("export_list")))
    assert "状态 未办结" in page
    url = reverse("export_download", args=[export.pk])
    assert client.get(url).status_code == 200
    for who in ("household_cadre", "township_leader", "county_admin", "township_admin"):
        assert sign_in(who).get(url).status_code == 404, who
        assert sign_in(who).post(reverse("export_cancel", args=[export.pk])).status_code == 404, who
        assert "状态 未办结" not in text_of(sign_in(who).get(reverse("export_list")))


def test_who_was_moved_since_gets_no_workbook_of_before(
    world: World, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another posting gives the right to export, but the rows were those of the earlier one."""
    monkeypatch.setattr("ledger.views.exports.AT_ONCE", 1)
    client = sign_in("village_cadre")
    client.post(f"{EXPORT}?state=open")
    url = reverse("export_download", args=[Export.objects.get().pk])
    assert client.get(url).status_code == 200
    held = Posting.objects.filter(cadre=world.cadre("village_cadre"))
    held.update(end_on=local_today())
    new = {"role": Role.VILLAGE_CADRE, "village": world.villages["前楼"], "start_on": local_today()}
    Posting.objects.bulk_create([Posting(cadre=world.cadre("village_cadre"), **new)])
    answer = sign_in("village_cadre").get(url)
    assert (answer.status_code, answer.url) == (302, reverse("export_list"))
    assert AuditRow.objects.filter(verb="export.downloaded").count() == 1


def test_who_only_visits_takes_nothing_out(world: World, sign_in: SignIn) -> None:
    for who in ("visitor", "nobody"):
        assert sign_in(who).post(EXPORT).status_code == 403
        assert sign_in(who).get(reverse("export_list")).status_code == 403
    assert reverse("issue_export") not in text_of(sign_in("visitor").get(LIST))


def test_a_choice_of_elsewhere_shows_and_exports_nothing(world: World, sign_in: SignIn) -> None:
    client = sign_in("village_cadre")
    query = f"household={world.households['前楼'][0].pk}"
    page = client.get(f"{LIST}?{query}")
    assert page.context["rows"] == []
    assert "前楼" not in text_of(page)
    assert client.post(f"{EXPORT}?{query}").status_code == 302
    assert not Export.objects.exists()


def test_a_filter_is_kept_opened_renamed_put_first_and_removed(world: World, sign_in: SignIn) -> None:
    client = sign_in("village_cadre")
    client.post(reverse("saved_filter_create", args=["issues"]) + "?state=open&junk=1", {"name": " 未办结的 "})
    saved = SavedFilter.objects.get()
    assert (saved.name, saved.query, saved.user_id) == ("未办结的", "state=open", world.users["village_cadre"].pk)
    assert 'href="/issues/?state=open" aria-current="page">未办结的<' in text_of(client.get(f"{LIST}?state=open"))
    client.post(reverse("saved_filter_rename", args=[saved.pk]), {"name": "手上的"})
    client.post(reverse("saved_filter_start", args=[saved.pk]))
    saved.refresh_from_db()
    assert (saved.name, saved.is_start) == ("手上的", True)
    assert client.get(LIST).url == f"{LIST}?state=open"
    assert client.get(f"{LIST}?mine=").status_code == 200
    client.post(reverse("saved_filter_remove", args=[saved.pk]))
    assert not SavedFilter.objects.exists()


def test_kept_filters_are_nobody_elses(world: World, sign_in: SignIn) -> None:
    saved = SavedFilter.objects.create(
        user=world.users["village_cadre"], page="issues", name="城垵常用", query="state=open"
    )
    for who in ("household_cadre", "township_admin", "county_admin"):
        client = sign_in(who)
        for act in ("rename", "start", "remove"):
            assert client.post(reverse(f"saved_filter_{act}", args=[saved.pk]), {"name": "改"}).status_code == 404
        assert "城垵常用" not in text_of(client.get(LIST)) + text_of(client.get("/filters/issues/"))
    saved.refresh_from_db()
    assert (saved.name, saved.is_start) == ("城垵常用", False)


def test_ids_in_a_kept_filter_are_asked_again(world: World, sign_in: SignIn) -> None:
    query = f"village={world.villages['前楼'].pk}"
    SavedFilter.objects.create(user=world.users["township_desk"], page="issues", name="旧", query=query, is_start=True)
    page = sign_in("township_desk").get(LIST, follow=True)
    assert page.context["rows"] == []
    assert "前楼" not in text_of(page)
    assert "请去掉后重试" in text_of(page)


def test_the_list_costs_the_same_for_one_and_for_many(world: World, sign_in: SignIn) -> None:
    client = sign_in("township_desk")
    client.get(LIST)
    asked = []
    for number in range(4):
        with CaptureQueriesContext(connection) as questions:
            client.get(f"{LIST}?state=open")
        asked.append(len(questions))
        for more in range(8):
            put(world, 300 + number * 10 + more, "马銮")
    assert len(set(asked)) == 1
    assert asked[0] <= 22
