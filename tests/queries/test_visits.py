"""What the forms of a visit offer to somebody who serves nowhere: nothing, not what belongs to nobody."""

from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser

from ledger.models import County, Household, Topic, Visit
from ledger.models.scope import scope_of
from ledger.queries.categories import words_in_use
from ledger.queries.visits import may_correct, mine_q, recent_companions, villages_of_visitor
from tests.world import World


@pytest.fixture
def stranger(world: World, request: pytest.FixtureRequest) -> Any:
    user = {"nobody": world.user("nobody"), "anonymous": AnonymousUser(), "system": None}[request.param]
    assert scope_of(user).cadre_id is None
    return user


@pytest.mark.parametrize("stranger", ["nobody", "anonymous", "system"], indirect=True)
def test_without_a_cadre_there_is_nothing(world: World, stranger: Any) -> None:
    """Households without a cadre, cadres who joined no visit, a county where nobody serves: all could leak."""
    Topic.objects.create(county=County.objects.create(code="350627", name="无人县"), name="无人县话题")
    assert Household.objects.filter(cadre__isnull=True).exists()
    assert recent_companions(stranger) == []
    assert list(villages_of_visitor(stranger)) == []
    assert list(words_in_use(Topic, stranger)) == []
    assert list(Visit.objects.filter(mine_q(stranger))) == []


def test_who_has_left_corrects_nothing_any_more(world: World) -> None:
    """The account still stands behind what it recorded; without a scope nothing of it is theirs."""
    visit, user = world.visits["城垵"], world.user("nobody")
    Visit.objects.filter(pk=visit.pk).update(recorded_by=user)
    assert not may_correct(user, Visit.objects.get(pk=visit.pk))
    assert may_correct(world.user("household_cadre"), visit)


def test_a_cadre_is_offered_what_is_their_own(world: World) -> None:
    user = world.user("household_cadre")
    world.visits["城垵"].companions.set([world.cadre("village_official")])
    world.visits["马銮"].companions.set([world.cadre("village_official@马銮")])
    assert recent_companions(user) == [world.cadre("village_official")]
    assert list(villages_of_visitor(user)) == [world.villages["城垵"]]
    assert list(words_in_use(Topic, user)) == list(world.county.topics.all())
