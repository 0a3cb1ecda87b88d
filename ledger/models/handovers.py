"""工作交接: what one cadre handed to others at once, kept so that its list can be printed again."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ledger.models.cadres import Cadre
from ledger.models.geography import County, Township
from ledger.models.households import Household
from ledger.models.issues import Issue
from ledger.models.scope import Scope, ScopedQuerySet
from ledger.rules.handovers import After, Handed
from ledger.rules.permissions import Permission


class HandOver(models.Model):
    """Who handed over, from which day, why, and what became of the posting or the account with it."""

    cadre = models.ForeignKey(Cadre, models.PROTECT, related_name="handovers", verbose_name=_("handed over by"))
    county = models.ForeignKey(County, models.PROTECT, related_name="+", verbose_name=_("county"))
    township = models.ForeignKey(
        Township, models.PROTECT, related_name="+", verbose_name=_("township"), null=True, blank=True
    )
    on = models.DateField(_("from"))
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    after = models.CharField(_("and then"), max_length=8, choices=After, default=After.NOTHING)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("by"))
    made_at = models.DateTimeField(_("at"))

    PERSONAL = "reason"
    NOT_PERSONAL = "cadre county township on after made_by made_at"

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["-made_at", "-pk"]
        verbose_name = _("hand-over")
        indexes = [models.Index(fields=["township", "made_at"], name="handover_township_at")]

    def __str__(self) -> str:
        return str(self.cadre)

    @staticmethod
    def scope_condition(scope: Scope, permission: Permission) -> Q:
        """Those of the townships whose cadres one sees to, and those of the county's own people for the county."""
        return Q(county_id__in=scope.ids("county", permission)) | Q(
            township_id__in=scope.ids("township", permission), township__isnull=False
        )


class HandOverRow(models.Model):
    """One thing and who has it from then on."""

    handover = models.ForeignKey(HandOver, models.CASCADE, related_name="rows", verbose_name=_("hand-over"))
    kind = models.CharField(max_length=10, choices=Handed)
    household = models.ForeignKey(Household, models.CASCADE, related_name="+", verbose_name=_("household"), null=True)
    issue = models.ForeignKey(Issue, models.CASCADE, related_name="+", verbose_name=_("issue"), null=True)
    day = models.DateField(_("day"), null=True)
    """By when: of a matter its due date, of a promise the day promised."""
    to_cadre = models.ForeignKey(Cadre, models.PROTECT, related_name="+", verbose_name=_("taken over by"))

    NOT_PERSONAL = "handover kind household issue day to_cadre"
    SCOPED_THROUGH = "handover"

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["handover", "pk"]
        verbose_name = _("row of a hand-over")
        constraints = [
            models.CheckConstraint(
                name="handover_row_of_something", condition=Q(household__isnull=False) | Q(issue__isnull=False)
            )
        ]
