"""矛盾纠纷: its parties, its mediation and the follow-up visits."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from ledger.models.cadres import Cadre
from ledger.models.fields import PHONE_LABEL, EncryptedTextField
from ledger.models.households import Household
from ledger.models.issues import Issue
from ledger.models.scope import ScopedQuerySet
from ledger.rules.disputes import Side


class DisputeSettlement(models.Model):
    """Who mediates and what was agreed; ``version`` guards the parties too."""

    issue = models.OneToOneField(Issue, models.CASCADE, related_name="settlement", verbose_name=_("issue"))
    mediator = models.CharField(_("mediator"), max_length=80, blank=True)
    agreement = models.TextField(_("agreement"), blank=True)
    agreed_on = models.DateField(_("agreed on"), null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    PERSONAL = "mediator agreement"
    NOT_PERSONAL = "issue agreed_on version"
    SCOPED_THROUGH = "issue"

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("mediation")
        constraints = [
            models.CheckConstraint(name="agreed_on_with_text", condition=Q(agreed_on__isnull=True) | ~Q(agreement=""))
        ]


class DisputeParty(models.Model):
    """One of the parties."""

    issue = models.ForeignKey(Issue, models.CASCADE, related_name="parties", verbose_name=_("issue"))
    name = models.CharField(pgettext_lazy("person", "name"), max_length=50)
    side = models.CharField(_("side"), max_length=6, choices=Side)
    phone = EncryptedTextField(_("phone"), label=PHONE_LABEL, blank=True, default="")
    household = models.ForeignKey(
        Household, models.PROTECT, related_name="+", verbose_name=_("household"), null=True, blank=True
    )

    PERSONAL = "name phone"
    NOT_PERSONAL = "issue side household"
    SCOPED_THROUGH = "issue"

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["issue", "side", "pk"]
        verbose_name = _("party")

    def __str__(self) -> str:
        return self.name


class FollowUp(models.Model):
    """A visit planned after a mediation, to see that it holds; done once."""

    issue = models.ForeignKey(Issue, models.CASCADE, related_name="follow_ups", verbose_name=_("issue"))
    planned_on = models.DateField(_("planned for"))
    planned_by = models.ForeignKey(Cadre, models.PROTECT, related_name="+", verbose_name=_("planned by"))
    done_on = models.DateField(_("done on"), null=True)
    done_by = models.ForeignKey(Cadre, models.PROTECT, related_name="+", verbose_name=_("done by"), null=True)
    text = models.TextField(_("what was found"), blank=True)

    PERSONAL = "text"
    NOT_PERSONAL = "issue planned_on planned_by done_on done_by"
    SCOPED_THROUGH = "issue"

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["planned_on", "pk"]
        verbose_name = _("follow-up visit")
        constraints = [
            models.UniqueConstraint(fields=["issue", "planned_on"], name="follow_up_once_a_day"),
            models.CheckConstraint(
                name="follow_up_done_pair",
                condition=Q(done_on__isnull=True, done_by__isnull=True)
                | Q(done_on__isnull=False, done_by__isnull=False) & ~Q(text=""),
            ),
        ]
        indexes = [models.Index(fields=["planned_on"], name="follow_up_open", condition=Q(done_on__isnull=True))]
