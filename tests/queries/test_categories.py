"""What the county's lists say of their use."""

from ledger.models import Category
from ledger.queries.categories import categories, in_tree_order, matching
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


def test_a_select_lists_each_upper_category_before_its_parts(world: World) -> None:
    early = Category.objects.create(county=world.county, name="晚加早排", sort_order=0)
    Category.objects.create(county=world.county, parent=early, name="其下", sort_order=90)
    late = Category.objects.create(county=world.county, name="最后", sort_order=99)
    Category.objects.create(county=world.county, parent=late, name="最后之下", sort_order=0)
    Category.objects.filter(county=world.county, name="道路交通").update(sort_order=5)
    names = [row.name for row in in_tree_order(Category.objects.filter(county=world.county))]
    assert names == ["晚加早排", "其下", "道路交通", "村道破损", "最后", "最后之下"]
