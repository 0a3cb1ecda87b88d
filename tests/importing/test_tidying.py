"""Old imports: files go after seven days, plans that nobody applied end, all else stays."""

import datetime
import os

from django.core.management import call_command
from django.utils import timezone

from ledger.importing.batches import create_batch, plan_batch, request_apply
from ledger.importing.kept_files import folder, is_kept, keep_file
from ledger.importing.tidying import tidy_imports
from ledger.models import AuditRow, BatchState, ImportBatch
from tests.importing.test_plan import row
from tests.importing.test_undo import applied
from tests.importing.workbooks import OTHER_ID, roster
from tests.world import World


def test_after_seven_days(world: World) -> None:
    written = applied(world, roster(row()))
    planned = create_batch(by="system", townships=[world.township], file_name="b.xlsx", data=roster(row(户编号="B")))
    plan_batch(planned.pk)
    old = timezone.now() - datetime.timedelta(days=7, minutes=1)
    ImportBatch.objects.update(uploaded_at=old)
    young = create_batch(
        by="system", townships=[world.township], file_name="c.xlsx", data=roster(row(身份证号=OTHER_ID))
    )
    stray = folder() / keep_file(b"rolled back")
    os.utime(stray, (old.timestamp(), old.timestamp()))
    fresh = folder() / keep_file(b"being handed in")
    done = tidy_imports()
    assert (done.ended, done.files) == (1, 3)
    for batch in (written, planned, young):
        batch.refresh_from_db()
    assert (written.state, is_kept(written)) == (BatchState.APPLIED, False)
    assert (planned.state, planned.error_code, is_kept(planned)) == (BatchState.CANCELLED, "expired", False)
    assert (young.state, is_kept(young)) == (BatchState.WAITING, True)
    assert (stray.exists(), fresh.exists()) == (False, True)
    said = AuditRow.objects.get(verb="import.expired")
    assert (said.object_id, said.actor, said.township_id) == (planned.pk, "system", world.township.pk)
    assert not request_apply(by=world.users["township_admin"], batch=planned, version=planned.version)
    call_command("tidy_imports")
    assert AuditRow.objects.filter(verb="import.expired").count() == 1
