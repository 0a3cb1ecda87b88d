"""Word papers: the templates a county edits, and the register of covering documents (交办单), which have numbers."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ledger.models.cadres import Cadre
from ledger.models.geography import County, Township
from ledger.models.issues import Issue, IssueStep
from ledger.models.scope import ScopedQuerySet
from ledger.rules.issue_numbers import covering_number


class PaperKind(models.TextChoices):
    COVERING = "covering", _("Covering document")
    REPLY = "reply", _("Reply letter")
    DIARY = "diary", _("Diary of a cadre")
    DIGEST = "digest", _("Monthly digest")
    QUARTERLY = "quarterly", _("Quarterly report")
    YEARLY = "yearly", _("Year-end summary")


ISSUE_PAPERS = (PaperKind.COVERING, PaperKind.REPLY)
"""Papers of one issue; all others are of a period."""


class PaperTemplate(models.Model):
    """A template that was handed in and accepted; the one not retired is in use, without one the default."""

    county = models.ForeignKey(County, models.CASCADE, related_name="paper_templates", verbose_name=_("county"))
    kind = models.CharField(max_length=12, choices=PaperKind)
    file_name = models.CharField(_("file"), max_length=120)
    data = models.BinaryField()
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("uploaded by")
    )
    uploaded_at = models.DateTimeField(_("uploaded at"), auto_now_add=True)
    retired_at = models.DateTimeField(null=True, blank=True)

    NOT_PERSONAL = "county kind file_name data uploaded_by uploaded_at retired_at"
    SCOPED_THROUGH = "county"

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        verbose_name = _("template of a paper")
        constraints = [
            models.UniqueConstraint(
                fields=["county", "kind"], name="paper_template_one_in_use", condition=Q(retired_at__isnull=True)
            )
        ]

    def __str__(self) -> str:
        return self.file_name


class CoveringCounter(models.Model):
    """The last number given to a covering document in a township's year; locked last in the transaction."""

    township = models.ForeignKey(Township, models.PROTECT, related_name="+")
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    NOT_PERSONAL = "township year last"
    SCOPED_THROUGH = "township"

    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["township", "year"], name="covering_counter_unique")]


class CoveringDocument(models.Model):
    """交办(转办)单: one for an assignment, under one number for good."""

    issue = models.ForeignKey(Issue, models.PROTECT, related_name="covering_documents", verbose_name=_("issue"))
    step = models.OneToOneField(IssueStep, models.PROTECT, related_name="covering_document")
    """The assignment that it goes with."""
    township = models.ForeignKey(Township, models.PROTECT, related_name="+")
    year = models.PositiveSmallIntegerField()
    serial = models.PositiveIntegerField()
    made_by = models.ForeignKey(Cadre, models.PROTECT, related_name="+", verbose_name=_("made by"), null=True)
    made_at = models.DateTimeField(_("made at"))

    NOT_PERSONAL = "issue step township year serial made_by made_at"
    SCOPED_THROUGH = "issue"

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        verbose_name = _("covering document")
        constraints = [
            models.UniqueConstraint(fields=["township", "year", "serial"], name="covering_document_serial_unique")
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        """康美交〔2026〕3号 (``township`` is read)."""
        return covering_number(self.township.short_name, self.year, self.serial)
