"""What the township reported last month, and the weekly form of the county's office with its cells bound."""

import datetime
import io

import openpyxl

from ledger.actions.snapshots import freeze
from ledger.demonstration.places import Town
from ledger.models import FillInForm, Posting
from ledger.queries.figures_window import ONE_DAY, Window
from ledger.queries.statistics import statistics
from ledger.rules.permissions import Level, Role

FORM = "县委办联系群众周报"
CELLS = {"B3": "household_visits", "C3": "visit_people", "D3": "collected", "E3": "resolved", "F3": "satisfaction"}


def report_last_month(town: Town, today: datetime.date) -> None:
    """Frozen on the day it was handed in; the form waits to be filled."""
    desk = Posting.objects.filter(role=Role.TOWNSHIP_DESK, township=town.township, end_on=None)
    clerk = desk.select_related("cadre__user").order_by("pk")[0].cadre.user
    last = today.replace(day=1) - ONE_DAY
    window = Window(last.replace(day=1), last)
    found = statistics(town.township.villages.all(), Level.TOWNSHIP, window)
    name = f"{last.year}年{last.month}月上报"
    freeze(by=clerk, place=town.township, name=name, window=window, by_village=False, found=found)
    area = f"township-{town.township.pk}"
    FillInForm.objects.create(
        county=town.township.county, township=town.township, area=area, name=FORM, file_name=f"{FORM}.xlsx",
        data=_blank(), made_by=clerk, bindings={f"0!{cell}": [key, "period", area] for cell, key in CELLS.items()},
    )  # fmt: skip


def _blank() -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "周报"
    sheet.append([FORM])
    sheet.merge_cells("A1:F1")
    sheet.append(["单位", "走访户次", "走访人次", "收集问题", "办结", "满意率"])
    sheet.append(["本乡镇"])
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()
