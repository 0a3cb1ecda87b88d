"""What the form of a visit has at hand: the county's phrases, and the words by which kind and category are guessed."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ledger.models.geography import County
from ledger.models.households import Named
from ledger.models.issues import Category
from ledger.models.scope import ScopedQuerySet
from ledger.rules.issues import IssueKind


class Phrase(Named):
    """常用语: a sentence that a tap puts into what was said."""

    name = models.CharField(_("phrase"), max_length=100)
    county = models.ForeignKey(County, models.PROTECT, related_name="phrases", verbose_name=_("county"))

    NOT_PERSONAL = "county name name_en sort_order is_active"
    SCOPED_THROUGH = "county"

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["sort_order", "pk"]
        verbose_name = _("phrase")
        constraints = [models.UniqueConstraint(fields=["county", "name"], name="phrase_unique")]


class Keyword(Named):
    """关键词: where it stands in the words of an issue, this kind and this category are proposed, never forced."""

    county = models.ForeignKey(County, models.PROTECT, related_name="keywords", verbose_name=_("county"))
    kind = models.CharField(_("kind"), max_length=12, choices=IssueKind, blank=True)
    category = models.ForeignKey(
        Category, models.CASCADE, related_name="keywords", verbose_name=_("category"), null=True, blank=True
    )

    NOT_PERSONAL = "county name name_en sort_order is_active kind category"
    SCOPED_THROUGH = "county"

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["sort_order", "pk"]
        verbose_name = _("keyword")
        constraints = [
            models.UniqueConstraint(fields=["county", "name"], name="keyword_unique"),
            models.CheckConstraint(
                name="keyword_proposes_something", condition=~Q(kind="") | Q(category__isnull=False)
            ),
        ]
