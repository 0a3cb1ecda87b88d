"""Rosters, and reading the trail."""

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from ledger.importing.questions import question
from ledger.importing.undo_check import check_undo
from ledger.models import HeldRow, ImportBatch
from tests.audit_acts.recipe import Sent, act, fresh, home
from tests.importing.test_plan import row
from tests.importing.workbooks import choice, roster
from tests.world import World


@act("import_create", "township_admin", "import.uploaded")
def import_create(world: World, client: Client) -> Sent:
    file = SimpleUploadedFile("名册.xlsx", roster(row()))
    return Sent(reverse("import_create"), fresh(file=file, townships=[world.township.pk]))


@act("import_apply", "township_admin", "import.confirmed", "import.applied")
def import_apply(world: World, client: Client) -> Sent:
    sent = import_create(world, client)
    client.post(sent.url, sent.data)
    batch = ImportBatch.objects.latest("pk")
    return Sent(reverse("import_apply", args=[batch.pk]), {"version": batch.version})


@act("import_retry", "township_admin", "import.taken_back")
def import_retry(world: World, client: Client) -> Sent:
    sent = import_create(world, client)
    client.post(sent.url, sent.data)
    ImportBatch.objects.update(state="failed")
    return Sent(reverse("import_retry", args=[ImportBatch.objects.latest("pk").pk]))


@act("import_columns", "township_admin", "import.columns_chosen")
def import_columns(world: World, client: Client) -> Sent:
    sent = import_create(world, client)
    client.post(sent.url, sent.data)
    batch = ImportBatch.objects.latest("pk")
    return Sent(reverse("import_columns", args=[batch.pk]), choice(batch))


@act("import_columns_forget", "township_admin", "import.columns_forgotten")
def import_columns_forget(world: World, client: Client) -> Sent:
    sent = import_columns(world, client)
    client.post(sent.url, sent.data)
    batch = ImportBatch.objects.latest("pk")
    return Sent(reverse("import_columns_forget", args=[batch.pk]), {"version": batch.version})


@act("import_cancel", "township_admin", "import.cancelled")
def import_cancel(world: World, client: Client) -> Sent:
    sent = import_create(world, client)
    client.post(sent.url, sent.data)
    return Sent(reverse("import_cancel", args=[ImportBatch.objects.latest("pk").pk]))


@act("import_undo", "township_admin", "import.undo_confirmed", "import.undone")
def import_undo(world: World, client: Client) -> Sent:
    sent = import_apply(world, client)
    client.post(sent.url, sent.data)
    batch = ImportBatch.objects.latest("pk")
    data = {"version": batch.version, "digest": check_undo(batch).digest()}
    return Sent(reverse("import_undo", args=[batch.pk]), data)


@act("held_row_decide", "township_admin", "import.row_decided")
def held_row_decide(world: World, client: Client) -> Sent:
    household = world.households["城垵"][0]
    held_for = row(户编号=household.code, 户主姓名="另一户主", 身份证号="")
    sent = Sent(reverse("import_create"), fresh(file=SimpleUploadedFile("名册.xlsx", roster(held_for)),
                                                townships=[world.township.pk]))  # fmt: skip
    client.post(sent.url, sent.data)
    batch = ImportBatch.objects.latest("pk")
    client.post(reverse("import_apply", args=[batch.pk]), {"version": batch.version})
    held = HeldRow.objects.get(row__batch=batch)
    return Sent(reverse("held_row_decide", args=[held.pk]), fresh(answer="two", seen=question(held).seen()))


@act("audit_list", "township_admin", "audit.read", method="GET", again=True)
def audit_list(world: World, client: Client) -> Sent:
    return Sent(reverse("audit_list"), {"household": home(world).pk})
