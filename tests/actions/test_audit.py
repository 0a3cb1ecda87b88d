"""What a row of the trail says, and what it never says."""

import pytest
from django.db import DatabaseError, transaction

from ledger.actions.audit import record, sign
from ledger.models import AuditRow
from ledger.rules import keyring
from tests.world import World

NUMBER, PHONE = "350626197001011234", "13812345678"


def test_typed_numbers_are_masked_before_they_are_kept_for_ever(world: World) -> None:
    row = record(
        verb="household.changed", by=world.user("township_admin"), obj=world.households["城垵"][0],
        label=f"电话{PHONE}", detail={"reason": f"证号{NUMBER}", "changes": {"remark": ["", f"打{PHONE}"]}, "n": 3},
    )  # fmt: skip
    stored = AuditRow.objects.get(pk=row.pk)
    assert stored.label == "电话138****5678"
    assert stored.detail == {"reason": "证号350626********1234", "changes": {"remark": ["", "打138****5678"]}, "n": 3}


def test_a_stored_row_still_bears_its_signature(world: World) -> None:
    row = record(
        verb="household.changed", by="system", obj=world.households["城垵"][0], detail={"b": [1, "二"], "a": None}
    )
    stored = AuditRow.objects.get(pk=row.pk)
    assert sign(stored) == stored.signature
    stored.label += "!"
    assert sign(stored) != stored.signature
    assert keyring.key_ids("audit")[0] == stored.signature.partition(":")[0]


def test_rows_can_only_be_added(world: World) -> None:
    row = record(verb="household.changed", by="system", obj=world.households["城垵"][0])
    for change in (
        lambda: AuditRow.objects.filter(pk=row.pk).update(label="x"),
        lambda: AuditRow.objects.filter(pk=row.pk).delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
    assert AuditRow.objects.get(pk=row.pk).label == row.label
