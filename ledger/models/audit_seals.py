"""What ties the audit rows into one chain: the line of rows that wait for it, and the seals."""

from typing import Any

from django.db import models


class AuditWaiting(models.Model):
    """A row that no seal covers yet. A trigger puts it here in the row's own transaction, the sealer takes it out.

    So the sealer meets each row once it is committed, in whatever order that happens, and no writer knows of it.
    """

    row_id = models.BigIntegerField(primary_key=True)

    NOT_PERSONAL = "row_id"
    NEVER_SHOWN = True  # read only by the sealer and by verify_audit


class AuditSeal(models.Model):
    """A batch of rows and the seal before it, under one HMAC. Append-only by triggers, like the rows.

    ``previous`` is unique: two seals can't follow the same one, so the chain has no forks.
    """

    number = models.BigIntegerField(primary_key=True)
    """1, 2, 3 … without gaps."""
    previous = models.CharField(max_length=100, unique=True, blank=True)
    at = models.DateTimeField()
    row_ids = models.TextField()
    """As ``ledger.rules.audit_chain.written_ids`` writes them."""
    first_id = models.BigIntegerField()
    last_id = models.BigIntegerField(db_index=True)
    count = models.IntegerField()
    rows_digest = models.CharField(max_length=64)
    chain = models.CharField(max_length=100)

    NOT_PERSONAL = "number previous at row_ids first_id last_id count rows_digest chain"
    NEVER_SHOWN = True  # read only by the sealer and by verify_audit

    class Meta:
        ordering = ["number"]

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError("Seals are append-only.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> Any:
        raise TypeError("Seals are append-only.")
