"""The catalogue tool: what it finds, what it keeps, what it refuses."""

import json

import polib
import pytest

from scripts import messages

PYTHON = """
from django.utils.translation import gettext as _, gettext_lazy, ngettext, pgettext
A = _("Plain " "joined")
B = gettext_lazy("Lazy")
C = ngettext("%(n)s house", "%(n)s houses", 2)
D = pgettext("month", "May")
E = _(A)
"""
TEMPLATE = """
{% load i18n %}
<div title="{% translate "50%" %}">
        {% blocktranslate trimmed with a=b %}
            Hello <b>{{ a }}</b>,
            don't go
        {% endblocktranslate %}
    {% blocktranslate count n=rows|length context "rows" %}one row{% plural %}{{ n }} rows{% endblocktranslate %}
  {{ x|default:_("Nothing") }} {% if x == 'it' %}{% translate 'A "quote"' as q %}{% endif %}
</div>
"""
KEYS = {
    "Plain joined",
    "Lazy",
    "%(n)s house",
    "month\x04May",
    "50%%",
    "Hello <b>%(a)s</b>, don't go",
    "rows\x04one row",
    "Nothing",
    'A "quote"',
}


@pytest.fixture
def root(tmp_path):
    (tmp_path / "ledger").mkdir()
    (tmp_path / "templates").mkdir()
    (tmp_path / "ledger" / "a.py").write_text(PYTHON, encoding="utf-8")
    (tmp_path / "templates" / "a.html").write_text(TEMPLATE, encoding="utf-8")
    return tmp_path


def run(root, **added):
    return messages.update(added.get("added", {}), root / "pending.json", root)


def chinese(root):
    return messages.translations(messages.read_po("zh_Hans", root), "zh_Hans")


def test_finds_every_string_of_code_and_templates(root):
    found, faults = messages.collect(root)
    assert (set(found), faults) == (KEYS, [])
    assert found["rows\x04one row"].plural == "%(n)s rows"


def test_english_says_the_source_and_may_be_overridden(root):
    run(root, added={"en:Lazy": "At ease"})
    english = polib.mofile(str(messages.po_path("en", root).with_suffix(".mo")))
    assert english.find("Lazy").msgstr == "At ease"
    assert english.find("Plain joined").msgstr == "Plain joined"
    assert english.find("%(n)s house").msgstr_plural == {0: "%(n)s house", 1: "%(n)s houses"}


def test_translation_survives_the_absence_of_its_string(root):
    note = run(root, added={"Later": "以后", "Lazy": "懒"})
    assert note == ["not in the code (yet), kept aside: 'Later'"]
    source = root / "ledger" / "a.py"
    source.write_text('_("Later")', encoding="utf-8")
    run(root)
    assert chinese(root) == {"Later": "以后"}
    assert json.loads((root / "pending.json").read_text(encoding="utf-8")) == {"Lazy": "懒"}
    source.write_text(PYTHON, encoding="utf-8")
    run(root)
    assert chinese(root) == {"Lazy": "懒"}


def test_output_is_stable(root):
    run(root, added={"Lazy": "懒", "%(n)s house": ["%(n)s 户"]})
    first = {path: path.read_bytes() for path in root.rglob("django.*")}
    run(root)
    assert {path: path.read_bytes() for path in root.rglob("django.*")} == first
    assert len(first) == 4


def test_unreadable_file_is_named_and_does_not_stop_the_rest(root):
    (root / "templates" / "b.html").write_text("{% blocktranslate %}a{% if %}", encoding="utf-8")
    found, faults = messages.collect(root)
    assert set(found) == KEYS
    assert len(faults) == 1
    assert faults[0].startswith("templates/b.html: cannot be read for strings")


def test_check_names_each_kind_of_fault(root):
    good = dict.fromkeys(KEYS, "好") | {
        "%(n)s house": ["%(n)s 户"],
        "Hello <b>%(a)s</b>, don't go": "你好 <b>%(a)s</b>",
        "rows\x04one row": ["%(n)s 行"],
        "50%%": "五成",
    }
    run(root, added=good)
    assert messages.check(root) == []
    run(root, added={"Lazy": "Lazy", "Hello <b>%(a)s</b>, don't go": "你好 <i>%(b)s", "50%%": "50%"})
    assert [fault.split(": ")[1] for fault in messages.check(root)] == [
        "a single % in a formatted string (write %%)",
        "other %(…)s placeholders than the source",
        "other HTML tags than the source",
        "still English",
    ]
    run(root, added=good)
    (root / "ledger" / "a.py").write_text(PYTHON.replace('_("Plain', '_("New'), encoding="utf-8")
    assert [fault.split(": ", 1)[1] for fault in messages.check(root)] == [
        "missing (run extract): 'New joined'",
        "stale (run extract): 'Plain joined'",
    ] * 2
    run(root)
    assert messages.check(root) == ["locale/zh_Hans/LC_MESSAGES/django.po: untranslated: 'New joined'"]
    messages.po_path("zh_Hans", root).with_suffix(".mo").write_bytes(b"")
    assert messages.check(root)[-1] == "locale/zh_Hans/LC_MESSAGES/django.mo: differs from its .po (run compile)"


@pytest.mark.parametrize(
    ("source", "translated", "fault"),
    [
        ("{n} rows", "{m} 行", "other {…} placeholders than the source"),
        ("%s rows", "行", "other %s placeholders than the source"),
        ("Name: ", "姓名：", "other space at an end than the source"),
        ("{n} rows", "{n} 行", None),
        ("100%", "100%", None),
    ],
)
def test_text_faults(source, translated, fault):
    assert list(messages.text_faults(source, translated)) == ([fault] if fault else [])


def test_adding_a_broken_file_is_refused(tmp_path):
    for text in ("{", "[]", '{"a": 1}'):
        (tmp_path / "x.json").write_text(text, encoding="utf-8")
        with pytest.raises(SystemExit):
            messages.main(["add", str(tmp_path / "x.json"), "--pending", str(tmp_path / "p.json")])
