"""A real Chromium for the journeys: the fixtures ``phone`` and ``desktop`` (loaded by ``-p`` in pyproject.toml).

Both give a Playwright page with its own cookies, opened on the live server (``phone.goto("/")``). Whatever the story
asserts, it also fails when the browser logged an error, a Content-Security-Policy was violated, a script threw or a
page asked another origin for anything. A story that provokes an error on purpose says so: ``watch.allow("403")``.
A failed story leaves its last picture in ``var/test-shots/``.
"""

import os
import re
import shutil
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, Route, ViewportSize, sync_playwright
from pytest_django.live_server_helper import LiveServer

SHOTS = Path(__file__).resolve().parent.parent / "var" / "test-shots"
PHONE: ViewportSize = {"width": 390, "height": 844}
DESKTOP: ViewportSize = {"width": 1440, "height": 900}
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-quic",
    "--no-first-run",
    "--disable-component-update",
    "--disable-sync",
]
REPORT = pytest.StashKey[pytest.TestReport]()


def chromium_path() -> str | None:
    """The installed browser, or None. Playwright's own download is never used."""
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--without-journeys", action="store_true", help="leave the browser stories out")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        if "journeys" in item.path.parts:
            item.add_marker("journey")
    if config.getoption("--without-journeys"):
        journeys = [item for item in items if item.get_closest_marker("journey")]
        config.hook.pytest_deselected(items=journeys)
        items[:] = [item for item in items if item not in journeys]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.when == "call":
        item.stash[REPORT] = report
    return report


@dataclass
class Watch:
    """What the browser complained of, minus what the story expects."""

    complaints: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)

    def allow(self, *patterns: str) -> None:
        """Expect complaints that match these regular expressions, for example ``watch.allow("status of 403")``."""
        self.expected += patterns

    def unexpected(self) -> list[str]:
        return [said for said in self.complaints if not any(re.search(pattern, said) for pattern in self.expected)]

    def follow(self, page: Page) -> None:
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.complaints.append(f"script error: {error}"))

    def _console(self, message: ConsoleMessage) -> None:
        # A violated Content-Security-Policy is logged as an error too; Chromium has no other word for it.
        if message.type == "error" or "Content Security Policy" in message.text:
            self.complaints.append(f"console at {message.location.get('url', '')}: {message.text}")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One browser for each xdist worker."""
    path = chromium_path()
    if path is None:
        missing = "Chromium is not installed: apt-get install chromium fonts-noto-cjk"
        if os.environ.get("CI"):
            pytest.fail(missing)
        pytest.skip(missing)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def phone(chromium: Browser, live_server: LiveServer, watch: Watch, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A cadre's phone: 390 px wide, touch, Chinese."""
    yield from _opened(chromium, live_server.url, watch, request, PHONE)


@pytest.fixture
def desktop(chromium: Browser, live_server: LiveServer, watch: Watch, request: pytest.FixtureRequest) -> Iterator[Page]:
    """An office PC: 1440 px wide, mouse, Chinese."""
    yield from _opened(chromium, live_server.url, watch, request, DESKTOP)


def _opened(
    browser: Browser, origin: str, watch: Watch, request: pytest.FixtureRequest, size: ViewportSize
) -> Iterator[Page]:
    context = browser.new_context(
        base_url=origin,
        viewport=size,
        locale="zh-CN",
        timezone_id="Asia/Shanghai",
        has_touch=size is PHONE,
        is_mobile=size is PHONE,
        service_workers="block",  # what it fetches passes by the watch; it has stories of its own
    )
    context.set_default_timeout(15_000)

    def keep_at_home(route: Route, asked: Request) -> None:
        if urlsplit(asked.url)[:2] == urlsplit(origin)[:2]:
            route.continue_()
        else:
            watch.complaints.append(f"asked another origin: {asked.url}")
            route.abort()

    context.route("**/*", keep_at_home)
    context.on("page", watch.follow)
    page = context.new_page()
    try:
        yield page
        _keep_picture(page, request.node)
    finally:
        # Leaving the page ends its requests, so that none meets the emptied database.
        context.close()
    assert not watch.unexpected(), "the browser complained:\n" + "\n".join(watch.unexpected())


def _keep_picture(page: Page, story: pytest.Item) -> None:
    """The last thing seen by a story that failed."""
    report = story.stash.get(REPORT, None)
    if report is not None and report.failed:
        SHOTS.mkdir(parents=True, exist_ok=True)
        width = (page.viewport_size or DESKTOP)["width"]
        name = re.sub(r"[^\w-]+", "_", story.name)
        page.screenshot(path=SHOTS / f"{name}-{width}.png", full_page=True)
