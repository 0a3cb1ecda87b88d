"""Chromium opens one page of every template (in the drill: every page that every role can reach) and has no complaint:

no violated policy, no error in the console, no script that throws, nothing asked of another origin.
"""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import urldefrag, urljoin, urlsplit

import pytest
from django.core.exceptions import BadRequest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError
from django.http import HttpRequest
from django.shortcuts import render
from django.test import Client
from django.test.signals import template_rendered
from django.urls import reverse
from django.utils import timezone
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page
from playwright.sync_api import Error as BrowserError
from pytest_django.live_server_helper import LiveServer

from accounts import second_factor
from ledger.actions import evidence
from ledger.importing.batches import create_batch, plan_batch
from ledger.models import (
    CalendarDay,
    Correction,
    GivenGuide,
    Guide,
    ImportBatch,
    IssueBatch,
    IssueBatchRow,
    IssueStep,
    LinkKind,
    Topic,
    VillageLink,
)
from tests.guards.sources import ROOT
from tests.guards.test_contracts import routes
from tests.journeys.crawl_rows import held_row, kept_by_offices, kinds_of_issue
from tests.journeys.sight import build, faults_in_both_languages, narrow_faults
from tests.plugin_browser import DESKTOP, PHONE, Watch
from tests.views.test_import_columns import strange
from tests.world import PASSWORD, START, World

ORDER = (
    "county_admin", "township_desk", "village_cadre", "household_cadre", "district_secretary", "township_admin",
    "department_handler", "township_leader", "county_desk", "county_leader", "inspector", "village_official", "visitor",
    "nobody",
)  # fmt: skip
"""Roles; a template is opened by the first who can."""
MOST_PAGES = 1_000
"""Of one role in the drill; far above what the test world has."""


@pytest.fixture
def rows(world: World, settings: Any, tmp_path: Any) -> dict[str, int]:
    """How a route's name begins → the id of a row of 城垵 that it can show; the longest beginning counts."""
    settings.MEDIA_ROOT = str(tmp_path / "media")
    village, household, issue = world.villages["城垵"], world.households["城垵"][0], world.issues["城垵"]
    township, cadre, admin = village.township, world.cadre("household_cadre"), world.users["township_admin"]
    picture = io.BytesIO()
    Image.new("RGB", (40, 30), "green").save(picture, "JPEG")
    photo = evidence.store(by=cadre.user, file=SimpleUploadedFile("x.jpg", picture.getvalue()), issue=issue)
    correction = Correction.objects.create(household=household, proposed='{"remark": "改"}', proposed_by=cadre)
    batch = ImportBatch.objects.create(file_name="城垵.xlsx", uploaded_by=admin, state="planned")
    batch.townships.add(township)
    asked = create_batch(by=admin, townships=[township], file_name="问.xlsx", data=strange())
    plan_batch(asked.pk)
    done = ImportBatch.objects.create(
        file_name="已导入.xlsx", uploaded_by=admin, state="applied", applied_by=admin, applied_at=timezone.now(),
        counts={"created": 1},
    )  # fmt: skip
    done.townships.add(township)
    acted = IssueBatch.objects.create(
        step="remind", county=township.county, township=township, made_by=world.users["village_cadre"],
        made_at=timezone.now(), done=1,
    )  # fmt: skip
    IssueBatchRow.objects.create(batch=acted, issue=issue, outcome="done")
    acting = IssueBatch.objects.create(
        step="remind", county=township.county, township=township, made_by=world.users["village_cadre"],
        made_at=timezone.now(), state="running",
    )  # fmt: skip
    IssueBatchRow.objects.create(batch=acting, issue=issue, outcome="waiting")
    link = VillageLink.objects.create(village=village, kind=LinkKind.VILLAGE_CADRE, cadre=cadre, start_on=START)
    guide = Guide.objects.create(county=world.county, title="办证", steps="申请\n领证", updated_on=START)
    step = IssueStep.objects.create(issue=issue, step="register", to_state="registered", at=timezone.now())
    given = GivenGuide.objects.create(
        issue=issue,
        step=step,
        guide=guide,
        title="办证",
        sheet={"title": "办证", "steps": ["申请"]},
        given_by=admin,
        given_at=timezone.now(),
    )
    return {
        "household_": household.pk, "resident_create": household.pk, "resident_": household.residents.get().pk,
        "correction_create": household.pk, "correction_": correction.pk, "visit_": world.visits["城垵"].pk,
        "issue_": issue.pk, "evidence_": photo.pk, "import_": batch.pk, "desk_batch": acted.pk,
        "bulk act that runs": acting.pk,
        "import_columns": asked.pk, "import_undo": done.pk, "cadre_": cadre.pk, "account_": cadre.pk,
        "to be reset": world.cadre("village_official").pk,  # whose next page is a new password, whatever was asked for
        "posting_": cadre.postings.get().pk, "village_link_end": link.pk, "village_": village.pk,
        "township_": township.pk, "county_": township.county_id, "district_create": township.pk,
        "district_": world.east.pk, "organisation_": world.organisations["村镇建设办"].pk,
        "calendar_day_": CalendarDay.objects.create(county=world.county, day=START, is_working=False).pk,
        "guide_": guide.pk, "given_guide": given.pk,
        "word_": Topic.objects.get(county=world.county).pk, **kinds_of_issue(world), "held_row_": held_row(world),
        **kept_by_offices(world),
    }  # fmt: skip


def addresses(world: World, rows: dict[str, int]) -> list[str]:
    """Every page that GET opens, and those that an address with a question makes another page."""
    found = ["/nowhere/", f"{reverse('desk_bulk', args=['assign'])}?issue={world.issues['城垵'].pk}"]
    for route in routes():
        name, names = str(route.name), route.pattern.converters
        start = max((start for start in rows if name.startswith(start)), key=len, default="")
        values: dict[str, Any] = dict.fromkeys(names, rows.get(start, 0))
        values |= {"page": "issues"} if "page" in names else {}
        values |= {"step": "assign"} if "step" in names else {}
        values |= {"kind": "village_cadre" if name == "village_link_create" else "topic"} if "kind" in names else {}
        if "GET" in route.callback.contract.methods:
            found.append(reverse(name, kwargs=values))
    household, cadre = world.households["城垵"][0].pk, world.cadre("household_cadre").pk
    asked = {
        "visit_create": (f"household={household}", "place=1"), "issue_create": (f"household={household}",),
        "household_create": (f"village={world.villages['城垵'].pk}",),
        "diary": ("print=1",), "posting_create": (f"cadre={cadre}", f"cadre={cadre}&role=household_cadre"),
    }  # fmt: skip
    found += [reverse("allocation_detail", args=[rows[which]]) for which in ("whole township", "being drawn")]
    found.append(reverse("desk_batch", args=[rows["bulk act that runs"]]))
    return found + [f"{reverse(name)}?{each}" for name, queries in asked.items() for each in queries]


@dataclass
class Crawler:
    """A browser that is one person after the other, watched all the time."""

    context: BrowserContext
    origin: str
    watch: Watch
    seen: list[str] = field(default_factory=list)
    drawn: set[str] = field(default_factory=set)
    """Every template that the server drew for this browser."""
    is_asking: bool = False
    looks: str = ""
    """What is looked at as in tests/journeys/sight.py: ``templates`` drawn for the first time, or all ``pages``."""
    looked: set[str] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.context.on("page", self.watch.follow)
        # Listening, not routing: routed pages come without the browser's cache, at twice the price.
        self.context.on("request", lambda request: self._belongs(request.url))
        self.page: Page = self.context.new_page()
        template_rendered.connect(self._note)

    def _note(self, template: Any, **_more: Any) -> None:
        if self.is_asking:
            self.drawn.add(str(template.name))

    @contextmanager
    def asking(self, what: str) -> Iterator[None]:
        before, self.is_asking = len(self.watch.complaints), True
        try:
            yield
        finally:
            self.is_asking = False
        self.seen.append(what)
        self.watch.complaints[before:] = [f"{what}: {said}" for said in self.watch.complaints[before:]]

    def _belongs(self, url: str) -> None:
        if urlsplit(url).scheme not in {"data", "blob", "about"} and not url.startswith(f"{self.origin}/"):
            self.watch.complaints.append(f"asked another origin: {url}")

    def become(self, client: Client) -> None:
        self.context.clear_cookies()
        self.context.add_cookies(
            [{"name": name, "value": each.value, "url": self.origin} for name, each in client.cookies.items()]
        )

    def open(self, url: str) -> None:
        with self.asking(url):
            try:
                self.page.goto(self.origin + url, wait_until="load")
            except BrowserError as error:  # a file that is saved opens no page
                if "ERR_ABORTED" not in str(error) and "Download is starting" not in str(error):
                    raise
                return
            self.look(url)

    def look(self, url: str) -> None:
        """The open page, as it is and in the other language; the same template or build once."""
        new = (page_templates() & set(self.drawn)) - self.looked  # a copy: the server draws in a thread of its own
        self.looked |= new
        if not self.looks or (self.looks == "templates" and not new):
            return
        if self.looks == "pages" and not self._is_new_build():
            self.faults += [f"{url}: {each}" for each in narrow_faults(self.page)]
            return
        if left := self.page.locator(AWAITING_SCRIPT).count():
            self.faults.append(f"{url}: {left} parts wait for a script that the page does not load")
        self.faults += [
            f"{url}: {each}" for each in faults_in_both_languages(self.page, self.origin, turn=len(self.seen))
        ]

    def _is_new_build(self) -> bool:
        """Whether axe-core has seen no page like the open one yet, in this process and at this size."""
        size = self.page.viewport_size
        built = (size["width"] if size else 0, build(self.page))
        is_new = built not in BUILDS
        BUILDS.add(built)
        return is_new

    def send(self, url: str, fields: dict[str, str]) -> None:
        """A form as the page would send it, from the page that is open."""
        with self.asking(f"POST {url}"), self.page.expect_navigation():
            self.page.evaluate(SEND, [url, fields])
        self.look(f"POST {url}")

    def links(self) -> list[str]:
        found = self.page.eval_on_selector_all("a[href]", "all => all.map(each => each.getAttribute('href'))")
        whole = {urldefrag(urljoin(self.page.url, each))[0] for each in found}
        return sorted(each.removeprefix(self.origin) for each in whole if each.startswith(f"{self.origin}/"))


BUILDS: set[tuple[int, str]] = set()
"""Width of the screen and build of each page that was looked at whole: many roles see the same pages."""
AWAITING_SCRIPT = (  # static/css/forms.css puts them away until their script has run
    ".chips[data-folds]:not([data-ready]), .phrases:not([data-ready]), .issue-blocks:not([data-ready]),"
    "form:not([data-arranged]) [data-shown-when]"
)
SEND = """([url, fields]) => {
  const form = document.createElement("form");
  const token = document.querySelector("input[name=csrfmiddlewaretoken]");
  form.method = "post"; form.action = url;
  for (const [name, value] of Object.entries({csrfmiddlewaretoken: token ? token.value : "", ...fields})) {
    const input = document.createElement("input");
    input.type = "hidden"; input.name = name; input.value = value; form.append(input);
  }
  document.body.append(form); form.submit();
}"""


@pytest.fixture
def crawler(chromium: Browser, live_server: LiveServer, request: pytest.FixtureRequest) -> Iterator[Crawler]:
    watch = Watch()
    watch.allow(r"status of [45]\d\d")  # Chromium logs what the page itself says in words
    size = getattr(request, "param", DESKTOP)
    context = chromium.new_context(
        viewport=size, locale="zh-CN", is_mobile=size is PHONE, has_touch=size is PHONE, service_workers="block"
    )
    context.set_default_timeout(15_000)
    one = Crawler(context, live_server.url, watch)
    yield one
    context.close()
    template_rendered.disconnect(one._note)
    assert watch.unexpected() == []


@cache
def page_templates() -> frozenset[str]:
    """Every template that is a page: no piece of one, no base, no field of a form."""
    folder = ROOT / "templates"
    found = {
        str(path.relative_to(folder)) for path in folder.rglob("*.html") if not path.name.startswith(("_", "base"))
    }
    return frozenset(name for name in found if not name.startswith(("components/", "bootstrap5/")))


def clients(world: World) -> dict[str, Client]:
    found = {}
    for who in ORDER:
        found[who] = Client(raise_request_exception=False)
        found[who].force_login(world.users[who])
    return found


def test_one_page_of_every_template(world: World, rows: dict[str, int], crawler: Crawler, settings: Any) -> None:
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if not name.startswith("zeal")]
    people = clients(world)
    crawler.looks = "templates"
    send_forms(crawler, world, rows, people)
    with_faults(crawler, people["county_admin"])
    with_second_factor(crawler, world)
    people = clients(world)  # a reset password has ended the sessions of one of them
    crawler.become(people["household_cadre"])
    crawler.open(reverse("evidence_file", args=[rows["evidence_"]]))  # no template, but the browser draws a page
    left = set(page_templates() - crawler.drawn)
    for client in (Client(), *people.values()):
        crawler.become(client)
        for url in addresses(world, rows) if left else ():
            if {str(each.name) for each in getattr(client.get(url), "templates", ())} & left:
                crawler.open(url)
                left -= crawler.drawn
    assert not crawler.faults, "\n".join(crawler.faults)
    assert left == set(), "no page was opened with these: give addresses() or send_forms() a way to them"


def send_forms(crawler: Crawler, world: World, rows: dict[str, int], people: dict[str, Client]) -> None:
    """Pages that only answer a form that was sent."""
    household, issue, visit = (world.households["城垵"][0].pk, world.issues["城垵"].pk, world.visits["城垵"].pk)
    once = {"client_id": "00000000-0000-4000-8000-000000000001"}
    sent: list[tuple[str, str, str, dict[str, str]]] = [
        ("household_cadre", f"/visits/{visit}/", reverse("visit_void", args=[visit]), {}),
        ("household_cadre", f"/households/{household}/", reverse("household_call", args=[household]), {}),
        ("household_cadre", f"/issues/{issue}/", reverse("issue_phone", args=[issue]), {}),
        ("township_admin", "/setup/accounts/", reverse("account_reset", args=[rows["to be reset"]]), once),
        ("household_cadre", "/visits/new/", "/account/logout/", {"csrfmiddlewaretoken": "old"}),
    ]
    for who, here, there, fields in sent:
        crawler.become(people[who])
        crawler.open(here)
        crawler.send(there, fields)


def with_second_factor(crawler: Crawler, world: World) -> None:
    """The pages of somebody whose account has one: how it stands, new recovery codes, signing in with a code."""
    second_factor.turn_on(world.users["visitor"], "JBSWY3DPEHPK3PXP", counter=0)
    client = Client()
    client.force_login(world.users["visitor"])
    crawler.become(client)
    for name in ("second_factor", "recovery_codes"):
        crawler.open(reverse(name))
    crawler.send(reverse("recovery_codes"), {"password": PASSWORD})
    crawler.become(Client())
    crawler.open(reverse("account_login"))
    crawler.send(reverse("account_login"), {"login": world.users["visitor"].username, "password": PASSWORD})


def with_faults(crawler: Crawler, client: Client) -> None:
    """The pages of a fault, a senseless request, a database that is away and too many tries, by a page made to fail."""

    def fault(request: HttpRequest) -> Any:
        raise ValueError

    def senseless(request: HttpRequest) -> Any:
        raise BadRequest

    def away(request: HttpRequest) -> Any:
        raise OperationalError

    def busy(request: HttpRequest) -> Any:
        return render(request, "429.html", status=429)

    crawler.become(client)
    route = next(route for route in routes() if route.name == "setup")
    plain = route.callback
    for act in (fault, senseless, away, busy):
        act.contract = plain.contract  # type: ignore[attr-defined]
        route.callback = act
        try:
            crawler.open("/setup/")
        finally:
            route.callback = plain


@pytest.mark.drill(only=True)
@pytest.mark.parametrize("who", ORDER)
@pytest.mark.parametrize("crawler", [DESKTOP, PHONE], indirect=True, ids=["desktop", "phone"])
def test_every_page_of_every_role(
    world: World, rows: dict[str, int], crawler: Crawler, who: str, settings: Any
) -> None:
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if not name.startswith("zeal")]
    crawler.become(clients(world)[who])
    crawler.looks = "pages"
    waiting, known = ["/", *addresses(world, rows)], set[tuple[str, str]]()
    while waiting and len(crawler.seen) < MOST_PAGES:
        url = waiting.pop(0)
        if parts(url) - known:
            known |= parts(url)
            crawler.open(url)
            waiting += crawler.links()
    assert not crawler.faults, "\n".join(crawler.faults)
    assert not waiting
    assert len(crawler.seen) > 60


def parts(url: str) -> set[tuple[str, str]]:
    """The path alone and with the name of each filter: a page is opened for what of it no page has had yet.

    Each filter in force has a link that takes it away: opened for every set of names, ten of them would be a thousand.
    """
    split = urlsplit(url)
    return {(split.path, ""), *((split.path, each.partition("=")[0]) for each in split.query.split("&") if each)}
