"""Photos and PDFs that prove something: of a visit, of a step of an issue, of an entry that is kept for review."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from ledger.models.issues import Issue, IssueStep
from ledger.models.kept_entries import KeptEntry
from ledger.models.scope import NOTHING, Scope, ScopedQuerySet, within
from ledger.models.visits import Visit
from ledger.rules.permissions import Permission


class EvidenceKind(models.TextChoices):
    PHOTO = "photo", _("Photo")
    PDF = "pdf", _("PDF")


class Evidence(models.Model):
    """One stored file, under a random name outside any public folder; served by a view that checks scope."""

    visit = models.ForeignKey(
        Visit, models.CASCADE, related_name="evidence", verbose_name=_("visit"), null=True, blank=True
    )
    issue = models.ForeignKey(
        Issue, models.CASCADE, related_name="evidence", verbose_name=_("issue"), null=True, blank=True
    )
    step = models.ForeignKey(
        IssueStep, models.CASCADE, related_name="evidence", verbose_name=_("step"), null=True, blank=True
    )
    entry = models.ForeignKey(
        KeptEntry, models.CASCADE, related_name="evidence", verbose_name=_("kept entry"), null=True, blank=True
    )
    kind = models.CharField(_("type"), max_length=6, choices=EvidenceKind)
    stored_as = models.CharField(max_length=80, unique=True)
    name = models.CharField(pgettext_lazy("unit", "name"), max_length=120)
    size = models.PositiveIntegerField(_("size"))
    digest = models.CharField(max_length=64)
    client_id = models.UUIDField(null=True, blank=True)
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True)
    added_at = models.DateTimeField(auto_now_add=True)

    PERSONAL = "name"
    NOT_PERSONAL = "visit issue step entry kind stored_as size digest client_id added_by added_at"

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        verbose_name = _("evidence")
        constraints = [
            models.CheckConstraint(
                name="evidence_of_one",
                condition=Q(visit__isnull=False, issue__isnull=True, entry__isnull=True)
                | Q(visit__isnull=True, issue__isnull=False, entry__isnull=True)
                | Q(visit__isnull=True, issue__isnull=True, entry__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["added_by", "client_id"], name="evidence_once", condition=Q(client_id__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @staticmethod
    def scope_condition(scope: Scope, permission: Permission) -> Q:
        kept = KeptEntry._base_manager.filter(KeptEntry.read_by(scope)) if permission == Permission.VIEW else None
        of_kept = Q(entry__in=kept) if kept is not None else NOTHING
        return within("visit", Visit, scope, permission) | within("issue", Issue, scope, permission) | of_kept
