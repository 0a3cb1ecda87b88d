"""Word templates: the default ones and what a county changes fill; what tries something is refused with a sentence."""

import io
import time

import pytest
from docx import Document

from ledger.exporting.default_papers import ROWS, default_template
from ledger.exporting.paper_fields import FIELDS, example_of
from ledger.exporting.word import SENTENCES, PaperRefused, fill
from ledger.models import PaperKind
from ledger.models.papers import ISSUE_PAPERS
from tests.exporting.hostile_templates import HOSTILE, saying


def words_of(data: bytes) -> str:
    document = Document(io.BytesIO(data))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(paragraph.text for paragraph in document.paragraphs), *cells])


@pytest.mark.parametrize("kind", ISSUE_PAPERS)
def test_the_default_template_fills(kind: str) -> None:
    said = words_of(fill(kind, default_template(kind), example_of(kind)))
    assert "{" not in said
    shown = {field.name for field in FIELDS[kind] if field.example in said}
    assert {"事项编号", "反映内容", "办理情况", "结果"} <= shown


def test_the_covering_document_has_the_cells_of_the_office() -> None:
    document = Document(io.BytesIO(default_template(PaperKind.COVERING)))
    labels = [list(dict.fromkeys(cell.text for cell in row.cells))[::2] for row in document.tables[0].rows]
    assert labels == [
        ["编号", "日期"], ["事项编号", "来源"], ["反映人", "电话"], ["村组", "类别"], ["反映内容"], ["拟办意见"],
        ["领导批示"], ["牵头", "协办"], ["包案领导", "时限"], ["签收人", "时间"], ["办理结果"], ["回访"], ["销号意见"],
    ]  # fmt: skip
    section = document.sections[0]
    assert section.page_height > section.page_width
    assert len(ROWS) == 13


def test_what_a_county_writes_fills_too() -> None:
    data = saying(
        "{{ 标题 }}、{{ 反映人 }}{% if 电话 %}（{{ 电话 }}）{% else %}（无电话）{% endif %}",
        "{%p for 行 in 办理经过 %}", "{{ 行.时间 }} {{ 行.环节 }}", "{%p endfor %}", "{# 备注 #}",
    )  # fmt: skip
    values = example_of(PaperKind.REPLY) | {"标题": "<b>&{{ 7*7 }}\x07", "电话": ""}
    said = words_of(fill(PaperKind.REPLY, data, values))
    assert said == "<b>&{{ 7*7 }}、林阿土（无电话）\n2026年3月2日 09:10 登记\n2026年3月3日 10:20 签收\n"


@pytest.mark.parametrize("name", HOSTILE)
def test_what_tries_something_is_refused_with_a_sentence(name: str) -> None:
    data, code = HOSTILE[name]
    began = time.monotonic()
    with pytest.raises(PaperRefused) as refused:
        fill(PaperKind.COVERING, data, example_of(PaperKind.COVERING))
    pattern = str(SENTENCES[code]).split("%(", maxsplit=1)[0]
    assert pattern in str(refused.value), str(refused.value)
    assert "passwd" not in str(refused.value) or code in {"not_allowed", "field"}
    assert time.monotonic() - began < 25


def test_the_sentence_names_the_field_and_its_place() -> None:
    with pytest.raises(PaperRefused) as refused:
        fill(PaperKind.COVERING, saying("正文", "反映人：{{ 身份证号 }}"), example_of(PaperKind.COVERING))
    assert str(refused.value) == "“身份证号”不在可用字段里。位置：反映人：{{ 身份证号 }}"
