"""Two tables: what is visited, and the visit."""

from django.db import models


class Household(models.Model):
    head_name = models.CharField(max_length=40)


class Visit(models.Model):
    household = models.ForeignKey(Household, models.PROTECT, related_name="visits")
    visited_on = models.DateField()
    note = models.CharField(max_length=200)
