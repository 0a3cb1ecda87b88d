"""What the stories of the phone without network do on it, and what is then on the server."""

from collections import Counter
from pathlib import Path

from playwright.sync_api import Page

from ledger.models import Category, Household, Visit

READY = "async () => Boolean(self.ledgerStore && (await self.ledgerStore.copy()))"
ENTRIES = "async () => (await self.ledgerStore.entries()).map(e => [e.lines.find(l => /^单/.test(l[1]))[1], e.state])"
SEND = """async () => {
  const rest = () => new Promise(go => setTimeout(go, 20));
  for (let n = 0; n < 100 && (await self.ledgerSend({force: true})) === "busy"; n++) await rest();
}"""


def settle(page: Page) -> None:
    """Until the copy is there and the next page is the worker's."""
    page.goto("/today/")
    until(page, READY)
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    until(page, "async () => (await caches.keys()).length > 0 && Boolean(navigator.serviceWorker.controller)")


def until(page: Page, condition: str, tries: int = 100) -> None:
    for _ in range(tries):
        if page.evaluate(condition):
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"never came true: {condition}")


def entries(page: Page) -> dict[str, str]:
    return dict(page.evaluate(ENTRIES))


def write(page: Page, home: Household, said: str, photo: Path | None = None, issue: str = "") -> None:
    """The form of a household, filled as a person does and sent; whatever comes after is the caller's."""
    page.goto(f"/visits/new/?household={home.pk}")
    page.locator("[name=content]").fill(said)
    page.locator("label.chip", has_text="见面").first.click()
    if issue:
        page.get_by_text("记一个问题", exact=True).click()
        page.locator("[name=issue-0-title]").fill(issue)
        page.locator("[name=issue-0-category]").select_option(
            str(Category.objects.get(name="村道破损", county=home.village.township.county).pk)
        )
    if photo:
        page.locator("form details.fold > summary").click()
        page.locator("[name=photos]").set_input_files(photo)
    page.get_by_role("button", name="保存走访").click()


def on_server() -> dict[str, int]:
    return dict(Counter(Visit.objects.filter(content__startswith="单").values_list("content", flat=True)))
