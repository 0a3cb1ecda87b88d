"""How a matter ended, in typed parts: what each outcome has to show for itself (design.md 5).

One table, ``PARTS``, says which fields an outcome brings; the form shows them by the tick, the action asks for them,
and only those of a ticked outcome are kept.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ledger.rules.issues import OUTCOMES_BY_KIND, Outcome


@dataclass(frozen=True)
class Part:
    """What one outcome brings along: the fields in their order, and those of them that must be filled in."""

    outcome: Outcome
    fields: tuple[str, ...]
    needed: tuple[str, ...] = ()


PARTS: tuple[Part, ...] = (
    Part(Outcome.SOLVED, ("seen",)),
    Part(Outcome.EXPLAINED, ("explained", "policy"), ("explained", "policy")),
    Part(Outcome.ASSISTED, ("help_given", "help_amount", "help_in_kind", "help_source"), ("help_given", "help_source")),
    Part(Outcome.FULFILLED, ("thanks",)),
)
RESULT_FIELDS: tuple[str, ...] = tuple(name for part in PARTS for name in part.fields)
EMPTY: dict[str, Any] = {"help_amount": None, "help_in_kind": False}
"""What a field that is not a text holds when nothing was said."""

NEEDED: Promise | str = _("Needed for this outcome.")
SEEN_OR_FILE: Promise | str = _("Add a photo or PDF, or write what can be seen now.")
AMOUNT_OR_KIND: Promise | str = _("Give the amount in yuan, or tick that it was given in kind.")


def parts_of(kind: str) -> list[Part]:
    """The parts that a matter of this kind may need."""
    return [part for part in PARTS if part.outcome in OUTCOMES_BY_KIND[kind]]


def lacking(outcomes: Collection[str], said: Mapping[str, Any], *, has_files: bool) -> dict[str, Promise | str]:
    """Field → sentence, for what the ticked outcomes still need."""
    faults: dict[str, Promise | str] = {}
    for part in PARTS:
        if part.outcome not in outcomes:
            continue
        faults |= {name: NEEDED for name in part.needed if not said.get(name)}
        if part.outcome == Outcome.SOLVED and not has_files and not said.get("seen"):
            faults["seen"] = SEEN_OR_FILE
        given = said.get("help_in_kind") or said.get("help_amount") is not None
        if part.outcome == Outcome.ASSISTED and not given:
            faults["help_amount"] = AMOUNT_OR_KIND
    return faults


def kept(outcomes: Collection[str], said: Mapping[str, Any]) -> dict[str, Any]:
    """What is stored: the fields of the ticked outcomes as said, all others empty."""
    ticked = {name for part in PARTS if part.outcome in outcomes for name in part.fields}
    values = {
        name: _clean(said.get(name)) if name in ticked and said.get(name) is not None else EMPTY.get(name, "")
        for name in RESULT_FIELDS
    }
    return {**values, "is_fulfilled": Outcome.FULFILLED in outcomes}


def _clean(value: Any) -> Any:
    return value.strip() if isinstance(value, str) else value
