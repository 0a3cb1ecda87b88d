"""Word papers: a template and plain texts go to a child process, a document or a sentence comes back."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ledger.exporting.paper_fields import example_of, names_of

MOST_UPLOADED = 2 * 1024 * 1024
_ROOT = Path(__file__).resolve().parents[2]
_WALL_SECONDS = 20
"""The processor's time is limited in the child; this only ends one that hangs."""

SENTENCES: dict[str, Promise | str] = {
    "no_docx": _("This is no Word document of the kind .docx, or it is damaged. Save it in Word or WPS as .docx."),
    "too_large": _("The document is too large or too involved. Leave out pictures and save it anew."),
    "too_many_tags": _("The document holds more than 400 tags."),
    "runs": _("The document holds macros or embedded objects. Take them out and save it as .docx."),
    "declares": _("The document declares entities of its own, which no Word writes. Save it anew in Word or WPS."),
    "fetches": _(
        "The document points to something outside itself (a link, a linked picture, a template). Take it out."
    ),
    "field": _(
        "The document holds a Word field that may read or run something: %(what)s. Only page numbers may stay."
    ),
    "unknown": _("“%(what)s” is not in the list of fields. It stands here: %(place)s"),
    "no_list": _("“%(what)s” is no list to go through. It stands here: %(place)s"),
    "broken": _("A tag is broken: %(what)s. It stands here: %(place)s"),
    "not_allowed": _(
        "This tag can't be used: %(what)s. Only fields, if and for over a list may be. It stands here: %(place)s"
    ),
    "unbalanced": _("An if or a for has no end, or an end has no beginning: %(what)s"),
    "nested": _("A for can't stand inside another one."),
}  # fmt: skip


class PaperRefused(Exception):
    """A template that is not used; the text is the sentence for who handed it in."""


def check_template(kind: str, data: bytes) -> None:
    """Fill the template with the examples; raises PaperRefused."""
    fill(kind, data, example_of(kind))


def fill(kind: str, template: bytes, values: dict[str, Any]) -> bytes:
    """The document; raises PaperRefused. The child has half a gigabyte and eight seconds, no keys and no settings."""
    fields, lists = names_of(kind)
    asked = {"fields": fields, "lists": lists, "values": values}
    try:
        done = subprocess.run(  # our own program, no shell, nothing of the user's in its arguments
            [sys.executable, "-m", "ledger.exporting.filler"],
            input=json.dumps(asked).encode() + b"\n" + template, capture_output=True, timeout=_WALL_SECONDS,
            check=False, cwd=_ROOT, env={"PYTHONIOENCODING": "utf-8", "LC_ALL": "C.UTF-8"},
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise PaperRefused(str(SENTENCES["too_large"])) from None
    line, _end, made = done.stdout.partition(b"\n")
    try:
        said = json.loads(line)
    except ValueError:
        said = {"refused": "too_large"}  # it ended without an answer: out of memory or out of time
    if said.get("ok") is True:
        return made
    sentence = str(SENTENCES.get(said["refused"], SENTENCES["no_docx"]))
    raise PaperRefused(sentence % {"what": said.get("what", ""), "place": said.get("place", "")})
