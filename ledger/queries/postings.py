"""Who appoints whom, and what would be left without an owner when a posting ends."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from ledger.models import Cadre, Household, Issue, Posting, Substitution
from ledger.models.cadres import PostingQuerySet
from ledger.models.scope import NOTHING, Territory, scope_of
from ledger.rules.days import local_today
from ledger.rules.issues import UNFINISHED_STATES
from ledger.rules.permissions import GRANTABLE, ROLES, Permission, Role


def granters(user: Any) -> tuple[Territory, ...]:
    """The postings by which somebody appoints others."""
    return tuple(t for t in scope_of(user).giving(Permission.MANAGE_POSTINGS) if t.role in GRANTABLE)


def grantable_roles(user: Any) -> list[str]:
    """The roles somebody may give, in the order of the table."""
    given = set().union(*(GRANTABLE[t.role] for t in granters(user)))
    return [str(role) for role in ROLES if role in given]


def in_territory(territory: Territory) -> Q:
    """Postings held over something inside a county or township; nothing for smaller territories."""
    if territory.county is not None:
        place = territory.county
        return (
            Q(county_id=place)
            | Q(township__county_id=place)
            | Q(district__township__county_id=place)
            | Q(village__township__county_id=place)
            | Q(organisation__county_id=place)
        )
    if territory.township is not None:
        place = territory.township
        return (
            Q(township_id=place)
            | Q(district__township_id=place)
            | Q(village__township_id=place)
            | Q(organisation__township_id=place)
        )
    return NOTHING


def grantable_postings(user: Any) -> Q:
    """Postings that the user could have given: a role not above their own, inside their own territory."""
    condition = NOTHING
    for territory in granters(user):
        condition |= Q(role__in=GRANTABLE[territory.role]) & in_territory(territory)
    return condition


def current(today: Any = None) -> PostingQuerySet:
    """Postings that hold today or will begin."""
    day = today or local_today()
    return Posting.objects.filter(Q(end_on__isnull=True) | Q(end_on__gt=day))


def manageable_cadres(user: Any, permission: Permission = Permission.MANAGE_ACCOUNTS) -> QuerySet[Cadre]:
    """Cadres in scope of whom every posting is one that the user could give.

    So nobody takes over, through a new password, an account that may do more, or do it elsewhere, than they
    themselves can grant; nor that of somebody who stands in for such a person, today or later.
    """
    theirs = Posting.objects.filter(grantable_postings(user))
    beyond = current().exclude(pk__in=theirs.values("pk"))
    mine = Cadre.objects.visible_to(user, permission).exclude(Exists(beyond.filter(cadre=OuterRef("pk"))))
    if permission != Permission.MANAGE_ACCOUNTS:
        return mine
    stands_in = Substitution.objects.filter(substitute=OuterRef("pk"), end_on__gt=local_today())
    return mine.exclude(Exists(stands_in.filter(absent__in=beyond.values("cadre"))))


def holds_role(user: Any, roles: Collection[str]) -> bool:
    """Whether somebody holds one of these roles today, anywhere (``settings.MFA_HOLDS``)."""
    return scope_of(user).holds(*roles)


def county_admins(county_id: int, *, without: Iterable[int] = ()) -> PostingQuerySet:
    """Postings by which somebody with an open account runs the county today and without an end, but for some.

    One that ends some day keeps nobody from being the last: two could end each other from next month on.
    """
    return (
        Posting.objects.open_on(local_today())
        .filter(role=Role.COUNTY_ADMIN, county_id=county_id, end_on__isnull=True, cadre__user__is_active=True)
        .exclude(pk__in=list(without))
    )


@dataclass(frozen=True)
class Ownerless:
    """What nobody would be responsible for."""

    households: int = 0
    issues: bool = False
    """Whether open matters are concerned; not how many, since some of them only few may know of."""
    unit_issues: bool = False
    last_admin: bool = False

    def __bool__(self) -> bool:
        return bool(self.households or self.issues or self.unit_issues or self.last_admin)


def ownerless_after(posting: Posting) -> Ownerless:
    """What would be left without an owner if the posting ended."""
    others = _others(posting)
    return Ownerless(
        households=_households(posting, others),
        issues=issues_lost(posting, others).exists(),
        unit_issues=_unit_issues(posting),
        last_admin=posting.role == Role.COUNTY_ADMIN
        and not county_admins(posting.county_id or 0, without=[posting.pk]).exists(),
    )


def _others(posting: Posting) -> list[Territory]:
    return [_as_territory(p) for p in current().filter(cadre=posting.cadre_id).exclude(pk=posting.pk)]


def _as_territory(posting: Posting) -> Territory:
    return Territory(
        posting=posting.pk, role=posting.role, county=posting.county_id, township=posting.township_id,
        district=posting.district_id, village=posting.village_id, organisation=posting.organisation_id,
    )  # fmt: skip


def _households(posting: Posting, others: list[Territory]) -> int:
    """Households of the village whose cadre it is; all of them where no posting would be left at all."""
    mine = Household.objects.filter(cadre=posting.cadre_id)
    if posting.role == Role.HOUSEHOLD_CADRE:
        return mine.filter(village=posting.village_id).count()
    return 0 if others else mine.count()


def issues_lost(posting: Posting, others: list[Territory] | None = None) -> QuerySet[Issue]:
    """Open issues the cadre handles that no other posting of theirs reaches."""
    issues: QuerySet[Issue] = Issue.objects.filter(handler=posting.cadre_id, state__in=UNFINISHED_STATES)
    for territory in _others(posting) if others is None else others:
        if Permission.HANDLE_ISSUE not in ROLES[territory.role].permissions:
            continue
        issues = issues.exclude(_issues_in(territory))
    return issues


def _issues_in(territory: Territory) -> Q:
    if territory.organisation is not None:
        return Q(lead_organisation_id=territory.organisation, lead_organisation_id__isnull=False)
    for kind, path in (
        ("county", "village__township__county_id"), ("township", "village__township_id"),
        ("district", "village__district_id"), ("village", "village_id"),
    ):  # fmt: skip
        value = getattr(territory, kind)
        if value is not None:
            # Without the NULLs of villages in no district, which an exclude would take along.
            return Q(**{path: value, f"{path}__isnull": False})
    return NOTHING


def _unit_issues(posting: Posting) -> bool:
    """Whether the last handler of an organisation goes while issues given to it wait there."""
    if posting.organisation_id is None:
        return False
    left = current().filter(organisation=posting.organisation_id, role=posting.role).exclude(pk=posting.pk)
    if left.exists():
        return False
    waiting = Issue.objects.filter(
        lead_organisation=posting.organisation_id, handler__isnull=True, state__in=UNFINISHED_STATES
    )
    return waiting.exists()
