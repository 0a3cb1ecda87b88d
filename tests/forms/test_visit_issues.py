"""Issues raised in the form of a visit."""

from typing import Any

import pytest

from ledger.forms.visit_issues import VisitIssueForm, VisitIssues
from ledger.models import Category, County
from ledger.rules.issues import IssueKind
from tests.world import World


def test_a_complaint_needs_its_own_page(world: World) -> None:
    """It must say whom it is about: a block of the visit's form doesn't ask, so it neither offers nor takes one."""
    user = world.user("household_cadre")
    offered = {value for value, _label in VisitIssueForm(user=user).fields["kind"].choices}
    assert offered == set(IssueKind.values) - {IssueKind.COMPLAINT}
    category = Category.objects.get(county=world.county, name="村道破损")
    said = {"issue-0-title": "举报", "issue-0-kind": IssueKind.COMPLAINT, "issue-0-category": category.pk}
    assert not VisitIssues(said, user=user).is_valid()


def test_categories_of_another_county_are_missing_ones(world: World) -> None:
    user = world.user("household_cadre")
    foreign = Category.objects.get(county=world.other_county, name="村道破损")
    refused = [
        VisitIssues({"issue-0-title": "路", "issue-0-kind": "request", "issue-0-category": pk}, user=user)
        for pk in (foreign.pk, 987654321)
    ]
    assert [form.is_valid() for form in refused] == [False, False]
    assert refused[0].forms[0].errors == refused[1].forms[0].errors


def blocks(category: Any, count: int) -> dict[str, Any]:
    return {
        f"issue-{number}-{name}": value
        for number in range(count)
        for name, value in {"title": f"路{number}", "kind": "request", "category": category}.items()
    }


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("kind", ["request", "no such kind"])
def test_categories_are_read_once_however_many_blocks(
    world: World, django_assert_num_queries: Any, count: int, kind: str
) -> None:
    """Scope and the named categories with their parents; the choices of the page as well when it is shown again."""
    user = world.user("household_cadre")
    category = Category.objects.get(county=world.county, name="村道破损")
    said = blocks(category.pk, count) | {"issue-0-kind": kind}
    with django_assert_num_queries(2):
        issues = VisitIssues(said, user=user)
        assert issues.is_valid() is (kind == "request")
        assert [form.cleaned_data["category"].restricts for form in issues.forms] == [False] * count
    with django_assert_num_queries(1):
        shown = "".join(str(form["category"]) for form in issues.blocks())
    assert shown.count("selected") == count + shown.count('<option value="" selected')


def test_who_serves_nowhere_is_offered_no_category(world: World) -> None:
    """A county in which nobody serves yet has categories too: "no cadre" must not mean them."""
    empty = County.objects.create(code="350627", name="无人县")
    Category.objects.create(county=empty, name="无人县类别")
    for user in (world.user("nobody"), None):
        assert list(VisitIssueForm(user=user).fields["category"].queryset) == []
