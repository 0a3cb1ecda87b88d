"""A checked .docx, filled with plain texts."""

import io
import re
from collections.abc import Iterator
from typing import Any

from docx import Document
from docx.opc.exceptions import PackageNotFoundError
from docxtpl import DocxTemplate
from jinja2 import TemplateError
from lxml.etree import XMLSyntaxError

from ledger.exporting.filler.packages import check_package
from ledger.exporting.filler.refusal import Refused
from ledger.exporting.filler.tags import Names, check_source, check_tags, environment

_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def filled(data: bytes, asked: dict[str, Any]) -> bytes:
    """The document with its fields filled in; raises Refused."""
    check_package(data)
    names = Names(asked["fields"], asked["lists"])
    try:
        check_tags(list(_paragraphs(Document(io.BytesIO(data)))), names)
        template = DocxTemplate(io.BytesIO(data))
        template.init_docx()
        for source in _sources(template):
            check_source(source, names)
        template.render(_plain(asked["values"]), jinja_env=environment(), autoescape=True)
        out = io.BytesIO()
        template.save(out)
        Document(io.BytesIO(out.getvalue()))
    except (PackageNotFoundError, KeyError, ValueError, XMLSyntaxError, AttributeError) as fault:
        raise Refused("no_docx", type(fault).__name__) from None
    except TemplateError as fault:
        raise Refused("unbalanced", str(fault)) from None
    return out.getvalue()


def _plain(value: Any) -> Any:
    """Texts without the signs that no XML may hold."""
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return _NOT_XML.sub("", str(value))


def _sources(template: DocxTemplate) -> Iterator[str]:
    """Every part that is rendered, as the language sees it."""
    yield template.patch_xml(template.get_xml())
    for uri in (template.HEADER_URI, template.FOOTER_URI):
        for _key, part in template.get_headers_footers(uri):
            yield template.patch_xml(template.get_part_xml(part))
    for part in template.docx.part.package.iter_parts():
        if part.content_type.endswith(".footnotes+xml"):
            yield template.patch_xml(part.blob.decode("utf-8", "replace"))
    for prop in ("author", "comments", "identifier", "language", "subject", "title"):
        yield str(getattr(template.docx.core_properties, prop) or "")


def _paragraphs(document: Any) -> Iterator[tuple[str, str]]:
    """Each paragraph's text with itself as the place: that is what somebody finds again in Word."""
    blocks = [document, *(each for s in document.sections for each in (s.header, s.footer))]
    for block in blocks:
        yield from _texts(block)


def _texts(block: Any, depth: int = 0) -> Iterator[tuple[str, str]]:
    for paragraph in block.paragraphs:
        yield paragraph.text.strip(), paragraph.text
    if depth > 5:
        raise Refused("too_large")
    for table in block.tables:
        for row in table.rows:
            said = " ".join(cell.text.strip() for cell in _once(row.cells))
            for cell in _once(row.cells):
                for place, text in _texts(cell, depth + 1):
                    yield place if len(place) > 12 else said, text


def _once(cells: Any) -> list[Any]:
    """A merged cell is told once."""
    return list({id(cell._tc): cell for cell in cells}.values())
