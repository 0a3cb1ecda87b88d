"""More of the same: rows between and around the data, and what other programs write."""

import io
import re
import zipfile
from typing import Any

from tests.importing.messy import HEADS, A, B, C, Messy, data_of, messy, people, sheet_of
from tests.importing.workbooks import book, saved, with_part


@messy
def columns_counted_below_the_headings() -> Messy:
    return Messy(data_of(sheet_of(HEADS, [1, 2, 3, 4, 5, 6], A, B, C)))


@messy
def an_apostrophe_behind_the_id() -> Messy:
    return Messy(data_of(sheet_of(HEADS, *[[*row[:3], f" {row[3]}\u2019", *row[4:]] for row in (A, B, C)])))


@messy
def a_row_of_units_below_the_headings() -> Messy:
    return Messy(data_of(sheet_of(HEADS, ["", "", "", "", "", "（人）"], A, B, C)))


@messy
def subtotals_after_each_village() -> Messy:
    first, second = ["六龙社区小计", "", "1户", "", "", 2], ["小  计", "", "", "", "", 5]
    return Messy(data_of(sheet_of(HEADS, A, first, B, second, C, ["总计", "", "3户", "", "", 14])))


@messy
def a_wrong_extent() -> Messy:
    """Some programs write that the sheet is one cell large."""
    data, part = data_of(sheet_of(HEADS, A, B, C)), "xl/worksheets/sheet1.xml"
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        xml = archive.read(part)
    return Messy(with_part(data, part, re.sub(rb'<dimension ref="[^"]*"', b'<dimension ref="A1:A1"', xml)))


@messy
def a_village_over_two_rows_of_a_web_page() -> Messy:
    rows = [*A[1:]], [*B[1:]], [*C]
    cells = ["".join(f"<td>{cell}</td>" for cell in row) for row in rows]
    page = f"<tr><th>{'<th>'.join(HEADS)}</tr><tr><td rowspan=2>六龙社区</td>{cells[0]}</tr>"
    data = f"<html><meta charset=utf-8><table>{page}<tr>{cells[1]}</tr><tr>{cells[2]}</tr></table></html>"
    return Messy(data.encode(), people(village=["六龙社区", "六龙社区", "花苑村"]))


@messy
def titles_and_a_total_around_a_csv() -> Messy:
    lines = ["洛社镇农户登记表,,,,,", "填报单位：洛社镇,,,日期：2026年6月,,", ",".join(HEADS)]
    lines += [",".join(f'"{cell}"' for cell in row) for row in (A, B, C)]
    return Messy("\r\n".join([*lines, "合计,,,,,14"]).encode("gb18030"))


@messy
def wide_digits_in_every_column() -> Messy:
    def wide(cell: Any) -> str:
        return str(cell).translate({code: code + 0xFEE0 for code in range(ord("0"), ord("9") + 1)})

    return Messy(data_of(sheet_of(HEADS, *[[wide(cell) for cell in row] for row in (A, B, C)])))


@messy
def an_id_merged_over_an_empty_row() -> Messy:
    sheet = sheet_of(HEADS, A, B, C, [""] * 6)
    sheet.merge_cells("D4:D5")
    return Messy(data_of(sheet))


@messy
def a_heading_on_every_page() -> Messy:
    return Messy(data_of(sheet_of(["洛社镇户册"], HEADS, A, ["洛社镇户册（续）"], HEADS, B, ["第2页 共2页"], C)))


@messy
def a_sheet_for_each_village() -> Messy:
    sheets = [(row[0], [HEADS[1:], row[1:]]) for row in (A, B, C)]
    return Messy(saved(book(*sheets)))
