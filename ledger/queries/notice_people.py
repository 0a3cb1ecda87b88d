"""Who is told: audiences of ``rules/notices.py`` turned into cadres, for a thousand issues at the cost of one."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from django.db.models import Exists, OuterRef, Q, Subquery

from ledger.models import Assignment, Cadre, County, Issue, NoticeChoice, Posting, Substitution, Village
from ledger.models.scope import NOTHING
from ledger.rules.days import local_today
from ledger.rules.notices import Audience
from ledger.rules.permissions import LEVEL_RANK, Level, Permission, Role, roles_with
from ledger.rules.quiet_hours import QuietHours

KEEPERS: dict[str, tuple[str, ...]] = {
    Level.VILLAGE: (Role.VILLAGE_CADRE,),
    Level.DISTRICT: (Role.DISTRICT_SECRETARY,),
    Level.TOWNSHIP: (Role.TOWNSHIP_DESK, Role.TOWNSHIP_LEADER),
    Level.COUNTY: (Role.COUNTY_DESK,),
}
"""Who keeps the desk of a level; a township's leaders are told in its stead only while nobody is its desk."""
SERVING = Q(cadre__left_on__isnull=True, cadre__user__is_active=True)


@dataclass(frozen=True)
class Place:
    """Where an issue lies, as ids."""

    village: int
    district: int | None
    township: int
    county: int

    @classmethod
    def of(cls, village: Village) -> "Place":
        """``village.township`` is read."""
        return cls(village.pk, village.district_id, village.township_id, village.township.county_id)

    def at(self, level: str) -> int | None:
        """The id of the territory of a level."""
        found: int | None = getattr(self, level)
        return found


@dataclass
class People:
    """Who holds which post in some places, read by one query."""

    posts: dict[tuple[str, str, int], list[int]] = field(default_factory=lambda: defaultdict(list))
    """(role, level, territory) → cadres; organisations under ("", "organisation", id)."""
    supporting: dict[int, list[int]] = field(default_factory=dict)
    """Issue → the units that support it, where they are told anything."""

    @classmethod
    def around(cls, places: Collection[Place], units: Collection[int]) -> "People":
        """The desks over these places and the handlers of these units."""
        over = NOTHING
        for level in Level:
            over |= Q(**{f"{level}_id__in": {p.at(level) for p in places} - {None}})
        desks = Q(role__in=[role for roles in KEEPERS.values() for role in roles]) & over
        return cls._read(desks | Q(organisation_id__in=units))

    @classmethod
    def of_county(cls, county: County) -> "People":
        """All desks and handlers of a county."""
        return cls._read(Q(cadre__county=county))

    @classmethod
    def _read(cls, which: Q) -> "People":
        found = cls()
        handling = roles_with(Permission.HANDLE_ISSUE)
        columns = ("role", "cadre_id", "organisation_id", *(f"{level}_id" for level in Level))
        rows = Posting.objects.open_on(local_today()).filter(SERVING, which).order_by("pk")
        for role, cadre, unit, *territories in rows.values_list(*columns):
            if unit is not None:
                if role in handling:
                    found.posts["", "organisation", unit].append(cadre)
                continue
            for level, territory in zip(Level, territories, strict=True):
                if territory is not None:
                    found.posts[role, level, territory].append(cadre)
        return found

    def desk(self, place: Place, level: str, *, without: int | None) -> tuple[str, list[int]]:
        """The level from ``level`` up whose desk somebody holds, and its keepers; whom it is about is nobody here."""
        for each in Level:
            if LEVEL_RANK[each] < LEVEL_RANK[Level(level)]:
                continue
            for role in KEEPERS[each]:
                if kept := self._holders(role, each, place, without):
                    return str(each), kept
        return str(level), []

    def above(self, place: Place, level: str, *, without: int | None, circle: bool) -> list[int]:
        """The keepers of the next held desk above the one in charge.

        ``circle``: a sensitive issue is nobody's business up there but the leaders' of its township (design.md 3).
        """
        held, _keepers = self.desk(place, level, without=without)
        if circle:
            return self._holders(Role.TOWNSHIP_LEADER, Level.TOWNSHIP, place, without)
        higher = [each for each in Level if LEVEL_RANK[each] > LEVEL_RANK[Level(held)]]
        return self.desk(place, higher[0], without=without)[1] if higher else []

    def handlers(self, unit: int, *, without: int | None) -> list[int]:
        """Who handles the issues of a unit."""
        return [cadre for cadre in self.posts.get(("", "organisation", unit), ()) if cadre != without]

    def supporters(self, issue: Issue) -> list[int]:
        """Who handles for the units that support an issue; of a sensitive one nobody does (design.md 3)."""
        units = () if issue.is_sensitive else self.supporting.get(issue.pk, ())
        return [cadre for unit in units for cadre in self.handlers(unit, without=issue.about_cadre_id)]

    def _holders(self, role: str, level: str, place: Place, without: int | None) -> list[int]:
        territory = place.at(level)
        held = self.posts.get((role, level, territory), ()) if territory is not None else ()
        return [cadre for cadre in held if cadre != without]


def supporting_of(issues: Iterable[int]) -> dict[int, list[int]]:
    """Issue → the units that support it (one query)."""
    found: dict[int, list[int]] = {}
    named = Issue.supporting.through._base_manager.filter(issue_id__in=list(issues)).order_by("pk")
    for issue, unit in named.values_list("issue_id", "organisation_id"):
        found.setdefault(issue, []).append(unit)
    return found


@dataclass(frozen=True)
class Told:
    """Somebody who can be told: still serving, with an account; what they do not want and when they want quiet."""

    muted: frozenset[str]
    hours: QuietHours
    covered_by: int | None = None
    """Who stands in for them today, and is told too."""


def told(cadres: Iterable[int] | None, county: County) -> dict[int, Told]:
    """Those of these cadres (None: all of the county) who can be told anything, with their choice: one query."""
    today = local_today()
    posted = Posting.objects.open_on(today).filter(cadre=OuterRef("pk"))
    looking_after = Assignment.objects.filter(cadre=OuterRef("pk"), end_on__isnull=True)
    standing_in = Substitution.objects.open_on(today).filter(substitute=OuterRef("pk"))
    at_work = Exists(posted) | Exists(looking_after) | Exists(standing_in)
    rows = Cadre.objects.filter(at_work, left_on__isnull=True, user__is_active=True)
    rows = rows.filter(county=county) if cadres is None else rows.filter(pk__in=set(cadres))
    own = QuietHours(county.quiet_from, county.quiet_until)
    covering = Substitution.objects.open_on(today).filter(absent=OuterRef("pk")).order_by("pk").values("substitute")
    columns = ("pk", "notice_choice__muted", "notice_choice__quiet", "notice_choice__quiet_from",
               "notice_choice__quiet_until", "covered_by")  # fmt: skip
    found = {}
    for pk, muted, quiet, start, until, covered_by in rows.annotate(covered_by=Subquery(covering[:1])).values_list(
        *columns
    ):
        choice = NoticeChoice(quiet=quiet or "", quiet_from=start, quiet_until=until)
        found[pk] = Told(frozenset(muted or ()), choice.hours(own), covered_by)
    return found


def meant(audience: str, issue: Issue, people: People, place: Place) -> list[int]:
    """The cadres of an audience, as the issue is now; who had it before is known to its steps alone."""
    about = issue.about_cadre_id
    named: int | None = None
    if audience == Audience.DESK:
        return people.desk(place, issue.level, without=about)[1]
    if audience == Audience.DESK_ABOVE:
        return people.above(place, issue.level, without=about, circle=issue.is_sensitive)
    if audience == Audience.SUPPORTERS:
        return people.supporters(issue)
    if audience == Audience.DECIDING_DESK:
        return people.desk(place, issue.extension_level or issue.level, without=about)[1]
    if audience == Audience.HANDLER:
        unit = issue.lead_organisation_id
        if issue.handler_id is None and unit is not None:
            return people.handlers(unit, without=about)
        named = issue.handler_id
    elif audience == Audience.REGISTRANT:
        named = issue.registered_by_id
    elif audience == Audience.SUPERVISOR:
        named = issue.supervised_by_id
    return [named] if named is not None else []
