"""消息: that somebody should know of something. No words are kept: they are made at reading, through the scope."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ledger.models.cadres import Cadre
from ledger.models.issues import Issue, IssueStep
from ledger.models.scope import NOTHING, Scope, ScopedQuerySet, within
from ledger.rules.notices import Sort
from ledger.rules.permissions import Permission
from ledger.rules.quiet_hours import AT_ANY_HOUR, Quiet, QuietHours


class Notice(models.Model):
    """One thing told to one cadre. ``mark`` is what it speaks of within its sort (a step, a day): said once only."""

    cadre = models.ForeignKey(Cadre, models.CASCADE, related_name="notices", verbose_name=_("cadre"))
    issue = models.ForeignKey(Issue, models.CASCADE, related_name="notices", verbose_name=_("issue"), null=True)
    step = models.ForeignKey(IssueStep, models.CASCADE, related_name="+", verbose_name=_("step"), null=True)
    sort = models.CharField(_("sort"), max_length=20, choices=Sort)
    mark = models.CharField(max_length=20)
    at = models.DateTimeField(_("at"))
    rings_at = models.DateTimeField(_("rings at"))
    """From when the bell counts it: later than ``at`` when it arose in the quiet hours."""
    read_at = models.DateTimeField(_("read at"), null=True)

    NOT_PERSONAL = "cadre issue step sort mark at rings_at read_at"

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name = _("notice")
        constraints = [
            models.UniqueConstraint(
                fields=["cadre", "issue", "sort", "mark"], name="notice_said_once", condition=Q(issue__isnull=False)
            ),
            models.UniqueConstraint(
                fields=["cadre", "sort", "mark"], name="notice_of_a_day_once", condition=Q(issue__isnull=True)
            ),
        ]
        indexes = [
            models.Index(fields=["cadre", "-at", "-id"], name="notice_of_cadre"),
            models.Index(fields=["cadre", "rings_at"], name="notice_unread", condition=Q(read_at__isnull=True)),
            models.Index(fields=["read_at"], name="notice_read", condition=Q(read_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return str(self.get_sort_display())

    @staticmethod
    def scope_condition(scope: Scope, permission: Permission) -> Q:
        """One's own, and of those the ones whose matter one may open today: whoever left its circle has none of it."""
        if scope.cadre_id is None:
            return NOTHING
        return Q(cadre_id=scope.cadre_id) & (Q(issue__isnull=True) | within("issue", Issue, scope, Permission.VIEW))


class NoticeChoice(models.Model):
    """Which notices a cadre wants and when they ring; without a row it is as the county says."""

    cadre = models.OneToOneField(Cadre, models.CASCADE, related_name="notice_choice", verbose_name=_("cadre"))
    muted = models.JSONField(_("not wanted"), default=list, blank=True)
    quiet = models.CharField(_("quiet hours"), max_length=8, choices=Quiet, default=Quiet.COUNTY)
    quiet_from = models.TimeField(_("quiet from"), null=True, blank=True)
    quiet_until = models.TimeField(_("quiet until"), null=True, blank=True)

    NOT_PERSONAL = "cadre muted quiet quiet_from quiet_until"

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["cadre"]
        verbose_name = _("choice of notices")
        constraints = [
            models.CheckConstraint(
                name="notice_choice_own_hours",
                condition=~Q(quiet=Quiet.OWN) | Q(quiet_from__isnull=False, quiet_until__isnull=False),
            )
        ]

    @staticmethod
    def scope_condition(scope: Scope, permission: Permission) -> Q:
        return Q(cadre_id=scope.cadre_id) if scope.cadre_id is not None else NOTHING

    def hours(self, county: QuietHours) -> QuietHours:
        """The hours that hold for this person, given the county's."""
        if self.quiet == Quiet.OWN and self.quiet_from is not None and self.quiet_until is not None:
            return QuietHours(self.quiet_from, self.quiet_until)
        return AT_ANY_HOUR if self.quiet == Quiet.NEVER else county
