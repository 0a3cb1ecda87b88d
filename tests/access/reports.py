"""What the townships of the access world report, print, and give with a reply."""

import io
from typing import Any

import openpyxl
from django.utils import timezone

from ledger.models import Badge, ContactCard, FillInForm, GivenGuide, Guide, IssueStep, PrintRun, StatisticsSnapshot
from ledger.queries.statistics import KEYS
from tests.world import START, World


def reported(township: Any, admin: Any) -> None:
    """A statistics table as the township reported it, and a form it keeps."""
    FillInForm.objects.get_or_create(
        area=f"township-{township.pk}", name=f"{township.short_name}套表",
        defaults={
            "county": township.county, "township": township, "file_name": f"{township.short_name}空白.xlsx",
            "data": blank(), "made_by": admin, "bindings": {"0!A3": ["events", "total", f"township-{township.pk}"]},
        },
    )  # fmt: skip
    counts = dict.fromkeys(KEYS, 1)
    StatisticsSnapshot.objects.get_or_create(
        area=f"township-{township.pk}", name=f"{township.short_name}一月报",
        defaults={
            "county": township.county, "township": township, "since": START, "until": START, "made_by": admin,
            "lines": [[f"{township.short_name}试管区", "district-1", counts, counts], ["合计", None, counts, counts]],
        },
    )  # fmt: skip


def guide_of(world: World, place: str) -> None:
    """A procedure guide, given with the place's issue."""
    village, issue, now = world.villages[place], world.issues[place], timezone.now()
    admin = world.users["county_admin" if place != "六龙" else "county_admin@elsewhere"]
    guide, _made = Guide.objects.get_or_create(
        county=village.township.county, township=village.township, title=f"{village.township.short_name}办事指南",
        defaults={"steps": "申请\n审核", "updated_on": START},
    )  # fmt: skip
    GivenGuide.objects.create(
        issue=issue, step=IssueStep.objects.filter(issue=issue).latest("pk"), guide=guide, title=guide.title,
        sheet={"title": guide.title, "steps": [f"{place}办"]}, given_by=admin, given_at=now,
    )  # fmt: skip


def blank() -> bytes:
    """A superior's form: a heading, cells to fill, a formula."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["走访情况统计表"])
    sheet.merge_cells("A1:C1")
    sheet.append(["户次", "人次", "合计"])
    sheet.append([None, None, "=A3+B3"])
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def printed(household: Any, cadre: Any, place: str) -> None:
    """A contact card and a badge that the cadre of the place printed."""
    cards, badges = (PrintRun.objects.create(kind=kind, total=1, made_by=cadre.user) for kind in ("card", "badge"))
    ContactCard.objects.create(
        household=household, head_name=f"{place}旧户主", fingerprint="-".join(["0" * 8] * 6), issued_on=START, run=cards
    )
    Badge.objects.create(cadre=cadre, fingerprint="0" * 16, issued_on=START, run=badges)
