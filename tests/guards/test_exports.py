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
from tests.views.issue_pages import SignIn
from tests.world import World

ELSEWHERE = {
    "DeskFilter": "the board of work: the ledger exports the same rows with the same choices",
    "BoardFilter": "the board of work: the ledger exports the same rows with the same choices",
    "MeetingFilter": "the board of work: the ledger exports the same rows with the same choices",
    "TownshipFilter": "what others are made of",
}
"""Filter sets without an export of their own, and why."""
WHO = {"cadres": "township_admin", "organisations": "township_admin", "audit": "township_admin",
       "corrections": "township_admin"}  # fmt: skip


def page_of(world: World, kind: str) -> str:
    """Where the list with its button is."""
    if kind in {"campaign_progress", "campaign_homes"}:
        village = world.villages["城垵"]
        runs = campaigned(village, world.visits["城垵"], "城垵", world.users["township_desk"])
        name = "campaign_detail" if kind == "campaign_progress" else "campaign_households"
        return reverse(name, args=[runs.pk])
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
