"""Rows of a sheet that speak of the rows around them: totals, footers, and a village above its households."""

import re
from dataclasses import replace

from ledger.importing import values
from ledger.importing.columns import Layout, Role
from ledger.importing.reading import Cell, Sheet
from ledger.importing.villages import Villages

TOTAL = re.compile(
    r"(.{0,20}(合计|小计|总计|共计|累计)|总数|总户数|总人口数?|(接上|承上|承前|转下|过次)页)([:：]|共?[0-9].*)?|其中([:：].*)?"
)
FOOTER = re.compile(
    r"填\s*[表报]|制\s*表|审\s*核|负\s*责\s*人|盖\s*章|^注[:：]|^说\s*明[:：]?|^备\s*注[:：]|^填写|^附[:：]|联系电话[:：]"
)
_PAGE = re.compile(r"第?[0-9]+页(?:.*[0-9]+页)?")
_LABEL = re.compile(r"^(?:村名|村别|所属村|行政村|村|社区)(?:名称)?[:：]")


def with_banners(sheet: Sheet, layout: Layout, villages: Villages) -> Layout:
    """Where each village stands in a row of its own above its households: the same with a column that names it.

    Every such row counts: below one that names no village we know the households are told, and not taken for those of
    the village above. A sheet that begins with a household is left as it is.
    """
    if layout.role != Role.HOUSEHOLDS or layout.village or {"village", "village_group"} & set(layout.columns):
        return layout
    banners: list[tuple[list[Cell], str]] = []
    below: list[tuple[list[Cell], str]] = []
    for row in sheet.rows[layout.first :]:
        name = _banner(row)
        if name:
            banners.append((row, name))
        elif any(not values.is_blank(cell) for cell in row):
            if not banners:
                return layout
            below.append((row, banners[-1][1]))
    if not any(villages.find(name).place for _row, name in banners):
        return layout
    width = max(map(len, sheet.rows))
    for row, _name in banners:
        row.clear()
    for row, name in banners + below:
        row.extend([""] * (width - len(row)))
        row.append(name)
    return replace(layout, columns=layout.columns | {"village": width})


def _banner(row: list[Cell]) -> str:
    """The only text of a row, unless it is a total, a footer or the number of a page."""
    texts = [cell for cell in row if not values.is_blank(cell)]
    if len(texts) != 1 or not isinstance(texts[0], str):
        return ""
    text = values.clean_number(texts[0])
    if TOTAL.fullmatch(text) or FOOTER.search(text) or _PAGE.fullmatch(text):
        return ""
    return _LABEL.sub("", text)
