"""苗头隐患: how it stands, and each time somebody looked at it."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from ledger.models.cadres import Cadre
from ledger.models.issues import Issue
from ledger.models.scope import ScopedQuerySet
from ledger.rules.early_signs import Colour


class EarlySign(models.Model):
    """How a sign stands: its colour, its cause, who looks at it again and when."""

    issue = models.OneToOneField(Issue, models.CASCADE, related_name="early_sign", verbose_name=_("issue"))
    colour = models.CharField(_("colour"), max_length=8, choices=Colour, default=Colour.YELLOW)
    cause = models.CharField(_("cause"), max_length=60, blank=True)
    review_on = models.DateField(_("next review"))
    reviewer = models.ForeignKey(
        Cadre, models.PROTECT, related_name="+", verbose_name=_("reviewed by"), null=True, blank=True
    )
    version = models.PositiveIntegerField(default=1)

    PERSONAL = "cause"
    NOT_PERSONAL = "issue colour review_on reviewer version"
    SCOPED_THROUGH = "issue"

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("early sign")
        indexes = [
            models.Index(fields=["cause"], name="early_sign_cause"),
            models.Index(fields=["review_on"], name="early_sign_review"),
        ]


class SignReview(models.Model):
    """Somebody looked at it: what they found, and the colour from then on. Never changed."""

    issue = models.ForeignKey(Issue, models.CASCADE, related_name="sign_reviews", verbose_name=_("issue"))
    at = models.DateTimeField(_("at"))
    by = models.ForeignKey(Cadre, models.PROTECT, related_name="+", verbose_name=_("by"))
    colour = models.CharField(_("colour"), max_length=8, choices=Colour)
    review_on = models.DateField(_("next review"))
    text = models.TextField(_("what was found"))

    PERSONAL = "text"
    NOT_PERSONAL = "issue at by colour review_on"
    SCOPED_THROUGH = "issue"

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name = _("review")

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk is not None and not self._state.adding:
            raise TypeError("A review stays as it was written.")
        super().save(*args, **kwargs)
