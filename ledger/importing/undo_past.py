"""Take back an import of an office's past, inside the caller's transaction: what the plan of its undoing says.

An issue goes with the steps it came with. The database lets a step go only when it came with an import and the audit
trail says by then that its issue was taken back (migration 0024, decision 0023): the trail says so first.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any

from django.db.models import Max, Model

from ledger.actions.assignments import take_back_many
from ledger.actions.audit import record
from ledger.actions.visits import refresh_dates
from ledger.importing.apply import StalePlan
from ledger.importing.history_undo_notes import as_written
from ledger.importing.history_write_matters import count_open
from ledger.importing.past_undo_check import PastUndo
from ledger.importing.still_named import still_named
from ledger.importing.writing import CHUNK
from ledger.models import (
    Cadre,
    Category,
    Enterprise,
    Group,
    ImportBatch,
    Issue,
    IssueRound,
    IssueStep,
    Notice,
    NumberCounter,
    Organisation,
    VillageLink,
    Visit,
)
from ledger.rules.history import Table

UNKNOWN = "–"
"""Stands for the number of a sensitive issue: the trail is read by more people than its circle."""


def lock_past(plan: PastUndo) -> None:
    """Whoever records something for one of these waits, and finds it gone or as it was."""
    models: tuple[tuple[type[Model], Table], ...] = ((Issue, Table.ISSUES), (Visit, Table.EVENTS))
    for model, table in models:
        for some in _chunks(plan.made[table]):
            held = model._base_manager.filter(pk__in=some).order_by("pk").select_for_update(of=("self",))
            list(held.values_list("pk"))


def take_back_past(
    batch: ImportBatch, plan: PastUndo, *, households: Callable[[list[int]], None], tell: Callable[[int], None]
) -> None:
    """Issues first, then what they name. ``households`` takes households away, ``tell`` hears how far it is."""
    issues, visits = plan.made[Table.ISSUES], plan.made[Table.EVENTS]
    touched = _households_of(Issue, issues) | _households_of(Visit, visits)
    _take_issues(batch, issues)
    tell(len(issues))
    for some in _chunks(visits):
        Visit.companions.through.objects.filter(visit__in=some).delete()
        Visit.objects.filter(pk__in=some).delete()
    tell(len(issues) + len(visits))
    for some in _chunks(plan.households):
        households(some)
    take_back_many(pairs=[
        (row.versions["assignment"][1], row.versions["assignment"][0]) for row in plan.put_back(Table.HOUSEHOLDS)
    ])  # fmt: skip
    _take_people(plan)
    _take_beside(batch)
    staying = touched - plan.households
    for some in _chunks(staying):
        refresh_dates(some)
    count_open(staying)


def _households_of(model: Any, keys: set[int]) -> set[int]:
    found: set[int] = set()
    for some in _chunks(keys):
        found |= set(model.objects.filter(pk__in=some, household__isnull=False).values_list("household_id", flat=True))
    return found


# Issues


def _take_issues(batch: ImportBatch, keys: set[int]) -> None:
    serials: dict[tuple[int, int], set[int]] = defaultdict(set)
    for some in _chunks(keys):
        for issue in Issue.objects.filter(pk__in=some).select_related("township").order_by("pk"):
            serials[issue.township_id, issue.year].add(issue.serial or 0)
            _tell_trail(batch, issue)
        for table in (Notice, IssueRound, IssueStep):
            table._base_manager.filter(issue__in=some).delete()
        Issue.objects.filter(pk__in=some).delete()
    for (township, year), taken in serials.items():
        _give_numbers_back(township, year, taken)


def _tell_trail(batch: ImportBatch, issue: Issue) -> None:
    """The row without which the database keeps the issue's steps; of a sensitive issue it says no more than its key."""
    label = UNKNOWN if issue.is_sensitive else " · ".join(filter(None, (issue.number, issue.earlier_number)))
    record(
        verb="issue.taken_back", by=batch.undone_by, obj=Issue(pk=issue.pk), label=label,
        township_id=issue.township_id, county_id=issue.township.county_id, detail={"file": batch.file_name},
    )  # fmt: skip


def _give_numbers_back(township: int, year: int, taken: set[int]) -> None:
    """The last numbers of a year are free again; one below a number that stays is not: that would be another's life."""
    counter = NumberCounter.objects.select_for_update().get(township=township, year=year)
    if counter.last not in taken:
        return
    last = Issue.objects.filter(township=township, year=year).aggregate(last=Max("serial"))["last"]
    if last is None:
        counter.delete()
    else:
        NumberCounter.objects.filter(pk=counter.pk).update(last=last)


# Places and people


def _take_people(plan: PastUndo) -> None:
    """Ties and fillings first, then enterprises, cadres and the units that they are in."""
    links = [link for row in plan.rows if not row.left for link in row.versions.get("links", ())]
    for some in _chunks(links):
        VillageLink.objects.filter(pk__in=some).delete()
    _empty(plan, Table.ENTERPRISES, Enterprise)
    _empty(plan, Table.CADRES, Cadre)
    order: tuple[tuple[Table, type[Model]], ...] = (
        (Table.ENTERPRISES, Enterprise), (Table.CADRES, Cadre), (Table.UNITS, Organisation),
    )  # fmt: skip
    for table, model in order:
        for some in _chunks(plan.made[table]):
            model._base_manager.filter(pk__in=some).delete()


def _empty(plan: PastUndo, table: Table, model: Any) -> None:
    """What was filled is empty again, where it still says what was filled in."""
    for row in plan.put_back(table):
        fills = plan.before.get(row.pk, {}).get("fills", {})
        empty: dict[str, Any] = {name: None if name.endswith("_id") else "" for name in fills}
        if fills and model.objects.filter(pk=row.versions["made"], **fills).update(**empty) != 1:
            raise StalePlan


def _take_beside(batch: ImportBatch) -> None:
    """Units, categories and groups that came with a row of something else go, as they came and named by nothing."""
    kinds: tuple[tuple[str, type[Model]], ...] = (("units", Organisation), ("categories", Category))
    for name, model in kinds:
        was = {int(key): columns for key, columns in batch.layout.get(name, {}).items()}
        now = as_written(model, was)
        same = {key for key, columns in was.items() if now.get(key) == columns}
        model._base_manager.filter(pk__in=same - still_named(model, same, {})).delete()
    groups = set(batch.layout.get("groups", ()))
    Group.objects.filter(pk__in=groups - still_named(Group, groups, {})).delete()


def _chunks(keys: Iterable[int]) -> Iterable[list[int]]:
    listed = sorted(keys)
    return [listed[at : at + CHUNK] for at in range(0, len(listed), CHUNK)]
