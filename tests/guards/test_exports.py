"""Every list with a filter set is exported by the same one, from its page."""

import importlib
import inspect
import pkgutil

import django_filters
import pytest
from django.http import QueryDict
from django.urls import reverse

import ledger.filters
from ledger.filters.export_lists import LISTS
from ledger.rules.audit import CODES
from tests.access.duties import campaigned
from tests.access.site import routes
from tests.journeys.crawl_rows import kinds_of_issue
from tests.views.issue_pages import SignIn
from tests.world import World

ELSEWHERE = {
    "DeskFilter": "the board of work: the ledger exports the same rows with the same choices",
    "BoardFilter": "the board of work: the ledger exports the same rows with the same choices",
    "MeetingFilter": "the board of work: the ledger exports the same rows with the same choices",
    "TownshipFilter": "what others are made of",
}
"""Filter sets without an export of their own, and why."""
ON_PAPER = {
    "register_list": "the papers: the registers of villages and households are exported there",
    "contact_card_list": "what is to be printed", "badge_list": "what is to be printed",
    "allocation_list": "a proposal has a workbook of its own",
    "rotation_list": "a picture of the three tiers", "snapshot_list": "each has a workbook of its own",
    "fill_in_form_list": "each is a workbook", "paper_template_list": "each is a file",
    "export_list": "workbooks themselves", "saved_filter_list": "one's own choices",
    "desk_batch_list": "one's own acts",
    "category_list": "the county's words, edited where they stand", "division_list": "came from a list",
    "district_list": "a few of a township", "match_list": "numbers across townships: never taken out",
    "held_row_list": "in the workbook that comes back with each import",
}  # fmt: skip
"""Pages of lists that are not exported by the engine, and why."""
WHO = dict.fromkeys(("imports", "cadres", "organisations", "audit", "corrections", "handovers"), "township_admin")


def test_every_list_is_exported_or_says_why_not() -> None:
    pages = {str(route.name) for route in routes() if str(route.name).endswith("_list")}
    exported = {listed.page for listed in LISTS.values()}
    unsaid = pages - exported - set(ON_PAPER)
    assert unsaid == set(), f"Give {unsaid} an entry in LISTS of ledger/filters/export_lists.py, or say why not here."
    assert set(ON_PAPER) <= pages - exported, "these are gone, or exported by now"


def page_of(world: World, kind: str) -> str:
    """Where the list with its button is."""
    if kind in {"campaign_progress", "campaign_homes"}:
        village = world.villages["城垵"]
        runs = campaigned(village, world.visits["城垵"], "城垵", world.users["township_desk"])
        name = "campaign_detail" if kind == "campaign_progress" else "campaign_households"
        return reverse(name, args=[runs.pk])
    if kind == "samples":
        return reverse("sample_detail", args=[kinds_of_issue(world)["sample_"]])
    return reverse("register_list" if kind == "villages" else LISTS[kind].page)


def filter_sets() -> dict[str, type]:
    found = {}
    for module in pkgutil.iter_modules(ledger.filters.__path__, "ledger.filters."):
        for name, each in inspect.getmembers(importlib.import_module(module.name), inspect.isclass):
            ours = each.__module__.startswith("ledger.filters") and not name.startswith("_")
            if issubclass(each, django_filters.FilterSet) and ours:
                found[name] = each
    return found


def test_every_filter_set_has_its_export(world: World) -> None:
    made = {type(each.filter_for(world.user("county_admin"), QueryDict(""))).__name__ for each in LISTS.values()}
    missing = set(filter_sets()) - made - set(ELSEWHERE)
    assert missing == set(), f"Give {missing} an entry in LISTS of ledger/filters/export_lists.py, or say why not here."
    assert set(LISTS) == set(CODES["list"]), "The trail has no word for this list: CODES of ledger/rules/audit.py."


@pytest.mark.parametrize("kind", sorted(LISTS))
def test_the_page_has_the_button(world: World, sign_in: SignIn, kind: str) -> None:
    page = sign_in(WHO.get(kind, "township_desk")).get(page_of(world, kind))
    wanted = reverse("issue_export") if kind == "issues" else reverse("list_export", args=[kind])
    assert f'action="{wanted}' in page.content.decode()
