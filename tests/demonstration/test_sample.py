"""A sample is whole, counted and the same each time; where anybody's data could be, none is made."""

import pytest
from django.test import override_settings

from ledger.demonstration.sample import SampleRefused, Size, generate
from ledger.models import Household, Issue, Visit
from ledger.queries.count_check import differences
from tests.world import World

SMALL = Size(villages=4, households=40, visits=200, issues=40, waiting=12)


def test_a_small_sample_is_counted(db: None) -> None:
    generate(SMALL)
    assert (Household.objects.count(), Visit.objects.count(), Issue.objects.count()) == (40, 200, 40)
    assert Household.objects.filter(last_met_on=None).count() < 40
    assert list(differences()) == []


def test_no_sample_where_a_county_is(world: World) -> None:
    before = Household.objects.count()
    with pytest.raises(SampleRefused):
        generate(SMALL)
    assert Household.objects.count() == before


@override_settings(DEMONSTRATION_ALLOWED=False)
def test_production_makes_none(db: None) -> None:
    with pytest.raises(SampleRefused, match="Production"):
        generate(SMALL)
