"""What a page is like for who can't see it well, and on a small phone: axe-core's findings, and ours of its layout."""

from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

import axe_playwright_python
from playwright.sync_api import BrowserContext, Page

from accounts.models import User

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
RUN = """async contrast => {
  if (!document.querySelector("main")) return []; // a picture or a file, drawn by the browser
  const how = {resultTypes: ["violations"], rules: {"color-contrast": {enabled: contrast}}};
  const found = await axe.run(document, how);
  const places = each => each.nodes.slice(0, 3).map(node => node.html.slice(0, 160)).join(" | ");
  return found.violations.map(each => `${each.id}: ${each.help} at ${places(each)}`);
}"""
BUILD = """() => { // tags and attributes as axe sees them; of equal neighbours one, of words that there are some
  const loose = new Set(["href", "value", "src", "action", "content", "nonce", "srcset", "style", "d", "points"]);
  const said = text => text.replace(/[0-9a-f]{8}-[0-9a-f-]{27}|\\d+/g, "0");
  const one = each => {
    const seen = ({name, value}) => `${name}=${loose.has(name) ? Boolean(value) : said(value)}`;
    const named = [...each.attributes].map(seen);
    const parts = [...each.childNodes].map(node => node.nodeType === 1 ? one(node)
      : node.nodeType === 3 && node.data.trim() ? "…" : "").filter(Boolean);
    const kept = parts.filter((part, at) => part !== parts[at - 1]);
    return `<${each.localName} ${named.sort().join(" ")}>${kept.join("")}</>`;
  };
  return one(document.documentElement);
}"""
SIDEWAYS = """() => {
  if (!document.querySelector("main")) return []; // a picture or a file, drawn by the browser
  const page = document.scrollingElement;
  if (page.scrollWidth <= page.clientWidth) return [];
  const beyond = each => each.getBoundingClientRect().right > page.clientWidth + 1;
  const wide = [...document.querySelectorAll("main *")].filter(beyond);
  const told = wide.slice(-2).map(each => each.outerHTML.slice(0, 120)).join(" | ");
  return [`${page.scrollWidth} px wide on ${page.clientWidth}: ${told}`];
}"""
TEXT = """size => { document.documentElement.style.fontSize = size; }"""
SMALL = """() => {
  const found = [], tall = each => each.getBoundingClientRect().height >= 43.5;
  const hits = (each, down) => { // what is drawn around a link to be hit counts: the browser says what is there
    const box = each.getBoundingClientRect();
    const there = document.elementFromPoint(box.left + Math.min(box.width / 2, 20), box.top + box.height / 2 + down);
    return there && (each.contains(there) || there.contains(each) && there.matches("a, label, summary"));
  };
  const wanted = ["a[href]", "button", "summary", "select", "input", "textarea"].map(each => `main ${each}`);
  for (const each of document.querySelectorAll(`${wanted}, .tabs a`)) {
    if (each.closest("[hidden], .visually-hidden, p, dd, dl") || !each.getBoundingClientRect().height) continue;
    if ([each, each.labels && each.labels[0]].some(place => place && tall(place))) continue;
    each.scrollIntoView({block: "center", behavior: "instant"});
    if (!hits(each, -21) || !hits(each, 21)) found.push(each.outerHTML.slice(0, 160));
  }
  return found;
}"""


def axe_faults(page: Page, *, contrast: bool = True) -> list[str]:
    """One sentence for each rule of axe-core that the open page breaks, with the first places.

    ``contrast`` takes most of the time, and is the same in every language.
    """
    page.evaluate(AXE)
    return [str(each) for each in page.evaluate(RUN, contrast)]


def build(page: Page) -> str:
    """A word for how the open page is built: pages of one build differ in words, numbers and how many rows are alike.

    axe-core looks at names, roles, nesting and colours; what it says of one page of a build it says of all.
    """
    return sha256(str(page.evaluate(BUILD)).encode()).hexdigest()


def narrow_faults(page: Page) -> list[str]:
    """What goes sideways at 320 px, and with letters twice as large."""
    before = page.viewport_size
    page.set_viewport_size({"width": 320, "height": 640})
    found = [f"320 px: {each}" for each in page.evaluate(SIDEWAYS)]
    page.set_viewport_size({"width": 640, "height": 900})
    page.evaluate(TEXT, "200%")
    found += [f"200 %: {each}" for each in page.evaluate(SIDEWAYS)]
    page.evaluate(TEXT, "")
    if before is not None:
        page.set_viewport_size(before)
    return found


def small_targets(page: Page) -> list[str]:
    """What a thumb has to hit and is less than 44 px high, links within a sentence left out."""
    return [str(each) for each in page.evaluate(SMALL)]


def faults_in_both_languages(page: Page, origin: str, *, turn: int) -> list[str]:
    """The open page as it is, then loaded again in English: what axe finds, and what runs over, in each.

    Contrast is looked at in one of them, ``turn`` and turn about: colours are the same in both.
    """
    found = [*axe_faults(page, contrast=turn % 2 == 0), *narrow_faults(page)]
    with english(page.context, origin):
        page.reload(wait_until="load")
        said = (*axe_faults(page, contrast=turn % 2 == 1), *narrow_faults(page))
    return [*found, *(f"in English: {each}" for each in said)]


@contextmanager
def english(context: BrowserContext, origin: str) -> Iterator[None]:
    """Pages speak English: to whoever is signed in by their account, to others by the cookie."""
    User.objects.update(language="en")
    context.add_cookies([{"name": "django_language", "value": "en", "url": origin}])
    yield
    User.objects.update(language="zh-hans")
    context.clear_cookies(name="django_language")
