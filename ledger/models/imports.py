"""Import batches and what each row did: what undo reads."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ledger.models.fields import EncryptedTextField
from ledger.models.geography import Township
from ledger.models.households import Household, Resident
from ledger.models.scope import Scope, ScopedQuerySet
from ledger.rules.permissions import Permission

FILE_LABEL = "import.file"
"""What the kept files of batches are sealed for."""


class BatchState(models.TextChoices):
    WAITING = "waiting", _("Waiting")
    PLANNING = "planning", _("Being checked")
    COLUMNS = "columns", _("Columns to be chosen")
    PLANNED = "planned", _("Ready to apply")
    APPLYING = "applying", _("Being applied")
    APPLIED = "applied", _("Applied")
    UNDOING = "undoing", _("Being undone")
    REFUSED = "refused", _("File refused")
    FAILED = "failed", _("Stopped, nothing written")
    CANCELLED = "cancelled", _("Cancelled")
    UNDONE = "undone", _("Undone")


class ImportBatch(models.Model):
    """One uploaded file: its plan, its application, its report. The file itself is kept encrypted."""

    kind = models.CharField(max_length=12, default="households")
    townships = models.ManyToManyField(Township, related_name="import_batches", verbose_name=_("townships"))
    file_name = models.CharField(_("file"), max_length=200)
    stored_as = models.CharField(max_length=80, blank=True)
    size = models.PositiveBigIntegerField(default=0)
    digest = models.CharField(max_length=64, blank=True)
    mapping = models.JSONField(default=dict, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=BatchState, default=BatchState.WAITING)
    error_code = models.CharField(max_length=40, blank=True)
    error_detail = models.CharField(max_length=200, blank=True)
    counts = models.JSONField(default=dict, blank=True)
    layout = models.JSONField(default=dict, blank=True)
    sample = EncryptedTextField(label="import.sample", blank=True, default="")
    """The first rows of each sheet, numbers masked, for the page on which columns are chosen."""
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("uploaded by"), null=True
    )
    uploaded_at = models.DateTimeField(_("uploaded at"), auto_now_add=True)
    applied_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, blank=True)
    applied_at = models.DateTimeField(_("applied at"), null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, blank=True)
    undone_at = models.DateTimeField(_("undone at"), null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    PERSONAL = "file_name sample"
    NOT_PERSONAL = (
        "kind townships stored_as size digest mapping state error_code error_detail counts layout done total "
        "uploaded_by uploaded_at applied_by applied_at finished_at undone_by undone_at version"
    )

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["-uploaded_at", "-pk"]
        verbose_name = _("import")
        constraints = [
            models.CheckConstraint(
                name="import_applied_pair",
                condition=Q(applied_at__isnull=True, applied_by__isnull=True) | Q(applied_at__isnull=False),
            ),
            models.CheckConstraint(
                name="import_undone_pair",
                condition=Q(undone_at__isnull=True, undone_by__isnull=True) | Q(undone_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.file_name

    @staticmethod
    def scope_condition(scope: Scope, permission: Permission) -> Q:
        """Seen by who imports for all of its townships: a batch that reaches further does not exist for them."""
        permission = Permission.IMPORT_HOUSEHOLDS if permission == Permission.VIEW else permission
        mine = Township._base_manager.filter(Township.scope_condition(scope, permission))
        through = ImportBatch.townships.through._base_manager
        inside = through.filter(township__in=mine).values("importbatch_id")
        outside = through.exclude(township__in=mine).values("importbatch_id")
        return Q(pk__in=inside) & ~Q(pk__in=outside)


class ImportRow(models.Model):
    """What the plan says of one row, and after applying what it changed."""

    batch = models.ForeignKey(ImportBatch, models.CASCADE, related_name="rows", verbose_name=_("import"))
    sheet = models.CharField(_("sheet"), max_length=100, blank=True)
    row = models.PositiveIntegerField(_("row"))
    role = models.CharField(max_length=12, default="households")
    outcome = models.CharField(_("outcome"), max_length=10)
    codes = models.JSONField(default=list, blank=True)
    notes = models.JSONField(default=list, blank=True)
    label = models.CharField(max_length=100, blank=True)
    values = EncryptedTextField(label="import.values", blank=True, default="")
    before = EncryptedTextField(label="import.before", blank=True, default="")
    household = models.ForeignKey(
        Household, models.SET_NULL, related_name="import_rows", null=True, blank=True, verbose_name=_("household")
    )
    resident = models.ForeignKey(Resident, models.SET_NULL, related_name="import_rows", null=True, blank=True)
    versions = models.JSONField(null=True, blank=True)
    """What the row changed, by version: ``{"household": [before, after], "resident": …}``; undoing adds its own."""
    left_because = models.CharField(max_length=12, blank=True, default="", db_default="")
    """Of an undone batch: why this row was left as it is (``ledger.importing.undo_check.Left``)."""

    PERSONAL = "label values before notes"
    NOT_PERSONAL = "batch sheet row role outcome codes household resident versions left_because"
    SCOPED_THROUGH = "batch"

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["batch", "pk"]
        verbose_name = _("import row")
        indexes = [models.Index(fields=["batch", "outcome", "id"], name="import_row_outcome")]


class ColumnMapping(models.Model):
    """The columns somebody chose for a layout, remembered for the next file that looks the same."""

    township = models.ForeignKey(Township, models.CASCADE, related_name="column_mappings")
    signature = models.CharField(max_length=64)
    mapping = models.JSONField(default=dict)
    saved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True)
    saved_at = models.DateTimeField(auto_now=True)

    NOT_PERSONAL = "township signature mapping saved_by saved_at"
    SCOPED_THROUGH = "township"

    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["township", "signature"], name="column_mapping_unique")]
