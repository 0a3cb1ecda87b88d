"""A file that can't be read is refused with its code, quickly, and without harm."""

import sys
import zipfile
from io import BytesIO
from pathlib import Path

import pytest

from ledger.importing import reading
from ledger.importing.files import SENTENCES, FileError, FileRefused
from ledger.importing.reading import read_file
from tests.importing.workbooks import GOOD, HEADINGS, roster, roster_csv, with_part

SHEET = "xl/worksheets/sheet1.xml"


def refusal(data: bytes) -> str:
    with pytest.raises(FileRefused) as caught:
        read_file(data)
    assert str(caught.value.message)
    return caught.value.code


def zipped(**parts: bytes) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", FileError.EMPTY_FILE),
        (b"\xef\xbb\xbf \r\n", FileError.EMPTY_FILE),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 100, FileError.WRONG_TYPE),
        (b"%PDF-1.7\n" + b"x" * 100, FileError.WRONG_TYPE),
        (b"\xff\xd8\xff\xe0" + b"\0" * 100, FileError.WRONG_TYPE),
        (b"MZ\x90\0" + b"\0" * 100, FileError.WRONG_TYPE),
        (bytes(range(256)) * 20, FileError.WRONG_TYPE),
        (b"PK\x03\x04" + b"\0" * 200, FileError.CORRUPT_FILE),
        (zipped(**{"word/document.xml": b"<w/>"}), FileError.WRONG_TYPE),
        ("村,户主姓名\n六龙社区,李彩阿\n".encode() * 30 + b"\xff\xfe\n", FileError.ENCODING_UNREADABLE),
        (b"<?xml version='1.0'?><note>x</note>", FileError.WRONG_TYPE),
    ],
)
def test_other_kinds_of_file(data: bytes, code: str) -> None:
    assert refusal(data) == code


def test_a_truncated_workbook_is_corrupt() -> None:
    data = roster(GOOD)
    assert refusal(data[: len(data) * 2 // 3]) == FileError.CORRUPT_FILE


def test_an_encrypted_workbook_asks_for_the_password_to_be_removed() -> None:
    ole = bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 5000 + "EncryptedPackage".encode("utf-16-le") + b"\0" * 500
    assert refusal(ole) == FileError.PASSWORD_PROTECTED


def test_entities_are_not_opened() -> None:
    hostile = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><worksheet>&x;</worksheet>'
    assert refusal(with_part(roster(GOOD), SHEET, hostile)) == FileError.FORBIDDEN_XML_ENTITIES
    assert (
        refusal(with_part(roster(GOOD), SHEET, hostile.decode().encode("utf-16"))) == FileError.FORBIDDEN_XML_ENTITIES
    )


def test_a_bomb_is_seen_in_the_directory() -> None:
    assert refusal(with_part(roster(GOOD), SHEET, b" " * 40_000_000)) == FileError.TOO_LARGE_UNCOMPRESSED


def test_a_stray_cell_in_the_last_corner_does_no_harm() -> None:
    cells = [f'<c r="{letter}{{row}}" t="inlineStr"><is><t>{{}}</t></is></c>' for letter in "ABC"]
    rows = "".join(
        f'<row r="{number}">'
        + "".join(cell.format(text, row=number) for cell, text in zip(cells, texts, strict=True))
        + "</row>"
        for number, texts in ((1, HEADINGS[:3]), (2, GOOD[:3]))
    )
    stray = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    space = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    xml = f"<worksheet {space}><sheetData>{rows}{stray}</sheetData></worksheet>"
    (sheet,) = read_file(with_part(roster(GOOD), SHEET, xml.encode()))
    assert sheet.rows[:2] == [HEADINGS[:3], GOOD[:3]]
    assert sheet.cut_after == 2


def test_every_code_of_the_contract_has_a_sentence() -> None:
    assert set(SENTENCES) == set(FileError)


def test_the_reader_runs_without_django_and_without_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    import subprocess

    done = subprocess.run(
        [sys.executable, "-c", "import ledger.importing.reader.__main__, sys; print('django' in sys.modules)"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.strip() == "False"
    given = {}
    real = subprocess.Popen

    def spy(*words: object, **options: object) -> object:
        given.update(options)
        return real(*words, **options)  # type: ignore[call-overload]

    monkeypatch.setattr(subprocess, "Popen", spy)
    read_file(roster_csv(GOOD))
    assert set(given["env"]) == {"PYTHONIOENCODING", "LC_ALL", "PYTHONPATH"}
    assert all(path.endswith(("/site-packages", "/dist-packages")) for path in given["env"]["PYTHONPATH"].split(":"))


def test_a_reader_that_hangs_is_ended(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    sleeper = tmp_path / "python"
    sleeper.write_text("#!/bin/sh\nexec sleep 600\n", encoding="utf-8")
    sleeper.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(sleeper))
    monkeypatch.setattr(reading, "_WALL_SECONDS", 0.2)
    assert refusal(roster_csv(GOOD)) == FileError.TOO_LARGE_UNCOMPRESSED
