"""Who sees an issue: the table of model × role that design.md 3 asks for, and the capacities somebody has.

An ordinary issue is visible by territory, to its handler (person or organisation), to the units that support it, to
its raiser, to who acted on it, and to the cadre of its household. A sensitive one only to its handler, its raiser, the
desk in charge, the one that decides on its extension, and leaders; nobody sees a complaint about themselves. The desk
in charge is that of the issue's level, or the next one up that somebody holds.
"""

from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from ledger.models.cadres import Posting
from ledger.models.geography import Village
from ledger.models.households import Household
from ledger.models.issues import Issue, IssueStep
from ledger.models.scope import NOTHING, Scope, Territory, scope_of
from ledger.rules.days import local_today
from ledger.rules.issue_steps import Capacity
from ledger.rules.permissions import DESK_ROLES, LEVEL_RANK, ROLES, Level, Permission


def issue_condition(scope: Scope, permission: Permission) -> Q:
    """The condition of ``Issue.objects.visible_to``."""
    open_to_all = _area(scope, permission) & Q(is_sensitive=False)
    sensitive = Q(is_sensitive=True) & (_sensitive_area(scope, permission))
    condition = open_to_all | sensitive
    if permission in {Permission.VIEW, Permission.HANDLE_ISSUE, Permission.EXPORT}:
        condition |= handled_by(scope)
    if permission in {Permission.VIEW, Permission.EXPORT} and scope.cadre_id is not None:
        acted = IssueStep._base_manager.filter(scope.of_these("by_id")).values("issue_id")
        households = Household._base_manager.filter(scope.own_households("cadre_id"))
        own = Q(household__in=households, is_sensitive=False)
        condition |= (
            scope.of_these("registered_by_id") | own | Q(pk__in=acted, is_sensitive=False) | supported_by(scope)
        )
    if scope.cadre_id is not None:
        # Nor does who stands in for them see what is complained of them.
        condition &= Q(about_cadre__isnull=True) | ~scope.of_these("about_cadre_id")
    return condition


def handled_by(scope: Scope) -> Q:
    """Issues given to this person, or to an organisation whose handler this person is."""
    condition = Q(lead_organisation_id__in=scope.ids("organisation", Permission.HANDLE_ISSUE))
    return condition | scope.of_these("handler_id") if scope.cadre_id is not None else condition


def supported_by(scope: Scope) -> Q:
    """Issues that an organisation whose handler this person is supports (协办); a sensitive one has no supporters."""
    units = scope.ids("organisation", Permission.HANDLE_ISSUE)
    if not units:
        return NOTHING
    named = Issue.supporting.through._base_manager.filter(organisation_id__in=units)
    return Q(pk__in=named.values("issue_id"), is_sensitive=False)


def _area(scope: Scope, permission: Permission) -> Q:
    wide = scope.by_territory()
    if not wide.has(permission):
        return NOTHING
    return Q(village__in=Village._base_manager.filter(Village.scope_condition(wide, permission)))


def _sensitive_area(scope: Scope, permission: Permission) -> Q:
    """Leaders see all sensitive issues of their territory; a desk those it is in charge of or decides on."""
    condition = NOTHING
    for territory in scope.giving(permission):
        rule = ROLES[territory.role]
        if Permission.SEE_SENSITIVE not in rule.permissions or territory.level is None:
            continue
        one = Scope(territories=(territory,))
        area = Q(village__in=Village._base_manager.filter(Village.scope_condition(one, permission)))
        if Permission.LEAD not in rule.permissions:
            area &= in_charge(territory.level) | Q(extension_level=territory.level)
        condition |= area
    return condition


def in_charge(level: str) -> Q:
    """Issues that stand at this level, and those from below whose own desk and all between are vacant."""
    condition = Q(level=level)
    vacant = Q()
    below = [each for each in Level if LEVEL_RANK[each] < LEVEL_RANK[Level(level)]]
    for each in sorted(below, key=lambda one: LEVEL_RANK[one], reverse=True):
        vacant &= ~Exists(_desk_holders(each))
        condition |= Q(level=each) & vacant
    return condition


_OVER = {
    Level.VILLAGE: ("village_id", "village_id"),
    Level.DISTRICT: ("district_id", "village__district_id"),
    Level.TOWNSHIP: ("township_id", "village__township_id"),
}
"""Level → which column of a posting holds the territory, and where an issue says the same."""


def _desk_holders(level: Level) -> QuerySet[Posting]:
    """Who holds the desk of that level over the issue asked about; whom it is about does not count as somebody."""
    column, path = _OVER[level]
    open_now = Posting.objects.open_on(local_today()).filter(cadre__left_on__isnull=True)
    held: QuerySet[Posting] = open_now.filter(role__in=DESK_ROLES[level], **{column: OuterRef(path)})
    return held.filter(~Q(cadre_id=Coalesce(OuterRef("about_cadre_id"), 0)))


def capacities(user: Any, issue: Issue) -> frozenset[Capacity]:
    """In which capacities the user stands before the issue (``issue.village.township`` is read).

    Whom a complaint is about stands in none.
    """
    scope = scope_of(user)
    people = scope.stands_for
    if issue.about_cadre_id is not None and issue.about_cadre_id in people:
        return frozenset()
    found = {Capacity.DESK for t in scope.territories if _is_desk(t, issue, issue.level)}
    if issue.extension_level:
        found |= {Capacity.DECIDER for t in scope.territories if _is_desk(t, issue, issue.extension_level)}
    leading = [t for t in scope.giving(Permission.LEAD) if t.covers_village(issue.village)]
    found |= {Capacity.LEADER for _t in leading}
    found |= {Capacity.TOWNSHIP_LEADER for t in leading if t.level == Level.TOWNSHIP}
    if scope.cadre_id is not None:
        if issue.handler_id in people or _handles_for_unit(scope, issue):
            found.add(Capacity.HANDLER)
        if issue.resolved_by_id in people:
            found.add(Capacity.RESOLVER)
        if issue.called_back_by_id in people:
            found.add(Capacity.CALLER)
        if issue.registered_by_id in people:
            found.add(Capacity.REGISTRANT)
    return frozenset(found)


def capacities_of_one(user: Any, issue: Issue) -> frozenset[Capacity]:
    """The same where one issue is read or moved: whether a unit of theirs supports it costs who has one a query."""
    found, scope = capacities(user, issue), scope_of(user)
    about_them = issue.about_cadre_id is not None and issue.about_cadre_id in scope.stands_for
    if Capacity.HANDLER in found or about_them or not scope.ids("organisation", Permission.HANDLE_ISSUE):
        return found
    supports = Issue._base_manager.filter(supported_by(scope), pk=issue.pk).exists()
    return found | {Capacity.SUPPORTER} if supports else found


def _handles_for_unit(scope: Scope, issue: Issue) -> bool:
    """An issue given to a unit and not yet taken by one of its people is everybody's there."""
    unit = issue.lead_organisation_id
    return unit is not None and issue.handler_id is None and unit in scope.ids("organisation", Permission.HANDLE_ISSUE)


def _is_desk(territory: Territory, issue: Issue, at_least: str) -> bool:
    """Desk of that level or above, over the issue's village."""
    if Permission.DESK not in ROLES[territory.role].permissions or territory.level is None:
        return False
    high_enough = LEVEL_RANK[Level(territory.level)] >= LEVEL_RANK[Level(at_least)]
    return high_enough and territory.covers_village(issue.village)


def desk_levels(scope: Scope) -> dict[str, list[Territory]]:
    """The desks somebody holds: level → postings, lowest level first."""
    found: dict[str, list[Territory]] = {}
    for level, roles in DESK_ROLES.items():
        held = [t for t in scope.territories if t.role in roles]
        if held:
            found[str(level)] = held
    return found
