"""What was tried at the door, counted in the database: all workers share it and it survives a restart."""

from django.db import models


class SignInTries(models.Model):
    """Tries under one key: an account (``user:12``), a number that nobody has, an address. See ``accounts.lockout``.

    Rows mean nothing after ``expires_at`` and are cleared away by later sign-ins.
    """

    key = models.CharField(max_length=80, unique=True)
    tries = models.PositiveIntegerField(default=0)
    since = models.DateTimeField()
    locked_until = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(db_index=True)

    PERSONAL = "key"  # the address somebody called from
    NOT_PERSONAL = "tries since locked_until expires_at"
