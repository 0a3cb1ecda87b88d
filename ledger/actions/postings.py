"""任职: giving a cadre a role over a territory, and ending it. The only writer of ``Posting``."""

import datetime
from collections.abc import Sequence
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ledger.actions.audit import record
from ledger.models import Cadre, County, Posting
from ledger.models.scope import forget_scope
from ledger.queries.postings import Ownerless, grantable_postings, ownerless_after
from ledger.rules.permissions import ROLES, Permission, Role

EARLIEST = datetime.date(1949, 10, 1)


@transaction.atomic
def grant(
    *, by: Any, cadre: Cadre, role: str, territories: Sequence[Any], start_on: datetime.date,
    end_on: datetime.date | None = None,
) -> list[Posting]:  # fmt: skip
    """Give the role over each of the territories (all of one kind), valid ``[start_on, end_on)``.

    ``by`` is a user or the name of a system actor. Raises PermissionDenied when a user could not give it (a role
    above their own, a place or a cadre outside their own territory), ValidationError when it does not fit or would be
    the user's own.
    """
    if not isinstance(by, str):
        _refuse_oneself(by, cadre)
    # The lock on the cadre makes two grants of the same role at one moment follow each other.
    cadre = Cadre.objects.select_for_update(of=("self",)).get(pk=cadre.pk)
    _refuse_unfit(cadre, role, territories, start_on, end_on)
    postings = [
        Posting(cadre=cadre, role=role, start_on=start_on, end_on=end_on, **{territory._meta.model_name: territory})
        for territory in territories
    ]
    for posting in postings:
        _refuse_overlap(posting)
    made = Posting.objects.bulk_create(postings)
    if not isinstance(by, str):
        _refuse_beyond(by, cadre, [posting.pk for posting in made])
    for posting in made:
        record(verb="posting.granted", by=by, obj=posting, label=cadre.name, detail=_detail(posting), **_place(posting))
    forget_scope(by)
    return made


@transaction.atomic
def end(*, by: Any, posting: Posting, end_on: datetime.date) -> None:
    """End a posting: from ``end_on`` it gives nothing any more.

    Raises PermissionDenied for a posting that the user could not have given, ValidationError while something would
    be left without an owner (households, open issues, the county itself) and for a day that does not fit.
    """
    cadre = Cadre.objects.select_for_update(of=("self",)).get(pk=posting.cadre_id)
    if posting.role == Role.COUNTY_ADMIN:
        lock_county(cadre.county_id)
    held = Posting.objects.with_names().get(pk=posting.pk)
    if not isinstance(by, str) and not Posting.objects.filter(grantable_postings(by), pk=held.pk).exists():
        raise PermissionDenied
    if held.end_on is not None and held.end_on <= end_on:
        raise ValidationError(_("This posting has ended already."), code="ended")
    if end_on < held.start_on:
        raise ValidationError(_("A posting cannot end before it began."), code="before_start")
    left = ownerless_after(held)
    if left:
        raise ValidationError(sentences(left, held.cadre.name), code="ownerless")
    changed = Posting.objects.filter(pk=held.pk, end_on=held.end_on).update(end_on=end_on)
    if changed != 1:
        raise ValidationError(_("This posting has ended already."), code="ended")
    held.end_on = end_on
    record(verb="posting.ended", by=by, obj=held, label=held.cadre.name, detail=_detail(held), **_place(held))
    forget_scope(by)


def lock_county(county_id: int) -> None:
    """Make those follow each other who take an administrator from a county: each then counts those who are left."""
    County.objects.select_for_update(of=("self",)).get(pk=county_id)


def sentences(left: Ownerless, name: str) -> list[str]:
    """What keeps a posting from ending, and what to do first."""
    said = []
    if left.households:
        said.append(
            ngettext(
                "%(name)s is still responsible for %(count)s household. Give it to another cadre first.",
                "%(name)s is still responsible for %(count)s households. Give them to other cadres first.",
                left.households,
            )
            % {"name": name, "count": left.households}
        )
    if left.issues:
        said.append(
            _("%(name)s still handles open matters. Ask the desk to assign them to others first.") % {"name": name}
        )
    if left.unit_issues:
        said.append(
            _("Open matters wait at the organisation and nobody else there could take them. Appoint a successor first.")
        )
    if left.last_admin:
        said.append(_("This is the county's last administrator. Appoint another first."))
    return said


def _refuse_unfit(
    cadre: Cadre, role: str, territories: Sequence[Any], start_on: datetime.date, end_on: datetime.date | None
) -> None:
    if role not in ROLES or not territories:
        raise ValidationError(_("Choose a role and where it holds."), code="incomplete")
    if any(territory._meta.model_name not in ROLES[role].territories for territory in territories):
        raise ValidationError(_("This role is not held over such a place."), code="wrong_territory")
    if any(_county(territory) != cadre.county_id for territory in territories):
        raise ValidationError(_("The place lies in another county than the cadre."), code="other_county")
    if start_on < EARLIEST:
        raise ValidationError(_("This day lies too far back."), code="too_early")
    if end_on is not None and end_on <= start_on:
        raise ValidationError(_("The posting must end after it began."), code="before_start")
    if cadre.left_on is not None:
        raise ValidationError(_("%(name)s has left the service."), code="left", params={"name": cadre.name})


def _refuse_overlap(posting: Posting) -> None:
    """The same role over the same place twice at one time is a slip."""
    kind: str = posting.territory._meta.model_name
    same = Posting.objects.filter(cadre=posting.cadre, role=posting.role, **{kind: posting.territory})
    for other in same:
        before = posting.end_on is not None and posting.end_on <= other.start_on
        after = other.end_on is not None and other.end_on <= posting.start_on
        if not before and not after:
            raise ValidationError(
                _("%(name)s holds this role over %(place)s already."), code="held",
                params={"name": posting.cadre.name, "place": posting.territory},
            )  # fmt: skip


def _refuse_oneself(by: Any, cadre: Cadre) -> None:
    if cadre.user_id is not None and cadre.user_id == by.pk:
        raise ValidationError(_("Nobody gives a posting to themselves. Ask another administrator."), code="oneself")


def _refuse_beyond(by: Any, cadre: Cadre, made: list[int]) -> None:
    """Asked of the rows themselves, by the one condition that also decides whose account one may manage."""
    in_scope = Cadre.objects.visible_to(by, Permission.MANAGE_POSTINGS).filter(pk=cadre.pk).exists()
    fitting = Posting.objects.filter(grantable_postings(by), pk__in=made).count()
    if not in_scope or fitting != len(made):
        raise PermissionDenied


def _county(territory: Any) -> int | None:
    """The county a territory lies in."""
    if territory._meta.model_name == "county":
        return int(territory.pk)
    township = territory.township if territory._meta.model_name in {"village", "district"} else territory
    county: int | None = township.county_id
    return county


def _place(posting: Posting) -> dict[str, Any]:
    """For the audit row: the township of the territory, the county for what lies above."""
    territory = posting.territory
    township = territory.pk if territory._meta.model_name == "township" else getattr(territory, "township_id", None)
    return {"township_id": township, "county_id": _county(territory)}


def _detail(posting: Posting) -> dict[str, Any]:
    return {
        "role": str(Role(posting.role)), "place": str(posting.territory), "start_on": posting.start_on.isoformat(),
        "end_on": posting.end_on.isoformat() if posting.end_on else None, "cadre": posting.cadre_id,
    }  # fmt: skip
