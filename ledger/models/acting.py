"""代: whether an act of somebody rests on the rights of the absent cadre they stand in for."""

from typing import Any

from ledger.models.geography import Village
from ledger.models.households import Household
from ledger.models.issues import Issue
from ledger.models.scope import Absent, Scope, scope_of
from ledger.rules.permissions import OWN_HOUSEHOLD_PERMISSIONS, ROLES, Permission


def acting_for(by: Any, obj: Any) -> Absent | None:
    """Whom ``by`` acts for when acting on ``obj``: an absent cadre who may do something to it that they could not
    do in their own right. None for everybody who stands in for nobody, without a look at the object.
    """
    absents = scope_of(by).absents if not isinstance(by, str) else ()
    if not absents or obj is None:
        return None
    scope = scope_of(by)
    mine = _powers(scope, scope.cadre_id, obj)
    return next((absent for absent in absents if _powers(scope, absent.pk, obj) - mine), None)


def _powers(scope: Scope, person: int | None, obj: Any) -> set[Permission]:
    """What the postings and assignments of one person give over the object."""
    household = obj if isinstance(obj, Household) else getattr(obj, "household", None)
    village = obj if isinstance(obj, Village) else getattr(household or obj, "village", None)
    found: set[Permission] = set()
    for territory in scope.territories:
        if (territory.acting_for or scope.cadre_id) != person:
            continue
        rule = ROLES[territory.role]
        if territory.organisation is not None:
            covers = _is_units(obj, territory.organisation)
        elif village is not None:
            covers = territory.covers_village(village) and not rule.own_only
        else:
            covers = territory.township is not None and getattr(obj, "township_id", None) == territory.township
        found |= rule.permissions if covers else frozenset()
    if household is not None and household.cadre_id == person:
        found |= OWN_HOUSEHOLD_PERMISSIONS
    if person is not None and getattr(obj, "handler_id", None) == person:
        found.add(Permission.HANDLE_ISSUE)
    return found


def _is_units(obj: Any, unit: int) -> bool:
    """Whether an issue was given to the organisation, or is supported by it."""
    if getattr(obj, "lead_organisation_id", None) == unit:
        return True
    return isinstance(obj, Issue) and obj.supporting.filter(pk=unit).exists()
