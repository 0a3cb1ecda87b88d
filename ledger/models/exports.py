"""导出: a workbook that is made in the background and kept a week for who asked for it, and for nobody else."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ledger.models.fields import EncryptedTextField
from ledger.models.scope import NOTHING, Scope, ScopedQuerySet
from ledger.rules.permissions import Permission


class ExportState(models.TextChoices):
    WAITING = "waiting", _("Waiting")
    MAKING = "making", _("Being made")
    READY = "ready", _("Ready")
    FAILED = "failed", _("Stopped")
    CANCELLED = "cancelled", _("Cancelled")
    EXPIRED = "expired", _("Deleted after seven days")


UNDER_WAY = frozenset({ExportState.WAITING, ExportState.MAKING})


def postings_of(scope: Scope) -> frozenset[int]:
    """The postings by which somebody may export."""
    return frozenset(territory.posting for territory in scope.giving(Permission.EXPORT))


class Export(models.Model):
    """One list with one filter, asked for once. The rows are those that its requester may see when it is made."""

    kind = models.CharField(max_length=20)
    query = EncryptedTextField(label="export.query", blank=True, default="")
    """The filter as the address of the list says it."""
    filter_words = EncryptedTextField(label="export.filter_words", blank=True, default="")
    file_name = models.CharField(_("file"), max_length=200)
    state = models.CharField(_("state"), max_length=10, choices=ExportState, default=ExportState.WAITING)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    size = models.PositiveBigIntegerField(default=0)
    stored_as = models.CharField(max_length=40, blank=True)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("requested by")
    )
    requested_at = models.DateTimeField(_("requested at"), auto_now_add=True)
    beat_at = models.DateTimeField(auto_now_add=True)
    """The last sign of life of the worker, or the moment it was asked for."""
    finished_at = models.DateTimeField(null=True, blank=True)
    postings = models.JSONField(default=list, blank=True)
    """Ids of the postings that let its requester take these rows out."""

    PERSONAL = "query filter_words"
    NOT_PERSONAL = (
        "kind file_name state done total size stored_as requested_by requested_at beat_at finished_at postings"
    )

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["-requested_at", "-pk"]
        verbose_name = _("export")
        indexes = [
            models.Index(fields=["requested_by", "-requested_at"], name="export_of_requester"),
            models.Index(fields=["state", "requested_at"], name="export_state_requested"),
        ]
        constraints = [
            models.CheckConstraint(
                name="export_ready_has_file",
                condition=Q(state=ExportState.READY) & ~Q(stored_as="") | ~Q(state=ExportState.READY),
            )
        ]

    def __str__(self) -> str:
        return self.file_name

    @property
    def is_under_way(self) -> bool:
        """Whether the worker has it, or will."""
        return self.state in UNDER_WAY

    def is_theirs(self, scope: Scope) -> bool:
        """Whether all postings it was made with are still held: else it may hold what is out of their sight by now."""
        return frozenset(self.postings) <= postings_of(scope)

    @staticmethod
    def scope_condition(scope: Scope, permission: Permission) -> Q:
        """Its requester's alone, while they serve anywhere."""
        return Q(requested_by__cadre=scope.cadre_id) if scope.cadre_id is not None else NOTHING
