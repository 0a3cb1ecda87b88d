"""What was decided about held rows of earlier files: the next file with such a row is read by it and asks nothing.

Nothing is indexed: the few decisions of the townships are opened when a row would be held, and compared as they are.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import Q

from ledger.importing.columns import Role
from ledger.importing.findings import SOFT, Code
from ledger.models import BatchState, HeldRow, Township
from ledger.rules.held_rows import HeldFor, HeldState

HOLDING = frozenset(HeldFor.values)
"""Codes of rows that might be a household the ledger has; only a person can say."""
_WHO = ("village_code", "group_no", "hh_no", "head", "name", "id_no")
_NAMELESS = ("address", "phone", "population")
"""Without an ID number these too must be the same for two rows to be one."""


@dataclass(frozen=True)
class Decided:
    """One decision that still stands."""

    decision: str
    household: int | None
    reason: str
    """Why it was held then."""


def held_for(row: Any) -> str:
    """The code that holds the row; empty when none does, or when other faults keep it out anyway."""
    hard = {finding.code for finding in row.findings if finding.code not in SOFT}
    code = next(iter(hard)) if len(hard) == 1 else ""
    if code == Code.ID_DUPLICATE_IN_FILE:
        return code if row.role == Role.HOUSEHOLDS and _in_another_village(row) else ""
    return code if code in HOLDING else ""


def _in_another_village(row: Any) -> bool:
    """Whether the earlier row with this ID number names another village: the same village twice is a slip."""
    return row.twin is not None and row.twin.fields.get("village") != row.fields.get("village")


def needed(values: dict[str, Any]) -> dict[str, Any]:
    """The part of a row's values by which it is recognised: all that is kept once it is decided."""
    return {name: values[name] for name in (*_WHO, *(() if values.get("id_no") else _NAMELESS)) if values.get(name)}


def key_of(role: str, values: dict[str, Any]) -> tuple[Any, ...]:
    """The same for two rows that say the same of the same household; ``values`` in words of the contract."""
    names = _WHO if values.get("id_no") else (*_WHO, *_NAMELESS)
    return (role, *(values.get(name) or None for name in names))


class Memory:
    """The decisions of some townships, read when first asked."""

    def __init__(self, townships: Iterable[Township]) -> None:
        self._townships = [township.pk for township in townships]

    def take(self, role: str, values: dict[str, Any]) -> Decided | None:
        """What was decided about such a row; of several alike each answers once."""
        found = self._known.get(key_of(role, values))
        return found.pop(0) if found else None

    @cached_property
    def _known(self) -> dict[tuple[Any, ...], list[Decided]]:
        known: dict[tuple[Any, ...], list[Decided]] = {}
        stands = Q(row__batch__state=BatchState.APPLIED) | ~Q(row__left_because="")
        rows = HeldRow.objects.filter(stands, township__in=self._townships, state=HeldState.DECIDED).order_by("pk")
        columns = ("row__role", "said", "decision", "household_id", "reason")
        for role, said, decision, household, reason in rows.values_list(*columns):
            if said:
                known.setdefault(key_of(role, json.loads(said)), []).append(Decided(decision, household, reason))
        return known
