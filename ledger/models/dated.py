"""Rows with a validity of days ``[start_on, end_on)``; open means ``end_on IS NULL`` (design.md 10)."""

import datetime
from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class DatedQuerySet(models.QuerySet[Any]):
    def open_on(self, day: datetime.date) -> Self:
        """Rows valid on that day."""
        return self.filter(Q(end_on__isnull=True) | Q(end_on__gt=day), start_on__lte=day)

    def open(self) -> Self:
        """Rows without an end."""
        return self.filter(end_on__isnull=True)


class Dated(models.Model):
    """The two days; each concrete model adds its partial unique constraint."""

    start_on = models.DateField(_("from"))
    end_on = models.DateField(_("until (not included)"), null=True, blank=True)

    class Meta:
        abstract = True


def ends_after_start(name: str) -> models.CheckConstraint:
    """The check every dated table carries."""
    return models.CheckConstraint(
        condition=Q(end_on__isnull=True) | Q(end_on__gte=models.F("start_on")), name=f"{name}_ends_after_start"
    )
