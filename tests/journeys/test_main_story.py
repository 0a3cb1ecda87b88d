"""From an Excel roster to a struck-off issue, told by the people who do it."""

import datetime
import re
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Page, expect

from ledger.models import Assignment, AuditRow, Household, Issue
from ledger.rules.identity import make_id_number
from ledger.rules.issues import State
from tests.world import PASSWORD, World

HEADINGS = [
    "村",
    "村民小组",
    "户编号",
    "户主姓名",
    "身份证号",
    "联系电话",
    "人口",
    "住址",
    "户类型",
    "挂户干部",
    "挂户干部工号",
]


@pytest.fixture
def roster(world: World, tmp_path: Path) -> Path:
    """Three new households of 城垵, in the care of the household cadre; the last ID number has a wrong check digit."""
    cadre = world.cadre("household_cadre")
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(HEADINGS)
    for n, name in enumerate(("林阿水", "陈招弟", "黄大海"), start=1):
        id_no = make_id_number("350626", datetime.date(1970, 1, n), n)
        if name == "黄大海":
            id_no = id_no[:-1] + ("1" if id_no[-1] != "1" else "2")
        sheet.append([
            "城垵村", "2组", f"35062610220190{n:02d}", name, id_no, f"1380000123{n}", 4, f"城垵村下厝{n}号", "一般户",
            cadre.name, cadre.cadre_no,
        ])  # fmt: skip
    path = tmp_path / "城垵村花名册.xlsx"
    book.save(path)
    return path


def sign_in(page: Page, world: World, key: str) -> None:
    """As a person does: number, password, button."""
    page.context.clear_cookies()
    page.goto("/account/login/")
    page.locator("input[name=login]").fill(world.users[key].username)
    page.locator("input[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    expect(page).not_to_have_url(re.compile("login"))


def open_issue(page: Page, title: str) -> None:
    page.goto("/issues/")
    page.get_by_role("link", name=title).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(title)


def test_from_roster_to_struck_off(world: World, roster: Path, phone: Page, desktop: Page) -> None:
    title = "村口路灯两盏不亮"

    # The township administrator hands in the roster and sees what it would do before anything is written.
    sign_in(desktop, world, "township_admin")
    desktop.goto("/imports/new/")
    desktop.locator("input[type=file]").set_input_files(roster)
    desktop.get_by_role("button", name="读取并核对").click()
    expect(desktop.get_by_text("身份证号校验位不符").first).to_be_visible()
    assert not Household.objects.filter(head_name="林阿水").exists()
    desktop.get_by_role("button", name="写入 2 行").click()
    expect(desktop.get_by_text("已导入").first).to_be_visible()
    assert set(Household.objects.filter(address__contains="下厝").values_list("head_name", flat=True)) == {
        "林阿水", "陈招弟",
    }  # fmt: skip
    cadre = world.cadre("household_cadre")
    home = Household.objects.get(head_name="林阿水")
    assert Assignment.objects.get(household=home, end_on=None).cadre == cadre == home.cadre

    # The cadre, on the phone: today's list, the household, a visit with an issue in the same form.
    sign_in(phone, world, "household_cadre")
    expect(phone.get_by_role("heading", level=1)).to_have_text("今日待办")
    phone.locator(".item", has_text="林阿水").get_by_role("link", name="记走访").click()
    phone.get_by_role("radio", name="见面").check()
    phone.get_by_label("聊了什么").fill("在家带孙子，说村口路灯坏了一个多月。")
    phone.get_by_text("记一个问题").first.click()
    block = phone.locator(".issue-block").first
    block.locator("input[name$=title]").fill(title)
    block.locator("select[name$=category]").select_option(label="村道破损")
    phone.get_by_role("button", name="保存走访").click()
    expect(phone.get_by_text(title).first).to_be_visible()
    issue = Issue.objects.get(title=title)
    assert (issue.state, issue.registered_by, issue.household) == (State.REGISTERED, cadre, home)
    home.refresh_from_db()
    assert home.open_issues == 1
    assert home.last_met_on is not None

    # The district secretary finds it on the desk and gives it to the office in charge.
    sign_in(desktop, world, "district_secretary")
    desktop.goto("/desk/")
    desktop.get_by_role("link", name=title).click()
    desktop.get_by_role("link", name="交办", exact=True).first.click()
    desktop.get_by_role("radio", name=re.compile("村镇建设办")).first.check()
    desktop.locator(".savebar").get_by_role("button", name="交办").click()
    expect(desktop.get_by_text("待签收").first).to_be_visible()

    # Its handler accepts and resolves.
    sign_in(phone, world, "department_handler")
    open_issue(phone, title)
    phone.get_by_role("button", name="签收").click()
    phone.get_by_role("link", name="办结").first.click()
    phone.get_by_role("checkbox", name="解决到位").check()
    phone.locator("textarea[name=text]").fill("换了灯头和线，当晚已亮。")
    phone.locator(".savebar").get_by_role("button", name="办结").click()
    expect(phone.get_by_text("待回访").first).to_be_visible()

    # The secretary calls the household back and strikes it off.
    sign_in(desktop, world, "district_secretary")
    open_issue(desktop, title)
    desktop.get_by_role("link", name="回访", exact=True).first.click()
    desktop.get_by_role("radio", name="满意", exact=True).check()
    desktop.locator(".savebar").get_by_role("button", name="回访").click()
    desktop.get_by_role("link", name="销号", exact=True).first.click()
    desktop.locator(".savebar").get_by_role("button", name="销号").click()
    expect(desktop.get_by_text("已销号").first).to_be_visible()
    issue.refresh_from_db()
    assert (issue.state, issue.close_basis, issue.answer) == (State.CLOSED, "called_back", "satisfied")
    assert list(issue.steps.values_list("step", flat=True)) == [
        "register", "assign", "accept", "resolve", "call_back", "close",
    ]  # fmt: skip

    # The leader's dashboard counts it, and the number opens the row.
    sign_in(desktop, world, "township_leader")
    expect(desktop.get_by_role("heading", level=1)).to_have_text("工作看板")
    figure = desktop.locator(".fig", has_text="本月销号")
    expect(figure.locator(".v")).to_have_text("1")
    figure.get_by_role("link").click()
    expect(desktop.get_by_role("link", name=title)).to_be_visible()

    # Whoever did what stands in the trail, once each.
    verbs = list(
        AuditRow.objects.filter(object_type="issue", object_id=issue.pk).order_by("pk").values_list("verb", flat=True)
    )
    assert len(verbs) == 6
