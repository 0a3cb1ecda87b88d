"""Organisations, cadres, and the postings that give a cadre a role over a territory."""

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from ledger.models.dated import Dated, DatedQuerySet, ends_after_start
from ledger.models.geography import County, District, Township, Village
from ledger.models.scope import Scope, ScopedQuerySet
from ledger.rules.cadre_lists import Rank
from ledger.rules.permissions import Level, Permission, Role
from ledger.rules.visits import Profession


class OrganisationKind(models.TextChoices):
    """Groups of terms.md 3; outside the township's command an assignment reads 转办."""

    INTERNAL = "internal", _("Township office")
    INSTITUTION = "institution", _("Township institution")
    OUTPOSTED = "outposted", _("Outposted unit")
    MASS = "mass", _("Mass organisation")
    VILLAGE = "village", _("Village committee")
    COUNTY = "county", _("County unit")


def townships_around(scope: Scope, permission: Permission) -> models.QuerySet[Township]:
    """The townships in which a district or village is held: a subquery, since a join would multiply the rows."""
    return Township._base_manager.filter(
        Q(pk__in=District._base_manager.filter(pk__in=scope.ids("district", permission)).values("township_id"))
        | Q(pk__in=Village._base_manager.filter(pk__in=scope.ids("village", permission)).values("township_id"))
    ).values("pk")


class Organisation(models.Model):
    """A unit that cadres work in and that issues are given to (镇党政办, 县教育局, 卫生院…)."""

    county = models.ForeignKey(County, models.PROTECT, related_name="organisations", verbose_name=_("county"))
    township = models.ForeignKey(
        Township, models.PROTECT, related_name="organisations", verbose_name=_("township"), null=True, blank=True
    )
    village = models.ForeignKey(
        Village, models.PROTECT, related_name="organisations", verbose_name=_("village"), null=True, blank=True
    )
    name = models.CharField(pgettext_lazy("unit", "name"), max_length=60)
    kind = models.CharField(_("type"), max_length=12, choices=OrganisationKind, default=OrganisationKind.INTERNAL)
    is_discipline = models.BooleanField(_("discipline office, receives complaints"), default=False)
    is_active = models.BooleanField(_("active"), default=True)
    sort_order = models.PositiveIntegerField(_("order"), default=0)

    NOT_PERSONAL = "county township village name kind is_discipline is_active sort_order"

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["sort_order", "pk"]
        verbose_name = _("organisation")
        constraints = [
            models.UniqueConstraint(
                fields=["township", "name"], name="organisation_name_unique", condition=Q(village__isnull=True)
            ),
            models.UniqueConstraint(
                fields=["county", "name"], name="county_organisation_unique", condition=Q(township__isnull=True)
            ),
            models.UniqueConstraint(
                fields=["village", "name"], name="village_organisation_unique", condition=Q(village__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_outside_command(self) -> bool:
        """Whether the township can only hand on to it (转办), not order it (交办)."""
        return self.kind in {OrganisationKind.OUTPOSTED, OrganisationKind.COUNTY}

    @staticmethod
    def scope_condition(scope: Scope, permission: Permission) -> Q:
        """Offices of the own township, and those of the villages that the territory covers."""
        villages = Village._base_manager.filter(
            Q(district_id__in=scope.ids("district", permission)) | Q(pk__in=scope.ids("village", permission))
        )
        return (
            Q(county_id__in=scope.ids("county", permission))
            | Q(township_id__in=scope.ids("township", permission))
            | Q(township_id__in=townships_around(scope, permission), village__isnull=True)
            | Q(village__in=villages)
            | Q(pk__in=scope.ids("organisation", permission))
        )


class Cadre(models.Model):
    """A person on duty. May have no login. Work phones are public inside the system (design.md 10)."""

    county = models.ForeignKey(County, models.PROTECT, related_name="cadres", verbose_name=_("county"))
    township = models.ForeignKey(
        Township, models.PROTECT, related_name="cadres", verbose_name=_("township"), null=True, blank=True
    )
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="cadres", verbose_name=_("organisation"), null=True, blank=True
    )
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="cadre", verbose_name=_("account"), null=True, blank=True
    )
    cadre_no = models.CharField(_("cadre number"), max_length=20)
    name = models.CharField(_("name"), max_length=50)
    pinyin = models.CharField(_("pinyin"), max_length=120, blank=True, editable=False)
    initials = models.CharField(_("pinyin initials"), max_length=30, blank=True, editable=False)
    title = models.CharField(_("job title"), max_length=40, blank=True)
    rank = models.CharField(_("rank"), max_length=20, choices=Rank, blank=True)
    profession = models.CharField(_("profession"), max_length=20, choices=Profession, default=Profession.CADRE)
    phone = models.CharField(_("work phone"), max_length=30, blank=True)
    left_on = models.DateField(_("left on"), null=True, blank=True)
    sort_order = models.PositiveIntegerField(_("order"), default=0)

    NOT_PERSONAL = (
        "county township organisation user cadre_no name pinyin initials title rank profession phone left_on sort_order"
    )

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["sort_order", "pk"]
        verbose_name = _("cadre")
        constraints = [models.UniqueConstraint(fields=["county", "cadre_no"], name="cadre_no_unique")]
        indexes = [
            models.Index(fields=["township", "pinyin"], name="cadre_township_pinyin"),
            models.Index(fields=["initials"], name="cadre_initials"),
        ]

    def __str__(self) -> str:
        return self.name

    @staticmethod
    def scope_condition(scope: Scope, permission: Permission) -> Q:
        """Cadres of the own township are colleagues: whoever may see anything of a township may see them."""
        condition = (
            Q(county_id__in=scope.ids("county", permission))
            | Q(township_id__in=scope.ids("township", permission))
            | Q(township_id__in=townships_around(scope, permission))
            | Q(organisation_id__in=scope.ids("organisation", permission))
        )
        if permission == Permission.VIEW and scope.cadre_id is not None:
            condition |= Q(pk=scope.cadre_id)
        return condition


class PostingQuerySet(DatedQuerySet, ScopedQuerySet):
    def with_names(self) -> Self:
        """Everything the line of a posting prints, in one query."""
        return self.select_related("cadre", "county", "township", "district", "village", "organisation")


class Posting(Dated):
    """任职: a cadre's role over exactly one territory or organisation, with start and end date.

    Only ``actions/postings.py`` writes it: a direct ``save`` raises.
    """

    cadre = models.ForeignKey(Cadre, models.PROTECT, related_name="postings", verbose_name=_("cadre"))
    role = models.CharField(_("role"), max_length=20, choices=Role)
    county = models.ForeignKey(
        County, models.PROTECT, related_name="postings", verbose_name=_("county"), null=True, blank=True
    )
    township = models.ForeignKey(
        Township, models.PROTECT, related_name="postings", verbose_name=_("township"), null=True, blank=True
    )
    district = models.ForeignKey(
        District, models.PROTECT, related_name="postings", verbose_name=_("district"), null=True, blank=True
    )
    village = models.ForeignKey(
        Village, models.PROTECT, related_name="postings", verbose_name=_("village"), null=True, blank=True
    )
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="postings", verbose_name=_("organisation"), null=True, blank=True
    )

    NOT_PERSONAL = "start_on end_on cadre role county township district village organisation"
    TERRITORIES = (Level.COUNTY, Level.TOWNSHIP, Level.DISTRICT, Level.VILLAGE, "organisation")

    objects = PostingQuerySet.as_manager()

    class Meta:
        ordering = ["cadre", "start_on", "pk"]
        verbose_name = _("posting")
        constraints = [
            ends_after_start("posting"),
            models.CheckConstraint(
                name="posting_one_territory",
                condition=Q(
                    Q(county__isnull=False, township__isnull=True, district__isnull=True, village__isnull=True,
                      organisation__isnull=True)
                    | Q(county__isnull=True, township__isnull=False, district__isnull=True, village__isnull=True,
                        organisation__isnull=True)
                    | Q(county__isnull=True, township__isnull=True, district__isnull=False, village__isnull=True,
                        organisation__isnull=True)
                    | Q(county__isnull=True, township__isnull=True, district__isnull=True, village__isnull=False,
                        organisation__isnull=True)
                    | Q(county__isnull=True, township__isnull=True, district__isnull=True, village__isnull=True,
                        organisation__isnull=False)
                ),
            ),
            *(
                models.UniqueConstraint(
                    fields=["cadre", "role", kind],
                    condition=Q(end_on__isnull=True, **{f"{kind}__isnull": False}),
                    name=f"posting_open_{kind}_unique",
                )
                for kind in ("county", "township", "district", "village", "organisation")
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.get_role_display()} · {self.territory}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        raise TypeError("Postings are written by ledger.actions.postings.")

    @property
    def territory(self) -> Any:
        """The county, township, district, village or organisation it is held over."""
        return next(value for kind in self.TERRITORIES if (value := getattr(self, kind)) is not None)

    @staticmethod
    def scope_condition(scope: Scope, permission: Permission) -> Q:
        return Q(cadre__in=Cadre._base_manager.filter(Cadre.scope_condition(scope, permission)))


class LinkKind(models.TextChoices):
    """Who is tied to a village in the 包村表."""

    COUNTY_LEADER = "county_leader", _("County leader")
    COUNTY_UNIT = "county_unit", _("County unit")
    TOWNSHIP_LEADER = "township_leader", _("Township leader")
    TOWNSHIP_UNIT = "township_unit", _("Township unit")
    VILLAGE_CADRE = "village_cadre", _("Village-contact cadre")


UNIT_LINKS = (LinkKind.COUNTY_UNIT, LinkKind.TOWNSHIP_UNIT)
"""Kinds that tie an organisation to a village; all others tie a cadre."""


class VillageLinkQuerySet(DatedQuerySet, ScopedQuerySet):
    pass


class VillageLink(Dated):
    """包村 (挂钩领导、挂村单位): a leader, unit or cadre tied to a village, dated."""

    village = models.ForeignKey(Village, models.PROTECT, related_name="links", verbose_name=_("village"))
    kind = models.CharField(_("type"), max_length=16, choices=LinkKind)
    cadre = models.ForeignKey(
        Cadre, models.PROTECT, related_name="village_links", verbose_name=_("cadre"), null=True, blank=True
    )
    organisation = models.ForeignKey(
        Organisation,
        models.PROTECT,
        related_name="village_links",
        verbose_name=_("organisation"),
        null=True,
        blank=True,
    )

    NOT_PERSONAL = "start_on end_on village kind cadre organisation"
    SCOPED_THROUGH = "village"

    objects = VillageLinkQuerySet.as_manager()

    class Meta:
        ordering = ["village", "kind", "start_on"]
        verbose_name = _("village link")
        constraints = [
            ends_after_start("village_link"),
            models.CheckConstraint(
                name="village_link_cadre_or_unit",
                condition=Q(kind__in=UNIT_LINKS, organisation__isnull=False, cadre__isnull=True)
                | (~Q(kind__in=UNIT_LINKS) & Q(cadre__isnull=False, organisation__isnull=True)),
            ),
            models.UniqueConstraint(
                fields=["village", "kind", "cadre"], name="village_link_cadre_unique",
                condition=Q(end_on__isnull=True, cadre__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["village", "kind", "organisation"], name="village_link_unit_unique",
                condition=Q(end_on__isnull=True, organisation__isnull=False),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.get_kind_display()} · {self.cadre or self.organisation}"
