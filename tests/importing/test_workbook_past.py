"""The workbook of an office's past that goes back, corrected and sent in again."""

import io
from pathlib import PurePath
from typing import Any

from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from ledger.importing.batches import apply_batch, create_batch, plan_batch, request_apply
from ledger.importing.history import plan_history
from ledger.importing.history_tables import read_history
from ledger.importing.past_undo_check import undo_plan
from ledger.importing.returned import HEADINGS, SHEETS
from ledger.importing.undo import request_undo, undo_batch
from ledger.importing.workbook import returned_workbook
from ledger.models import AuditRow, ImportBatch, Visit
from tests.importing.history_tables import as_files, as_workbook, line, past
from tests.importing.workbooks import saved
from tests.world import World


def tables(world: World) -> dict[str, Any]:
    code = world.villages["城垵"].code
    made = past(world)
    made["events"] += [
        line("events", event_id="V8", kind="跳舞", time="2024-03-09", village_code=code, cadre_no="S1"),
        line("events", event_id="合计", persons="17"),
    ]
    made["issues"].append(line("issues", issue_id="I8", village_code="前楼村", category="其他", title="别处的事",
                               created_date="2024-04-01", status="open"))  # fmt: skip
    return made


def handed_in(world: World, data: bytes, name: str = "历史台账.xlsx") -> ImportBatch:
    by = world.user("township_admin")
    batch = create_batch(by=by, townships=[world.township], file_name=name, data=data, kind="history")
    plan_batch(batch.pk)
    batch.refresh_from_db()
    return batch


def applied(world: World, data: bytes, name: str = "历史台账.xlsx") -> ImportBatch:
    batch = handed_in(world, data, name)
    assert request_apply(by=world.user("township_admin"), batch=batch, version=batch.version)
    apply_batch(batch.pk)
    batch.refresh_from_db()
    return batch


def column(sheet: Any) -> dict[int, str]:
    """What the added column says, by row."""
    last = {cell.column for row in sheet.iter_rows() for cell in row if cell.value == HEADINGS[0]}
    (place,) = last
    return {row[place - 1].row: row[place - 1].value for row in sheet.iter_rows() if row[place - 1].value}


def outcomes(world: World, name: str, data: bytes) -> dict[tuple[str, int], str]:
    plan = plan_history(read_history([(name, data)]), [world.township])
    return {(str(p.row.role), p.row.row): p.outcome.value for p in plan.rows}


def test_every_sheet_says_what_became_of_its_rows(world: World) -> None:
    planned = handed_in(world, as_workbook(tables(world)))
    made, kind = returned_workbook(planned)
    assert kind == "xlsx"
    assert column(load_workbook(io.BytesIO(made))["units"]) == {1: HEADINGS[0], 2: "待新增"}
    assert request_apply(by=world.user("township_admin"), batch=planned, version=planned.version)
    apply_batch(planned.pk)
    planned.refresh_from_db()
    made, _kind = returned_workbook(planned)
    back = load_workbook(io.BytesIO(made))
    events = column(back["events"])
    assert [events[row] for row in (2, 6, 8)] == ["已新增", "已新增", "非数据行（合计）"]
    assert events[7].startswith("未导入；B7")
    assert column(back["villages"]) == {1: HEADINGS[0], 2: "无变化"}
    assert back.sheetnames[-2:] == [f"{SHEETS[0]} events", f"{SHEETS[0]} issues"]
    assert [row[0].value for row in back[f"{SHEETS[0]} issues"].iter_rows()][1:] == ["issue_id", "I8"]


def test_sent_straight_back_nothing_is_new(world: World) -> None:
    made, _kind = returned_workbook(applied(world, as_workbook(tables(world))))
    again = outcomes(world, "历史台账.xlsx", made)
    assert {where for where, outcome in again.items() if outcome == "refused"} == {("events", 7), ("issues", 7)}
    assert set(again.values()) == {"unchanged", "refused", "ignored"}


def test_the_sheets_of_refused_rows_alone_can_be_corrected(world: World) -> None:
    made, _kind = returned_workbook(applied(world, as_workbook(tables(world))))
    back = load_workbook(io.BytesIO(made))
    for name in list(back.sheetnames):
        if not name.startswith(SHEETS[0]):
            del back[name]
    back[f"{SHEETS[0]} events"]["B3"] = "谈心谈话"
    assert outcomes(world, "改.xlsx", saved(back)) == {("events", 3): "created", ("issues", 3): "refused"}


def test_a_file_of_one_table_comes_back_as_a_workbook(world: World) -> None:
    applied(world, as_workbook(past(world)))
    only = {"events": tables(world)["events"]}
    ((name, data),) = as_files(only)
    batch = handed_in(world, data, name)
    made, kind = returned_workbook(batch)
    back = load_workbook(io.BytesIO(made))
    assert (kind, back.sheetnames) == ("xlsx", [PurePath(name).stem, SHEETS[0]])
    assert column(back["events"])[2] == "无变化"
    assert column(back["events"])[7].startswith("未导入")


def test_after_undoing_it_says_what_stayed(world: World) -> None:
    batch = applied(world, as_workbook(past(world)))
    Visit.objects.filter(earlier_number="V3").update(version=2)
    admin = world.user("township_admin")
    assert request_undo(by=admin, batch=batch, version=batch.version, digest=undo_plan(batch).digest())
    undo_batch(batch.pk)
    batch.refresh_from_db()
    made, _kind = returned_workbook(batch)
    events = column(load_workbook(io.BytesIO(made))["events"])
    assert (events[2], events[4]) == ("已撤销", "已新增；之后已有人在此基础上办理或更正。")


def test_it_is_for_who_handed_it_in(world: World, client: Client) -> None:
    batch = applied(world, as_workbook(tables(world)))
    address = reverse("import_workbook", args=[batch.pk])
    for who, status in (("county_admin", 403), ("township_admin@前楼", 404), ("household_cadre", 403)):
        client.force_login(world.user(who))
        assert client.get(address).status_code == status
    assert not AuditRow.objects.filter(verb="import.returned").exists()
    client.force_login(world.user("township_admin"))
    assert address in client.get(reverse("import_detail", args=[batch.pk])).content.decode()
    answer = client.get(address)
    assert (answer.status_code, AuditRow.objects.filter(verb="import.returned").count()) == (200, 1)
    assert load_workbook(io.BytesIO(answer.content)).sheetnames[0] == "villages"
