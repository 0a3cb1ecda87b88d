"""A form that could not be saved as it came: sent under a used id with other words, or about a household that had moved
away from its sender meanwhile (design.md 8). Kept until somebody has looked at it."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from ledger.models.fields import EncryptedTextField
from ledger.models.geography import County, Township, Village
from ledger.models.households import Household
from ledger.models.scope import NOTHING, Scope, ScopedQuerySet
from ledger.models.submissions import Submission
from ledger.rules.permissions import Permission


class KeptEntry(models.Model):
    """The second sending, next to the record that the first one made (``object_id``; ``form`` says of which kind); or a
    visit that waited on a phone until ``household`` was its sender's no longer: its desk decides that one.

    ``body`` is what was sent, sealed. Saved as a record of its own it is sent under ``next_id``: whether that has
    happened is read from the submissions, and twice is once there as everywhere.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("sent by"))
    form = models.CharField(max_length=30)
    client_id = models.UUIDField()
    next_id = models.UUIDField(default=uuid.uuid4, unique=True)
    object_id = models.BigIntegerField(null=True)
    body = EncryptedTextField(label="kept_entry.body")
    county = models.ForeignKey(County, models.CASCADE, related_name="+", null=True, verbose_name=_("county"))
    township = models.ForeignKey(Township, models.CASCADE, related_name="+", null=True, verbose_name=_("township"))
    kept_at = models.DateTimeField(_("kept at"), auto_now_add=True)
    household = models.ForeignKey(
        Household, models.CASCADE, related_name="+", null=True, verbose_name=_("household that moved away")
    )
    discarded_at = models.DateTimeField(_("discarded at"), null=True)
    discarded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, verbose_name=_("discarded by")
    )

    PERSONAL = "body"
    NOT_PERSONAL = "user form client_id next_id object_id county township household kept_at discarded_at discarded_by"

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["-kept_at", "-pk"]
        verbose_name = _("kept entry")
        indexes = [models.Index(fields=["user", "form", "client_id"], name="kept_entry_of_form")]
        constraints = [
            models.CheckConstraint(
                name="kept_entry_discarded_pair",
                condition=Q(discarded_at__isnull=True, discarded_by__isnull=True)
                | Q(discarded_at__isnull=False, discarded_by__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return str(self.pk)

    @staticmethod
    def scope_condition(scope: Scope, permission: Permission) -> Q:
        """Its sender's, while they serve where they did; that there is one is also the administrators' to see.

        What it says is the sender's alone (``queries.kept_entries``): it may speak of a sensitive matter. Of a
        household that moved away it is the desk's too, in whose area the household is now.
        """
        mine = Q(user__cadre=scope.cadre_id) if scope.cadre_id is not None else Q(pk__in=())
        here = Q(township__isnull=True) | Q(township=F("user__cadre__township")) | Q(household__isnull=False)
        wide = scope.by_territory()
        desk = NOTHING
        if wide.has(Permission.DESK):
            villages = Village._base_manager.filter(Village.scope_condition(wide, Permission.DESK))
            desk = Q(household__village__in=villages)
        area = Q(township__in=scope.ids("township", Permission.SEE_AUDIT)) | Q(
            county__in=scope.ids("county", Permission.SEE_AUDIT)
        )
        return (mine & here) | area | desk

    @staticmethod
    def saved() -> Exists:
        """Whether it became a record of its own."""
        return Exists(
            Submission.objects.filter(user=OuterRef("user"), form=OuterRef("form"), client_id=OuterRef("next_id"))
        )
