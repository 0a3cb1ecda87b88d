"""Lists taken out as workbooks; tables frozen as reported."""

import datetime

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from ledger.exporting import exports
from ledger.filters.exports import make_export
from ledger.models import Export, FillInForm, StatisticsSnapshot
from ledger.queries.statistics import KEYS
from tests.access.reports import blank
from tests.audit_acts.recipe import Sent, act
from tests.world import World


def asked(world: World, state: str = "waiting") -> Export:
    export = exports.ask(
        by=world.users["household_cadre"], kind="issues", query="state=unfinished", filter_words="", total=1,
        file_name="台账.xlsx",
    )  # fmt: skip
    Export.objects.filter(pk=export.pk).update(state=state)
    return export


def frozen(world: World) -> StatisticsSnapshot:
    day = datetime.date(2026, 1, 31)
    return StatisticsSnapshot.objects.create(
        county=world.county, township=world.township, area=f"township-{world.township.pk}", name="一月上报",
        since=day.replace(day=1), until=day, made_by=world.users["township_desk"],
        lines=[["合计", None, dict.fromkeys(KEYS, 1), dict.fromkeys(KEYS, 1)]],
    )  # fmt: skip


@act("issue_export", "household_cadre", "export.made", again=True)
def issue_export(world: World, client: Client) -> Sent:
    return Sent(f"{reverse('issue_export')}?state=unfinished")


@act("list_export", "household_cadre", "export.made", again=True)
def list_export(world: World, client: Client) -> Sent:
    return Sent(reverse("list_export", args=["households"]))


@act("statistics_export", "township_desk", "export.made", again=True)
def statistics_export(world: World, client: Client) -> Sent:
    return Sent(f"{reverse('statistics_export')}?period=month")


@act("snapshot_create", "township_desk", "snapshot.frozen")
def snapshot_create(world: World, client: Client) -> Sent:
    return Sent(f"{reverse('snapshot_create')}?period=month", {"name": "十一月上报"})


@act("snapshot_export", "township_desk", "export.made", again=True)
def snapshot_export(world: World, client: Client) -> Sent:
    return Sent(reverse("snapshot_export", args=[frozen(world).pk]))


@act("fill_in_form_create", "township_desk", "form.taken")
def fill_in_form_create(world: World, client: Client) -> Sent:
    return Sent(reverse("fill_in_form_create"), {"name": "周报", "file": SimpleUploadedFile("空白.xlsx", blank())})


def kept_form(world: World) -> FillInForm:
    return FillInForm.objects.create(
        county=world.county, township=world.township, area=f"township-{world.township.pk}", name="月报",
        file_name="空白.xlsx", data=blank(), made_by=world.users["township_desk"],
    )  # fmt: skip


@act("fill_in_form_bind", "township_desk", "form.bound")
def fill_in_form_bind(world: World, client: Client) -> Sent:
    form = kept_form(world)
    data = {"cell": "0!A3", "figure": "events", "span": "period", "place": form.area, "version": 1}
    return Sent(reverse("fill_in_form_bind", args=[form.pk]), data)


@act("fill_in_form_fill", "township_desk", "export.made", again=True)
def fill_in_form_fill(world: World, client: Client) -> Sent:
    return Sent(reverse("fill_in_form_fill", args=[kept_form(world).pk]))


@act("fill_in_form_remove", "township_desk", "form.removed")
def fill_in_form_remove(world: World, client: Client) -> Sent:
    return Sent(reverse("fill_in_form_remove", args=[kept_form(world).pk]))


@act("export_download", "household_cadre", "export.downloaded", method="GET", again=True)
def export_download(world: World, client: Client) -> Sent:
    export = asked(world)
    make_export.func(export.pk)
    return Sent(reverse("export_download", args=[export.pk]))


@act("export_cancel", "household_cadre", "export.cancelled")
def export_cancel(world: World, client: Client) -> Sent:
    return Sent(reverse("export_cancel", args=[asked(world).pk]))


@act("export_again", "household_cadre", "export.requested", "export.made")
def export_again(world: World, client: Client) -> Sent:
    return Sent(reverse("export_again", args=[asked(world, "failed").pk]))
