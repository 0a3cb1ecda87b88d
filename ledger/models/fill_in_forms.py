"""套表: a superior's blank workbook, kept with the figures its cells are filled with."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ledger.models.geography import County, Township
from ledger.models.scope import Scope, ScopedQuerySet
from ledger.rules.permissions import Permission


class FillInForm(models.Model):
    """One form of a county or (with ``township``) of a township.

    ``bindings`` maps a cell (``0!C5``: number of the sheet, cell) to ``[figure, span, area]``; figures are keys of
    ``queries/figures``, or one of ``forms.fill_in_forms.WORDS``.
    """

    county = models.ForeignKey(County, models.PROTECT, related_name="+", verbose_name=_("county"))
    township = models.ForeignKey(
        Township, models.PROTECT, related_name="+", verbose_name=_("township"), null=True, blank=True
    )
    area = models.CharField(_("area"), max_length=30)
    """The key of the county or township in an address."""
    name = models.CharField(_("name of the form"), max_length=40)
    file_name = models.CharField(_("file"), max_length=120)
    data = models.BinaryField()
    bindings = models.JSONField(default=dict)
    made_at = models.DateTimeField(_("handed in at"), auto_now_add=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("by"))
    removed_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    NOT_PERSONAL = "county township area name file_name data bindings made_at made_by removed_at version"

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]
        verbose_name = _("form to fill in")
        constraints = [
            models.UniqueConstraint(
                fields=["area", "name"], name="fill_in_form_name_unique", condition=Q(removed_at__isnull=True)
            )
        ]

    def __str__(self) -> str:
        return self.name

    @staticmethod
    def scope_condition(scope: Scope, permission: Permission) -> Q:
        return Q(county_id__in=scope.ids("county", permission)) | Q(township_id__in=scope.ids("township", permission))
