"""County, township, district (管区), village, group. Codes are the official ones (统计用区划代码: 6, 9, 12 digits)."""

import datetime

from django.core.validators import RegexValidator, URLValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from ledger.models.scope import NOTHING, Scope, ScopedQuerySet
from ledger.rules.contact_cards import COMMON_PHONES
from ledger.rules.permissions import Permission


def _digits(count: int) -> RegexValidator:
    return RegexValidator(rf"^\d{{{count}}}$", _("Exactly %(count)d digits.") % {"count": count})


class County(models.Model):
    """A county: settings, categories and cadre numbers are per county."""

    code = models.CharField(_("code"), max_length=6, unique=True, validators=[_digits(6)])
    name = models.CharField(pgettext_lazy("unit", "name"), max_length=60)
    province = models.CharField(_("province"), max_length=60, blank=True)
    city = models.CharField(_("city"), max_length=60, blank=True)
    coverage_days = models.PositiveSmallIntegerField(_("coverage window in days"), default=90)
    near_due_days = models.PositiveSmallIntegerField(_("near due, in working days"), default=2)
    urgent_days = models.PositiveSmallIntegerField(_("urgent matters, in working days"), default=3)
    long_days = models.PositiveSmallIntegerField(_("long-term matters, in working days"), default=90)
    assign_days = models.PositiveSmallIntegerField(_("a desk assigns, in working days"), default=1)
    return_days = models.PositiveSmallIntegerField(_("a desk assigns a return, in working days"), default=1)
    escalate_days = models.PositiveSmallIntegerField(_("overdue days until the next desk is told"), default=3)
    quiet_from = models.TimeField(_("quiet from"), default=datetime.time(20))
    quiet_until = models.TimeField(_("quiet until"), default=datetime.time(7))
    sample_percent = models.PositiveSmallIntegerField(_("call-backs of what was settled on the spot"), default=10)
    sample_least = models.PositiveSmallIntegerField(_("call-backs at least"), default=1)
    list_least = models.PositiveSmallIntegerField(_("households of one cadre, at least"), default=20)
    list_most = models.PositiveSmallIntegerField(_("households of one cadre, at most"), default=30)
    card_phones = models.TextField(_("phones on the contact card"), default=COMMON_PHONES, blank=True)
    card_address = models.CharField(
        _("address of the QR code"), max_length=120, blank=True, validators=[URLValidator(["https", "http"])]
    )
    visited_days = models.PositiveSmallIntegerField(_("days after a colleague's visit"), default=7)
    sort_order = models.PositiveIntegerField(_("order"), default=0)

    NOT_PERSONAL = (
        "code name province city coverage_days near_due_days urgent_days long_days assign_days return_days "
        "escalate_days quiet_from quiet_until sample_percent sample_least list_least list_most "
        "card_phones card_address visited_days sort_order"
    )

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["sort_order", "code"]
        verbose_name = _("county")

    def __str__(self) -> str:
        return self.name

    @staticmethod
    def scope_condition(scope: Scope, permission: Permission) -> Q:
        return Q(pk__in=scope.ids("county", permission)) if scope.has(permission) else NOTHING


class Township(models.Model):
    """A township; its short name leads every ledger number (康美-2026-00017)."""

    county = models.ForeignKey(County, models.PROTECT, related_name="townships", verbose_name=_("county"))
    code = models.CharField(_("code"), max_length=9, unique=True, validators=[_digits(9)])
    name = models.CharField(pgettext_lazy("unit", "name"), max_length=60)
    short_name = models.CharField(_("short name"), max_length=20)
    duty_phone = models.CharField(_("duty phone"), max_length=40, blank=True)
    supervision_phone = models.CharField(_("supervision phone"), max_length=40, blank=True)
    card_phones = models.TextField(_("own phones on the contact card"), blank=True)
    sort_order = models.PositiveIntegerField(_("order"), default=0)

    NOT_PERSONAL = "county code name short_name duty_phone supervision_phone card_phones sort_order"

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["sort_order", "code"]
        verbose_name = _("township")
        constraints = [models.UniqueConstraint(fields=["county", "short_name"], name="township_short_name_unique")]

    def __str__(self) -> str:
        return self.name

    @staticmethod
    def scope_condition(scope: Scope, permission: Permission) -> Q:
        return Q(county_id__in=scope.ids("county", permission)) | Q(pk__in=scope.ids("township", permission))


class District(models.Model):
    """管区 (片区): some villages of a township under one secretary. No official code."""

    township = models.ForeignKey(Township, models.PROTECT, related_name="districts", verbose_name=_("township"))
    name = models.CharField(pgettext_lazy("unit", "name"), max_length=60)
    sort_order = models.PositiveIntegerField(_("order"), default=0)

    NOT_PERSONAL = "township name sort_order"

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["township__sort_order", "sort_order", "pk"]
        verbose_name = _("district")
        constraints = [models.UniqueConstraint(fields=["township", "name"], name="district_name_unique")]

    def __str__(self) -> str:
        return self.name

    @staticmethod
    def scope_condition(scope: Scope, permission: Permission) -> Q:
        return (
            Q(township__county_id__in=scope.ids("county", permission))
            | Q(township_id__in=scope.ids("township", permission))
            | Q(pk__in=scope.ids("district", permission))
        )


class VillageKind(models.TextChoices):
    VILLAGE = "village", _("Village")
    COMMUNITY = "community", _("Community")


class Village(models.Model):
    """A village or community. A merged one points at its successor."""

    township = models.ForeignKey(Township, models.PROTECT, related_name="villages", verbose_name=_("township"))
    district = models.ForeignKey(
        District, models.SET_NULL, related_name="villages", verbose_name=_("district"), null=True, blank=True
    )
    code = models.CharField(_("code"), max_length=12, unique=True, validators=[_digits(12)])
    name = models.CharField(pgettext_lazy("unit", "name"), max_length=60)
    official_name = models.CharField(_("official name"), max_length=80, blank=True)
    kind = models.CharField(_("type"), max_length=10, choices=VillageKind, default=VillageKind.VILLAGE)
    aliases = models.CharField(_("other names"), max_length=200, blank=True)
    successor = models.ForeignKey(
        "self", models.PROTECT, related_name="predecessors", verbose_name=_("merged into"), null=True, blank=True
    )
    sort_order = models.PositiveIntegerField(_("order"), default=0)

    NOT_PERSONAL = "township district code name official_name kind aliases successor sort_order"

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["sort_order", "code"]
        verbose_name = _("village")

    def __str__(self) -> str:
        return self.name

    @staticmethod
    def scope_condition(scope: Scope, permission: Permission) -> Q:
        return (
            Q(township__county_id__in=scope.ids("county", permission))
            | Q(township_id__in=scope.ids("township", permission))
            | Q(district_id__in=scope.ids("district", permission))
            | Q(pk__in=scope.ids("village", permission))
        )


class Group(models.Model):
    """村民组 (网格) of a village. ``number`` is what a roster calls it; a named one may have none."""

    village = models.ForeignKey(Village, models.PROTECT, related_name="groups", verbose_name=_("village"))
    number = models.PositiveSmallIntegerField(_("number"), null=True, blank=True)
    name = models.CharField(pgettext_lazy("unit", "name"), max_length=60, blank=True)

    NOT_PERSONAL = "village number name"
    SCOPED_THROUGH = "village"

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["village", "number", "name"]
        verbose_name = _("group")
        constraints = [
            models.UniqueConstraint(
                fields=["village", "number"], name="group_number_unique", condition=Q(number__isnull=False)
            ),
            models.UniqueConstraint(fields=["village", "name"], name="group_name_unique", condition=~Q(name="")),
            models.CheckConstraint(condition=Q(number__isnull=False) | ~Q(name=""), name="group_has_number_or_name"),
        ]

    def __str__(self) -> str:
        return self.name or str(_("Group %(number)s") % {"number": self.number})
