"""What stays of each round of an issue, and the requests for a later date."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ledger.models.cadres import Cadre, Organisation
from ledger.models.issues import Issue
from ledger.models.scope import ScopedQuerySet
from ledger.rules.issues import Answer, CloseBasis
from ledger.rules.permissions import Level


class IssueRound(models.Model):
    """One resolved round: written when it is resolved, its answer and its close added once, never changed again.

    What was on time then stays so in every statistic, also when the issue is opened again.
    """

    issue = models.ForeignKey(Issue, models.CASCADE, related_name="rounds", verbose_name=_("issue"))
    round = models.PositiveSmallIntegerField(_("round"))
    assigned_at = models.DateTimeField(_("assigned at"), null=True)
    first_due_on = models.DateField(_("first due date"), null=True)
    due_on = models.DateField(_("due"), null=True)
    paused_days = models.PositiveSmallIntegerField(_("working days paused"), default=0)
    lead_organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="+", verbose_name=_("lead unit"), null=True
    )
    resolved_at = models.DateTimeField(_("resolved at"))
    resolved_by = models.ForeignKey(Cadre, models.PROTECT, related_name="+", verbose_name=_("resolved by"), null=True)
    in_time = models.BooleanField(_("resolved in time"), null=True)
    outcomes = models.JSONField(_("outcomes"), default=list)
    result_text = models.TextField(_("what was done"), blank=True)
    answer = models.CharField(_("answer"), max_length=12, choices=Answer, blank=True)
    called_back_at = models.DateTimeField(_("called back at"), null=True)
    called_back_by = models.ForeignKey(
        Cadre, models.PROTECT, related_name="+", verbose_name=_("called back by"), null=True
    )
    closed_at = models.DateTimeField(_("struck off at"), null=True)
    closed_by = models.ForeignKey(Cadre, models.PROTECT, related_name="+", verbose_name=_("struck off by"), null=True)
    close_basis = models.CharField(_("why it is closed"), max_length=12, choices=CloseBasis, blank=True)

    PERSONAL = "result_text"
    NOT_PERSONAL = (
        "issue round assigned_at first_due_on due_on paused_days lead_organisation resolved_at resolved_by in_time "
        "outcomes answer called_back_at called_back_by closed_at closed_by close_basis"
    )
    SCOPED_THROUGH = "issue"

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["issue", "round"]
        verbose_name = _("round")
        constraints = [models.UniqueConstraint(fields=["issue", "round"], name="issue_round_unique")]
        indexes = [models.Index(fields=["resolved_at", "in_time"], name="issue_round_resolved")]

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk is not None and not self._state.adding:
            raise TypeError("A round is kept as it was; ledger.actions.issue_rounds adds its answer and its close.")
        super().save(*args, **kwargs)


class Extension(models.Model):
    """延期: a later date asked for, and what the desk said. Undecided until ``decided_at``; ``decided_by`` stays
    empty when the issue moved on before anybody decided."""

    issue = models.ForeignKey(Issue, models.CASCADE, related_name="extensions", verbose_name=_("issue"))
    round = models.PositiveSmallIntegerField(_("round"))
    level = models.CharField(_("level"), max_length=8, choices=Level)
    requested_at = models.DateTimeField(_("asked for at"))
    requested_by = models.ForeignKey(Cadre, models.PROTECT, related_name="+", verbose_name=_("asked for by"))
    due_on = models.DateField(_("due"))
    wanted_on = models.DateField(_("later date asked for"))
    reason = models.TextField(_("reason"))
    decided_at = models.DateTimeField(_("decided at"), null=True)
    decided_by = models.ForeignKey(Cadre, models.PROTECT, related_name="+", verbose_name=_("decided by"), null=True)
    is_granted = models.BooleanField(_("granted"), null=True)
    granted_on = models.DateField(_("later date granted"), null=True)
    decision_text = models.TextField(_("what was decided"), blank=True)

    PERSONAL = "reason decision_text"
    NOT_PERSONAL = (
        "issue round level requested_at requested_by due_on wanted_on decided_at decided_by is_granted granted_on"
    )
    SCOPED_THROUGH = "issue"

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["issue", "pk"]
        verbose_name = _("extension")
        constraints = [
            models.UniqueConstraint(
                fields=["issue"], name="extension_one_undecided", condition=Q(decided_at__isnull=True)
            ),
            models.CheckConstraint(
                name="extension_decided_pair",
                condition=Q(decided_at__isnull=True, decided_by__isnull=True, is_granted__isnull=True)
                | Q(decided_at__isnull=False, is_granted=False, granted_on__isnull=True)
                | Q(
                    decided_at__isnull=False, decided_by__isnull=False, is_granted=True, granted_on__isnull=False
                ),
            ),
        ]  # fmt: skip
