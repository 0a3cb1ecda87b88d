"""What the county's lists say of their use."""

from ledger.models import Category
from ledger.queries.categories import categories, matching
from tests.world import World, make_issue


def test_an_upper_category_counts_the_issues_of_its_parts(world: World) -> None:
    top = Category.objects.create(county=world.county, name="试类")
    part = Category.objects.create(county=world.county, parent=top, name="试项")
    household = world.cadre("household_cadre@城垵").households.first()
    assert household
    for serial, category in ((901, part), (902, part), (903, top)):
        make_issue(household, world.cadre("village_cadre@城垵"), serial, category=category)
    assert {row.name: row.used for row in categories(world.county) if row.pk == top.pk} == {"试类": 3}


def test_a_search_shows_the_parts_that_hold_the_word(world: World) -> None:
    rows = categories(world.county)
    assert [(top.name, [part.name for part in top.parts]) for top in matching(rows, "破损")] == [
        ("道路交通", ["村道破损"])
    ]
    assert matching(rows, "没有的") == []
    assert [top.name for top in matching(categories(world.county), "建设办")] == ["道路交通"]
