"""The same small roster in every kind of file that an office sends, made byte by byte where no library writes it."""

import io
import struct
import zipfile
from typing import Any
from xml.sax.saxutils import escape

from tests.importing.workbooks import roster, with_part

ROWS = [
    ["村", "户主姓名", "身份证号", "人口"],
    ["六龙社区", "李彩阿", "320206196104039606", 2],
    ["绿化村", "王芳䶮", "", 3],
]


def xlsx() -> bytes:
    return roster(*ROWS[1:], headings=ROWS[0])


def xlsm() -> bytes:
    """A workbook that may hold macros, and holds some."""
    data = xlsx()
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        types = archive.read("[Content_Types].xml")
    plain, macro = b"spreadsheetml.sheet.main+xml", b"ms-excel.sheet.macroEnabled.main+xml"
    assert plain in types
    types = types.replace(b"application/vnd.openxmlformats-officedocument." + plain, b"application/vnd." + macro)
    return with_part(with_part(data, "[Content_Types].xml", types), "xl/vbaProject.bin", b"\xcca macro")


def ods() -> bytes:
    """As LibreOffice and WPS write it, as far as a reader looks."""
    space = "urn:oasis:names:tc:opendocument:xmlns:"
    cells = "".join(f"<table:table-row>{''.join(map(_ods_cell, row))}</table:table-row>" for row in ROWS)
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content xmlns:office="{space}office:1.0" '
        f'xmlns:table="{space}table:1.0" xmlns:text="{space}text:1.0" office:version="1.2"><office:body>'
        f'<office:spreadsheet><table:table table:name="台账">{cells}</table:table></office:spreadsheet></office:body>'
        "</office:document-content>"
    )
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    manifest = (
        f'<manifest:manifest xmlns:manifest="{space}manifest:1.0"><manifest:file-entry manifest:full-path="/" '
        f'manifest:media-type="{kind}"/><manifest:file-entry manifest:full-path="content.xml" '
        'manifest:media-type="text/xml"/></manifest:manifest>'
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("mimetype", kind)
        archive.writestr("content.xml", content)
        archive.writestr("META-INF/manifest.xml", manifest)
    return out.getvalue()


def _ods_cell(value: Any) -> str:
    if isinstance(value, str):
        return f'<table:table-cell office:value-type="string"><text:p>{escape(value)}</text:p></table:table-cell>'
    return f'<table:table-cell office:value-type="float" office:value="{value}"/>'


def xls() -> bytes:
    """A BIFF8 workbook of labels and numbers in an OLE file: what Excel 97 to 2003 wrote."""
    cells = [_biff_cell(at, column, value) for at, row in enumerate(ROWS) for column, value in enumerate(row)]
    body = _record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0010, 0, 0, 0, 0))
    body += _record(0x0200, struct.pack("<IIHHH", 0, len(ROWS), 0, 4, 0)) + b"".join(cells) + _record(0x000A)
    name = b"\x02\x01" + "台账".encode("utf-16-le")
    start = _record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0005, 0, 0, 0, 0))
    start += _record(0x0042, struct.pack("<H", 1200))
    first = len(start) + 4 + 6 + len(name) + 4
    stream = start + _record(0x0085, struct.pack("<IBB", first, 0, 0) + name) + _record(0x000A) + body
    return _ole(stream)


def _record(kind: int, data: bytes = b"") -> bytes:
    return struct.pack("<HH", kind, len(data)) + data


def _biff_cell(row: int, column: int, value: Any) -> bytes:
    place = struct.pack("<HHH", row, column, 0)
    if isinstance(value, str):
        text = value.encode("utf-16-le")
        return _record(0x0204, place + struct.pack("<HB", len(text) // 2, 1) + text)
    return _record(0x0203, place + struct.pack("<d", value))


def _ole(stream: bytes) -> bytes:
    """An OLE file with one stream, padded to the size from which streams stand in sectors of their own."""
    end, free, table = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD
    stream = stream.ljust(4096, b"\0")
    stream += b"\0" * (-len(stream) % 512)
    count = len(stream) // 512
    chain = [table, end, *(n + 3 for n in range(count - 1)), end]
    fat = struct.pack("<128I", *chain, *[free] * (128 - len(chain)))
    header = bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 16
    header += struct.pack("<HHHHH6x", 0x3E, 3, 0xFFFE, 9, 6) + struct.pack(
        "<IIIIIIIII", 0, 1, 1, 0, 4096, end, 0, end, 0
    )
    header += struct.pack("<109I", 0, *[free] * 108)
    entries = _entry("Root Entry", 5, end, 0, child=1) + _entry("Workbook", 2, 2, len(stream))
    return header + fat + entries.ljust(512, b"\0") + stream


def _entry(name: str, kind: int, start: int, size: int, child: int = 0xFFFFFFFF) -> bytes:
    text = name.encode("utf-16-le") + b"\0\0"
    none = 0xFFFFFFFF
    return text.ljust(64, b"\0") + struct.pack(
        "<HBBIII16xI16xIII", len(text), kind, 1, none, none, child, 0, start, size, 0
    )


def text(encoding: str, separator: str = ",", mark: bytes = b"") -> bytes:
    lines = "".join(separator.join(str(cell) for cell in row) + "\r\n" for row in ROWS)
    return mark + lines.encode(encoding)


def html() -> bytes:
    """As a government system exports a page under the name .xls."""
    rows = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in ROWS)
    head = '<html xmlns:x="urn:schemas-microsoft-com:office:excel"><meta charset="utf-8">'
    return f"{head}<body><table border=1>{rows}</table></body></html>".encode()


def xml_2003() -> bytes:
    """An XML spreadsheet of 2003 under the name .xls."""
    space = "urn:schemas-microsoft-com:office:spreadsheet"

    def cell(value: Any) -> str:
        kind = "String" if isinstance(value, str) else "Number"
        return f'<Cell><Data ss:Type="{kind}">{value}</Data></Cell>'

    rows = "".join(f"<Row>{''.join(map(cell, row))}</Row>" for row in ROWS)
    return (
        f'<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook xmlns="{space}" xmlns:ss="{space}">'
        f'<Worksheet ss:Name="台账"><Table>{rows}</Table></Worksheet></Workbook>'
    ).encode()
