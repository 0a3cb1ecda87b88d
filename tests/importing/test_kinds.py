"""Every kind of file is told by its bytes and comes out as the same rows, whatever its name says."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from ledger.importing.files import FileError, FileRefused
from ledger.importing.reading import read_file
from ledger.importing.values import text_of
from ledger.models import BatchState, ImportBatch
from tests.importing import kinds
from tests.world import World

BOM = b"\xef\xbb\xbf"
FILES: dict[str, bytes] = {
    "xlsx": kinds.xlsx(), "xlsm": kinds.xlsm(), "xls": kinds.xls(), "ods": kinds.ods(),
    "csv, UTF-8": kinds.text("utf-8"), "csv, UTF-8 with a mark": kinds.text("utf-8", mark=BOM),
    "csv, GB18030": kinds.text("gb18030"), "txt, Unicode text": kinds.text("utf-16", "\t"),
    "txt, UTF-16 big end first": kinds.text("utf-16-be", "\t", b"\xfe\xff"), "txt, GB18030 with tabs":
    kinds.text("gb18030", "\t"), "HTML as xls": kinds.html(), "XML 2003 as xls": kinds.xml_2003(),
}  # fmt: skip


@pytest.mark.parametrize("kind", FILES)
def test_each_kind_comes_out_as_the_same_rows(kind: str) -> None:
    (sheet,) = read_file(FILES[kind])
    assert [[text_of(cell) for cell in row] for row in sheet.rows] == [
        [str(cell) for cell in row] for row in kinds.ROWS
    ]


def _renamed(old: str, new: str) -> bytes:
    """The old workbook with another name for its one stream."""
    name, size = new.encode("utf-16-le"), len(old.encode("utf-16-le"))
    data = FILES["xls"]
    at = data.index(old.encode("utf-16-le"))
    return data[:at] + name + data[at + max(size, len(name)) :]


def test_a_workbook_whose_stream_is_named_in_capitals() -> None:
    (sheet,) = read_file(_renamed("Workbook", "WORKBOOK"))
    assert [len(row) for row in sheet.rows] == [4, 4, 4]


def test_an_old_workbook_with_a_password_says_so() -> None:
    """In .xls and .et the record behind the first says that all further ones are encrypted."""
    data, code_page = FILES["xls"], b"\x42\x00\x02\x00"
    assert data.count(code_page) == 1
    with pytest.raises(FileRefused) as refused:
        read_file(data.replace(code_page, b"\x2f\x00\x02\x00"))
    assert refused.value.code == FileError.PASSWORD_PROTECTED


def test_a_text_document_of_wps_is_no_workbook() -> None:
    with pytest.raises(FileRefused) as refused:
        read_file(_renamed("Workbook", "WordDocument")[:4000])
    assert refused.value.code == FileError.WRONG_TYPE


def test_text_in_gbk() -> None:
    """GBK lacks 䶮: such a roster has other names."""
    (sheet,) = read_file(kinds.text("utf-8").decode().replace("䶮", "").encode("gbk"))
    assert sheet.rows[2][1] == "王芳"


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("名册.jpg", FILES["xlsx"]),
        ("名册.xlsx", FILES["xls"]),
        ("名册.xls", FILES["csv, GB18030"]),
        ("名册.et", FILES["xls"]),
        ("名册.et", FILES["xlsx"]),
    ],
)
def test_the_name_of_a_file_says_nothing(
    world: World, sign_in: Callable[[str], Client], name: str, data: bytes
) -> None:
    body: dict[str, Any] = {"file": SimpleUploadedFile(name, data), "townships": [world.township.pk]}
    assert sign_in("township_admin").post(reverse("import_create"), body).status_code == 302
    assert ImportBatch.objects.get().state == BatchState.PLANNED
