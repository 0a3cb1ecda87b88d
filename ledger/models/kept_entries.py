"""A form that could not be saved as it came: sent under a used id with other words, about a household that had moved
away from its sender meanwhile (design.md 8), or handed in by its sender because the server would take it no more. Kept
until somebody has looked at it."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext_lazy as _

from ledger.models.fields import EncryptedTextField
from ledger.models.geography import County, Township, Village
from ledger.models.households import Household
from ledger.models.scope import NOTHING, Scope, ScopedQuerySet
from ledger.models.submissions import Submission
from ledger.rules.kept_entries import LONGEST_ANSWER
from ledger.rules.permissions import Permission


class KeptEntry(models.Model):
    """The second sending, next to the record that the first one made (``object_id``; ``form`` says of which kind); or a
    visit that waited on a phone until ``household`` was its sender's no longer: its desk decides that one. What was
    handed in (``is_handed_in``) lies with the desk of its household, else of its ``village``, else of its sender's
    ``township`` or ``county``; photos of those two are ``evidence`` of the entry.

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
    village = models.ForeignKey(Village, models.CASCADE, related_name="+", null=True, verbose_name=_("village"))
    is_handed_in = models.BooleanField(_("handed in for review"), default=False)
    discarded_at = models.DateTimeField(_("discarded at"), null=True)
    discarded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, verbose_name=_("discarded by")
    )

    answer = models.CharField(_("word to the sender"), max_length=LONGEST_ANSWER, blank=True, default="")
    """What the desk says to its sender when it decides."""

    PERSONAL = "body answer"
    NOT_PERSONAL = (
        "user form client_id next_id object_id county township village household is_handed_in kept_at discarded_at "
        "discarded_by"
    )

    is_new = False
    """Whether it was kept just now, and not by an earlier sending of the same."""

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
        """Who reads it; and that there is one is also the administrators' to see."""
        area = Q(township__in=scope.ids("township", Permission.SEE_AUDIT)) | Q(
            county__in=scope.ids("county", Permission.SEE_AUDIT)
        )
        return KeptEntry.read_by(scope) | area

    @staticmethod
    def read_by(scope: Scope) -> Q:
        """Who reads what it says: its sender, while they serve where they did; it may speak of a sensitive matter.

        Of a household that moved away, and of what was handed in, the desk that decides it too.
        """
        mine = Q(user__cadre=scope.cadre_id) if scope.cadre_id is not None else NOTHING
        here = Q(township__isnull=True) | Q(township=F("user__cadre__township"))
        return (mine & (here | Q(household__isnull=False) | Q(is_handed_in=True))) | KeptEntry.decided_by(scope)

    @staticmethod
    def decided_by(scope: Scope) -> Q:
        """Those that lie with a desk of the scope, in whose area the household is now."""
        wide = scope.by_territory()
        if not wide.has(Permission.DESK):
            return NOTHING
        villages = Village._base_manager.filter(Village.scope_condition(wide, Permission.DESK))
        handed_in = Q(village__in=villages) | Q(village__isnull=True) & (
            Q(township__in=scope.ids("township", Permission.DESK)) | Q(county__in=scope.ids("county", Permission.DESK))
        )
        return Q(household__village__in=villages) | Q(household__isnull=True, is_handed_in=True) & handed_in

    @staticmethod
    def saved() -> Exists:
        """Whether it became a record of its own."""
        return Exists(_made())

    @staticmethod
    def saved_as() -> Subquery:
        """The record that it became."""
        return Subquery(_made().values("object_id")[:1])


def _made() -> QuerySet[Submission]:
    of_one = {"user": OuterRef("user"), "form": OuterRef("form"), "client_id": OuterRef("next_id")}
    return Submission.objects.filter(**of_one)
