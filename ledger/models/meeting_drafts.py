"""会议草稿: what a recorder has typed of a meeting; its author's alone until it is finished and one visit."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ledger.models.cadres import Cadre
from ledger.models.fields import EncryptedTextField
from ledger.models.geography import Village
from ledger.models.scope import NOTHING, Scope, ScopedQuerySet
from ledger.models.visits import Visit
from ledger.rules.permissions import Permission


class MeetingDraft(models.Model):
    """``body`` is the JSON of ``actions/meeting_drafts.Body``; emptied when ``visit`` is made of it."""

    cadre = models.ForeignKey(Cadre, models.CASCADE, related_name="meeting_drafts", verbose_name=_("recorder"))
    village = models.ForeignKey(Village, models.CASCADE, related_name="+", verbose_name=_("village"))
    occurred_on = models.DateField(_("day"))
    body = EncryptedTextField(_("what was typed"), label="meeting_draft.body")
    visit = models.ForeignKey(Visit, models.CASCADE, related_name="+", verbose_name=_("meeting"), null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    PERSONAL = "body"
    NOT_PERSONAL = "cadre village occurred_on visit created_at updated_at"

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["-updated_at"]
        verbose_name = _("draft of a meeting")

    def __str__(self) -> str:
        return f"{self.village} {self.occurred_on}"

    @staticmethod
    def scope_condition(scope: Scope, permission: Permission) -> Q:
        """One's own."""
        return Q(cadre_id=scope.cadre_id) if scope.cadre_id is not None else NOTHING
