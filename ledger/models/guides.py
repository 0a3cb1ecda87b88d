"""办事流程图: how something is applied for, and what was given with a reply as it read then."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from ledger.models.geography import County, Township
from ledger.models.issues import Category, Issue, IssueStep
from ledger.models.scope import NOTHING, Scope, ScopedQuerySet
from ledger.rules.permissions import Permission


class Guide(models.Model):
    """How something is applied for. Of the county, or with ``township`` of one township; read in the whole county."""

    county = models.ForeignKey(County, models.CASCADE, related_name="guides", verbose_name=_("county"))
    township = models.ForeignKey(
        Township, models.CASCADE, related_name="guides", verbose_name=_("township"), null=True, blank=True
    )
    title = models.CharField(_("what it is for"), max_length=60)
    audience = models.CharField(_("who may apply"), max_length=300, blank=True)
    materials = models.TextField(_("what to bring"), blank=True, max_length=2000)
    place = models.CharField(_("where"), max_length=120, blank=True)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    steps = models.TextField(_("steps"), max_length=2000)
    time_needed = models.CharField(_("time needed"), max_length=60, blank=True)
    fee = models.CharField(_("fee"), max_length=60, blank=True)
    categories = models.ManyToManyField(Category, related_name="guides", verbose_name=_("categories"), blank=True)
    edition = models.PositiveSmallIntegerField(_("edition"), default=1)
    updated_on = models.DateField(_("as of"))
    is_example = models.BooleanField(_("example, not checked yet"), default=False)
    sort_order = models.PositiveIntegerField(_("order"), default=0)
    is_active = models.BooleanField(_("in use"), default=True)

    NOT_PERSONAL = (
        "county township title audience materials place phone steps time_needed fee categories edition updated_on "
        "is_example sort_order is_active"
    )

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["sort_order", "pk"]
        verbose_name = _("guide")
        constraints = [
            models.UniqueConstraint(
                fields=["county", "title"], name="guide_title_unique", condition=Q(township__isnull=True)
            ),
            models.UniqueConstraint(fields=["township", "title"], name="guide_title_unique_in_township"),
        ]

    def __str__(self) -> str:
        return self.title

    @staticmethod
    def scope_condition(scope: Scope, permission: Permission) -> Q:
        """Managed by the administrators of the county or township it is of; read by all who serve in the county."""
        if permission == Permission.MANAGE_GUIDES:
            mine = scope.ids("county", permission), scope.ids("township", permission)
            return Q(county__in=mine[0]) | Q(township__in=mine[1])
        if scope.cadre_id is None:
            return NOTHING
        return Q(county__in=County.objects.filter(cadres=scope.cadre_id).values("pk"))


class GivenGuide(models.Model):
    """A guide given with the reply to a matter, as it read then; never changed."""

    issue = models.ForeignKey(Issue, models.CASCADE, related_name="given_guides", verbose_name=_("issue"))
    step = models.ForeignKey(IssueStep, models.CASCADE, related_name="given_guides", verbose_name=_("step"))
    guide = models.ForeignKey(Guide, models.PROTECT, related_name="+", verbose_name=_("guide"))
    title = models.CharField(_("what it is for"), max_length=60)
    sheet = models.JSONField(_("as it read then"), default=dict)
    given_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("given by"))
    given_at = models.DateTimeField(_("given at"))

    NOT_PERSONAL = "issue step guide title sheet given_by given_at"
    SCOPED_THROUGH = "issue"

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        verbose_name = _("guide given")
        constraints = [models.UniqueConstraint(fields=["step", "guide"], name="given_guide_once")]

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk is not None and not self._state.adding:
            raise TypeError("What was given is not changed afterwards.")
        super().save(*args, **kwargs)
