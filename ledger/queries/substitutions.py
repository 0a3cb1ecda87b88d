"""代管: who may appoint a substitute, and who can be one."""

from typing import Any

from django.db.models import Q, QuerySet

from ledger.models import Cadre, Substitution
from ledger.models.scope import scope_of
from ledger.queries.postings import current, manageable_cadres
from ledger.rules.days import local_today
from ledger.rules.permissions import Permission, roles_with

APPOINTING = roles_with(Permission.MANAGE_POSTINGS)


def may_appoint(user: Any, absent: Cadre) -> bool:
    """Administrators for whom they could give every posting of; and everybody for their own leave, but administrators:
    nobody hands on the right to appoint."""
    if absent.left_on is not None:
        return False
    if absent.user_id is not None and absent.user_id == user.pk:
        return is_at_work(user) and not current().filter(cadre=absent, role__in=APPOINTING).exists()
    return manageable_cadres(user, Permission.MANAGE_POSTINGS).filter(pk=absent.pk).exists()


def is_at_work(user: Any) -> bool:
    """Whether somebody has a posting or households of their own: else there is nothing to stand in for."""
    scope = scope_of(user)
    own = any(territory.acting_for is None for territory in scope.territories)
    return own or (scope.has_households and Cadre.objects.filter(user=user, households__isnull=False).exists())


def candidates(user: Any, absent: Cadre) -> QuerySet[Cadre]:
    """Colleagues of the same township (of the county's own people: of the county) who can sign in."""
    rows: QuerySet[Cadre] = Cadre.objects.visible_to(user).filter(
        county=absent.county_id, left_on__isnull=True, user__is_active=True
    )
    return rows.filter(township=absent.township_id).exclude(pk=absent.pk).exclude(Q(user=user) & ~Q(pk=absent.pk))


def listed(user: Any) -> QuerySet[Substitution]:
    """What one may see, those that hold or will hold."""
    rows: QuerySet[Substitution] = Substitution.objects.visible_to(user).filter(end_on__gt=local_today())
    return rows.select_related("absent__organisation", "substitute__organisation", "absent__user").order_by(
        "start_on", "pk"
    )
