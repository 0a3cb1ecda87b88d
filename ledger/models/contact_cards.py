"""联系服务卡 and 工作牌: what was printed last for a household or a cadre, to print again only what changed."""

import secrets

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ledger.models.cadres import Cadre
from ledger.models.households import Household
from ledger.models.scope import NOTHING, Scope, ScopedQuerySet
from ledger.rules.permissions import Permission


class PrintKind(models.TextChoices):
    CARD = "card", _("Contact card")
    BADGE = "badge", _("Badge")


def new_token() -> str:
    """What stands for a household in the address of a QR code: random, so that nobody counts through them."""
    return secrets.token_urlsafe(12)


class PrintRun(models.Model):
    """One printing: who, when, how many. Its sheets can be opened again by who made it."""

    kind = models.CharField(max_length=8, choices=PrintKind)
    total = models.PositiveIntegerField(default=0)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("made by"))
    made_at = models.DateTimeField(_("made at"), auto_now_add=True)

    NOT_PERSONAL = "kind total made_by made_at"

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("printing")
        indexes = [models.Index(fields=["made_by", "kind", "-id"], name="print_run_of_maker")]

    @staticmethod
    def scope_condition(scope: Scope, permission: Permission) -> Q:
        """Its maker's alone, while they serve anywhere."""
        return Q(made_by__cadre=scope.cadre_id) if scope.cadre_id is not None else NOTHING


class ContactCard(models.Model):
    """The card that a household holds. ``fingerprint`` is that of ``rules/contact_cards.py``."""

    household = models.OneToOneField(Household, models.CASCADE, related_name="contact_card")
    token = models.CharField(max_length=24, unique=True, default=new_token)
    head_name = models.CharField(max_length=50)
    fingerprint = models.CharField(max_length=60)
    issued_on = models.DateField()
    run = models.ForeignKey(PrintRun, models.PROTECT, related_name="contact_cards")

    PERSONAL = "head_name"
    NOT_PERSONAL = "household token fingerprint issued_on run"
    SCOPED_THROUGH = "household"

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("contact card")


class Badge(models.Model):
    """The badge that a cadre wears."""

    cadre = models.OneToOneField(Cadre, models.CASCADE, related_name="badge")
    fingerprint = models.CharField(max_length=60)
    issued_on = models.DateField()
    run = models.ForeignKey(PrintRun, models.PROTECT, related_name="badges")

    NOT_PERSONAL = "cadre fingerprint issued_on run"
    SCOPED_THROUGH = "cadre"

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("badge")
