"""What the id in an address stands for, route by route, and the address of a row in a place."""

from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, reverse

from ledger.rules.issue_steps import Step
from tests.access.world import KINDS, MISSING, PLACES
from tests.world import World

OBJECTS: dict[str, str] = {
    "allocation_": "allocation", "allocation_people": "village", "allocation_tie_create": "village",
    "allocation_tie_remove": "wish about a household",
    "household_": "household", "resident_create": "household", "resident_": "member", "correction_create": "household",
    "correction_": "correction", "visit_": "visit", "issue_": "issue", "evidence_": "evidence", "import_": "batch",
    "kept_entry_take_over": "moved entry",
    "kept_entry_": "kept entry", "notice_": "notice", "sample_": "sample", "export_": "export",
    "saved_filter_": "saved filter", "held_row_": "held row", "desk_batch": "issue batch", "meeting_row": "issue",
    "meeting_draft_": "meeting draft", "enterprise_": "enterprise",
    "dispute_": "issue",
    "follow_up_plan": "issue", "follow_up_": "follow-up", "party_": "party", "sign_": "issue", "wish_": "issue",
    "wish_pool_": "published wish",
    "cadre_": "cadre", "account_": "cadre", "posting_": "posting", "village_link_end": "link", "village_": "village",
    "district_create": "township", "district_": "district", "township_": "township", "county_": "county",
    "organisation_": "organisation", "calendar_day_": "calendar day", "guide_": "guide",
    "given_guide": "given guide", "word_": "topic", "handover_": "hand-over",
    "campaign_": "campaign", "substitution_": "substitution", "rotation_": "rotation",
    "event_": "household event", "exclusion_create": "household",
    "exclusion_": "exclusion",
    "contact_card_sheet": "card run", "badge_sheet": "badge run",
    "snapshot_": "snapshot", "fill_in_form_": "form",
}  # fmt: skip
"""How a route's name begins → a kind of ``tests.access.world.KINDS``; the longest beginning counts."""
VILLAGE_LIFE = frozenset(
    {
        "household",
        "member",
        "correction",
        "enterprise",
        "visit",
        "issue",
        "evidence",
        "sample",
        "follow-up",
        "party",
        "given guide",
        "household event",
        "exclusion",
        "campaign",
        "moved entry",
    }
)
"""Kinds that follow the village (or the household, or the matter); all others are of the setting up."""
ARGUMENTS = {"step": str(Step.PROGRESS), "kind": "topic", "page": "issues", "paper": "covering"}
"""Arguments of an address that are no ids."""
SPECIAL = {
    ("issue_paper", "kind"): "covering",
    ("village_link_create", "kind"): "village_cadre",
    ("import_template", "kind"): "history",
    ("desk_bulk", "step"): str(Step.ASSIGN),
    ("list_export", "kind"): "households",
}
IDS = frozenset({"pk", "township"})


class Unreachable(Exception):
    """A route that this table does not know; the message says what to add."""


@dataclass(frozen=True)
class Target:
    """A route as the guards ask for it."""

    route: URLPattern
    kind: str = ""
    """Empty for a page without an id."""

    @property
    def name(self) -> str:
        return str(self.route.name)

    def address(self, pk: int) -> str:
        named = self.route.pattern.converters
        values = {name: pk if name in IDS else SPECIAL.get((self.name, name), ARGUMENTS.get(name)) for name in named}
        return reverse(self.name, kwargs=values)

    def at(self, world: World, place: str) -> int:
        """The id of the row of this place (``own``, ``sibling`` …)."""
        return int(KINDS[self.kind](world, PLACES[place]).pk)

    def url(self, world: World, place: str = "own") -> str:
        return self.address(self.at(world, place) if self.kind else MISSING)


def target_of(route: URLPattern) -> Target:
    """Raises ``Unreachable`` for a route whose arguments nobody has explained yet."""
    name, named = str(route.name), set(route.pattern.converters)
    unknown = {arg for arg in named - IDS if arg not in ARGUMENTS and (name, arg) not in SPECIAL}
    if unknown:
        raise Unreachable(
            f"{name} takes {sorted(unknown)}: if it is an id of a row, add it to IDS, else give it a value in "
            "ARGUMENTS or SPECIAL of tests/access/targets.py."
        )
    if not named & IDS:
        return Target(route)
    best = max((start for start in OBJECTS if name.startswith(start)), key=len, default=None)
    if best is None:
        raise Unreachable(
            f"{name} takes an id: say in OBJECTS of tests/access/targets.py what it stands for, and when it is a new "
            "kind, make one in every place in tests/access/world.py (KINDS, _more_rows)."
        )
    return Target(route, OBJECTS[best])


def finder(name: str) -> Any:
    """For guards that only want some row of a place: ``finder("visit_edit")(world, "城垵")``."""
    best = max((start for start in OBJECTS if name.startswith(start)), key=len, default=None)
    return KINDS[OBJECTS[best]] if best else None
