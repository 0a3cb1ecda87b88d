#!/usr/bin/env python
"""The translation catalogues, without GNU gettext on the machine.

    messages.py extract              collect the strings of the code into locale/, keep what is translated, compile
    messages.py add FILE.json …      the same, after merging translations: {"Homes": "户", "%(n)s home": ["%(n)s 户"]}
    messages.py missing              print what still lacks Chinese, as JSON to fill in and give to ``add``
    messages.py compile              write the .mo files from the .po files
    messages.py check                list every fault; exit code 1 when there is one

A key of FILE.json is the English source string, with "context\\u0004" in front when it has one. A key that starts
with "en:" words the English face otherwise than the source. Translations of strings that the code does not
(yet, or any longer) hold wait in the pending file and are taken up when the string appears.
"""

import argparse
import contextlib
import fcntl
import io
import json
import os
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import polib
from babel.messages.extract import extract as babel_extract
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ("accounts", "config", "ledger", "templates")
PENDING = ROOT / "var" / "messages_pending.json"
CHINESE, ENGLISH = "zh_Hans", "en"
PLURALS = {CHINESE: "nplurals=1; plural=0;", ENGLISH: "nplurals=2; plural=(n != 1);"}
FORMS = {CHINESE: 1, ENGLISH: 2}
CONTEXT_END = "\x04"
ENGLISH_MARK = "en:"
KEYWORDS = {
    **dict.fromkeys(("_", "gettext", "gettext_lazy", "gettext_noop")),
    **dict.fromkeys(("ngettext", "ngettext_lazy"), (1, 2)),
    **dict.fromkeys(("pgettext", "pgettext_lazy"), ((1, "c"), 2)),
    **dict.fromkeys(("npgettext", "npgettext_lazy"), ((1, "c"), 2, 3)),
}
SAME_IN_CHINESE = frozenset({"English"})
"""Strings whose Chinese is the English: the name of the other language, to be found by who reads only that."""

Translation = str | list[str]
Translations = dict[str, Translation]


@dataclass
class Message:
    """One translatable string of the code and the files that hold it."""

    msgid: str
    plural: str = ""
    context: str = ""
    files: set[str] = field(default_factory=set)

    @property
    def key(self) -> str:
        return f"{self.context}{CONTEXT_END}{self.msgid}" if self.context else self.msgid

    @property
    def english(self) -> Translation:
        return [self.msgid, self.plural] if self.plural else self.msgid


def collect(root: Path = ROOT) -> tuple[dict[str, Message], list[str]]:
    """All strings of the code by key, and the faults met: files that do not parse, two plurals of one string."""
    found: dict[str, Message] = {}
    faults: list[str] = []
    for path in _sources(root):
        name = path.relative_to(root).as_posix()
        try:
            for message in _strings(path):
                known = found.setdefault(message.key, message)
                if known.plural and message.plural and known.plural != message.plural:
                    faults.append(f"{name}: a second plural for {message.msgid!r}")
                known.plural = known.plural or message.plural
                known.files.add(name)
        except Exception as error:
            # A colleague's half-saved file must not stop the others: it is named, and its strings wait in pending.
            faults.append(f"{name}: cannot be read for strings: {error}")
    return found, faults


def _sources(root: Path) -> Iterator[Path]:
    for folder in SOURCES:
        for path in sorted((root / folder).rglob("*")):
            if path.suffix in {".py", ".html", ".txt"} and "migrations" not in path.parts:
                yield path


def _strings(path: Path) -> Iterator[Message]:
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        # templatize keeps the template's indentation, which Python's tokenizer would take for blocks.
        text = "\n".join(line.strip() for line in templatize(text, origin=str(path)).splitlines())
    for _line, ids, _comments, context in babel_extract("python", io.BytesIO(text.encode()), keywords=KEYWORDS):
        msgid, plural = ids[:2] if isinstance(ids, tuple) else (ids, "")
        if msgid:
            yield Message(msgid, plural, context or "")


def po_path(language: str, root: Path = ROOT) -> Path:
    return root / "locale" / language / "LC_MESSAGES" / "django.po"


def read_po(language: str, root: Path = ROOT) -> polib.POFile:
    """The stored catalogue, or an empty one."""
    path = po_path(language, root)
    return polib.pofile(str(path), wrapwidth=0) if path.exists() else polib.POFile(wrapwidth=0)


def entry_key(entry: polib.POEntry) -> str:
    return f"{entry.msgctxt}{CONTEXT_END}{entry.msgid}" if entry.msgctxt else str(entry.msgid)


def entry_value(entry: polib.POEntry) -> Translation:
    """What the entry says: a string, or the list of its plural forms; empty when untranslated."""
    if entry.msgid_plural:
        forms = [entry.msgstr_plural[number] for number in sorted(entry.msgstr_plural)]
        return forms if any(forms) else []
    return str(entry.msgstr)


def translations(catalogue: polib.POFile, language: str) -> Translations:
    """The translations worth keeping: for English only what differs from the source."""
    kept: Translations = {}
    for entry in catalogue:
        source = [entry.msgid, entry.msgid_plural] if entry.msgid_plural else entry.msgid
        value = entry_value(entry)
        if value and not entry.fuzzy and not (language == ENGLISH and value == source):
            kept[entry_key(entry)] = value
    return kept


def build(language: str, found: Mapping[str, Message], known: Translations) -> polib.POFile:
    """A catalogue of exactly the found strings, sorted, without dates or line numbers: it merges well."""
    catalogue = polib.POFile(wrapwidth=0)
    catalogue.metadata = {
        "Project-Id-Version": "village-ledger",
        "Language": language,
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
        "Plural-Forms": PLURALS[language],
    }
    for key in sorted(found):
        message = found[key]
        value = known.get(key) or (message.english if language == ENGLISH else "")
        entry = polib.POEntry(msgid=message.msgid, occurrences=[(name, "") for name in sorted(message.files)])
        entry.msgctxt = message.context or None
        if message.plural:
            forms = value if isinstance(value, list) else [value]
            entry.msgid_plural = message.plural
            entry.msgstr_plural = {number: (forms[number : number + 1] or [""])[0] for number in range(FORMS[language])}
        else:
            entry.msgstr = (value or [""])[0] if isinstance(value, list) else value
        catalogue.append(entry)
    return catalogue


def update(added: Mapping[str, Translation], pending: Path = PENDING, root: Path = ROOT) -> list[str]:
    """Collect, merge, write and compile both catalogues; returns the faults met and the added keys not found."""
    with _only_one(root):
        found, notes = collect(root)
        waiting: Translations = _read_json(pending) | dict(added)
        left: Translations = {}
        for language, mark in ((CHINESE, ""), (ENGLISH, ENGLISH_MARK)):
            known = translations(read_po(language, root), language)
            known |= {
                key.removeprefix(mark): value
                for key, value in waiting.items()
                if key.startswith(ENGLISH_MARK) == bool(mark) and value
            }
            _write(po_path(language, root), str(build(language, found, known)).encode())
            left |= {mark + key: value for key, value in known.items() if key not in found}
        compile_all(root)
        if left or pending.exists():
            pending.parent.mkdir(parents=True, exist_ok=True)
            _write(pending, json.dumps(left, ensure_ascii=False, indent=1, sort_keys=True).encode())
    return notes + [f"not in the code (yet), kept aside: {key!r}" for key in added if key in left]


def compile_all(root: Path = ROOT) -> None:
    """Write each .mo from its .po; the same .po gives the same bytes."""
    for language in (CHINESE, ENGLISH):
        _write(po_path(language, root).with_suffix(".mo"), read_po(language, root).to_binary())


def check(root: Path = ROOT) -> list[str]:
    """Every fault of the stored catalogues as one line each; an empty list when all is well."""
    found, faults = collect(root)
    for language in (CHINESE, ENGLISH):
        catalogue = read_po(language, root)
        stored = {entry_key(entry): entry for entry in catalogue}
        name = po_path(language, root).relative_to(root)
        faults += [f"{name}: missing (run extract): {key!r}" for key in sorted(found.keys() - stored.keys())]
        faults += [f"{name}: stale (run extract): {key!r}" for key in sorted(stored.keys() - found.keys())]
        for key in sorted(stored.keys() & found.keys()):
            faults += [f"{name}: {fault}: {key!r}" for fault in entry_faults(stored[key], found[key], language)]
        compiled = po_path(language, root).with_suffix(".mo")
        if not compiled.exists() or compiled.read_bytes() != catalogue.to_binary():
            faults.append(f"{compiled.relative_to(root)}: differs from its .po (run compile)")
    return faults


def entry_faults(entry: polib.POEntry, message: Message, language: str) -> Iterator[str]:
    """What is wrong with one entry."""
    if entry.fuzzy:
        yield "fuzzy"
    if (entry.msgid_plural or "") != message.plural:
        yield "another plural than the code (run extract)"
        return
    forms = list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]
    if not all(forms) or (entry.msgid_plural and len(forms) != FORMS[language]):
        yield "untranslated"
        return
    for number, form in enumerate(forms):
        # The singular of a two-form language may leave the number out ("one household").
        singular = number == 0 and language == ENGLISH
        source = entry.msgid if singular or not entry.msgid_plural else entry.msgid_plural
        yield from text_faults(source, form)
    if language == CHINESE and message.msgid not in SAME_IN_CHINESE and _stayed_english(message.msgid, forms):
        yield "still English"


_NAMED = re.compile(r"%\((\w+)\)[sd]")
_POSITIONAL = re.compile(r"(?<!%)(?:%%)*%(?:\.\d)?[sdf]")
_BRACES = re.compile(r"\{(\w*)[^{}]*\}")
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
_STRAY_PERCENT = re.compile(r"%(?!\(\w+\)[sd]|(?:\.\d)?[sdf])")


def text_faults(source: str, translated: str) -> Iterator[str]:
    """Placeholders or markup that the translation lost, made up or broke."""
    if set(_NAMED.findall(source)) != set(_NAMED.findall(translated)):
        yield "other %(…)s placeholders than the source"
    if Counter(_POSITIONAL.findall(source)) != Counter(_POSITIONAL.findall(translated)):
        yield "other %s placeholders than the source"
    if set(_BRACES.findall(source)) != set(_BRACES.findall(translated)):
        yield "other {…} placeholders than the source"
    if Counter(_TAG.findall(source)) != Counter(_TAG.findall(translated)):
        yield "other HTML tags than the source"
    if ("%%" in source or _NAMED.search(source)) and _STRAY_PERCENT.search(translated.replace("%%", "")):
        yield "a single % in a formatted string (write %%)"
    if source[:1].isspace() != translated[:1].isspace() or source[-1:].isspace() != translated[-1:].isspace():
        yield "other space at an end than the source"


def _stayed_english(msgid: str, forms: Iterable[str]) -> bool:
    """Whether a string with words in it has a form without a Chinese character."""
    words = _TAG.sub("", _BRACES.sub("", _NAMED.sub("", msgid)))
    return bool(re.search(r"[a-z]{3}", words)) and not all(re.search(r"[\u3400-\u9fff]", form) for form in forms)


def missing(root: Path = ROOT) -> Translations:
    """What still lacks Chinese, in the shape that ``add`` takes."""
    found, _faults = collect(root)
    known = translations(read_po(CHINESE, root), CHINESE)
    return {key: [""] if found[key].plural else "" for key in sorted(found.keys() - known.keys())}


@contextlib.contextmanager
def _only_one(root: Path) -> Iterator[None]:
    """Hold the lock of locale/ so that parallel runs do not lose each other's work."""
    folder = root / "locale"
    folder.mkdir(exist_ok=True)
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _write(path: Path, content: bytes) -> None:
    """Replace a file in one step, and only when its content changes."""
    if path.exists() and path.read_bytes() == content:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_bytes(content)
    draft.replace(path)


def _read_json(path: Path) -> Translations:
    if not path.exists():
        return {}
    try:
        loaded = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise SystemExit(f"{path}: not JSON: {error}") from None
    if not isinstance(loaded, dict) or not all(_is_translation(value) for value in loaded.values()):
        raise SystemExit(f"{path}: an object of strings, or lists of strings for plurals, is expected")
    return loaded


def _is_translation(value: object) -> bool:
    return isinstance(value, str) or (isinstance(value, list) and all(isinstance(form, str) for form in value))


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", choices=("extract", "add", "missing", "compile", "check"))
    parser.add_argument("files", nargs="*", type=Path, metavar="FILE.json")
    parser.add_argument("--pending", type=Path, default=PENDING, help="where translations of unknown strings wait")
    options = parser.parse_args(arguments)
    if options.command in {"extract", "add"}:
        added: Translations = {}
        for path in options.files:
            if not path.exists():
                parser.error(f"no such file: {path}")
            added |= _read_json(path)
        for note in update(added, options.pending):
            print(note, file=sys.stderr)
        print(f"{len(added)} given; {len(missing())} strings still lack Chinese (messages.py missing)")
        return 0
    if options.command == "missing":
        print(json.dumps(missing(), ensure_ascii=False, indent=1))
        return 0
    if options.command == "compile":
        compile_all()
        return 0
    faults = check()
    print("\n".join(faults) or "The catalogues are complete.")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
