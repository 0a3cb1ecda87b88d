"""The one scoping verb: ``Model.objects.visible_to(user, permission)`` (design.md 3).

A model names its parent once (``SCOPED_THROUGH = "household"``) and the queryset delegates upward until
``Village`` or ``Organisation``, whose rows are in the territory of a posting. A model that reaches across
territories (household, visit, issue) adds its own doors in ``scope_doors``. Fails closed: no posting and
no assignment, nothing; a model without ``SCOPED_THROUGH`` raises.
"""

import datetime
from dataclasses import dataclass, field, replace
from typing import Any, Self

from django.db import connection, models
from django.db.models import Q

from ledger.rules.days import local_today
from ledger.rules.permissions import LEVEL_RANK, OWN_HOUSEHOLD_PERMISSIONS, ROLES, Level, Permission

NOTHING = Q(pk__in=())


@dataclass(frozen=True)
class Territory:
    """One open posting, as far as scope needs it (ids; exactly one of the territories is set)."""

    posting: int
    role: str
    county: int | None = None
    township: int | None = None
    district: int | None = None
    village: int | None = None
    organisation: int | None = None
    acting_for: int | None = None
    """The absent cadre whose posting it is; None for one's own."""
    name: str = field(default="", compare=False)
    """What the territory or organisation is called."""

    @property
    def level(self) -> str | None:
        """The level of the territory; None for an organisation."""
        for level in (Level.COUNTY, Level.TOWNSHIP, Level.DISTRICT, Level.VILLAGE):
            if getattr(self, level) is not None:
                return level
        return None

    def covers_village(self, village: Any) -> bool:
        """Whether the village lies in this territory (``village.township`` is read for counties)."""
        if self.county is not None:
            return bool(village.township.county_id == self.county)
        if self.township is not None:
            return bool(village.township_id == self.township)
        if self.district is not None:
            return bool(village.district_id == self.district)
        return self.village is not None and bool(village.pk == self.village)


@dataclass(frozen=True)
class Absent:
    """A cadre one stands in for today, and the first day on which one does no longer."""

    pk: int
    name: str
    until: datetime.date

    @property
    def last(self) -> datetime.date:
        """The last day."""
        return self.until - datetime.timedelta(days=1)


@dataclass(frozen=True)
class Scope:
    """Who somebody is in the villages today: the cadre and the open postings, those of whom they stand in for too."""

    cadre_id: int | None = None
    """None for who has neither posting nor assignment, or has left the service: nothing is theirs then."""
    name: str = ""
    territories: tuple[Territory, ...] = field(default=())
    has_households: bool = False
    """Whether households are assigned to the cadre: an assignment gives scope without any posting."""
    absents: tuple[Absent, ...] = ()
    """Whom the cadre stands in for today. Only what is the absent ones' own reaches on: a substitute has none."""

    @property
    def stands_for(self) -> tuple[int, ...]:
        """The ids of the cadre and of those whose place the cadre takes."""
        own = (self.cadre_id,) if self.cadre_id is not None else ()
        return (*own, *(absent.pk for absent in self.absents))

    def of_these(self, path: str) -> Q:
        """Rows whose column names the cadre, or one whose place the cadre takes."""
        people = self.stands_for
        return Q(**{path: people[0]}) if len(people) == 1 else Q(**{f"{path}__in": people})

    def own_households(self, path: str) -> Q:
        """Rows of the households assigned to oneself; ``path`` names the cadre's column, as ``cadre_id``."""
        return self.of_these(path) if self.cadre_id is not None and self.has_households else NOTHING

    def giving(self, permission: Permission) -> tuple[Territory, ...]:
        """The postings that give this permission."""
        return tuple(t for t in self.territories if permission in ROLES[t.role].permissions)

    def has(self, permission: Permission) -> bool:
        """Whether any posting gives the permission, anywhere."""
        return bool(self.giving(permission)) or (self.has_households and permission in OWN_HOUSEHOLD_PERMISSIONS)

    def by_territory(self) -> "Scope":
        """Without the postings that only reach the own households."""
        wide = tuple(t for t in self.territories if not ROLES[t.role].own_only)
        return replace(self, territories=wide, has_households=False)

    def holds(self, *roles: str) -> bool:
        """Whether one of these roles is held, anywhere."""
        return any(t.role in roles for t in self.territories)

    def ids(self, kind: str, permission: Permission) -> list[int]:
        """Territory ids of one kind ('county', …, 'organisation') whose postings give the permission."""
        return sorted({value for t in self.giving(permission) if (value := getattr(t, kind)) is not None})

    def top_level(self, permission: Permission) -> str | None:
        """The highest level at which the permission is held."""
        levels = [t.level for t in self.giving(permission) if t.level]
        return max(levels, key=lambda level: LEVEL_RANK[Level(level)], default=None)


def scope_of(user: Any) -> Scope:
    """The scope of a user today, read once per request object (one query) and kept on it."""
    kept = getattr(user, "_ledger_scope", None)
    if kept is not None and kept[0] == local_today():
        scope: Scope = kept[1]
        return scope
    scope = _read_scope(user)
    if user is not None:
        user._ledger_scope = (local_today(), scope)
    return scope


def forget_scope(user: Any) -> None:
    """Drop the kept scope after the user's own postings changed in this request."""
    if hasattr(user, "_ledger_scope"):
        del user._ledger_scope


# Read on every request, so it is written out: building the same two queries by the ORM costs twenty times the reading.
# tests/models/test_scope.py holds it to ``Posting.objects.open_on``.
_SCOPE_SQL = """
    WITH me AS (
        SELECT id, name FROM ledger_cadre WHERE user_id = %s AND (left_on IS NULL OR left_on > %s)
    ), person AS (
        SELECT me.id, me.id AS cadre_id, me.name, NULL AS until FROM me
        UNION ALL
        SELECT me.id, absent.id, absent.name, standing.end_on
        FROM me JOIN ledger_substitution standing ON standing.substitute_id = me.id AND standing.start_on <= %s
                                                     AND standing.end_on > %s
                JOIN ledger_cadre absent ON absent.id = standing.absent_id
                                            AND (absent.left_on IS NULL OR absent.left_on > %s)
    )
    SELECT person.id, person.cadre_id, person.name, person.until,
           EXISTS (SELECT 1 FROM ledger_assignment own WHERE own.cadre_id = person.cadre_id AND own.end_on IS NULL),
           posting.id, posting.role, posting.county_id, posting.township_id, posting.district_id, posting.village_id,
           posting.organisation_id,
           COALESCE(county.name, township.name, district.name, village.name, organisation.name)
    FROM person
    LEFT JOIN ledger_posting posting ON posting.cadre_id = person.cadre_id AND posting.start_on <= %s
                                        AND (posting.end_on IS NULL OR posting.end_on > %s)
    LEFT JOIN ledger_county county ON county.id = posting.county_id
    LEFT JOIN ledger_township township ON township.id = posting.township_id
    LEFT JOIN ledger_district district ON district.id = posting.district_id
    LEFT JOIN ledger_village village ON village.id = posting.village_id
    LEFT JOIN ledger_organisation organisation ON organisation.id = posting.organisation_id
    ORDER BY person.until IS NOT NULL, person.cadre_id, posting.start_on, posting.id
"""


def _read_scope(user: Any) -> Scope:
    if user is None or not getattr(user, "is_authenticated", False) or not user.is_active:
        return Scope()
    today = connection.ops.adapt_datefield_value(local_today())
    with connection.cursor() as cursor:
        cursor.execute(_SCOPE_SQL, [user.pk, today, today, today, today, today, today])
        rows = cursor.fetchall()
    if not rows:
        return Scope()
    me, name = rows[0][0], rows[0][2]
    territories = tuple(
        Territory(*row[5:12], row[1] if row[1] != me else None, row[12]) for row in rows if row[5] is not None
    )
    has_households = any(row[4] for row in rows)
    if not territories and not has_households:
        # No posting and no assignment: what one once raised, handled or visited is closed as well.
        return Scope(name=name)
    absents = {row[1]: Absent(row[1], row[2], _day(row[3])) for row in rows if row[3] is not None}
    return Scope(
        cadre_id=me, name=name, territories=territories, has_households=has_households, absents=tuple(absents.values())
    )


def _day(value: Any) -> datetime.date:
    """A date as the driver gives it: SQLite keeps text."""
    return value if isinstance(value, datetime.date) else datetime.date.fromisoformat(value)


class ScopedQuerySet(models.QuerySet[Any]):
    """A queryset whose model knows its territory."""

    def visible_to(self, user: Any, permission: Permission = Permission.VIEW) -> Self:
        """Rows that a posting giving ``permission`` covers, and (for VIEW) rows one is personally tied to."""
        return self.in_scope(scope_of(user), permission)

    def in_scope(self, scope: Scope, permission: Permission = Permission.VIEW) -> Self:
        """As ``visible_to``, for a scope already read (commands, tests)."""
        return self.filter(scope_q(self.model, scope, permission))


def scope_q(model: Any, scope: Scope, permission: Permission) -> Q:
    """The condition of ``visible_to`` on one model."""
    custom = getattr(model, "scope_condition", None)
    if custom is not None:
        condition: Q = custom(scope, permission)
        return condition
    parent: str | None = getattr(model, "SCOPED_THROUGH", None)
    if parent is None:
        raise TypeError(f"{model.__name__} names neither SCOPED_THROUGH nor scope_condition: it can't be shown.")
    parent_model = model._meta.get_field(parent).related_model
    return within(parent, parent_model, scope, permission)


def within(parent: str, parent_model: Any, scope: Scope, permission: Permission) -> Q:
    """Rows whose ``parent`` is in scope: asked of each row's own parent, so that one row never lists all of them."""
    mine = parent_model._base_manager.filter(pk=models.OuterRef(f"{parent}_id"))
    return Q(models.Exists(mine.filter(scope_q(parent_model, scope, permission))))


def may(user: Any, permission: Permission, obj: Any = None) -> bool:
    """Whether a posting of the user gives the permission: anywhere, or over this object."""
    scope = scope_of(user)
    if obj is None:
        return scope.has(permission)
    return bool(type(obj)._base_manager.filter(scope_q(type(obj), scope, permission), pk=obj.pk).exists())
