"""Whatever writes reaches the audit trail, read from the sources: an act that no route posts to yet is seen as well.

``tests/guards/test_audit_rows.py`` asks every route what it recorded; here no act may forget it in the first place.
"""

from collections.abc import Iterable
from functools import cache

from tests.guards.calls import Part, parts_of, reaching
from tests.guards.sources import ROOT

RECORD = "ledger.actions.audit:record"
WRITING = ("ledger.actions.", "ledger.importing.")
WITHOUT_A_ROW = {
    **dict.fromkeys(
        (f"ledger.actions.saved_filters:{name}" for name in ("remove", "rename", "save_filter", "show_first")),
        "what one's own lists begin with says nothing of anybody",
    ),
    **dict.fromkeys(
        (
            "ledger.actions.allocation:begin",
            "ledger.actions.allocation:discard",
            "ledger.actions.allocation:fill",
            "ledger.actions.allocation_edit:move",
            "ledger.actions.allocation_edit:take_over",
            "ledger.actions.allocation_jobs:fill_allocation",
        ),
        "a proposal changes nothing of anybody until it is applied",
    ),
    **dict.fromkeys(
        (f"ledger.actions.counts:{name}" for name in ("begin", "install_again", "rebuild")),
        "what is added up again from rows says nothing that they do not say",
    ),
    "ledger.actions.notices:read": "that one has seen what one was told is one's own",
    "ledger.actions.meeting_drafts:discard": "noted for oneself until the meeting is finished",
}
"""Acts that need no row, and why."""


@cache
def project() -> list[Part]:
    """Read from the folders: a copy with a fault in it (scripts/mutants.py) is no repository."""
    found: list[Part] = []
    for file in sorted(file for app in ("accounts", "ledger") for file in (ROOT / app).rglob("*.py")):
        if "migrations" not in file.parts:
            module = ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
            found += parts_of(module, file.read_text(encoding="utf-8"))
    return found


def unrecorded(parts: Iterable[Part]) -> set[str]:
    """Public functions that open a transaction or change a table, where somebody can set out for them and never reach
    the trail. A step of acts that all record needs no row of its own; the invented county is no act."""
    every = [part for part in parts if not part.name.startswith("ledger.demonstration.")]
    recording, named = reaching(every, RECORD), set().union(*(part.names for part in every))
    writing = {part.name for part in every if part.public and part.writes and part.name.startswith(WRITING)}
    return {name for name in writing - recording if reaching(every, name) - recording - named}


def test_every_act_reaches_the_trail() -> None:
    assert unrecorded(project()) == WITHOUT_A_ROW.keys(), (
        "Call record(verb=…, by=by, obj=…) in the act's transaction; what needs no row stands in WITHOUT_A_ROW with "
        "its reason."
    )


PLANTED = """
from django.db import transaction
from ledger.actions.audit import record
from ledger.models import Household

@transaction.atomic
def forgets(*, by, household):
    household.save()

def updates(*, by):
    Household.objects.filter(pk=1).update(remark="")

def updates_what_it_keeps(*, by):
    rows = Household.objects.filter(pk=1)
    digest = hashlib.sha256()
    digest.update(b"")
    rows.update(remark="")

def updates_what_it_is_given(*, by, rows):
    rows.update(**{"remark": ""})

def updates_a_digest(*, by, digest):
    digest.update(b"")

def records_through_another(*, by):
    with transaction.atomic():
        Writer().write()

class Writer:
    def write(self):
        step_of_an_act()
        self._told()

    def _told(self):
        record(verb="household.created", by="system")

def step_of_an_act():
    Household.objects.create()

def step_of_nobody():
    Household.objects.create()

def reaches_the_step_alone():
    step_of_another()

def step_of_another():
    Household.objects.create()

def _private(household):
    household.save()

def reads():
    return Household.objects.count()
"""


def test_a_planted_act_that_forgets_is_caught() -> None:
    module = "ledger.actions.planted"
    found = unrecorded([*project(), *parts_of(module, PLANTED)]) - unrecorded(project())
    assert found == {f"{module}:{name}" for name in (
        "forgets", "step_of_another", "step_of_nobody", "updates", "updates_what_it_is_given", "updates_what_it_keeps",
    )}  # fmt: skip
