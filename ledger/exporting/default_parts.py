"""What the default templates are put together from: an empty A4, paragraphs, a table whose rows come from a list."""

from collections.abc import Sequence
from typing import Any

from docx import Document
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Cm, Pt

FONT, TITLE_FONT = "仿宋", "宋体"
CENTRE = WD_ALIGN_PARAGRAPH.CENTER


def blank() -> Any:
    """An empty A4, upright."""
    document = Document()
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2.5)
    section.top_margin = section.bottom_margin = Cm(2.2)
    style = document.styles["Normal"]
    style.font.name, style.font.size = FONT, Pt(12)
    style.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), FONT)
    document.core_properties.author = document.core_properties.title = document.core_properties.comments = ""
    return document


def write(
    paragraph: Any, text: str, *, size: float = 12, bold: bool = False, font: str = FONT, align: Any = None
) -> Any:
    """Add a text to a paragraph."""
    run = paragraph.add_run(text)
    run.font.size, run.bold, run.font.name = Pt(size), bold, font
    run._element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), font)
    if align is not None:
        paragraph.alignment = align
    return paragraph


def title(document: Any, text: str, *, size: float = 20) -> None:
    """The name of the paper, or of one of its parts."""
    paragraph = document.add_paragraph()
    paragraph.paragraph_format.space_after = Pt(8)
    write(paragraph, text, size=size, bold=True, font=TITLE_FONT, align=CENTRE)


def heading(document: Any, text: str) -> None:
    """一、…"""
    paragraph = document.add_paragraph()
    paragraph.paragraph_format.space_before = Pt(8)
    paragraph.paragraph_format.keep_with_next = True
    write(paragraph, text, size=14, bold=True)


def body(document: Any, *texts: str) -> None:
    """Paragraphs with two signs of indent."""
    for text in texts:
        paragraph = document.add_paragraph()
        paragraph.paragraph_format.first_line_indent = Pt(28)
        paragraph.paragraph_format.line_spacing = 1.4
        write(paragraph, text, size=14)


def across(document: Any) -> None:
    """From here on A4 across."""
    section = document.add_section(WD_SECTION.NEW_PAGE)
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = Cm(29.7), Cm(21)
    section.left_margin = section.right_margin = Cm(1.5)
    section.top_margin = section.bottom_margin = Cm(1.5)


def rows_of(document: Any, name: str, columns: Sequence[tuple[str, str, float]]) -> None:
    """A table with a row for each of a list: ``columns`` are heading, column of the list, width in centimetres."""
    table = document.add_table(rows=4, cols=len(columns))
    table.style, table.alignment, table.autofit = "Table Grid", WD_TABLE_ALIGNMENT.CENTER, False
    head, first, row, last = table.rows
    head._tr.get_or_add_trPr().append(head._tr.makeelement(qn("w:tblHeader"), {}))
    for each in (head, row):
        each._tr.get_or_add_trPr().append(each._tr.makeelement(qn("w:cantSplit"), {}))
    for at, (heading_text, column, width) in enumerate(columns):
        table.columns[at].width = Cm(width)
        for each in table.rows:
            each.cells[at].width = Cm(width)
        write(head.cells[at].paragraphs[0], heading_text, size=10, bold=True, align=CENTRE)
        write(row.cells[at].paragraphs[0], "{{ " + name + "行." + column + " }}", size=9.5)
    write(first.cells[0].paragraphs[0], "{%tr for " + name + "行 in " + name + " %}", size=9)
    write(last.cells[0].paragraphs[0], "{%tr endfor %}", size=9)
