"""Passwords that somebody had before, as far as the profile forbids to choose them again."""

from django.conf import settings
from django.db import models


class FormerPassword(models.Model):
    """The hash of one; only the last few of a person are kept (``Profile.history``)."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="former_passwords")
    hashed = models.CharField(max_length=128)
    replaced_at = models.DateTimeField()

    PERSONAL = "hashed"
    NOT_PERSONAL = "user replaced_at"

    class Meta:
        ordering = ["-pk"]
