"""The small scripts of static/js, each alone on a page in the real browser."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import parse_qs

import pytest
from django import forms
from playwright.sync_api import Browser, Page, Route, expect

from ledger.forms.widgets import Chips, Stepper
from tests.guards.sources import ROOT

ORIGIN = "http://behaviours.test"
Open = Callable[..., Page]


@pytest.fixture
def opened(chromium: Browser) -> Iterator[Open]:
    """Opens a page made of markup and the named scripts; the posts it sends are in ``page.sent``."""
    context = chromium.new_context(viewport={"width": 390, "height": 844})
    context.set_default_timeout(5_000)

    def open_page(body: str, *scripts: str) -> Page:
        page = context.pages[0] if context.pages else context.new_page()
        page.sent = []  # type: ignore[attr-defined]
        tags = "".join(f'<script src="/js/{name}.js" defer></script>' for name in scripts)

        def answer(route: Route) -> None:
            path = route.request.url.removeprefix(ORIGIN)
            if route.request.method == "POST":
                page.sent.append(path)  # type: ignore[attr-defined]
                route.fulfill(status=204)
            elif path.startswith("/js/"):
                route.fulfill(body=(ROOT / Path(f"static{path}")).read_bytes(), content_type="text/javascript")
            elif path.startswith("/css/"):
                route.fulfill(body=(ROOT / Path(f"static{path}")).read_bytes(), content_type="text/css")
            else:
                route.fulfill(body=f"<!doctype html><body>{body}{tags}", content_type="text/html; charset=utf-8")

        page.unroute_all()
        page.route("**/*", answer)
        page.goto(ORIGIN)
        return page

    yield open_page
    context.close()


class Visit(forms.Form):
    people = forms.IntegerField(min_value=0, max_value=3, initial=2, widget=Stepper)
    kind = forms.ChoiceField(choices=[(str(n), f"kind {n}") for n in range(6)], initial="5", widget=Chips(shown=2))


def test_stepper_stays_within_its_limits(opened: Open):
    page = opened(str(Visit()["people"]), "stepper")
    fewer, more = page.locator("button").first, page.locator("button").last
    more.click()
    expect(page.locator("input")).to_have_value("3")
    expect(more).to_be_disabled()
    for _ in range(3):
        fewer.click()
    expect(page.locator("input")).to_have_value("0")
    expect(fewer).to_be_disabled()


def test_stepper_is_a_plain_number_without_script(opened: Open):
    page = opened(str(Visit()["people"]))
    expect(page.locator("button:visible")).to_have_count(0)
    page.locator("input").fill("3")


def test_more_chips_open_and_the_chosen_one_is_always_seen(opened: Open):
    page = opened(str(Visit()["kind"]), "chips-more")
    expect(page.locator("label:visible")).to_have_text(["kind 0", "kind 1", "kind 5"])
    page.locator("button").click()
    expect(page.locator("label:visible")).to_have_count(6)
    expect(page.locator("button")).to_have_count(0)
    expect(page.locator("input[value='2']")).to_be_focused()


def test_chips_that_are_brought_later_are_folded_too(opened: Open):
    page = opened("<div id=record></div>", "chips-more")
    bring = """html => {
      document.querySelector("#record").innerHTML = html;
      document.dispatchEvent(new Event("htmx:afterSwap"));
    }"""
    for _time in range(2):
        page.evaluate(bring, str(Visit()["kind"]))
        expect(page.locator("label:visible")).to_have_text(["kind 0", "kind 1", "kind 5"])
    page.locator("button").click()
    expect(page.locator("label:visible")).to_have_count(6)


STYLE = "<link rel=stylesheet href=/css/forms.css>"


def test_what_a_script_will_fold_is_never_seen_unfolded(opened: Open):
    page = opened(f"{STYLE}{Visit()['kind']}")
    expect(page.locator("label:visible")).to_have_text(["kind 0", "kind 1", "kind 5"])


def test_where_its_script_never_comes_all_is_in_sight(opened: Open):
    page = opened(f"{STYLE}<form>{Visit()['kind']}<p data-shown-when='kind=0'>more</p></form>")
    expect(page.locator("label:visible")).to_have_count(6, timeout=10_000)  # after the five seconds of forms.css
    expect(page.locator("p:visible")).to_have_text("more")


def test_form_is_sent_once(opened: Open):
    page = opened(
        "<form method=post action=/save><input name=a value=typed><button>Save</button></form>", "submit-once"
    )
    page.locator("button").dblclick()
    expect(page.locator("button")).to_have_attribute("aria-disabled", "true")
    assert page.sent == ["/save"]  # type: ignore[attr-defined]
    expect(page.locator("input")).to_have_value("typed")


def draft_form(user: int, extra: str = "") -> str:
    return (
        f"<form method=post action=/save data-autosave='{user}:visit'>{extra}<textarea name=said></textarea>"
        "<label><input type=checkbox name=topic value=a>a</label><input type=password name=secret>"
        "<input type=hidden name=client value=old><button>Save</button></form>"
        "<form method=post action=/out data-forget-drafts><button>Out</button></form>"
    )


def type_and_wait(page: Page) -> None:
    page.locator("input[name=topic]").check()
    page.locator("input[name=secret]").fill("hush")
    page.locator("textarea").press_sequentially("spoke of the road")
    expect(page.locator("textarea")).to_have_value("spoke of the road")
    # The draft is written a moment after the last key; the page itself shows nothing of it.
    page.wait_for_function("Object.values(sessionStorage).some((draft) => draft.includes('road'))")


def test_draft_survives_a_reload_without_password_and_hidden_fields(opened: Open):
    page = opened(draft_form(7), "autosave")
    type_and_wait(page)
    stored = page.evaluate("JSON.stringify(sessionStorage)")
    assert "hush" not in stored
    assert "old" not in stored
    page.reload()
    expect(page.locator("textarea")).to_have_value("spoke of the road")
    expect(page.locator("input[name=topic]")).to_be_checked()
    expect(page.locator("input[name=secret]")).to_have_value("")


def test_draft_of_another_user_is_dropped(opened: Open):
    type_and_wait(opened(draft_form(7), "autosave"))
    page = opened(draft_form(8), "autosave")
    expect(page.locator("textarea")).to_have_value("")
    assert page.evaluate("sessionStorage.length") == 0


def test_signing_out_drops_the_draft(opened: Open):
    page = opened(draft_form(7), "autosave")
    type_and_wait(page)
    page.get_by_role("button", name="Out").click()
    assert page.evaluate("sessionStorage.length") == 0


def test_a_saved_form_drops_its_draft(opened: Open):
    page = opened(draft_form(7), "autosave")
    type_and_wait(page)
    page.get_by_role("button", name="Save").click()
    page = opened("<p>Saved</p>", "autosave")
    assert page.evaluate("sessionStorage.length") == 0


def test_a_form_sent_after_the_session_ended_finds_its_draft_again(opened: Open):
    page = opened(draft_form(7), "autosave")
    type_and_wait(page)
    page.get_by_role("button", name="Save").click()
    opened("<p>Sign in</p>", "submit-once")
    page = opened(draft_form(7), "autosave")
    expect(page.locator("textarea")).to_have_value("spoke of the road")


def test_form_that_came_back_with_errors_keeps_its_own_text(opened: Open):
    type_and_wait(opened(draft_form(7), "autosave"))
    page = opened(draft_form(7, "<p class=invalid-feedback>needed</p>"), "autosave")
    expect(page.locator("textarea")).to_have_value("")


TABLE = (
    "<input id=search><table data-keys><tbody>"
    "<tr><td><input type=checkbox></td><td><a href=/1>one</a></td></tr>"
    "<tr><td><input type=checkbox></td><td><a href=/2>two</a></td></tr></tbody></table>"
    "<button data-key=a>Assign</button><output></output>"
)


def test_keys_move_tick_and_act_but_never_while_typing(opened: Open):
    page = opened(TABLE, "table-keys")
    page.evaluate(
        "document.querySelector('button').addEventListener('click',"
        " () => { document.querySelector('output').textContent = 'assigned'; })"
    )
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(page.locator("a").last).to_be_focused()
    page.keyboard.press("x")
    expect(page.locator("input[type=checkbox]").last).to_be_checked()
    page.keyboard.press("k")
    expect(page.locator("a").first).to_be_focused()
    page.locator("#search").focus()
    page.keyboard.type("ja")
    expect(page.locator("#search")).to_have_value("ja")
    expect(page.locator("output")).to_have_text("")
    page.locator("a").first.focus()
    page.keyboard.press("a")
    expect(page.locator("output")).to_have_text("assigned")


def test_with_rows_ticked_a_letter_acts_on_them_all(opened: Open):
    page = opened(TABLE + "<button data-key-ticked=a>Assign all</button>", "table-keys")
    page.evaluate(
        "for (const each of document.querySelectorAll('button')) each.addEventListener('click',"
        " () => { document.querySelector('output').textContent = each.textContent; })"
    )
    page.keyboard.press("j")
    page.keyboard.press("a")
    expect(page.locator("output")).to_have_text("Assign")
    page.keyboard.press("x")
    page.keyboard.press("a")
    expect(page.locator("output")).to_have_text("Assign all")


def test_arrows_move_inside_the_table_and_slash_and_question_mark_find_and_help(opened: Open):
    page = opened(
        TABLE
        + "<input type=search value=old>"
        + "<dialog data-keys-help><form method=dialog><button>Close</button></form></dialog>",
        "table-keys",
    )
    page.keyboard.press("ArrowDown")
    expect(page.locator("a").first).not_to_be_focused()
    page.keyboard.press("j")
    page.keyboard.press("ArrowDown")
    expect(page.locator("a").last).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(page.locator("a").first).to_be_focused()
    page.keyboard.press("?")
    expect(page.locator("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("dialog")).to_be_hidden()
    page.keyboard.press("/")
    expect(page.locator("input[type=search]")).to_be_focused()


def test_what_can_be_done_appears_with_the_first_tick_and_all_stands_for_every_row(opened: Open):
    page = opened(
        '<form id="rows" data-row-count="Ticked: {n}"><input type=checkbox name=all>'
        "<span data-ticked><small data-count></small><button>Assign</button></span></form>"
        "<input type=checkbox name=issue value=1 form=rows><input type=checkbox name=issue value=2 form=rows>",
        "row-count",
    )
    acts, boxes = page.locator("[data-ticked]"), page.locator("[name=issue]")
    expect(acts).to_be_hidden()
    boxes.first.check()
    expect(acts).to_be_visible()
    expect(page.locator("[data-count]")).to_have_text("Ticked: 1")
    page.locator("[name=all]").check()
    expect(page.locator("[data-count]")).to_have_text("")
    expect(boxes.last).to_be_disabled()
    page.locator("[name=all]").uncheck()
    boxes.first.uncheck()
    expect(acts).to_be_hidden()


WALL = (
    "<ol data-wall>"
    + "".join(
        f"<li class=wall-row id=row-{n}><form><input name=who><input name=goal><button>Save</button></form></li>"
        for n in (1, 2, 3)
    )
    + "</ol>"
)


def test_the_wall_moves_to_the_same_field_of_the_next_line(opened: Open):
    page = opened(WALL, "meeting-keys")
    page.keyboard.press("j")
    expect(page.locator("#row-1 [name=who]")).to_be_focused()
    page.locator("#row-1 [name=goal]").focus()
    page.keyboard.press("PageDown")
    expect(page.locator("#row-2 [name=goal]")).to_be_focused()
    page.keyboard.type("jk")
    expect(page.locator("#row-2 [name=goal]")).to_have_value("jk")
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    expect(page.locator("#row-3 [name=who]")).to_be_focused()
    page.keyboard.press("PageUp")
    expect(page.locator("#row-2 [name=who]")).to_be_focused()


def test_filter_takes_effect_on_a_choice_but_waits_while_typing(opened: Open):
    page = opened(
        "<form data-auto-submit><input type=search name=q>"
        "<select name=v><option value=1><option value=2></select></form>",
        "auto-submit",
    )
    page.locator("input").fill("chen")
    page.locator("input").blur()
    assert page.url.rstrip("/") == ORIGIN
    page.locator("select").select_option("2")
    expect(page).to_have_url(re.compile(r"\?q=chen&v=2$"))


def test_a_form_without_a_chosen_file_goes_out_as_plain_fields(opened: Open, tmp_path: Path):
    form = (
        '<form method="post" action="/visit" enctype="multipart/form-data" data-light>'
        '<input name="content" value="谈了&看了"><input type="file" name="photos"><button>Save</button></form>'
    )
    page = opened(form, "light-post")
    with page.expect_request("**/visit") as plain:
        page.get_by_text("Save").click()
    assert plain.value.headers["content-type"] == "application/x-www-form-urlencoded"
    assert parse_qs(plain.value.post_data, encoding="utf-8")["content"] == ["谈了&看了"]
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(b"jpeg")
    page.locator("input[type=file]").set_input_files(photo)
    with page.expect_request("**/visit") as whole:
        page.get_by_text("Save").click()
    assert whole.value.headers["content-type"].startswith("multipart/form-data; boundary=")


CHAT = """<details data-copy-text><summary>Copy</summary>
<textarea id="from" readonly>【民情台账】1号，请办理。</textarea>
<small data-copied="Copied.">Select it.</small></details><textarea id="to"></textarea>"""


def test_opening_a_text_copies_it_on_a_plain_http_page_too(opened: Open):
    page = opened(CHAT, "copy-text")
    assert page.evaluate("window.isSecureContext") is False
    page.locator("summary").click()
    expect(page.locator("small")).to_have_text("Copied.")
    page.locator("#to").focus()
    page.keyboard.press("Control+V")
    expect(page.locator("#to")).to_have_value("【民情台账】1号，请办理。")
    page.locator("summary").click()
    expect(page.locator("small")).to_have_text("Select it.")


def test_without_a_script_the_text_stands_there_to_be_selected(opened: Open):
    page = opened(CHAT)
    page.locator("summary").click()
    expect(page.locator("#from")).to_be_visible()
    expect(page.locator("small")).to_have_text("Select it.")
