"""Visits and meetings, enterprises, topics."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from ledger.models.cadres import Cadre, Organisation
from ledger.models.fields import EncryptedTextField
from ledger.models.geography import County, Group, Village
from ledger.models.households import Household, Named
from ledger.models.scope import NOTHING, Scope, ScopedQuerySet
from ledger.rules.permissions import Permission
from ledger.rules.pinyin import pinyin_key
from ledger.rules.visits import MeetingForm, PartOfDay, Profession, VisitKind, VisitResult


class Topic(Named):
    """What a visit was about (政策宣传, 防返贫…): the county's own list."""

    county = models.ForeignKey(County, models.PROTECT, related_name="topics", verbose_name=_("county"))

    NOT_PERSONAL = "county name name_en sort_order is_active"
    SCOPED_THROUGH = "county"

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["sort_order", "pk"]
        verbose_name = _("topic")
        constraints = [models.UniqueConstraint(fields=["county", "name"], name="topic_unique")]


class Enterprise(models.Model):
    """A company that cadres visit."""

    village = models.ForeignKey(Village, models.PROTECT, related_name="enterprises", verbose_name=_("village"))
    organisation = models.ForeignKey(
        Organisation,
        models.PROTECT,
        related_name="enterprises",
        verbose_name=_("responsible unit"),
        null=True,
        blank=True,
    )
    code = models.CharField(_("code"), max_length=30, blank=True)
    name = models.CharField(pgettext_lazy("unit", "name"), max_length=100)
    pinyin = models.CharField(_("pinyin"), max_length=200, blank=True, editable=False)
    contact = models.CharField(_("contact person"), max_length=50, blank=True)
    phone = models.CharField(_("phone"), max_length=30, blank=True)
    is_active = models.BooleanField(_("active"), default=True)

    PERSONAL = "contact phone"
    NOT_PERSONAL = "village organisation code name pinyin is_active"
    SCOPED_THROUGH = "village"

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["village", "pinyin"]
        verbose_name = _("enterprise")
        constraints = [
            models.UniqueConstraint(fields=["village", "code"], name="enterprise_code_unique", condition=~Q(code=""))
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        """The pinyin follows the name."""
        self.pinyin = pinyin_key(self.name)[:200]
        written = kwargs.get("update_fields")
        if written and "name" in written:
            kwargs["update_fields"] = {*written, "pinyin"}
        super().save(*args, **kwargs)


class Visit(models.Model):
    """走访: one contact or meeting. ``occurred_on`` is a local day; ``recorded_at`` is server time.

    Only *met* counts as contact. A wrong entry is voided, not deleted; a correction keeps the old text. One that was
    brought in from an earlier ledger keeps the number it had there in ``earlier_number``.
    """

    kind = models.CharField(_("kind of visit"), max_length=12, choices=VisitKind, default=VisitKind.HOUSEHOLD)
    earlier_number = models.CharField(_("earlier number"), max_length=40, blank=True, editable=False)
    meeting_form = models.CharField(_("form of the meeting"), max_length=12, choices=MeetingForm, blank=True)
    result = models.CharField(_("result"), max_length=8, choices=VisitResult, blank=True)
    occurred_on = models.DateField(_("day"))
    occurred_time = models.TimeField(_("time"), null=True, blank=True)
    part_of_day = models.CharField(_("part of the day"), max_length=10, choices=PartOfDay, blank=True)
    recorded_at = models.DateTimeField(_("recorded at"), auto_now_add=True)
    device_at = models.DateTimeField(_("device clock"), null=True, blank=True)
    lead = models.ForeignKey(Cadre, models.PROTECT, related_name="visits_led", verbose_name=_("visitor"))
    profession = models.CharField(_("profession"), max_length=20, choices=Profession, default=Profession.CADRE)
    companions = models.ManyToManyField(Cadre, related_name="visits_joined", verbose_name=_("companions"), blank=True)
    village = models.ForeignKey(Village, models.PROTECT, related_name="visits", verbose_name=_("village"))
    group = models.ForeignKey(
        Group, models.PROTECT, related_name="visits", verbose_name=_("group"), null=True, blank=True
    )
    household = models.ForeignKey(
        Household, models.PROTECT, related_name="visits", verbose_name=_("household"), null=True, blank=True
    )
    other_households = models.ManyToManyField(
        Household, related_name="visits_attended", verbose_name=_("other households"), blank=True
    )
    enterprise = models.ForeignKey(
        Enterprise, models.PROTECT, related_name="visits", verbose_name=_("enterprise"), null=True, blank=True
    )
    place = models.CharField(_("place"), max_length=100, blank=True)
    people_met = models.PositiveSmallIntegerField(_("people met"), default=0)
    opinions_heard = models.PositiveSmallIntegerField(_("opinions heard"), default=0)
    topics = models.ManyToManyField(Topic, related_name="visits", verbose_name=_("topics"), blank=True)
    content = models.TextField(_("what was said"), blank=True)
    attendees = models.CharField(_("who came"), max_length=500, blank=True)
    speakers = models.CharField(_("speakers"), max_length=200, blank=True)
    quantity = models.PositiveIntegerField(_("quantity"), null=True, blank=True)
    unit = models.CharField(pgettext_lazy("measure", "unit"), max_length=10, blank=True)
    promise = models.CharField(_("promised"), max_length=200, blank=True)
    follow_up_on = models.DateField(_("follow up on"), null=True, blank=True)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True)
    voided_at = models.DateTimeField(null=True, blank=True)
    voided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, blank=True)
    void_reason = models.CharField(_("why it is void"), max_length=200, blank=True)
    version = models.PositiveIntegerField(default=1)

    PERSONAL = "content promise void_reason attendees speakers"
    NOT_PERSONAL = (
        "kind earlier_number meeting_form result occurred_on occurred_time part_of_day recorded_at device_at lead "
        "profession companions village group household other_households enterprise place people_met opinions_heard "
        "topics quantity unit follow_up_on recorded_by voided_at voided_by version"
    )

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["-occurred_on", "-pk"]
        verbose_name = _("visit")
        constraints = [
            models.CheckConstraint(
                name="visit_voided_pair",
                # Of an imported entry that was void before nobody knows who voided it.
                condition=Q(voided_at__isnull=True, voided_by__isnull=True)
                | Q(voided_at__isnull=False, voided_by__isnull=False)
                | Q(voided_at__isnull=False) & ~Q(earlier_number=""),
            ),
            models.UniqueConstraint(
                fields=["village", "earlier_number"],
                name="visit_earlier_number_unique",
                condition=~Q(earlier_number=""),
            ),
            models.CheckConstraint(
                name="visit_to_household_has_result", condition=Q(household__isnull=True) | ~Q(result="")
            ),
        ]
        indexes = [
            models.Index(fields=["village", "occurred_on"], name="visit_village_day"),
            models.Index(fields=["household", "occurred_on"], name="visit_household_day"),
            models.Index(fields=["lead", "occurred_on"], name="visit_lead_day"),
            models.Index(fields=["occurred_on", "id"], name="visit_day"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.occurred_on}"

    @staticmethod
    def scope_condition(scope: Scope, permission: Permission) -> Q:
        """By territory, by own household, and to the lead and the companions (design.md 3)."""
        wide = scope.by_territory()
        area = (
            Q(village__in=Village._base_manager.filter(Village.scope_condition(wide, permission)))
            if wide.has(permission)
            else NOTHING
        )
        if scope.cadre_id is None or permission not in {Permission.VIEW, Permission.LOG_VISIT, Permission.EXPORT}:
            return area
        joined = Visit.companions.through._base_manager.filter(scope.of_these("cadre_id")).values("visit_id")
        mine = scope.of_these("lead_id") | Q(pk__in=joined)
        if permission in {Permission.VIEW, Permission.EXPORT}:
            mine |= Q(household__in=Household._base_manager.filter(scope.own_households("cadre_id")))
        return area | mine


class VisitQuestion(models.Model):
    """A question raised in a meeting: answered on the spot or numbered as an issue."""

    visit = models.ForeignKey(Visit, models.CASCADE, related_name="questions", verbose_name=_("meeting"))
    asked_by = models.CharField(_("asked by"), max_length=50, blank=True)
    text = models.TextField(_("question"))
    answer = models.TextField(_("answer on the spot"), blank=True)
    issue = models.OneToOneField(
        "ledger.Issue", models.PROTECT, related_name="question", verbose_name=_("issue"), null=True, blank=True
    )
    sort_order = models.PositiveIntegerField(default=0)

    PERSONAL = "asked_by text answer"
    NOT_PERSONAL = "visit issue sort_order"
    SCOPED_THROUGH = "visit"

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["visit", "sort_order", "pk"]
        verbose_name = _("question")


class VisitCorrection(models.Model):
    """The text a visit had before a correction, with its author and the reason.

    What the note of a profession said before stays sealed: ``old_note``, for who may read the note itself.
    """

    visit = models.ForeignKey(Visit, models.CASCADE, related_name="corrections", verbose_name=_("visit"))
    old = models.JSONField(_("before"))
    old_note = EncryptedTextField(_("note before"), label="visit_correction.old_note", blank=True, default="")
    reason = models.CharField(_("reason"), max_length=200)
    by = models.ForeignKey(Cadre, models.PROTECT, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(auto_now_add=True)

    PERSONAL = "old old_note reason"
    NOT_PERSONAL = "visit by at"
    SCOPED_THROUGH = "visit"

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["-at"]
        verbose_name = _("correction of a visit")
