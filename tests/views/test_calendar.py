"""The pages of the working calendar."""

import datetime
from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from ledger.models import AuditRow, CalendarDay
from tests.world import World

SignIn = Callable[[str], Client]
TABLE = "日期,安排,说明\n2098-01-01,休,元旦\n2098-01-04,班,元旦\n"
NOTICE = "一、元旦：1月1日（周三）至3日（周五）放假调休，共3天。1月4日（周六）上班。"


def days(world: World) -> list[tuple[str, bool, bool]]:
    rows = CalendarDay.objects.filter(county=world.county)
    return [(row.day.isoformat(), row.is_working, row.is_official) for row in rows]


def test_a_notice_is_looked_through_then_taken_in(world: World, sign_in: SignIn) -> None:
    client = sign_in("county_admin")
    page = client.post(reverse("calendar_import"), {"year": 2098, "text": NOTICE})
    assert page.context["plan"].off == 3
    assert days(world) == [], "looking writes nothing"
    done = client.post(reverse("calendar_apply"), {"sealed": page.context["sealed"], "year": 2098})
    assert done.url == f"{reverse('calendar_year')}?county={world.county.code}&year=2098"
    assert days(world) == [
        ("2098-01-01", False, True), ("2098-01-02", False, True), ("2098-01-03", False, True),
        ("2098-01-04", True, True),
    ]  # fmt: skip
    sheet = client.get(done.url).context["sheet"]
    assert (sheet.source, [run.count for run in sheet.holidays]) == ("county", [3])
    assert not CalendarDay.objects.filter(county=world.other_county).exists()


@pytest.mark.parametrize(
    "sent",
    [
        {"year": 2098}, {"year": "", "text": TABLE}, {"year": 99, "text": TABLE}, {"year": 2097, "text": TABLE},
        {"year": 2098, "text": "日期,安排\n"}, {"year": 2098, "text": "天气很好"}, {"year": 2098, "text": "\x00"},
        {"year": 2098, "text": "日期,安排\n2098-01-01,也许\n"}, {"year": 2098, "text": "x" * 30_000},
        {"year": 2098, "file": SimpleUploadedFile("x.xlsx", b"\x00" * 90)},
    ],
)  # fmt: skip
def test_rubbish_is_told_and_nothing_is_planned(world: World, sign_in: SignIn, sent: dict[str, object]) -> None:
    page = sign_in("county_admin").post(reverse("calendar_import"), sent)
    assert page.status_code == 200
    assert "plan" not in page.context
    assert page.context.get("faults") or page.context["form"].errors
    assert days(world) == []


def test_a_list_of_one_year_is_not_taken_for_another(world: World, sign_in: SignIn) -> None:
    client = sign_in("county_admin")
    sealed = client.post(reverse("calendar_import"), {"year": 2098, "text": TABLE}).context["sealed"]
    for wrong in ({"sealed": sealed, "year": 2097}, {"sealed": "x", "year": 2098}, {"year": 2098}):
        assert client.post(reverse("calendar_apply"), wrong).status_code == 302
    assert days(world) == []


def test_a_file_and_a_table_without_headings_are_understood(world: World, sign_in: SignIn) -> None:
    client = sign_in("county_admin")
    for sent in (
        {"file": SimpleUploadedFile("x.csv", TABLE.encode("gb18030"))}, {"text": "1月1日\t休\t元旦\n1月4日\t班\t元旦"},
        {"text": "1月1日 休 元旦\n1月4日 班 元旦"}, {"text": TABLE},
    ):  # fmt: skip
        plan = client.post(reverse("calendar_import"), {"year": 2098, **sent}).context["plan"]
        assert [(line.day, line.is_working, line.note) for line in plan.new] == [
            ("2098-01-01", False, "元旦"), ("2098-01-04", True, "元旦"),
        ]  # fmt: skip


def test_a_year_nobody_knows_says_so_and_a_built_in_one_is_taken_over(world: World, sign_in: SignIn) -> None:
    client = sign_in("county_admin")
    assert "2098年的放假安排尚未录入" in client.get(reverse("calendar_year"), {"year": 2098}).content.decode()
    client.post(reverse("calendar_take_over"), {"year": 2098})
    assert days(world) == []
    client.post(reverse("calendar_take_over"), {"year": 2026})
    assert len(days(world)) == 39
    client.post(reverse("calendar_give_back"), {"year": 2026})
    assert days(world) == []


@pytest.mark.parametrize("asked", ["", "x", "99999", "1", "\x00", "20261", "²⁰²⁶"])
def test_a_senseless_year_is_this_one(world: World, sign_in: SignIn, asked: str) -> None:
    page = sign_in("county_admin").get(reverse("calendar_year"), {"year": asked})
    assert page.context["sheet"].year == page.context["today"].year


def test_official_days_are_not_removed_one_by_one(world: World, sign_in: SignIn) -> None:
    day = CalendarDay.objects.create(
        county=world.county, day=datetime.date(2098, 1, 1), is_working=False, is_official=True
    )
    assert sign_in("county_admin").post(reverse("calendar_day_clear", args=[day.pk])).status_code == 404
    assert days(world) == [("2098-01-01", False, True)]


@pytest.mark.parametrize("name", ["calendar_apply", "calendar_take_over", "calendar_give_back"])
@pytest.mark.parametrize("key", ["township_admin", "township_leader", "county_desk", "household_cadre", "nobody"])
def test_others_change_no_calendar(world: World, sign_in: SignIn, name: str, key: str) -> None:
    CalendarDay.objects.create(county=world.county, day=datetime.date(2026, 1, 1), is_working=False, is_official=True)
    before = AuditRow.objects.filter(verb__startswith="calendar").count()
    assert sign_in(key).post(reverse(name), {"year": 2026}).status_code == 403
    assert days(world) == [("2026-01-01", False, True)]
    assert AuditRow.objects.filter(verb__startswith="calendar").count() == before
