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
    home = administrator_imports(desktop, world, roster)
    issue = cadre_logs_a_visit(phone, world, home, title)
    secretary_assigns(desktop, world, title)
    handler_resolves(phone, world, title)
    secretary_calls_back_and_closes(desktop, world, title)
    issue.refresh_from_db()
    assert (issue.state, issue.close_basis, issue.answer) == (State.CLOSED, "called_back", "satisfied")
    chain = ["register", "assign", "accept", "resolve", "call_back", "close"]
    assert list(issue.steps.values_list("step", flat=True)) == chain
    leader_sees_it_counted(desktop, world, title)
    trail = AuditRow.objects.filter(object_type="issue", object_id=issue.pk).order_by("pk")
    assert [row.verb for row in trail] == [f"issue.{step}" for step in chain]


def administrator_imports(page: Page, world: World, roster: Path) -> Household:
    """The roster is read and checked; nothing is written before the button says how many rows it writes."""
    sign_in(page, world, "township_admin")
    page.goto("/imports/new/")
    page.locator("input[type=file]").set_input_files(roster)
    page.get_by_role("button", name="读取并核对").click()
    expect(page.get_by_text("身份证号校验位不符").first).to_be_visible()
    assert not Household.objects.filter(head_name="林阿水").exists()
    page.get_by_role("button", name="写入 2 行").click()
    expect(page.get_by_text("已导入").first).to_be_visible()
    made = Household.objects.filter(address__contains="下厝")
    assert set(made.values_list("head_name", flat=True)) == {"林阿水", "陈招弟"}
    home = Household.objects.get(head_name="林阿水")
    assert Assignment.objects.get(household=home, end_on=None).cadre == home.cadre == world.cadre("household_cadre")
    return home


def cadre_logs_a_visit(page: Page, world: World, home: Household, title: str) -> Issue:
    """On the phone: today's list, the household, a visit with an issue in the same form."""
    sign_in(page, world, "household_cadre")
    expect(page.get_by_role("heading", level=1)).to_have_text("今日待办")
    page.locator(".item", has_text=home.head_name).get_by_role("link", name="记走访").click()
    page.get_by_role("radio", name="见面").check()
    page.get_by_label("聊了什么").fill("在家带孙子，说村口路灯坏了一个多月。")
    page.get_by_text("记一个问题").first.click()
    block = page.locator(".issue-block").first
    block.locator("input[name$=title]").fill(title)
    block.locator("select[name$=category]").select_option(label="村道破损")
    page.get_by_role("button", name="保存走访").click()
    expect(page.get_by_text(title).first).to_be_visible()
    issue = Issue.objects.get(title=title)
    assert (issue.state, issue.registered_by, issue.household) == (State.REGISTERED, home.cadre, home)
    home.refresh_from_db()
    assert (home.open_issues, home.last_met_on is not None) == (1, True)
    return issue


def secretary_assigns(page: Page, world: World, title: str) -> None:
    """From the desk to the office in charge."""
    sign_in(page, world, "district_secretary")
    page.goto("/desk/")
    page.get_by_role("link", name=title).click()
    page.get_by_role("link", name="交办", exact=True).first.click()
    page.get_by_role("radio", name=re.compile("村镇建设办")).first.check()
    page.locator(".savebar").get_by_role("button", name="交办").click()
    expect(page.get_by_text("待签收").first).to_be_visible()


def handler_resolves(page: Page, world: World, title: str) -> None:
    """Accepts with one tap, resolves with an outcome and a sentence."""
    sign_in(page, world, "department_handler")
    open_issue(page, title)
    page.get_by_role("button", name="签收").click()
    page.get_by_role("link", name="办结").first.click()
    page.get_by_role("checkbox", name="解决到位").check()
    page.locator("textarea[name=text]").fill("换了灯头和线，当晚已亮。")
    page.locator("textarea[name=seen]").fill("两盏灯夜里都亮。")
    page.locator(".savebar").get_by_role("button", name="办结").click()
    expect(page.get_by_text("待回访").first).to_be_visible()


def secretary_calls_back_and_closes(page: Page, world: World, title: str) -> None:
    sign_in(page, world, "district_secretary")
    open_issue(page, title)
    page.get_by_role("link", name="回访", exact=True).first.click()
    page.get_by_role("radio", name="满意", exact=True).check()
    page.locator(".savebar").get_by_role("button", name="回访").click()
    page.get_by_role("link", name="销号", exact=True).first.click()
    page.locator(".savebar").get_by_role("button", name="销号").click()
    expect(page.get_by_text("已销号").first).to_be_visible()


def leader_sees_it_counted(page: Page, world: World, title: str) -> None:
    """The number of the dashboard opens the row it counts."""
    sign_in(page, world, "township_leader")
    expect(page.get_by_role("heading", level=1)).to_have_text("工作看板")
    figure = page.locator("table a[href*='figure=struck_off']").first
    expect(figure).to_have_text("1")
    figure.click()
    expect(page.get_by_role("link", name=title)).to_be_visible()
