"""Papers of an issue, and their templates."""

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from ledger.exporting.default_papers import default_template
from ledger.models import County, PaperKind, PaperTemplate
from ledger.rules.issues import State
from tests.audit_acts.recipe import Sent, act
from tests.issue_chain import advance
from tests.world import World


@act("issue_paper", "department_handler", "paper.printed", again=True)
def issue_paper(world: World, client: Client) -> Sent:
    issue = advance(world, State.IN_PROGRESS)
    return Sent(reverse("issue_paper", args=[issue.pk, PaperKind.COVERING]))


@act("paper_template_upload", "county_admin", "paper.template_taken", again=True)
def paper_template_upload(world: World, client: Client) -> Sent:
    file = SimpleUploadedFile("交办单.docx", default_template(PaperKind.COVERING))
    return Sent(reverse("paper_template_upload", args=[PaperKind.COVERING]), {"file": file})


@act("paper_template_restore", "county_admin", "paper.template_restored")
def paper_template_restore(world: World, client: Client) -> Sent:
    PaperTemplate.objects.create(
        county=County.objects.get(pk=world.county.pk), kind=PaperKind.REPLY, file_name="告知书.docx", data=b"PK",
        uploaded_by=world.users["county_admin"],
    )  # fmt: skip
    return Sent(reverse("paper_template_restore", args=[PaperKind.REPLY]))
