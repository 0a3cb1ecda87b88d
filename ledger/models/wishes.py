"""微心愿: who claimed a wish, gave it back, fulfilled it."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ledger.models.cadres import Cadre, Organisation
from ledger.models.issues import Issue
from ledger.models.scope import ScopedQuerySet


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
