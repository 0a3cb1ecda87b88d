"""批量办理: one act of a desk on many issues at once, and what it did to each."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from ledger.models.geography import County, Township
from ledger.models.issues import Issue
from ledger.models.scope import NOTHING, Scope, ScopedQuerySet
from ledger.rules.issue_steps import Step
from ledger.rules.permissions import Permission


class BatchOutcome(models.TextChoices):
    """What became of one row."""

    DONE = "done", pgettext_lazy("row of a batch", "done")
    MOVED = "moved", pgettext_lazy("row of a batch", "moved by somebody else meanwhile")
    REFUSED = "refused", pgettext_lazy("row of a batch", "not possible")
    TAKEN_BACK = "taken_back", pgettext_lazy("row of a batch", "taken back")
    WAITING = "waiting", pgettext_lazy("row of a batch", "waits for its turn")
    GOING_BACK = "going_back", pgettext_lazy("row of a batch", "about to be taken back")


class BulkState(models.TextChoices):
    """Whether a bulk act is over; a long one goes on in the background, some rows at a time."""

    DONE = "done", pgettext_lazy("bulk act", "done")
    RUNNING = "running", pgettext_lazy("bulk act", "under way")
    TAKING_BACK = "taking_back", pgettext_lazy("bulk act", "being taken back")


class IssueBatch(models.Model):
    """Who did what to many issues at once: the step, what the form said, and the filter that chose the rows."""

    step = models.CharField(_("step"), max_length=20, choices=Step)
    county = models.ForeignKey(County, models.PROTECT, related_name="+", verbose_name=_("county"))
    township = models.ForeignKey(
        Township, models.PROTECT, related_name="+", verbose_name=_("township"), null=True, blank=True
    )
    """Where all rows lie in one; empty when they lie in several."""
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("by"))
    made_at = models.DateTimeField(_("at"))
    said = models.JSONField(default=dict, blank=True)
    """What the form said, as ids, days and text."""
    asked = models.JSONField(default=dict, blank=True)
    """The choices that led to the rows: lane, desk, filters; empty when rows were ticked."""
    state = models.CharField(max_length=12, choices=BulkState, default=BulkState.DONE)
    done = models.PositiveIntegerField(default=0)
    left = models.PositiveIntegerField(default=0)
    taken_back_at = models.DateTimeField(_("taken back at"), null=True, blank=True)
    taken_back_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("taken back by"), null=True,
        blank=True,
    )  # fmt: skip

    PERSONAL = "said asked"
    NOT_PERSONAL = "step county township made_by made_at state done left taken_back_at taken_back_by"

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["-made_at", "-pk"]
        verbose_name = _("bulk act")
        indexes = [models.Index(fields=["made_by", "made_at"], name="issue_batch_by_at")]
        constraints = [
            models.CheckConstraint(name="issue_batch_state_known", condition=Q(state__in=BulkState.values)),
            models.CheckConstraint(
                name="issue_batch_taken_back_pair",
                condition=Q(taken_back_at__isnull=True, taken_back_by__isnull=True)
                | Q(taken_back_at__isnull=False, taken_back_by__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_step_display()} {self.done}"

    @staticmethod
    def scope_condition(scope: Scope, permission: Permission) -> Q:
        """Who did it, as long as they hold a desk; what it did to an issue stands in that issue's own timeline."""
        if scope.cadre_id is None or not scope.has(Permission.DESK):
            return NOTHING
        return Q(made_by__cadre=scope.cadre_id)


class IssueBatchRow(models.Model):
    """One issue of a batch: what became of it, with the values before and after."""

    batch = models.ForeignKey(IssueBatch, models.CASCADE, related_name="rows", verbose_name=_("bulk act"))
    issue = models.ForeignKey(Issue, models.PROTECT, related_name="+", verbose_name=_("issue"))
    outcome = models.CharField(max_length=10, choices=BatchOutcome)
    why = models.CharField(max_length=300, blank=True)
    version = models.PositiveIntegerField(default=0)
    """The issue's version after the act: whether somebody has moved it since; of a waiting row, as it was seen."""
    old = models.JSONField(default=dict, blank=True)
    new = models.JSONField(default=dict, blank=True)

    PERSONAL = "why"
    NOT_PERSONAL = "batch issue outcome version old new"
    SCOPED_THROUGH = "batch"

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["batch", "pk"]
        verbose_name = _("row of a bulk act")
        constraints = [models.UniqueConstraint(fields=["batch", "issue"], name="issue_batch_row_unique")]
