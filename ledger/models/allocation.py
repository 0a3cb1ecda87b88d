"""分配联系户: what is kept of the people (capacity, pins, who must not have whom), and the proposals drawn from it."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from ledger.models.cadres import Cadre
from ledger.models.geography import County, Township, Village
from ledger.models.households import Household
from ledger.models.scope import Scope, ScopedQuerySet
from ledger.rules.permissions import Permission


class CadreShare(models.Model):
    """What one cadre can take on: whether at all, how much of a full list, and in which village."""

    cadre = models.OneToOneField(Cadre, models.CASCADE, related_name="share", verbose_name=_("cadre"))
    takes_part = models.BooleanField(_("takes part"), default=True)
    weight = models.PositiveSmallIntegerField(_("share of a full list in per cent"), default=100)
    village = models.ForeignKey(
        Village, models.SET_NULL, related_name="+", verbose_name=_("own village"), null=True, blank=True
    )
    """Where they are to have their households; empty: where they are posted or have most of them already."""

    NOT_PERSONAL = "cadre takes_part weight village"
    SCOPED_THROUGH = "cadre"

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("share of a cadre")
        constraints = [models.CheckConstraint(name="cadre_share_weight", condition=Q(weight__gte=10, weight__lte=200))]


class TieKind(models.TextChoices):
    PIN = "pin", _("Stays with")
    AVOID = "avoid", _("Never with")


class HouseholdTie(models.Model):
    """A household that stays with a cadre whatever is drawn, or that this cadre must not have (relatives)."""

    household = models.ForeignKey(
        Household, models.CASCADE, related_name="allocation_ties", verbose_name=_("household")
    )  # fmt: skip
    cadre = models.ForeignKey(Cadre, models.CASCADE, related_name="allocation_ties", verbose_name=_("cadre"))
    kind = models.CharField(pgettext_lazy("wish about a household", "wish"), max_length=5, choices=TieKind)
    reason = models.CharField(_("reason"), max_length=100, blank=True)

    PERSONAL = "reason"
    NOT_PERSONAL = "household cadre kind"
    SCOPED_THROUGH = "household"

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["household", "pk"]
        verbose_name = _("wish about a household")
        constraints = [
            models.UniqueConstraint(fields=["household", "cadre"], name="household_tie_unique"),
            models.UniqueConstraint(
                fields=["household"], condition=Q(kind=TieKind.PIN), name="household_tie_one_pin"
            ),
        ]  # fmt: skip


class AllocationState(models.TextChoices):
    DRAWING = "drawing", _("Being drawn")
    OPEN = "open", _("Proposal")
    APPLIED = "applied", pgettext_lazy("allocation", "Applied")
    TAKEN_BACK = "taken_back", _("Taken back")
    DROPPED = "dropped", pgettext_lazy("allocation", "Discarded")
    FAILED = "failed", _("Stopped")


class Allocation(models.Model):
    """One proposal for a village, a township or a county: who would look after which household.

    ``digest`` names who looked after them when it was drawn: applied it is only while that holds. What it changed is
    kept in its rows, which is also what taking it back reads.
    """

    county = models.ForeignKey(County, models.PROTECT, related_name="+", verbose_name=_("county"))
    township = models.ForeignKey(
        Township, models.PROTECT, related_name="+", verbose_name=_("township"), null=True, blank=True
    )
    village = models.ForeignKey(
        Village, models.PROTECT, related_name="+", verbose_name=_("village"), null=True, blank=True
    )
    anew = models.BooleanField(null=True, blank=True)
    """Drawn without regard to who has what now; None: where most have nobody yet."""
    state = models.CharField(_("state"), max_length=10, choices=AllocationState, default=AllocationState.DRAWING)
    version = models.PositiveIntegerField(default=1)
    digest = models.CharField(max_length=64, blank=True)
    figures = models.JSONField(default=dict, blank=True)
    """The totals when it was drawn, or as it was applied."""
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    """Villages drawn, of how many."""
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("by"), null=True, blank=True
    )
    """Empty for a command."""
    made_at = models.DateTimeField(_("at"), auto_now_add=True)
    applied_at = models.DateTimeField(_("applied at"), null=True, blank=True)
    applied_by = models.CharField(_("applied by"), max_length=80, blank=True)
    taken_back_at = models.DateTimeField(_("taken back at"), null=True, blank=True)
    taken_back_by = models.CharField(_("taken back by"), max_length=80, blank=True)

    NOT_PERSONAL = (
        "county township village anew state version digest figures done total made_by made_at applied_at applied_by "
        "taken_back_at taken_back_by"
    )

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["-made_at", "-pk"]
        verbose_name = _("allocation")
        indexes = [models.Index(fields=["township", "-made_at"], name="allocation_of_township")]

    def __str__(self) -> str:
        return str(self.place)

    @property
    def place(self) -> County | Township | Village:
        """What it covers."""
        place: County | Township | Village = self.village or self.township or self.county
        return place

    @property
    def is_open(self) -> bool:
        return self.state == AllocationState.OPEN

    @staticmethod
    def scope_condition(scope: Scope, permission: Permission) -> Q:
        """By the township that it covers; one of a whole county only for who covers the county."""
        return Q(county_id__in=scope.ids("county", permission)) | Q(
            township_id__in=scope.ids("township", permission), township_id__isnull=False
        )


class AllocationList(models.Model):
    """A cadre who takes part in a proposal, also one who gets nothing; ``place`` is the order of the lists."""

    allocation = models.ForeignKey(Allocation, models.CASCADE, related_name="lists", verbose_name=_("allocation"))
    village = models.ForeignKey(Village, models.PROTECT, related_name="+", verbose_name=_("village"))
    cadre = models.ForeignKey(Cadre, models.PROTECT, related_name="+", verbose_name=_("cadre"))
    weight = models.PositiveSmallIntegerField(default=100)
    elsewhere = models.PositiveIntegerField(default=0)
    """Households of other villages that they look after and keep."""
    place = models.PositiveIntegerField(default=0)

    NOT_PERSONAL = "allocation village cadre weight elsewhere place"
    SCOPED_THROUGH = "allocation"

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["allocation", "place"]
        verbose_name = _("list of a proposal")
        constraints = [
            models.UniqueConstraint(fields=["allocation", "village", "cadre"], name="allocation_list_unique")
        ]


class AllocationRow(models.Model):
    """A household in a proposal: where it lies, who has it (``before``) and who would (``after``)."""

    allocation = models.ForeignKey(Allocation, models.CASCADE, related_name="rows", verbose_name=_("allocation"))
    village = models.ForeignKey(Village, models.PROTECT, related_name="+", verbose_name=_("village"))
    household = models.ForeignKey(Household, models.CASCADE, related_name="+", verbose_name=_("household"))
    place = models.PositiveIntegerField(default=0)
    """In the order in which the households of the village lie."""
    before = models.ForeignKey(Cadre, models.PROTECT, related_name="+", null=True, blank=True)
    after = models.ForeignKey(Cadre, models.PROTECT, related_name="+", null=True, blank=True)
    is_pinned = models.BooleanField(default=False)
    made = models.PositiveBigIntegerField(null=True, blank=True)
    former = models.PositiveBigIntegerField(null=True, blank=True)
    """Once applied: the assignment that it made, and the one that it ended."""

    NOT_PERSONAL = "allocation village household place before after is_pinned made former"
    SCOPED_THROUGH = "allocation"

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["allocation", "village", "place"]
        verbose_name = _("household of a proposal")
        constraints = [
            models.UniqueConstraint(fields=["allocation", "household"], name="allocation_row_unique")
        ]  # fmt: skip
        indexes = [models.Index(fields=["allocation", "village", "place"], name="allocation_row_place")]
