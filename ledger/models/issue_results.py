"""办结依据: what an outcome has to show for itself, kept for each round of an issue."""

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ledger.models.issues import Issue
from ledger.models.scope import ScopedQuerySet


class IssueResult(models.Model):
    """What was found, explained or given when the issue was resolved in this round; written once, with the step."""

    issue = models.ForeignKey(Issue, models.CASCADE, related_name="results", verbose_name=_("issue"))
    round = models.PositiveSmallIntegerField(_("round"))
    seen = models.TextField(_("what can be seen now"), blank=True)
    explained = models.TextField(_("explanation given"), blank=True)
    policy = models.CharField(_("by which policy or rule"), max_length=200, blank=True)
    help_given = models.TextField(_("help given"), blank=True)
    help_amount = models.DecimalField(
        _("amount (yuan)"), max_digits=11, decimal_places=2, null=True, blank=True, validators=[MinValueValidator(0)]
    )
    help_in_kind = models.BooleanField(_("given in kind"), default=False)
    help_source = models.CharField(_("source of the help"), max_length=120, blank=True)
    thanks = models.TextField(_("thanks"), blank=True)
    is_fulfilled = models.BooleanField(_("wish fulfilled"), default=False)

    PERSONAL = "seen explained help_given thanks"
    NOT_PERSONAL = "issue round policy help_amount help_in_kind help_source is_fulfilled"
    SCOPED_THROUGH = "issue"

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["issue", "round"]
        verbose_name = _("result")
        constraints = [
            models.UniqueConstraint(fields=["issue", "round"], name="issue_result_once_a_round"),
            models.CheckConstraint(
                name="issue_result_amount", condition=Q(help_amount__isnull=True) | Q(help_amount__gte=0)
            ),
        ]

    @property
    def says_something(self) -> bool:
        """Whether one of its outcomes rests on anything: some, as "became a dispute", ask for nothing."""
        return any((self.seen, self.explained, self.help_given, self.thanks))
