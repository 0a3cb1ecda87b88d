"""The world of the stories: a browser and a server see it, so it is committed. And the phone that keeps things."""

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page
from pytest_django.live_server_helper import LiveServer

from ledger.models import Household
from tests.journeys.faulty import Faulty
from tests.journeys.offline_phone import settle
from tests.journeys.test_main_story import sign_in
from tests.plugin_browser import PHONE
from tests.world import World, build

NO_SYNC = "delete self.SyncManager; delete ServiceWorkerRegistration.prototype.sync;"


@pytest.fixture
def world(transactional_db: None) -> World:
    return build()


@pytest.fixture
def faulty(live_server: LiveServer) -> Iterator[Faulty]:
    server = Faulty(live_server.url)
    yield server
    server.stop()


@pytest.fixture
def mobile(chromium: Browser, faulty: Faulty) -> Iterator[BrowserContext]:
    """A phone that keeps things: with its service worker, behind the server that fails."""
    context = chromium.new_context(
        base_url=faulty.origin,
        viewport=PHONE,
        locale="zh-CN",
        timezone_id="Asia/Shanghai",
        is_mobile=True,
        has_touch=True,
    )
    context.set_default_timeout(10_000)
    context.add_init_script(NO_SYNC)  # its times are the browser's own; the page's are ours
    yield context
    faulty.start()
    context.close()


@pytest.fixture
def page(mobile: BrowserContext, world: World) -> Page:
    """Signed in as the household cadre, with the copy of the day on the phone and the worker at work."""
    Household.objects.filter(village=world.villages["城垵"]).update(cadre=world.cadre("household_cadre"))
    page = mobile.new_page()
    sign_in(page, world, "household_cadre")
    settle(page)
    return page


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    picture = io.BytesIO()
    Image.new("RGB", (60, 40), "green").save(picture, "JPEG")
    path = tmp_path / "照片.jpg"
    path.write_bytes(picture.getvalue())
    return path
