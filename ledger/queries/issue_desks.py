"""Which desk an issue lands on, and to whom that desk may give it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from ledger.models import Assignment, Cadre, Category, Issue, Organisation, OrganisationKind, Posting, Village
from ledger.models.issue_scope import desk_levels
from ledger.models.scope import NOTHING, Territory, scope_of
from ledger.rules.days import local_today
from ledger.rules.issues import IssueKind
from ledger.rules.permissions import DESK_ROLES, LEVEL_RANK, Level, Permission, roles_with


def held_levels(village: Village, *, without_id: int | None = None) -> list[str]:
    """The levels whose desk over the village somebody holds, lowest first (one query).

    ``without_id``: the cadre whom the matter is about does not count as somebody.
    """
    over_it = (
        Q(village=village)
        | Q(district_id=village.district_id, district__isnull=False)
        | Q(township_id=village.township_id)
        | Q(county_id=village.township.county_id)
    )
    roles = frozenset().union(*DESK_ROLES.values())
    held = Posting.objects.open_on(local_today()).filter(over_it, role__in=roles, cadre__left_on__isnull=True)
    if without_id is not None:
        held = held.exclude(cadre_id=without_id)
    present = set(held.values_list("role", flat=True))
    return [str(level) for level, desk_roles in DESK_ROLES.items() if desk_roles & present]


def lowest_desk(village: Village, *, at_least: str = Level.VILLAGE, without: Cadre | None = None) -> str:
    """The lowest level from ``at_least`` up whose desk somebody holds over the village; ``at_least`` if nobody does."""
    held = held_levels(village, without_id=without.pk if without is not None else None)
    return next((level for level in held if LEVEL_RANK[Level(level)] >= LEVEL_RANK[Level(at_least)]), str(at_least))


def desks_above(issue: Issue, held: Sequence[str]) -> list[str]:
    """The held levels above that of the issue, the next one first."""
    rank = LEVEL_RANK[Level(issue.level)]
    return [level for level in held if LEVEL_RANK[Level(level)] > rank]


def desks_below(issue: Issue, held: Sequence[str]) -> list[str]:
    """The held levels below that of the issue, the next one first; what is restricted stays above the villages."""
    rank, floor = LEVEL_RANK[Level(issue.level)], 0
    if issue.kind == IssueKind.COMPLAINT or issue.category.restricts:
        floor = LEVEL_RANK[Level.TOWNSHIP]
    below = [level for level in held if floor <= LEVEL_RANK[Level(level)] < rank]
    return below[::-1]


def own_desk(user: Any, issue: Issue) -> int | None:
    """The rank of the highest desk of the user that is in charge of the issue; None without one."""
    return max((LEVEL_RANK[Level(level)] for level, _territory in _desks_over(user, issue)), default=None)


def desk_holders(issue: Issue, levels: Sequence[str], most: int = 2) -> dict[str, str]:
    """Level → who holds its desk over the issue, by name; leaders only where nobody else does (one query)."""
    village = issue.village
    places = {
        Level.VILLAGE: Q(village=village), Level.DISTRICT: Q(district_id=village.district_id, district__isnull=False),
        Level.TOWNSHIP: Q(township_id=village.township_id), Level.COUNTY: Q(county_id=village.township.county_id),
    }  # fmt: skip
    wanted = NOTHING
    for level in levels:
        wanted |= places[Level(level)] & Q(role__in=DESK_ROLES[level])
    open_now = Posting.objects.open_on(local_today()).filter(wanted, cadre__left_on__isnull=True)
    if issue.about_cadre_id is not None:
        open_now = open_now.exclude(cadre_id=issue.about_cadre_id)
    held = list(open_now.select_related("cadre").order_by("pk"))
    found = {}
    for level in levels:
        mine = [each for each in held if each.role in DESK_ROLES[level]]
        clerks = [each for each in mine if each.role not in roles_with(Permission.LEAD)] or mine
        found[level] = " · ".join(each.cadre.name for each in clerks[:most])
    return found


def discipline_unit(village: Village) -> Organisation | None:
    """The township's organisation that receives complaints, if it has one."""
    units: QuerySet[Organisation] = Organisation.objects.filter(
        township_id=village.township_id, is_discipline=True, is_active=True
    )
    return units.first()


def works_in(cadre: Cadre, unit: Organisation) -> bool:
    """Whether the cadre belongs to the organisation or handles its issues."""
    if cadre.organisation_id == unit.pk:
        return True
    return Posting.objects.open_on(local_today()).filter(cadre=cadre, organisation=unit).exists()


def assignable_cadres(user: Any, issue: Issue) -> QuerySet[Cadre]:
    """Cadres to whom the user's desks over this issue may give it: inside the village, the district, the township.

    Only who could open it: a cadre with a posting that handles issues, or with households of their own.
    """
    condition = NOTHING
    for level, territory in _desks_over(user, issue):
        condition |= Q(pk__in=Cadre.objects.filter(cadres_within(level, territory, issue.township_id)).values("pk"))
    cadres = who_could_handle(condition)
    if issue.about_cadre_id is not None:
        cadres = cadres.exclude(pk=issue.about_cadre_id)
    return cadres


def who_could_handle(condition: Q) -> QuerySet[Cadre]:
    """Of the cadres the condition means, those who could open an issue given to them."""
    handling = Posting.objects.open_on(local_today()).filter(role__in=roles_with(Permission.HANDLE_ISSUE))
    looking_after = Assignment.objects.filter(end_on__isnull=True)
    cadres: QuerySet[Cadre] = Cadre.objects.filter(condition, left_on__isnull=True).filter(
        Q(pk__in=handling.values("cadre_id")) | Q(pk__in=looking_after.values("cadre_id"))
    )
    return cadres


def assignable_units(user: Any, issue: Issue) -> QuerySet[Organisation]:
    """Organisations to which the user's desks over this issue may give it."""
    condition = NOTHING
    for level, territory in _desks_over(user, issue):
        condition |= units_within(level, territory, issue.township_id)
    units: QuerySet[Organisation] = Organisation.objects.filter(condition, is_active=True)
    if issue.about_cadre_id is not None:
        units = units.exclude(pk__in=_units_of(issue.about_cadre_id))
    return units


def unstaffed(units: Iterable[Organisation]) -> set[int]:
    """The units where nobody is posted to handle issues yet: what is given to them would wait unseen."""
    ids = {unit.pk for unit in units}
    handlers = Posting.objects.open_on(local_today()).filter(
        organisation__in=ids, role__in=roles_with(Permission.HANDLE_ISSUE), cadre__left_on__isnull=True
    )
    return ids - set(handlers.values_list("organisation_id", flat=True))


def _units_of(cadre_id: int) -> Any:
    """Where a cadre works or handles issues: a complaint about them is not for their colleagues."""
    held = Posting.objects.open_on(local_today()).filter(cadre=cadre_id, organisation__isnull=False)
    return Organisation.objects.filter(Q(cadres=cadre_id) | Q(pk__in=held.values("organisation"))).values("pk")


@dataclass(frozen=True)
class Suggestion:
    """The unit a category usually goes to, and whether the desk that asks may give the issue to it."""

    unit: Organisation
    in_reach: bool


def suggestions(user: Any, issues: Sequence[Issue]) -> dict[int, Suggestion]:
    """Issue id → the organisation of its township that its category usually goes to (one query)."""
    wanted = {issue.pk: usual_unit(issue.category) for issue in issues}
    names = {name for name in wanted.values() if name}
    if not names:
        return {}
    by_name = NOTHING
    for name in names:
        by_name |= Q(name__endswith=name)
    townships = {issue.township_id for issue in issues}
    units = list(Organisation.objects.filter(by_name, township_id__in=townships, village__isnull=True, is_active=True))
    found: dict[int, Suggestion] = {}
    for issue in issues:
        name = wanted[issue.pk]
        fitting = [u for u in units if name and u.township_id == issue.township_id and u.name.endswith(name)]
        if fitting:
            # 综合执法队 before 东山县综合执法队: the shorter name is the township's own.
            unit = min(fitting, key=lambda each: (len(each.name), each.pk))
            # Whom a complaint goes to is chosen with care, not with one click.
            above = any(level != Level.VILLAGE for level, _territory in _desks_over(user, issue))
            in_reach = above and issue.about_cadre_id is None
            found[issue.pk] = Suggestion(unit, in_reach)
    return found


def usual_unit(category: Category) -> str:
    """The name of the unit a category usually goes to: its own, else its parent's (``category.parent`` is read)."""
    return category.unit_name or (category.parent.unit_name if category.parent is not None else "")


def _desks_over(user: Any, issue: Issue) -> list[tuple[str, Territory]]:
    """The desks of the user that are in charge of the issue: of its level or above, over its village."""
    return [
        (level, territory)
        for level, held in desk_levels(scope_of(user)).items()
        for territory in held
        if LEVEL_RANK[Level(level)] >= LEVEL_RANK[Level(issue.level)] and territory.covers_village(issue.village)
    ]


def cadres_within(level: str, territory: Territory, township: Any) -> Q:
    """The cadres a desk may give something of this township (its id, or a subquery for it)."""
    if level == Level.COUNTY:
        return Q(county_id=territory.county)
    if level == Level.TOWNSHIP:
        return Q(township_id=territory.township)
    villages = Q(district_id=territory.district) if level == Level.DISTRICT else Q(pk=territory.village)
    inside = Village.objects.filter(villages)
    posted = Posting.objects.open_on(local_today()).filter(
        Q(village__in=inside) | Q(district_id=territory.district, district__isnull=False)
    )
    return Q(township_id=township) & (
        Q(pk__in=posted.values("cadre_id")) | Q(households__village__in=inside) | Q(organisation__village__in=inside)
    )


def units_within(level: str, territory: Territory, township: Any) -> Q:
    """A district hands to the township's units too (style of the desk); a village only inside itself."""
    if level == Level.COUNTY:
        return Q(county_id=territory.county)
    if level == Level.TOWNSHIP:
        return Q(township_id=territory.township)
    if level == Level.DISTRICT:
        own_villages = Q(village__isnull=True) | Q(village__district_id=territory.district)
        return Q(township_id=township) & own_villages & ~Q(kind=OrganisationKind.COUNTY)
    return Q(village_id=territory.village, village__isnull=False)
