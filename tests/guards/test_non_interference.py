"""What happens outside somebody's scope changes no byte of any page of theirs, but for tokens and the clock."""

from typing import Any

import pytest
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import path

from config import urls as site
from ledger.models import Household
from ledger.rules.permissions import Permission
from ledger.views.contract import contract
from tests.access.actors import LIFE
from tests.access.matrix import without_tokens
from tests.access.site import Asking
from tests.access.world import MISSING, PLACES
from tests.canary.changes import Elsewhere
from tests.canary.readers import MORE, reader_of
from tests.canary.requests import Request, gets, searches
from tests.drill import DRILLING, times
from tests.world import World

Pages = dict[str, tuple[object, ...]]
IN_CI = ("household_cadre", "township_admin", "department_handler", "district_secretary")
FRESH_EACH_TIME = frozenset({"/account/second-factor/"})
"""Pages that make a new secret whenever they are opened."""
PEOPLE = [*LIFE, "moved", "nobody"] if DRILLING else IN_CI


def pages(world: World, asking: Asking, key: str) -> Pages:
    """Every page of one person as it is now; what looking at it recorded is taken back.

    A page that does not look at what is searched for is the same page whatever that is.
    """
    reach = LIFE.get(key, MORE.get(key, frozenset()))
    own = next((place for place in PLACES if place in reach), "own")
    found: Pages = {}
    deaf: set[str] = set()
    with transaction.atomic():
        for request in (*gets(world, own), *searches(world)):
            if request.path in FRESH_EACH_TIME or (request.is_search and request.path in deaf):
                continue
            answer = asking.ask(request.method, request.url, request.data, **request.headers)
            if not answer.looked_at("q"):
                deaf.add(request.path)
            found[request.url] = without_tokens(answer, MISSING)
        transaction.set_rollback(True)
    return found


@pytest.mark.drill
@pytest.mark.parametrize("key", PEOPLE)
def test_nothing_elsewhere_shows_here(committed_world: World, key: str) -> None:
    asking = Asking(committed_world.users[key])
    there = Elsewhere(committed_world, reader_of(committed_world, key), seed=f"20261122 {key}")
    before = pages(committed_world, asking, key)
    assert sum(answer[0] == 200 for answer in before.values()) > (1 if key == "nobody" else 5)
    done = there.change(times(ci=25, drill=200))
    after = pages(committed_world, asking, key)
    different = [url for url in before | after if before.get(url) != after.get(url)]
    changed = {url: [one for one in done if _last_id(one) in url][:3] for url in different}
    assert changed == {}, done
    assert any("POST" in one for one in done), "people were at work there, too"


def _last_id(said: str) -> str:
    return next((word for word in reversed(said.split()) if word.isdigit()), "?")


@contract(Permission.VIEW)
def counts_everybody(request: HttpRequest) -> HttpResponse:
    return HttpResponse(f"<p>{Household.objects.count()}</p>")


urlpatterns = [*site.urlpatterns, path("planted/", counts_everybody, name="planted")]
handler404, handler403, handler500 = site.handler404, site.handler403, site.handler500


def test_a_planted_count_is_caught(committed_world: World, settings: Any) -> None:
    settings.ROOT_URLCONF = __name__
    asking, request = Asking(committed_world.users["township_leader"]), Request("GET", "/planted/")
    there = Elsewhere(committed_world, reader_of(committed_world, "township_leader"), seed="planted")
    before = asking.ask(request.method, request.url).body
    there.change(60)
    assert asking.ask(request.method, request.url).body != before
