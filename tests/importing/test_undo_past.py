"""Undoing an office's past: what came in goes, what was filled in is empty again, what somebody has built on stays."""

from collections.abc import Callable
from typing import Any

import pytest
from django.apps import apps
from django.db import DatabaseError, transaction
from django.utils import timezone

from ledger.actions.audit import record
from ledger.actions.issue_numbers import next_number
from ledger.actions.issues import transition
from ledger.actions.visits import void_visit
from ledger.importing.history_batches import import_history_at_once
from ledger.importing.past_undo_check import undo_plan
from ledger.importing.undo import request_undo, undo_batch
from ledger.importing.undo_check import Left
from ledger.models import (
    Assignment,
    AuditRow,
    BatchState,
    Cadre,
    Category,
    Enterprise,
    Evidence,
    Household,
    ImportBatch,
    ImportRow,
    Issue,
    IssueStep,
    NumberCounter,
    Organisation,
    VillageLink,
    Visit,
)
from ledger.queries.count_check import differences
from ledger.rules.issue_steps import Step
from tests.importing.history_tables import as_workbook, line, past
from tests.rubbish.tables import contents
from tests.world import World

TOLD = {
    "ledger_auditrow", "ledger_auditwaiting", "ledger_importbatch", "ledger_importbatch_townships", "ledger_importrow",
    "ledger_countline", "ledger_contactchange", "ledger_householdchange", "ledger_issuechange", "ledger_visitchange",
}  # fmt: skip
"""Tables that say that something was imported and undone, and the counts, whose sums are compared instead."""


def bring(world: World, tables: dict[str, Any]) -> ImportBatch:
    files = [("past.xlsx", as_workbook(tables))]
    import_history_at_once(by="system", townships=[world.township], name="past.xlsx", files=files)
    return ImportBatch.objects.latest("pk")


def undone(world: World, batch: ImportBatch) -> ImportBatch:
    batch.refresh_from_db()
    digest = undo_plan(batch).digest()
    assert request_undo(by=world.user("township_admin"), batch=batch, version=batch.version, digest=digest)
    undo_batch(batch.pk)
    batch.refresh_from_db()
    return batch


def ledger() -> dict[str, str]:
    assert list(differences()) == []
    tables = {model._meta.db_table for model in apps.get_models(include_auto_created=True)}
    return contents(sorted(tables - TOLD))


def left(batch: ImportBatch) -> dict[tuple[str, int], str]:
    rows = ImportRow.objects.filter(batch=batch).exclude(left_because="")
    return {(role, row): why for role, row, why in rows.values_list("role", "row", "left_because")}


def brought() -> list[Any]:
    """What the issues and visits of the past say, without their keys."""
    issues = Issue.objects.exclude(earlier_number="").order_by("number")
    visits = Visit.objects.exclude(earlier_number="").order_by("earlier_number")
    steps = IssueStep.objects.filter(issue__in=issues).order_by("issue__number", "pk")
    return [
        list(issues.values_list("number", "earlier_number", "state", "household__code", "lead_organisation__name")),
        list(visits.values_list("earlier_number", "lead__cadre_no", "household__code", "companions__cadre_no")),
        list(steps.values_list("issue__number", "step", "at")),
        list(Household.objects.filter(code__in=["H1", "H2"]).order_by("code").values_list(
            "code", "open_issues", "last_met_on", "last_visit_on", "cadre__cadre_no", "group__number")),
    ]  # fmt: skip


def test_all_is_as_it_was_and_comes_in_again_the_same(world: World) -> None:
    before = ledger()
    batch = bring(world, past(world))
    came = brought()
    assert [len(rows) for rows in came] == [5, 5, 17, 2]
    batch = undone(world, batch)
    assert (batch.state, batch.error_code) == (BatchState.UNDONE, "")
    assert ledger() == before
    assert batch.counts["undone"] == {
        "removed": 2, "members": 0, "restored": 0, "left": 0, "visits": 5, "issues": 5,
    }  # fmt: skip
    bring(world, past(world))
    assert brought() == came


def test_the_trail_says_of_each_issue_that_it_was_taken_back(world: World) -> None:
    batch = bring(world, past(world))
    Issue.objects.filter(earlier_number="I2").update(is_sensitive=True)
    keys = set(Issue.objects.exclude(earlier_number="").values_list("pk", flat=True))
    secret = Issue.objects.get(earlier_number="I2")
    undone(world, batch)
    rows = AuditRow.objects.filter(verb="issue.taken_back")
    assert {row.object_id for row in rows} == keys
    assert {(row.actor, row.township_id, row.household_id) for row in rows} == {
        (world.user("township_admin").name, world.township.pk, None)
    }
    assert rows.get(object_id=secret.pk).label == "–"
    assert {row.label.partition(" · ")[2] for row in rows.exclude(object_id=secret.pk)} == {"I1", "I3", "I4", "I5"}
    assert AuditRow.objects.get(verb="import.undone").detail["issues"] == 5


def _moved_on(world: World) -> None:
    issue = Issue.objects.get(earlier_number="I3")
    transition(
        by=world.user("township_desk"), issue=issue, step=Step.ASSIGN, version=issue.version,
        data={"assignee": world.organisations["村镇建设办"]},
    )  # fmt: skip


def _voided(_world: World) -> None:
    visit = Visit.objects.get(earlier_number="V4")
    void_visit(by=None, visit=visit, version=visit.version, reason="误登")


def _shown(world: World) -> None:
    Evidence.objects.create(
        visit=Visit.objects.get(earlier_number="V3"), kind="photo", stored_as="x.jpg", name="x", size=1, digest="0",
        added_by=world.user("township_admin"),
    )  # fmt: skip


def _reminded(_world: World) -> None:
    Issue.objects.filter(earlier_number="I2").update(reminded_on="2026-01-01")


def _merged(world: World) -> None:
    Issue.objects.filter(earlier_number="I4").update(
        state="merged", master=Issue.objects.get(earlier_number="I3"), version=2
    )


def _renamed(_world: World) -> None:
    Cadre.objects.filter(cadre_no="L1").update(title="副镇长")


def _untied(world: World) -> None:
    VillageLink.objects.filter(organisation__name="水利站").update(end_on=timezone.localdate())


def _visited(world: World) -> None:
    home, lead = Household.objects.get(code="H2"), world.cadre("household_cadre@城垵")
    Visit.objects.create(
        village=home.village, household=home, lead=lead, result="met", occurred_on=timezone.localdate()
    )


S1, L1, UNIT, FIRM, H1, H2 = (
    ("cadres", 3), ("cadres", 2), ("units", 2), ("enterprises", 2), ("households", 2), ("households", 3),
)  # fmt: skip


@pytest.mark.parametrize(
    ("act", "stays"),
    [
        (_moved_on, {("issues", 4): Left.BUILT, H1: Left.WORK, S1: Left.NEEDED, UNIT: Left.NEEDED}),
        (_voided, {("events", 5): Left.BUILT, FIRM: Left.NEEDED, S1: Left.NEEDED, UNIT: Left.NEEDED}),
        (_shown, {("events", 4): Left.BUILT, L1: Left.NEEDED}),
        (_reminded, {("issues", 3): Left.BUILT, ("events", 3): Left.BUILT, L1: Left.NEEDED, UNIT: Left.NEEDED}),
        (
            _merged,
            {
                ("issues", 4): Left.BUILT, ("issues", 5): Left.BUILT, H1: Left.WORK, H2: Left.WORK, S1: Left.NEEDED,
                UNIT: Left.NEEDED,
            },
        ),
        (_renamed, {L1: Left.EDITED}),
        (_untied, {UNIT: Left.EDITED}),
        (_visited, {H2: Left.WORK, S1: Left.NEEDED, UNIT: Left.NEEDED}),
    ],
)  # fmt: skip
def test_what_somebody_has_built_on_stays_with_what_it_needs(
    world: World, act: Callable[[World], None], stays: dict[tuple[str, int], str]
) -> None:
    batch = bring(world, past(world))
    act(world)
    batch = undone(world, batch)
    assert (batch.state, left(batch)) == (BatchState.UNDONE, stays)
    assert batch.counts["undone"]["left"] == len(stays)
    assert Issue.objects.exclude(earlier_number="").count() == sum(role == "issues" for role, _row in stays)
    assert Visit.objects.exclude(earlier_number="").count() == sum(role == "events" for role, _row in stays)


def test_what_was_filled_in_is_empty_again(world: World) -> None:
    first = bring(world, past(world))
    Cadre.objects.filter(cadre_no="S1").update(rank="", phone="", organisation=None)
    Enterprise.objects.update(organisation=None)
    home = Household.objects.get(code="H1")
    Assignment.objects.filter(household=home).delete()
    Household.objects.filter(pk=home.pk).update(cadre=None)
    before = ledger()
    second = bring(world, past(world))
    cadre = Cadre.objects.get(cadre_no="S1")
    assert (cadre.rank, Household.objects.get(pk=home.pk).cadre) == ("member", cadre)
    second = undone(world, second)
    assert (ledger(), second.counts["undone"]["restored"], left(second)) == (before, 3, {})
    assert first.pk != second.pk


def test_a_filling_that_was_changed_stays(world: World) -> None:
    bring(world, past(world))
    Cadre.objects.filter(cadre_no="S1").update(rank="", phone="")
    second = bring(world, past(world))
    Cadre.objects.filter(cadre_no="S1").update(phone="13700000000")
    second = undone(world, second)
    cadre = Cadre.objects.get(cadre_no="S1")
    assert (left(second), cadre.rank, cadre.phone) == ({S1: Left.EDITED}, "member", "13700000000")


def test_numbers_of_live_issues_stay_and_last_ones_are_free_again(world: World) -> None:
    batch = bring(world, past(world))
    live = Issue.objects.get(earlier_number="I3")
    with transaction.atomic():
        number = next_number(world.township, 2024)
        Issue.objects.filter(pk=live.pk).update(serial=number.serial, number=number.text, version=2)
    undone(world, batch)
    live.refresh_from_db()
    assert (live.serial, NumberCounter.objects.get(township=world.township, year=2024).last) == (6, 6)


def test_counters_are_right_of_what_stays(world: World) -> None:
    bring(world, past(world))
    more = past(world) | {"events": [], "issues": []}
    code = world.villages["城垵"].code
    more["events"] = [line("events", event_id="W1", kind="household_visit", time="2025-03-01", village_code=code,
                           hh_no="H1", cadre_no="S1", persons="2", void="0")]  # fmt: skip
    more["issues"] = [line("issues", issue_id="J1", village_code=code, hh_no="H1", cadre_no="S1", category="村道破损",
                           title="又坏", created_date="2025-04-01", status="open")]  # fmt: skip
    names = ("open_issues", "last_met_on", "last_visit_on", "version")
    before = Household.objects.filter(code="H1").values(*names).get()
    second = bring(world, more)
    assert Household.objects.filter(code="H1").values(*names).get() != before
    undone(world, second)
    assert Household.objects.filter(code="H1").values(*names).get() == before


def test_steps_go_only_with_an_issue_that_the_trail_says_was_taken_back(world: World) -> None:
    bring(world, past(world))
    issue = Issue.objects.get(earlier_number="I3")
    _moved_on(world)

    def refused(rows: Any) -> None:
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            rows.delete()

    imported, own = (
        IssueStep.objects.filter(issue=issue, step="register"),
        IssueStep.objects.filter(issue=issue, step="assign"),
    )
    refused(imported)
    record(verb="issue.taken_back", by="system", obj=issue)
    refused(own)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        imported.update(text="anders")
    imported.delete()
    assert list(IssueStep.objects.filter(issue=issue).values_list("step", flat=True)) == ["assign"]


def test_what_was_looked_at_is_what_is_done(world: World) -> None:
    batch = bring(world, past(world))
    digest = undo_plan(batch).digest()
    assert request_undo(by=world.user("township_admin"), batch=batch, version=batch.version, digest=digest)
    _moved_on(world)
    before = ledger()
    undo_batch(batch.pk)
    batch.refresh_from_db()
    assert (batch.state, batch.error_code) == (BatchState.APPLIED, "undo_stale")
    assert ledger() == before


def test_an_import_from_before_stays_whole(world: World) -> None:
    batch = bring(world, past(world))
    ImportRow.objects.filter(batch=batch).update(versions=None, before="")
    before = ledger()
    plan = undo_plan(batch)
    assert (set(plan.left), sum(plan.left.values())) == ({Left.OLDER}, 16)
    undone(world, batch)
    assert ledger() == before


def test_units_and_categories_that_a_row_brought_along_stay_when_used(world: World) -> None:
    batch = bring(world, past(world))
    Organisation.objects.filter(name="班子").update(sort_order=7)
    Category.objects.filter(name="微心愿").update(is_active=True)
    undone(world, batch)
    assert not Organisation.objects.filter(name="班子").exists()
    assert Category.objects.filter(name="微心愿").exists()
