"""Rows of a roster that wait for somebody to say whether they are a household the ledger has."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ledger.models.fields import EncryptedTextField
from ledger.models.geography import Township
from ledger.models.households import Household
from ledger.models.imports import ImportRow
from ledger.models.scope import ScopedQuerySet
from ledger.rules.held_rows import Decision, HeldFor, HeldState


class HeldRow(models.Model):
    """One held row of an import that was applied. ``said`` has its values as the file had them, sealed.

    What was decided is what the next file with this row is read by, as long as the import is not undone; ``household``
    is then the household that the row stands for (of a member's row the one it names, from the beginning).
    """

    row = models.OneToOneField(ImportRow, models.CASCADE, related_name="held", verbose_name=_("import row"))
    township = models.ForeignKey(Township, models.PROTECT, related_name="held_rows", verbose_name=_("township"))
    reason = models.CharField(_("reason"), max_length=24, choices=HeldFor)
    said = EncryptedTextField(label="held_row.said", blank=True, default="")
    in_file = models.BooleanField(default=False)
    """Whether it was held for another row of the same file."""
    state = models.CharField(_("state"), max_length=8, choices=HeldState, default=HeldState.OPEN)
    decision = models.CharField(_("decision"), max_length=8, choices=Decision, blank=True, default="")
    household = models.ForeignKey(
        Household, models.SET_NULL, related_name="held_rows", null=True, blank=True, verbose_name=_("household")
    )
    held_at = models.DateTimeField(_("held at"), auto_now_add=True)
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")

    PERSONAL = "said"
    NOT_PERSONAL = "row township reason in_file state decision household held_at decided_at decided_by"
    SCOPED_THROUGH = "row"

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["held_at", "pk"]
        verbose_name = _("held row")
        constraints = [
            models.CheckConstraint(
                name="held_row_decided_pair",
                condition=Q(state=HeldState.DECIDED, decided_at__isnull=False, decided_by__isnull=False)
                | (~Q(state=HeldState.DECIDED) & Q(decided_at__isnull=True, decided_by__isnull=True)),
            )
        ]
        indexes = [models.Index(fields=["township", "state"], name="held_row_township_state")]
