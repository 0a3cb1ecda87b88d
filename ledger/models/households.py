"""Households, their members, and the dated facts about them."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from ledger.models.cadres import Cadre
from ledger.models.dated import Dated, DatedQuerySet, ends_after_start
from ledger.models.fields import ID_LABEL, PHONE_LABEL, EncryptedTextField
from ledger.models.geography import County, Group, Township, Village
from ledger.models.scope import NOTHING, Scope, ScopedQuerySet
from ledger.rules.households import Gender, HouseholdStatus, Relation
from ledger.rules.permissions import OWN_HOUSEHOLD_PERMISSIONS, OWN_ONLY_PERMISSIONS, Permission


class Named(models.Model):
    """A word of the county's own lists, with an English face."""

    name = models.CharField(_("name"), max_length=40)
    name_en = models.CharField(_("English name"), max_length=60, blank=True)
    sort_order = models.PositiveIntegerField(_("order"), default=0)
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name_en if self.name_en and (get_language() or "").startswith("en") else self.name


class HouseholdType(Named):
    """户类型 (低保户, 监测户…): several may hold for one household."""

    county = models.ForeignKey(County, models.PROTECT, related_name="household_types", verbose_name=_("county"))
    ask = models.CharField(_("what to ask"), max_length=200, blank=True)

    NOT_PERSONAL = "county name name_en sort_order is_active ask"
    SCOPED_THROUGH = "county"

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["sort_order", "pk"]
        verbose_name = _("household type")
        constraints = [models.UniqueConstraint(fields=["county", "name"], name="household_type_unique")]


class Household(models.Model):
    """户. ``code`` is unique in its village; what a list needs is kept beside the row.

    ``head_name``, ``pinyin``, ``initials``, ``cadre``, ``last_met_on``, ``last_visit_on`` and ``open_issues``
    are written by the action that changes what they repeat.
    """

    village = models.ForeignKey(Village, models.PROTECT, related_name="households", verbose_name=_("village"))
    group = models.ForeignKey(
        Group, models.PROTECT, related_name="households", verbose_name=_("group"), null=True, blank=True
    )
    code = models.CharField(_("household code"), max_length=30)
    code_is_generated = models.BooleanField(_("code was generated here"), default=False)
    address = models.CharField(_("address"), max_length=200, blank=True)
    population = models.PositiveSmallIntegerField(_("people"), null=True, blank=True)
    types = models.ManyToManyField(HouseholdType, related_name="households", verbose_name=_("types"), blank=True)
    registered_on = models.DateField(_("registered on"), null=True, blank=True)
    house_order = models.PositiveIntegerField(_("order along the road"), null=True, blank=True)
    latitude = models.DecimalField(_("latitude"), max_digits=9, decimal_places=6, null=True, blank=True)
    longitude = models.DecimalField(_("longitude"), max_digits=9, decimal_places=6, null=True, blank=True)
    remark = models.TextField(_("remark"), blank=True)
    status = models.CharField(_("status"), max_length=8, choices=HouseholdStatus, default=HouseholdStatus.ACTIVE)
    head_name = models.CharField(_("head of household"), max_length=50)
    pinyin = models.CharField(_("pinyin"), max_length=120, blank=True, editable=False)
    initials = models.CharField(_("pinyin initials"), max_length=30, blank=True, editable=False)
    cadre = models.ForeignKey(
        Cadre, models.PROTECT, related_name="households", verbose_name=_("household cadre"), null=True, blank=True
    )
    last_met_on = models.DateField(_("last met on"), null=True, blank=True)
    last_visit_on = models.DateField(_("last visit on"), null=True, blank=True)
    open_issues = models.PositiveIntegerField(_("open issues"), default=0)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    PERSONAL = "address head_name pinyin initials remark types latitude longitude population"
    NOT_PERSONAL = (
        "village group code code_is_generated registered_on house_order status cadre last_met_on last_visit_on "
        "open_issues version created_at updated_at"
    )

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["village", "group__number", "house_order", "code"]
        verbose_name = _("household")
        constraints = [models.UniqueConstraint(fields=["village", "code"], name="household_code_unique")]
        indexes = [
            models.Index(fields=["village", "pinyin", "id"], name="household_village_pinyin"),
            models.Index(fields=["cadre", "last_met_on", "id"], name="household_cadre_met"),
            models.Index(fields=["village", "status", "last_met_on"], name="household_village_met"),
            models.Index(fields=["initials"], name="household_initials"),
            models.Index(fields=["head_name"], name="household_head_name"),
            models.Index(fields=["code"], name="household_code"),
        ]

    def __str__(self) -> str:
        return self.head_name

    @staticmethod
    def scope_condition(scope: Scope, permission: Permission) -> Q:
        """By territory; and for reading and field work the households assigned to oneself."""
        own = scope.own_households("cadre_id") if permission in OWN_HOUSEHOLD_PERMISSIONS else NOTHING
        wide = scope.by_territory()
        if permission in OWN_ONLY_PERMISSIONS or not wide.has(permission):
            return own
        return own | Q(village__in=Village._base_manager.filter(Village.scope_condition(wide, permission)))


class DatedScopedQuerySet(DatedQuerySet, ScopedQuerySet):
    pass


class HouseholdCode(Dated):
    """The code a household had in the village, dated: it may change.

    ``village`` is set where the household has since moved from; else the code is of the village it lives in.
    """

    household = models.ForeignKey(Household, models.CASCADE, related_name="codes", verbose_name=_("household"))
    code = models.CharField(_("household code"), max_length=30)
    village = models.ForeignKey(
        Village, models.PROTECT, related_name="former_codes", null=True, blank=True, verbose_name=_("former village")
    )

    NOT_PERSONAL = "start_on end_on household code village"
    SCOPED_THROUGH = "household"

    objects = DatedScopedQuerySet.as_manager()

    class Meta:
        ordering = ["household", "start_on"]
        verbose_name = _("household code")
        constraints = [
            ends_after_start("household_code"),
            models.UniqueConstraint(
                fields=["household"], condition=Q(end_on__isnull=True), name="household_code_one_open"
            ),
        ]


class StatusPeriod(Dated):
    """The status of a household, dated, with the reason for the change."""

    household = models.ForeignKey(Household, models.CASCADE, related_name="status_periods", verbose_name=_("household"))
    status = models.CharField(_("status"), max_length=8, choices=HouseholdStatus)
    reason = models.CharField(_("reason"), max_length=200, blank=True)

    PERSONAL = "reason"
    NOT_PERSONAL = "start_on end_on household status"
    SCOPED_THROUGH = "household"

    objects = DatedScopedQuerySet.as_manager()

    class Meta:
        ordering = ["household", "start_on"]
        verbose_name = _("status period")
        constraints = [
            ends_after_start("status_period"),
            models.UniqueConstraint(fields=["household"], condition=Q(end_on__isnull=True), name="status_one_open"),
        ]


class Assignment(Dated):
    """包户: the cadre responsible for a household, dated; one open per household.

    Only ``actions/assignments.py`` (and the import, through it) writes it: a direct ``save`` raises.
    """

    household = models.ForeignKey(Household, models.CASCADE, related_name="assignments", verbose_name=_("household"))
    cadre = models.ForeignKey(Cadre, models.PROTECT, related_name="assignments", verbose_name=_("cadre"))
    reason = models.CharField(_("reason"), max_length=200, blank=True)

    NOT_PERSONAL = "start_on end_on household cadre reason"
    SCOPED_THROUGH = "household"

    objects = DatedScopedQuerySet.as_manager()

    class Meta:
        ordering = ["household", "start_on"]
        verbose_name = _("assignment")
        constraints = [
            ends_after_start("assignment"),
            models.UniqueConstraint(fields=["household"], condition=Q(end_on__isnull=True), name="assignment_one_open"),
        ]
        indexes = [models.Index(fields=["cadre", "end_on"], name="assignment_cadre_open")]

    def save(self, *args: Any, **kwargs: Any) -> None:
        raise TypeError("Assignments are written by ledger.actions.assignments.")


class Resident(models.Model):
    """家庭成员. The head is the member with relation *head*: one per household.

    ID number and phone are encrypted, each with a blind index for exact search (what its two columns hold:
    ``ledger.models.number_indexes``); the ID number is unique among the current members of one township (design.md 10).
    """

    household = models.ForeignKey(Household, models.CASCADE, related_name="residents", verbose_name=_("household"))
    township = models.ForeignKey(Township, models.PROTECT, related_name="residents", editable=False)
    name = models.CharField(_("name"), max_length=50)
    pinyin = models.CharField(_("pinyin"), max_length=120, blank=True, editable=False)
    initials = models.CharField(_("pinyin initials"), max_length=30, blank=True, editable=False)
    relation = models.CharField(_("relation to the head"), max_length=12, choices=Relation, default=Relation.OTHER)
    relation_text = models.CharField(_("relation as written"), max_length=20, blank=True)
    gender = models.CharField(_("gender"), max_length=6, choices=Gender, blank=True, default=Gender.UNKNOWN)
    birth_on = models.DateField(_("born on"), null=True, blank=True)
    id_no = EncryptedTextField(_("ID number"), label=ID_LABEL, blank=True, default="")
    id_index = models.CharField(max_length=32, blank=True, default="", editable=False)
    id_index_next = models.CharField(max_length=32, blank=True, default="", editable=False)
    phone = EncryptedTextField(_("phone"), label=PHONE_LABEL, blank=True, default="")
    phone_index = models.CharField(max_length=32, blank=True, default="", editable=False)
    phone_index_next = models.CharField(max_length=32, blank=True, default="", editable=False)
    remark = models.CharField(_("remark"), max_length=200, blank=True)
    left_on = models.DateField(_("left on"), null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    PERSONAL = (
        "name pinyin initials relation relation_text gender birth_on id_no id_index id_index_next phone phone_index "
        "phone_index_next remark left_on"
    )
    NOT_PERSONAL = "household township version"
    SCOPED_THROUGH = "household"

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["household", "pk"]
        verbose_name = _("member")
        constraints = [
            models.UniqueConstraint(
                fields=["township", "id_index"],
                name="resident_id_unique",
                condition=Q(left_on__isnull=True) & ~Q(id_index=""),
            ),
            models.UniqueConstraint(
                fields=["township", "id_index_next"],
                name="resident_id_next_unique",
                condition=Q(left_on__isnull=True) & ~Q(id_index_next=""),
            ),
            models.UniqueConstraint(
                fields=["household"],
                name="resident_one_head",
                condition=Q(left_on__isnull=True, relation=Relation.HEAD),
            ),
        ]
        indexes = [
            models.Index(fields=["id_index"], name="resident_id_index"),
            models.Index(fields=["id_index_next"], name="resident_id_index_next"),
            models.Index(fields=["phone_index"], name="resident_phone_index"),
            models.Index(fields=["phone_index_next"], name="resident_phone_index_next"),
            models.Index(fields=["initials"], name="resident_initials"),
            models.Index(fields=["name"], name="resident_name"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name


class CorrectionState(models.TextChoices):
    PENDING = "pending", _("Waiting for a decision")
    ACCEPTED = "accepted", _("Accepted")
    REFUSED = "refused", _("Refused")


class Correction(models.Model):
    """A change of a household that its cadre proposes and the township admin decides.

    ``proposed`` is JSON ``{field: new value}`` of a household or (with ``resident``) of a member, encrypted
    because it may hold an ID number or a phone.
    """

    household = models.ForeignKey(Household, models.CASCADE, related_name="corrections", verbose_name=_("household"))
    resident = models.ForeignKey(
        Resident, models.CASCADE, related_name="corrections", verbose_name=_("member"), null=True, blank=True
    )
    proposed = EncryptedTextField(label="correction.proposed")
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    state = models.CharField(_("state"), max_length=8, choices=CorrectionState, default=CorrectionState.PENDING)
    proposed_by = models.ForeignKey(Cadre, models.PROTECT, related_name="corrections_proposed")
    proposed_at = models.DateTimeField(auto_now_add=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    answer = models.CharField(_("answer"), max_length=200, blank=True)

    PERSONAL = "proposed reason answer"
    NOT_PERSONAL = "household resident state proposed_by proposed_at decided_by decided_at"
    SCOPED_THROUGH = "household"

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["-proposed_at"]
        verbose_name = _("correction")
        constraints = [
            models.CheckConstraint(
                name="correction_decided_pair",
                condition=Q(state=CorrectionState.PENDING, decided_at__isnull=True, decided_by__isnull=True)
                | (~Q(state=CorrectionState.PENDING) & Q(decided_at__isnull=False, decided_by__isnull=False)),
            )
        ]


class Exclusion(Dated):
    """A household left out of coverage, with the reason and who approved it: never silently (design.md 1.3)."""

    household = models.ForeignKey(Household, models.CASCADE, related_name="exclusions", verbose_name=_("household"))
    reason = models.CharField(_("reason"), max_length=200)
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    approved_at = models.DateTimeField()

    PERSONAL = "reason"
    NOT_PERSONAL = "start_on end_on household approved_by approved_at"
    SCOPED_THROUGH = "household"

    objects = DatedScopedQuerySet.as_manager()

    class Meta:
        ordering = ["household", "start_on"]
        verbose_name = _("exclusion")
        constraints = [
            ends_after_start("exclusion"),
            models.UniqueConstraint(fields=["household"], condition=Q(end_on__isnull=True), name="exclusion_one_open"),
        ]
