"""A good file with random damage: never an error page, never a part of it imported, never a value that is not in it."""

import io
import random
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from ledger.importing.reading import read_file
from ledger.importing.values import text_of
from ledger.models import BatchState, Household, ImportBatch, Resident
from ledger.rules.cleaning import clean_name
from ledger.rules.identity import normalise_id
from tests.drill import times
from tests.importing.test_plan import row
from tests.importing.workbooks import GOOD_ID, OTHER_ID, THIRD_ID, roster
from tests.world import World

SEED = 20_261_122
PEOPLE = [("李彩阿", GOOD_ID), ("王芳", OTHER_ID), ("欧阳雪", THIRD_ID)]
GOOD = roster(*(row(户编号=f"A{n}", 户主姓名=name, 身份证号=number) for n, (name, number) in enumerate(PEOPLE)))
CELLS: list[Any] = [
    None, "", "村", "户主姓名", "身份证号", "城垵村", "甲" * 400, "=1+1", "=HYPERLINK(1)", "#N/A", -1, 0, 1e300, 3.2e17,
    True, "合计", OTHER_ID, "13800001234", "\u202e反", "<b>x</b>", "六龙社区", "备注：", "1,2", "2019-13-45", " ", "、",
]  # fmt: skip


def flipped(chance: random.Random) -> bytes:
    """A few bytes of the file changed."""
    data = bytearray(GOOD)
    for _n in range(chance.randint(1, 8)):
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    return bytes(data)


def cut(chance: random.Random) -> bytes:
    """The end, or a piece of the middle, is missing."""
    first = chance.randrange(len(GOOD))
    return GOOD[:first] + (b"" if chance.random() < 0.5 else GOOD[first + chance.randint(1, 300) :])


def part_damaged(chance: random.Random) -> bytes:
    """A part of the archive damaged and packed anew, so that its checksum fits."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(GOOD)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        victim = chance.choice(old.namelist())
        for name in old.namelist():
            content = bytearray(old.read(name))
            if name == victim:
                at = chance.randrange(len(content))
                content[at : at + chance.randint(0, 40)] = chance.randbytes(chance.randint(0, 8))
            new.writestr(name, bytes(content))
    return out.getvalue()


def cells_changed(chance: random.Random) -> bytes:
    """Cells, rows and columns changed as people change them."""
    book = load_workbook(io.BytesIO(GOOD))
    sheet = book.active
    for _n in range(chance.randint(1, 5)):
        at, column = chance.randint(1, 6), chance.randint(1, 10)
        act = chance.randrange(5)
        if act == 0:
            sheet.insert_rows(at)
        elif act == 1:
            sheet.delete_cols(column)
        elif act == 2:
            sheet.merge_cells(start_row=at, end_row=at + 1, start_column=column, end_column=column + 1)
        else:
            target = sheet.cell(at, column)
            if type(target).__name__ == "Cell":
                target.value = chance.choice(CELLS)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


KINDS = (cells_changed, cells_changed, part_damaged, flipped, cut)


@pytest.mark.drill
def test_damaged_files_are_refused_or_read_as_they_are(world: World, sign_in: Callable[[str], Client]) -> None:
    client = sign_in("township_admin")
    client.raise_request_exception = False
    reached = dict.fromkeys(BatchState.values, 0) | {"at the door": 0}
    for number in range(times(ci=8, drill=300)):
        with transaction.atomic():
            reached[attempt(client, world, number)] += 1
            transaction.set_rollback(True)
    assert reached[BatchState.APPLIED], reached
    assert reached["at the door"] + reached[BatchState.REFUSED] + reached[BatchState.COLUMNS], reached
    assert reached[BatchState.PLANNING] + reached[BatchState.APPLYING] + reached[BatchState.FAILED] == 0, reached


def attempt(client: Client, world: World, number: int) -> str:
    """Hand one in, and apply it if there is a plan; the state that it ended in."""
    chance = random.Random(f"{SEED} {number}")
    data = KINDS[number % len(KINDS)](chance)
    before = stored()
    body = {"file": SimpleUploadedFile("名册.xlsx", data), "townships": [world.township.pk]}
    answer = client.post(reverse("import_create"), body)
    assert answer.status_code in (302, 400, 422), (number, answer.status_code)
    if answer.status_code != 302:
        return "at the door"
    batch = ImportBatch.objects.latest("pk")
    assert client.get(answer["Location"], follow=True).status_code == 200, number
    assert stored() == before, number
    if batch.state != BatchState.PLANNED or not batch.counts["created"] + batch.counts["updated"]:
        return str(batch.state)
    client.post(reverse("import_apply", args=[batch.pk]), {"version": batch.version})
    assert client.get(answer["Location"]).status_code == 200, number
    batch.refresh_from_db()
    check_whole(batch, data, before, number)
    return str(batch.state)


def stored() -> dict[int, tuple[str, str]]:
    """Every member and head: name and ID number."""
    return {pk: (name, number) for pk, name, number in Resident.objects.values_list("pk", "name", "id_no")}


def check_whole(batch: ImportBatch, data: bytes, before: dict[int, tuple[str, str]], number: int) -> None:
    """All that was planned is there, and each name and number of it stands in a cell of the file."""
    added = {pk: said for pk, said in stored().items() if pk not in before}
    planned = batch.counts["created"] if batch.state == BatchState.APPLIED else 0
    assert len(added) == planned, number
    assert Household.objects.count() == len(world_households(before)) + planned, number
    texts = [text_of(cell) for sheet in read_file(data) for line in sheet.rows for cell in line]
    assert {name for name, _number in added.values()} <= {clean_name(text) for text in texts}, number
    assert {number for _name, number in added.values()} - {""} <= {normalise_id(text) for text in texts}, number


def world_households(before: dict[int, tuple[str, str]]) -> set[int]:
    return set(Resident.objects.filter(pk__in=before).values_list("household", flat=True))
