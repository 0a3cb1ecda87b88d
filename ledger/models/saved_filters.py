"""常用筛选: what somebody often looks for in a list, under a name of their own."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ledger.models.fields import EncryptedTextField
from ledger.models.scope import NOTHING, Scope, ScopedQuerySet
from ledger.rules.permissions import Permission


class SavedFilter(models.Model):
    """One filter of one list. Its ids mean nothing by themselves: the list asks the scope again whenever it is used."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    page = models.CharField(max_length=20)
    name = models.CharField(_("name"), max_length=20)
    query = EncryptedTextField(label="saved_filter.query")
    is_start = models.BooleanField(_("shown first"), default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    PERSONAL = "name query"
    NOT_PERSONAL = "user page is_start created_at"

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        verbose_name = _("saved filter")
        constraints = [
            models.UniqueConstraint(fields=["user", "page", "name"], name="saved_filter_name_unique"),
            models.UniqueConstraint(fields=["user", "page"], name="saved_filter_one_start", condition=Q(is_start=True)),
        ]

    def __str__(self) -> str:
        return self.name

    @staticmethod
    def scope_condition(scope: Scope, permission: Permission) -> Q:
        """One's own."""
        return Q(user__cadre=scope.cadre_id) if scope.cadre_id is not None else NOTHING
