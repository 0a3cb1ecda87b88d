"""The number of a covering document: none is lost, none is given twice."""

import pytest

from ledger.actions import covering_documents
from ledger.actions.covering_documents import assignment_of, covering_document
from ledger.exporting.issue_papers import print_covering
from ledger.exporting.word import PaperRefused
from ledger.models import AuditRow, CoveringCounter, CoveringDocument, Issue, PaperKind, PaperTemplate
from ledger.rules.issues import State
from tests.issue_chain import advance, raise_issue
from tests.world import World


def document(world: World, issue: Issue) -> CoveringDocument:
    step = assignment_of(issue)
    assert step is not None
    return covering_document(by=world.user("district_secretary"), issue=issue, step=step)


def test_of_two_at_one_moment_the_second_gets_the_number_of_the_first(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    issue = advance(world, State.IN_PROGRESS)
    first = document(world, issue)
    monkeypatch.setattr(covering_documents, "_known", lambda step: None)  # it looked a moment too early
    assert document(world, issue).pk == first.pk
    assert CoveringCounter.objects.get().last == 1


def test_each_township_counts_for_itself(world: World) -> None:
    here = document(world, advance(world, State.IN_PROGRESS))
    CoveringCounter.objects.create(township=world.other_township, year=here.year, last=8)
    assert document(world, advance(world, State.IN_PROGRESS)).serial == 2


def test_a_template_that_fails_gives_the_number_back(world: World) -> None:
    issue, user = advance(world, State.IN_PROGRESS), world.user("district_secretary")
    broken = PaperTemplate.objects.create(
        county=world.county, kind=PaperKind.COVERING, file_name="坏的.docx", data=b"PK", uploaded_by=user
    )
    with pytest.raises(PaperRefused):
        print_covering(by=user, issue=issue)
    assert not CoveringDocument.objects.exists()
    assert not CoveringCounter.objects.exists()
    assert not AuditRow.objects.filter(verb="paper.printed").exists()
    broken.delete()
    assert "康美交" in print_covering(by=user, issue=issue).file_name


def test_what_was_settled_on_the_spot_has_no_assignment(world: World) -> None:
    issue = raise_issue(world, on_spot=True, outcomes=["solved"], result_text="当场修好")
    assert assignment_of(issue) is None
