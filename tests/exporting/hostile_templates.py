"""Word templates that try something: each with the code by which it is refused."""

import io
import zipfile
from collections.abc import Callable

from docx import Document

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def saying(*paragraphs: str) -> bytes:
    """A document of these paragraphs."""
    document = Document()
    for text in paragraphs:
        document.add_paragraph(text)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def changed(data: bytes, name: str, change: Callable[[bytes], bytes]) -> bytes:
    """The same zip with one part changed, or added."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            new.writestr(entry.filename, change(old.read(entry)) if entry.filename == name else old.read(entry))
        if name not in old.namelist():
            new.writestr(name, change(b""))
    return out.getvalue()


def instruction(text: str) -> bytes:
    run = f"<w:r><w:instrText>{text}</w:instrText></w:r></w:p>".encode()
    return changed(saying("{{ 标题 }}"), "word/document.xml", lambda xml: xml.replace(b"</w:p>", run, 1))


def relation(target: str) -> bytes:
    added = f'<Relationship Id="rId99" Type="x/image" Target="{target}" TargetMode="External"/></Relationships>'
    return changed(
        saying("{{ 标题 }}"), "word/_rels/document.xml.rels",
        lambda xml: xml.replace(b"</Relationships>", added.encode()),
    )  # fmt: skip


def entities() -> bytes:
    bomb = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
    return changed(saying("x"), "word/document.xml", lambda xml: bomb + xml.partition(b"?>")[2])


def footnoted(text: str) -> bytes:
    """A tag where no paragraph shows it."""
    kind = (
        b'<Override PartName="/word/footnotes.xml" ContentType="application/vnd.openxmlformats-officedocument'
        b'.wordprocessingml.footnotes+xml"/></Types>'
    )
    added = (
        b'<Relationship Id="rId98" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/footnotes"'
        b' Target="footnotes.xml"/></Relationships>'
    )
    data = changed(saying("x"), "[Content_Types].xml", lambda xml: xml.replace(b"</Types>", kind))
    data = changed(data, "word/_rels/document.xml.rels", lambda xml: xml.replace(b"</Relationships>", added))
    note = f"<w:footnotes {W}><w:footnote><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:footnote></w:footnotes>"
    return changed(data, "word/footnotes.xml", lambda _none: note.encode())


def titled(text: str) -> bytes:
    document = Document()
    document.core_properties.title = text
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def bomb() -> bytes:
    return changed(saying("x"), "word/media/a.png", lambda _none: b"\x00" * 30_000_000)


HOSTILE: dict[str, tuple[bytes, str]] = {
    "internals": (saying("{{ ''.__class__.__mro__ }}"), "not_allowed"),
    "internals of a field": (saying("{{ 标题.__class__ }}"), "not_allowed"),
    "internals of a row": (saying("{% for 行 in 办理经过 %}{{ 行.__class__ }}{% endfor %}"), "unknown"),
    "an attribute by name": (saying("{{ 标题['__class__'] }}"), "not_allowed"),
    "a call": (saying("{{ 标题.upper() }}"), "not_allowed"),
    "a function of the language": (saying("{{ range(10) }}"), "not_allowed"),
    "a long loop": (saying("{% for x in range(10**9) %}x{% endfor %}"), "not_allowed"),
    "loops in loops": (saying("{% for a in 办理经过 %}{% for b in 办理经过 %}x{% endfor %}{% endfor %}"), "nested"),
    "arithmetic": (saying("{{ 标题 * 1000000000 }}"), "not_allowed"),
    "a power": (saying("{{ 9 ** 9 ** 9 }}"), "not_allowed"),
    "a filter": (saying("{{ 标题|attr('__class__') }}"), "not_allowed"),
    "another template": (saying("{% include '/etc/passwd' %}"), "not_allowed"),
    "an own name": (saying("{% set a = 1 %}"), "not_allowed"),
    "a macro": (saying("{% macro a() %}x{% endmacro %}"), "not_allowed"),
    "the loop itself": (saying("{% for 行 in 办理经过 %}{{ loop.index }}{% endfor %}"), "not_allowed"),
    "a tag over several paragraphs": (saying("{{ 标题.__class__", "}}"), "broken"),
    "in a footnote": (footnoted("{{ 标题.__class__ }}"), "not_allowed"),
    "in the title": (titled("{{ 标题.__class__ }}"), "not_allowed"),
    "an unknown field": (saying("反映人：{{ 身份证号 }}"), "unknown"),
    "an unknown list": (saying("{% for x in 成员 %}{% endfor %}"), "no_list"),
    "no end": (saying("{% if 结果 %}有结果"), "unbalanced"),
    "a broken tag": (saying("{{ 标题 }"), "broken"),
    "a linked picture": (relation("http://example.org/a.png"), "fetches"),
    "a file of the server": (relation("file:///etc/passwd"), "fetches"),
    "entities": (entities(), "declares"),
    "a field that runs": (instruction(' DDEAUTO c:\\\\cmd.exe "/c calc" '), "field"),
    "a field that reads": (instruction(' INCLUDETEXT "/etc/passwd" '), "field"),
    "macros": (changed(saying("x"), "word/vbaProject.bin", lambda _none: b"x"), "runs"),
    "an object": (changed(saying("x"), "word/embeddings/oleObject1.bin", lambda _none: b"x"), "runs"),
    "a bomb": (bomb(), "too_large"),
    "a zip of something else": (changed(b"PK\x05\x06" + b"\x00" * 18, "a.txt", lambda _none: b"x"), "no_docx"),
    "no zip": (b"%PDF-1.7", "no_docx"),
    "nothing": (b"", "no_docx"),
    "many tags": (saying(*["{{ 标题 }}"] * 401), "too_many_tags"),
}
