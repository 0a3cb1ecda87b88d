"""抽样回访: one draw among the matters settled on the spot, what was drawn, and what was looked into."""

from typing import Any

from django.db import models
from django.db.models import OuterRef, Q
from django.utils.translation import gettext_lazy as _

from ledger.models.cadres import Cadre
from ledger.models.geography import Township
from ledger.models.issues import Issue
from ledger.models.scope import Scope, ScopedQuerySet
from ledger.rules.permissions import Permission


class CallBackSample(models.Model):
    """One draw by a desk; seed and share are kept so that it can be repeated."""

    township = models.ForeignKey(Township, models.PROTECT, related_name="+", verbose_name=_("township"))
    drawn_by = models.ForeignKey(Cadre, models.PROTECT, related_name="+", verbose_name=_("drawn by"))
    drawn_at = models.DateTimeField(_("drawn at"))
    percent = models.PositiveSmallIntegerField(_("share in per cent"))
    least = models.PositiveSmallIntegerField(_("at least"))
    seed = models.CharField(max_length=32)

    NOT_PERSONAL = "township drawn_by drawn_at percent least seed"

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["-drawn_at", "-pk"]
        verbose_name = _("sample")

    def __str__(self) -> str:
        return f"{self.drawn_at:%Y-%m-%d}"

    @staticmethod
    def scope_condition(scope: Scope, permission: Permission) -> Q:
        """For the desks that may move one of its matters; ``permission`` asks nothing less."""
        mine = Issue._base_manager.filter(Issue.scope_condition(scope, Permission.DESK))
        rows = SampledIssue._base_manager.filter(sample=OuterRef("pk"), issue__in=mine)
        return Q(models.Exists(rows))


class SampledIssue(models.Model):
    """A matter that was in the draw, with the round that was drawn; one draw a round."""

    sample = models.ForeignKey(CallBackSample, models.CASCADE, related_name="rows", verbose_name=_("sample"))
    issue = models.ForeignKey(Issue, models.CASCADE, related_name="sampled", verbose_name=_("issue"))
    round = models.PositiveSmallIntegerField(_("round"))
    handler = models.ForeignKey(Cadre, models.PROTECT, related_name="+", verbose_name=_("handler"))
    is_drawn = models.BooleanField(_("to be called back"), default=False)

    NOT_PERSONAL = "sample issue round handler is_drawn"
    SCOPED_THROUGH = "issue"

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["sample", "pk"]
        verbose_name = _("sampled issue")
        constraints = [models.UniqueConstraint(fields=["issue", "round"], name="sampled_once_a_round")]


class SampleReview(models.Model):
    """A dissatisfied answer was looked into: the other matters of that handler may be struck off again."""

    sample = models.ForeignKey(CallBackSample, models.CASCADE, related_name="reviews", verbose_name=_("sample"))
    handler = models.ForeignKey(Cadre, models.PROTECT, related_name="+", verbose_name=_("handler"))
    text = models.TextField(_("what was found"))
    by = models.ForeignKey(Cadre, models.PROTECT, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(_("at"))

    PERSONAL = "text"
    NOT_PERSONAL = "sample handler by at"
    SCOPED_THROUGH = "sample"

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        verbose_name = _("review")
        constraints = [
            models.UniqueConstraint(fields=["sample", "handler"], name="sample_review_once"),
            models.CheckConstraint(name="sample_review_not_own", condition=~Q(by=models.F("handler"))),
        ]

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk is not None and not self._state.adding:
            raise TypeError("A review stays as it was written.")
        super().save(*args, **kwargs)
