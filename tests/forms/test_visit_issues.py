"""Issues raised in the form of a visit."""

from ledger.forms.visit_issues import VisitIssueForm, VisitIssues
from ledger.models import Category
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
