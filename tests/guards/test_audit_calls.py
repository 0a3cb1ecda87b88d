"""Whatever writes reaches the audit trail, read from the sources: an act that no route posts to yet is seen as well.

``tests/guards/test_audit_rows.py`` asks every route what it recorded; here no act may forget it in the first place.
"""

from collections.abc import Iterable
from functools import cache

from tests.guards.calls import Part, parts_of, reaching
from tests.guards.sources import ROOT, python_files

RECORD = "ledger.actions.audit:record"
WRITING = ("ledger.actions.", "ledger.importing.")
ONLY_WITHIN_AN_ACT = frozenset({
    "ledger.actions.assignments:refresh_cadres",
    "ledger.actions.assignments:take_back_many",
    "ledger.actions.issue_numbers:next_numbers",
    "ledger.actions.submissions:remember",
    "ledger.actions.visits:refresh_dates",
    "ledger.importing.history_write:PeopleWriter.make_groups",
    "ledger.importing.remembered:forget",
    "ledger.importing.remembered:remember",
})  # fmt: skip
"""Steps of acts that record: whoever sets out for one reaches the trail as well."""
WITHOUT_A_ROW = {
    "ledger.actions.submissions:submit": "runs the act that it is handed, which records",
    "ledger.importing.batches:plan_batch": "a plan changes nothing of anybody; the upload before it has its row",
}


@cache
def project() -> list[Part]:
    found: list[Part] = []
    for file in python_files():
        if file.parts[0] in {"accounts", "ledger"}:
            module = ".".join(file.with_suffix("").parts).removesuffix(".__init__")
            found += parts_of(module, (ROOT / file).read_text(encoding="utf-8"))
    return found


def unrecorded(parts: Iterable[Part]) -> set[str]:
    """Public functions that open a transaction or change a table, and from which the trail is out of reach."""
    every = list(parts)
    recording = reaching(every, RECORD)
    return {part.name for part in every if part.public and part.writes and part.name.startswith(WRITING)} - recording


def test_every_act_reaches_the_trail() -> None:
    assert unrecorded(project()) == ONLY_WITHIN_AN_ACT | WITHOUT_A_ROW.keys(), (
        "Call record(verb=…, by=by, obj=…) in the act's transaction. What is only a step of acts that do belongs to "
        "ONLY_WITHIN_AN_ACT, what needs no row to WITHOUT_A_ROW with its reason."
    )


def test_a_step_is_taken_by_acts_alone() -> None:
    every = [part for part in project() if not part.name.startswith("ledger.demonstration.")]
    recording, named = reaching(every, RECORD), set().union(*(part.names for part in every))
    for step in sorted(ONLY_WITHIN_AN_ACT):
        begins = reaching(every, step) - recording - named
        assert begins == set(), f"{step} is reached from here without a row: let it record, or take it within an act"


PLANTED = """
from django.db import transaction
from ledger.actions.audit import record
from ledger.models import Household

@transaction.atomic
def forgets(*, by, household):
    household.save()

def updates(*, by):
    Household.objects.filter(pk=1).update(remark="")

def records_through_another(*, by):
    with transaction.atomic():
        Writer().write()

class Writer:
    def write(self):
        Household.objects.create()
        self._told()

    def _told(self):
        record(verb="household.created", by="system")

    def forgets(self):
        Household.objects.all().delete()

def _private(household):
    household.save()

def reads():
    return Household.objects.count()
"""


def test_a_planted_act_that_forgets_is_caught() -> None:
    module = "ledger.actions.planted"
    found = unrecorded([*project(), *parts_of(module, PLANTED)]) - unrecorded(project())
    assert found == {f"{module}:{name}" for name in ("forgets", "updates", "Writer.forgets")}
