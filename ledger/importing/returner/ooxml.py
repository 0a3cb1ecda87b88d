"""The uploaded .xlsx or .xlsm itself with a column more: everything else in it stays byte for byte.

Only the parts that change are touched: the sheets with data, the styles, and the lists of sheets. A workbook written
in a way that is not understood raises Unfit, and is made anew from its cells instead.
"""

import io
import re
import zipfile
from collections.abc import Iterator
from xml.sax.saxutils import escape, quoteattr

from ledger.importing.reader.xlsx_facts import column_number, sheet_parts
from ledger.importing.returner.task import Said, Source, Task

_P = rb"((?:\w+:)?)"
_ROW = re.compile(rb"<" + _P + rb"row\b([^>]*?)(?:/>|>(.*?)</\1row>)", re.DOTALL)
_CELL = re.compile(rb"<" + _P + rb"c\b([^>]*?)(?:/>|>.*?</\1c>)", re.DOTALL)
_DATA = re.compile(rb"<" + _P + rb"sheetData\b[^>]*?(?:/>|>(.*)</\1sheetData>)", re.DOTALL)
_NUMBER = re.compile(rb'\br="(\d{1,7})"')
_PLACE = re.compile(rb'\br="([A-Z]{1,3})\d{1,7}"')
_STYLE = re.compile(rb'\bs="(\d{1,6})"')
_SPANS = re.compile(rb'\s*\bspans="[^"]*"')
_FILLS = re.compile(rb"<" + _P + rb"fills\b[^>]*>(.*?)</\1fills>", re.DOTALL)
_XFS = re.compile(rb"<" + _P + rb"cellXfs\b[^>]*>(.*?)</\1cellXfs>", re.DOTALL)
_COLS = re.compile(rb"<" + _P + rb"cols\b[^>]*>(.*?)</\1cols>", re.DOTALL)
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_FILL = (
    b"<%sfill><%spatternFill patternType=\"solid\"><%sfgColor rgb=\"FFFDE2E0\"/><%sbgColor indexed=\"64\"/>"
    b"</%spatternFill></%sfill>"
)  # fmt: skip
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_STRICT = "http://purl.oclc.org/ooxml/officeDocument/relationships"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_STRICT_MAIN = "http://purl.oclc.org/ooxml/spreadsheetml/main"
_WIDTH = b' width="60" customWidth="1"/>'


class Unfit(Exception):
    """The workbook is written in a way that is not understood."""


def annotated(task: Task) -> bytes:
    """The same workbook with the added column, its refused rows coloured, and the added sheets."""
    with zipfile.ZipFile(io.BytesIO(task.data)) as archive:
        try:
            places = sheet_parts(archive)
            parts = {name: archive.read(name) for name in {"xl/workbook.xml", *_fixed(archive), *places.values()}}
        except (KeyError, ValueError, SyntaxError) as fault:
            raise Unfit from fault
        changed = _changed(task, places, parts)
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
            seen = set()
            for entry in archive.infolist():
                if entry.filename not in seen:
                    seen.add(entry.filename)
                    made.writestr(entry.filename, changed.pop(entry.filename, b"") or archive.read(entry))
            for name, part in changed.items():
                made.writestr(name, part)
    return out.getvalue()


def _fixed(archive: zipfile.ZipFile) -> tuple[str, ...]:
    names = ("xl/_rels/workbook.xml.rels", "[Content_Types].xml", "xl/styles.xml")
    return tuple(name for name in names if name in archive.namelist())


def _changed(task: Task, places: dict[str, str], parts: dict[str, bytes]) -> dict[str, bytes]:
    styles = _Styles(parts.get("xl/styles.xml", b""))
    changed: dict[str, bytes] = {}
    for source in task.sources:
        part = places.get(source.name, "")
        if source.said is not None and part in parts:
            changed[part] = _Annotation(task, source, source.said, styles).of(parts[part])
    if styles.is_changed:
        changed["xl/styles.xml"] = styles.xml()
    _add_sheets(task, places, parts, changed)
    return changed


class _Styles:
    """The cell styles, and a coloured twin of each that a refused row uses."""

    def __init__(self, xml: bytes) -> None:
        self._xml = xml
        fills, formats = _FILLS.search(xml), _XFS.search(xml)
        self.usable = bool(fills and formats)
        if fills and formats:
            self._prefix = fills[1]
            self._fill = len(re.findall(rb"<(?:\w+:)?fill\b", fills[2]))
            self._formats: list[bytes] = re.findall(
                rb"<(?:\w+:)?xf\b[^>]*?/>|<(?:\w+:)?xf\b[^>]*>.*?</(?:\w+:)?xf>", formats[2], re.DOTALL
            )
        self._twins: dict[int, int] = {}

    @property
    def is_changed(self) -> bool:
        return bool(self._twins)

    def coloured(self, style: int) -> int:
        """The number of the same style on the colour of refused rows."""
        if not self.usable or style >= len(self._formats):
            return style
        return self._twins.setdefault(style, len(self._formats) + len(self._twins))

    def xml(self) -> bytes:
        p = self._prefix
        twins = b"".join(self._twin(self._formats[style]) for style in self._twins)
        xml = _added(self._xml, _FILLS, b"fills", _FILL % (p, p, p, p, p, p), self._fill + 1)
        return _added(xml, _XFS, b"cellXfs", twins, len(self._formats) + len(self._twins))

    def _twin(self, found: bytes) -> bytes:
        opened, _end, rest = found.partition(b">")
        closed = b"/" if opened.endswith(b"/") else b""
        opened = re.sub(rb'\s(fillId|applyFill)="[^"]*"', b"", opened.removesuffix(b"/"))
        return opened + b' fillId="%d" applyFill="1"' % self._fill + closed + b">" + rest


def _added(xml: bytes, pattern: re.Pattern[bytes], name: bytes, more: bytes, count: int) -> bytes:
    found = pattern.search(xml)
    if found is None:
        raise Unfit
    whole = b'<%s%s count="%d">' % (found[1], name, count) + found[2] + more + b"</%s%s>" % (found[1], name)
    return xml[: found.start()] + whole + xml[found.end() :]


class _Annotation:
    """One sheet while its rows get their cell more."""

    def __init__(self, task: Task, source: Source, said: Said, styles: _Styles) -> None:
        self.said, self.styles = said, styles
        self.column = source.column(task.heading)
        self.letters = _letters(self.column).encode()
        self.texts = said.texts | ({max(said.header_rows): task.heading} if said.header_rows else {})
        self.refused = frozenset(said.refused)
        self.row = 0

    def of(self, xml: bytes) -> bytes:
        """The sheet's part with the column."""
        data = _DATA.search(xml)
        if data is None or data[2] is None:
            raise Unfit
        head, tail = xml[: data.start(2)], xml[data.end(2) :]
        head = re.sub(rb"<(?:\w+:)?dimension\b[^>]*?(?:/>|></(?:\w+:)?dimension>)", b"", head)
        return self._wide(head, data[1]) + _ROW.sub(self._one, data[2]) + tail

    def _wide(self, head: bytes, prefix: bytes) -> bytes:
        """Room for the sentences, unless the width of that column is said already."""
        ours = b'<%scol min="%d" max="%d"' % (prefix, self.column + 1, self.column + 1) + _WIDTH
        cols = _COLS.search(head)
        if cols is None:
            at = head.rindex(b"<" + prefix + b"sheetData")
            return head[:at] + b"<%scols>" % prefix + ours + b"</%scols>" % prefix + head[at:]
        last = max((int(n) for n in re.findall(rb'\bmax="(\d+)"', cols[2])), default=0)
        return head[: cols.end(2)] + ours + head[cols.end(2) :] if last <= self.column else head

    def _one(self, found: re.Match[bytes]) -> bytes:
        prefix, given, cells = found[1], found[2], found[3] or b""
        number = _NUMBER.search(given)
        self.row = int(number[1]) if number else self.row + 1
        if self.row not in self.texts:
            return found[0]
        is_refused = self.row in self.refused
        return (
            b"<%srow" % prefix + _SPANS.sub(b"", given) + b">" + b"".join(self._cells(prefix, cells, is_refused))
            + b"</%srow>" % prefix
        )  # fmt: skip

    def _cells(self, prefix: bytes, cells: bytes, is_refused: bool) -> Iterator[bytes]:
        at, style, is_written = -1, 0, False
        for found in _CELL.finditer(cells):
            place = _PLACE.search(found[2])
            at = column_number(place[1]) if place else at + 1
            if at >= self.column and not is_written:
                yield self._ours(prefix, style, is_refused)
                is_written = True
            if at == self.column:
                continue
            mark = _STYLE.search(found[2])
            style = int(mark[1]) if mark else 0
            yield self._coloured(found, mark, style) if is_refused else found[0]
        if not is_written:
            yield self._ours(prefix, style, is_refused)

    def _coloured(self, found: re.Match[bytes], mark: re.Match[bytes] | None, style: int) -> bytes:
        twin, start = self.styles.coloured(style), len(found[1]) + 2  # "<", the prefix, "c"
        if mark is None:
            return found[0][:start] + b' s="%d"' % twin + found[0][start:]
        begin = start + mark.start()
        return found[0][:begin] + b's="%d"' % twin + found[0][start + mark.end() :]

    def _ours(self, prefix: bytes, style: int, is_refused: bool) -> bytes:
        is_heading = bool(self.said.header_rows) and self.row == max(self.said.header_rows)
        number = style if is_heading else self.styles.coloured(0) if is_refused else 0
        return _text_cell(prefix, self.letters, self.row, self.texts[self.row], number)


def _text_cell(prefix: bytes, letters: bytes, row: int, text: str, style: int = 0) -> bytes:
    """A cell that is text, whatever it begins with."""
    said = escape(_ILLEGAL.sub("", text)[:32_767]).encode()
    return b'<%sc r="%s%d" s="%d" t="inlineStr"><%sis><%st xml:space="preserve">%s</%st></%sis></%sc>' % (
        prefix, letters, row, style, prefix, prefix, said, prefix, prefix, prefix,
    )  # fmt: skip


def _add_sheets(task: Task, places: dict[str, str], parts: dict[str, bytes], changed: dict[str, bytes]) -> None:
    workbook, relations = parts["xl/workbook.xml"], parts["xl/_rels/workbook.xml.rels"]
    types = parts["[Content_Types].xml"]
    is_strict = _STRICT.encode() in workbook or _STRICT_MAIN.encode() in workbook
    kind = _STRICT if is_strict else _RELATIONS
    taken = {int(n) for n in re.findall(rb'\bsheetId="(\d+)"', workbook)}
    for number, (name, rows) in enumerate(task.refused_sheets(), 1):
        sheet = _sheet(rows, _STRICT_MAIN if is_strict else _MAIN)
        if name in places:  # the sheet of an earlier return
            changed[places[name]] = sheet
            continue
        sheet_id = max(taken, default=0) + 1
        taken.add(sheet_id)
        part, relation = f"worksheets/returned{number}.xml", f"rIdReturned{number}"
        changed[f"xl/{part}"] = sheet
        workbook = _before_end(
            workbook, b"sheets",
            b"<%ssheet " + f'xmlns:r="{kind}" name={quoteattr(name)} sheetId="{sheet_id}" r:id="{relation}"/>'.encode(),
        )  # fmt: skip
        relations = _before_end(
            relations, b"Relationships",
            b"<%sRelationship " + f'Id="{relation}" Type="{kind}/worksheet" Target="/xl/{part}"/>'.encode(),
        )  # fmt: skip
        types = _before_end(
            types, b"Types",
            b"<%sOverride " + f'PartName="/xl/{part}" ContentType="application/vnd.openxmlformats-officedocument.'
            'spreadsheetml.worksheet+xml"/>'.encode(),
        )  # fmt: skip
    changed |= {"xl/workbook.xml": workbook, "xl/_rels/workbook.xml.rels": relations, "[Content_Types].xml": types}


def _before_end(xml: bytes, name: bytes, more: bytes) -> bytes:
    found = re.search(rb"</" + _P + name + rb">", xml)
    if found is None:
        raise Unfit
    return xml[: found.start()] + more.replace(b"%s", found[1], 1) + xml[found.start() :]


def _sheet(rows: list[list[object]], namespace: str) -> bytes:
    written = []
    for number, row in enumerate(rows, 1):
        cells = [_any_cell(column, number, cell) for column, cell in enumerate(row) if cell not in ("", None)]
        written.append(b'<row r="%d">' % number + b"".join(cells) + b"</row>")
    head = f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<worksheet xmlns="{namespace}"><sheetData>'
    return head.encode() + b"".join(written) + b"</sheetData></worksheet>"


def _any_cell(column: int, row: int, cell: object) -> bytes:
    letters = _letters(column).encode()
    if isinstance(cell, int | float) and not isinstance(cell, bool) and cell == cell and abs(cell) < 1e300:
        return b'<c r="%s%d"><v>%s</v></c>' % (letters, row, repr(cell).encode())
    return _text_cell(b"", letters, row, str(cell))


def _letters(index: int) -> str:
    letters, index = "", index + 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
