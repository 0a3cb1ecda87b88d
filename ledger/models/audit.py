"""操作记录: who did what. Append-only, without foreign keys, each row signed (design.md 8)."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ledger.models.scope import Scope, ScopedQuerySet
from ledger.rules.audit_chain import SIGNED_FIELDS, row_message
from ledger.rules.permissions import Permission


class AuditRow(models.Model):
    """One act. Ids instead of foreign keys: the trail outlives what it speaks of.

    ``detail`` never holds a full ID number, phone or password; ``signature`` is the HMAC of the row.
    """

    at = models.DateTimeField(_("at"))
    user_id = models.BigIntegerField(null=True)
    actor = models.CharField(_("who"), max_length=80)
    acting_for = models.CharField(_("acting for"), max_length=80, blank=True)
    verb = models.CharField(_("act"), max_length=40)
    object_type = models.CharField(max_length=30, blank=True)
    object_id = models.BigIntegerField(null=True)
    label = models.CharField(_("of"), max_length=120, blank=True)
    county_id = models.BigIntegerField(null=True)
    township_id = models.BigIntegerField(null=True)
    household_id = models.BigIntegerField(null=True)
    detail = models.JSONField(default=dict, blank=True)
    request_id = models.CharField(max_length=36, blank=True)
    signature = models.CharField(max_length=100)

    PERSONAL = "label detail"
    NOT_PERSONAL = (
        "at user_id actor acting_for verb object_type object_id county_id township_id household_id request_id signature"
    )

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("audit row")
        indexes = [
            # Rows are only ever added, so the key is the order; read in pages by it.
            models.Index(fields=["household_id", "id"], name="audit_household"),
            models.Index(fields=["user_id", "id"], name="audit_user"),
            models.Index(fields=["object_type", "object_id"], name="audit_object"),
            models.Index(fields=["township_id", "id"], name="audit_township"),
            models.Index(fields=["county_id", "id"], name="audit_county"),
        ]

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError("The audit trail is append-only.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> Any:
        raise TypeError("The audit trail is append-only.")

    def message(self) -> bytes:
        """What its HMAC covers: everything it says, in a fixed order."""
        return row_message([getattr(self, name) for name in SIGNED_FIELDS])

    @staticmethod
    def scope_condition(scope: Scope, permission: Permission) -> Q:
        """Who may see the trail of a territory; nobody else, whatever else they may see.

        Rows about a sensitive issue are for its own circle: number, act and actor would tell of it.
        """
        from ledger.models.issues import Issue

        area = Q(township_id__in=scope.ids("township", Permission.SEE_AUDIT)) | Q(
            county_id__in=scope.ids("county", Permission.SEE_AUDIT)
        )
        known = Issue._base_manager.filter(Issue.scope_condition(scope, Permission.VIEW)).values("pk")
        secret = Issue._base_manager.filter(pk=models.OuterRef("object_id"), is_sensitive=True).exclude(pk__in=known)
        return area & ~(Q(object_type="issue") & models.Exists(secret))
