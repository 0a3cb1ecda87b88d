"""Rosters, and reading the trail."""

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from ledger.models import (
    ImportBatch,
)
from tests.audit_acts.recipe import Sent, act, fresh, home
from tests.importing.test_plan import row
from tests.importing.workbooks import roster
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


@act("audit_list", "township_admin", "audit.read", method="GET", again=True)
def audit_list(world: World, client: Client) -> Sent:
    return Sent(reverse("audit_list"), {"household": home(world).pk})
