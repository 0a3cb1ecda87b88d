"""What a form sent, once: the client id that makes a repeated submission one record (design.md 10)."""

from django.conf import settings
from django.db import models

from ledger.models.fields import EncryptedTextField


class Submission(models.Model):
    """A creating form that went through. The same id with another body is a conflict.

    ``digest`` is of what it said, sealed; ``body_hash`` is what the first release kept in its place.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    form = models.CharField(max_length=30)
    client_id = models.UUIDField()
    body_hash = models.CharField(max_length=64, blank=True, default="")
    digest = EncryptedTextField(label="submission.digest", blank=True, default="")
    object_id = models.BigIntegerField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    PERSONAL = "digest"
    NOT_PERSONAL = "user form client_id body_hash object_id created_at"
    NEVER_SHOWN = True  # read only by ledger.actions.submissions, for its own user

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "form", "client_id"], name="submission_once")]
