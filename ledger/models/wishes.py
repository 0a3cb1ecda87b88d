"""微心愿: who claimed a wish, gave it back, fulfilled it; and what of a wish stands in its township's pool."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ledger.models.cadres import Cadre, Organisation
from ledger.models.geography import District, Township, Village
from ledger.models.households import Household
from ledger.models.issues import Issue
from ledger.models.scope import NOTHING, Scope, ScopedQuerySet, within
from ledger.rules.permissions import Permission

TAKE_ON = (Permission.RAISE_ISSUE, Permission.HANDLE_ISSUE, Permission.LEAD)
"""Who holds one of these somewhere in a township reads its pool of wishes, and may claim one."""


class WishClaim(models.Model):
    """One claim of a wish, by a cadre or an organisation; open until it is given back or has ended."""

    issue = models.ForeignKey(Issue, models.CASCADE, related_name="claims", verbose_name=_("issue"))
    cadre = models.ForeignKey(
        Cadre, models.PROTECT, related_name="wish_claims", verbose_name=_("claimed by"), null=True, blank=True
    )
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="wish_claims", verbose_name=_("claimed by the unit"), null=True,
        blank=True,
    )  # fmt: skip
    donor = models.CharField(_("who gives"), max_length=80, blank=True)
    claimed_at = models.DateTimeField(_("claimed at"))
    claimed_by = models.ForeignKey(Cadre, models.PROTECT, related_name="+", verbose_name=_("entered by"))
    ended_at = models.DateTimeField(_("ended at"), null=True)
    is_fulfilled = models.BooleanField(_("fulfilled"), default=False)
    reason = models.TextField(_("reason"), blank=True)

    PERSONAL = "donor reason"
    NOT_PERSONAL = "issue cadre organisation claimed_at claimed_by ended_at is_fulfilled"
    SCOPED_THROUGH = "issue"

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["issue", "pk"]
        verbose_name = _("claim")
        constraints = [
            models.UniqueConstraint(fields=["issue"], name="wish_claim_one_open", condition=Q(ended_at__isnull=True)),
            models.CheckConstraint(
                name="wish_claim_by_somebody",
                condition=Q(cadre__isnull=False, organisation__isnull=True)
                | Q(cadre__isnull=True, organisation__isnull=False),
            ),
            models.CheckConstraint(
                name="wish_claim_fulfilled_ended", condition=Q(is_fulfilled=False) | Q(ended_at__isnull=False)
            ),
        ]

    @property
    def claimant(self) -> Cadre | Organisation | None:
        """The cadre or the organisation."""
        return self.cadre or self.organisation


class PoolEnd(models.TextChoices):
    """How a wish left the pool."""

    CLAIMED = "claimed", _("Claimed")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    TAKEN_UP = "taken_up", _("Taken up otherwise")


class PublishedWish(models.Model):
    """What a desk says of a wish to its whole township, in words that name nobody; open until it leaves the pool.

    The one thing of a matter that is read beyond the matter's own circle: so it is a row of its own, and nothing of
    the matter itself is reached through it.
    """

    issue = models.ForeignKey(Issue, models.CASCADE, related_name="publications", verbose_name=_("issue"))
    text = models.CharField(_("wording for the pool"), max_length=200)
    published_at = models.DateTimeField(_("published at"))
    published_by = models.ForeignKey(Cadre, models.PROTECT, related_name="+", verbose_name=_("published by"))
    ended_at = models.DateTimeField(_("ended at"), null=True)
    how_ended = models.CharField(_("how it ended"), max_length=9, choices=PoolEnd, blank=True)

    PERSONAL = "text"
    NOT_PERSONAL = "issue published_at published_by ended_at how_ended"

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["-published_at", "-pk"]
        verbose_name = _("published wish")
        constraints = [
            models.UniqueConstraint(
                fields=["issue"], name="published_wish_one_open", condition=Q(ended_at__isnull=True)
            ),
            models.CheckConstraint(
                name="published_wish_end_said",
                condition=Q(ended_at__isnull=True, how_ended="") | Q(ended_at__isnull=False) & ~Q(how_ended=""),
            ),
        ]

    @staticmethod
    def scope_condition(scope: Scope, permission: Permission) -> Q:
        """Read by all who take matters on anywhere in the township; more than that needs the matter itself.

        One that was claimed stays known, so that who comes late is told; one that was withdrawn does not exist.
        """
        if permission != Permission.VIEW:
            return within("issue", Issue, scope, permission)
        if scope.cadre_id is None:
            return NOTHING
        there = Village._base_manager.filter(township__in=Township._base_manager.filter(served_by(scope)))
        return Q(issue__village__in=there, issue__is_sensitive=False) & ~Q(how_ended=PoolEnd.WITHDRAWN)


def served_by(scope: Scope) -> Q:
    """The townships in which somebody takes matters on: by a posting there, or for households there."""

    def ids(kind: str) -> list[int]:
        return sorted({pk for permission in TAKE_ON for pk in scope.ids(kind, permission)})

    return (
        Q(county__in=ids("county"))
        | Q(pk__in=ids("township"))
        | Q(pk__in=District._base_manager.filter(pk__in=ids("district")).values("township"))
        | Q(pk__in=Village._base_manager.filter(pk__in=ids("village")).values("township"))
        | Q(pk__in=Organisation._base_manager.filter(pk__in=ids("organisation")).values("township"))
        | Q(pk__in=Household._base_manager.filter(scope.own_households("cadre_id")).values("village__township"))
    )
