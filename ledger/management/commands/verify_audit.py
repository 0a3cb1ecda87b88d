"""``manage.py verify_audit``: finds what was edited, deleted or put in behind the back of the audit trail.

Exit code 0: whole; 1: something is wrong, each thing is named; 2: the check could not be made.
"""

import datetime
import os
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from ledger.queries.audit_chain import ChainCheck, Fault, Finding, Tail
from ledger.rules.audit_chain import Head, HeadError
from ledger.rules.keyring import KeyringError

SHOWN = 100
"""Findings told one by one; beyond it something happened to the whole table, and the number says it."""
LATE = datetime.timedelta(hours=1)
HEADS = "audit-head-*.json"

SENTENCES: dict[Fault, Promise | str] = {
    Fault.NO_TRIGGER: gettext_lazy("The trigger %(name)s, which keeps the trail append-only, is gone or switched off."),
    Fault.ROW_CHANGED: gettext_lazy("%(rows)s: changed after it was written, or put in without the key."),
    Fault.ROW_MISSING: gettext_lazy("%(rows)s: deleted."),
    Fault.ROWS_SWAPPED: gettext_lazy("%(rows)s: not the rows, or not in the order, that were sealed."),
    Fault.ROW_COPIED: gettext_lazy("Rows %(first)s and %(last)s bear the same signature: one is a copy of the other."),
    Fault.ROW_LEFT_OUT: gettext_lazy("%(rows)s: neither sealed nor waiting for it; taken out of the chain."),
    Fault.SEALED_TWICE: gettext_lazy("%(rows)s: sealed twice."),
    Fault.SEAL_MISSING: gettext_lazy("%(seals)s: deleted."),
    Fault.SEAL_CHANGED: gettext_lazy("%(seals)s: changed after it was made, or made without the key."),
    Fault.SEAL_UNTIED: gettext_lazy("%(seals)s: does not follow the seal before it."),
    Fault.TAIL_CUT: gettext_lazy("The end was cut off: %(seals)s, known to the head of %(name)s, no longer there."),
    Fault.HEAD_DIFFERS: gettext_lazy("The head of %(name)s knows another %(seals)s: the trail was written anew."),
}


class Command(BaseCommand):
    help = "Check the whole audit trail: every row, every seal, and earlier heads that were kept elsewhere."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--head", nargs="+", default=[], type=Path, metavar="PATH", help="earlier heads: files, or folders of them"
        )
        parser.add_argument(
            "--export-head", type=Path, metavar="PATH", help="write today's head to this file, or into this folder"
        )

    def handle(self, *args: Any, head: list[Path], export_head: Path | None, **options: Any) -> None:
        check = ChainCheck(_heads(head))
        try:
            found = self._tell(check)
        except KeyringError as error:
            raise CommandError(str(error), returncode=2) from error
        if found:
            said = ngettext(
                "The audit trail is not whole: %(n)s fault.", "The audit trail is not whole: %(n)s faults.", found
            )
            raise CommandError(said % {"n": found}, returncode=1)
        said = _("The audit trail is whole: %(rows)s rows under %(seals)s seals, no fault.")
        self.stdout.write(said % {"rows": check.rows, "seals": check.seals})
        self._tell_tail(check.tail)
        if export_head is not None:
            kept = _export(check.head(), export_head)
            self.stdout.write(_("Head of today kept in %(path)s. Keep it on another machine.") % {"path": kept})

    def _tell(self, check: ChainCheck) -> int:
        found = 0
        for finding in check.findings():
            found += 1
            if found <= SHOWN:
                self.stderr.write(_sentence(finding))
        if found > SHOWN:
            self.stderr.write(_("… and %(n)s more.") % {"n": found - SHOWN})
        return found

    def _tell_tail(self, tail: Tail) -> None:
        """The rows at the end that nothing but their own signature protects yet."""
        if tail.since is None:
            self.stdout.write(_("No row waits for a seal."))
            return
        since = timezone.localtime(tail.since)
        said = ngettext(
            "%(n)s row is not sealed yet (%(rows)s, since %(since)s); its own signature holds.",
            "%(n)s rows are not sealed yet (%(rows)s, since %(since)s); their own signatures hold.",
            tail.count,
        )
        values = {"n": tail.count, "rows": _rows(tail.first, tail.last), "since": f"{since:%Y-%m-%d %H:%M}"}
        self.stdout.write(said % values)
        if timezone.now() - tail.since > LATE:
            self.stdout.write(_("They have waited for long: is the sealer running? (manage.py seal_audit)"))


def _heads(paths: list[Path]) -> Iterator[Head]:
    for path in paths:
        files = sorted(path.glob(HEADS)) if _is_folder(path) else [path]
        if not files:
            raise CommandError(_("There is no head in %(path)s.") % {"path": path}, returncode=2)
        for file in files:
            yield _read(file)


def _is_folder(path: Path) -> bool:
    """Whether it is one; a name that no file can have is none, and is told when it is read or written."""
    try:
        return path.is_dir()
    except OSError:
        return False


def _read(file: Path) -> Head:
    try:
        return Head.from_json(file.read_text(encoding="utf-8"))
    except HeadError as error:
        said = _("%(path)s is no head of this trail, or it was altered.") % {"path": file}
        raise CommandError(said, returncode=2) from error
    except (OSError, UnicodeDecodeError, KeyringError) as error:
        said = _("%(path)s cannot be read: %(why)s")
        why = error.strerror if isinstance(error, OSError) else error
        raise CommandError(said % {"path": file, "why": why}, returncode=2) from error


def _export(head: Head, path: Path) -> Path:
    """The head, whole or not at all: a power cut leaves no half of it."""
    file = path / f"audit-head-{head.day}.json" if _is_folder(path) else path
    part = file.with_name(f"{file.name}.part")
    try:
        part.write_text(head.to_json(), encoding="utf-8")
        os.replace(part, file)
    except OSError as error:
        said = _("The head could not be written to %(path)s: %(why)s")
        raise CommandError(said % {"path": file, "why": error.strerror}, returncode=2) from error
    return file


def _sentence(finding: Finding) -> str:
    values = {"first": finding.first, "last": finding.last, "name": finding.name}
    rows, seals = _rows(finding.first, finding.last), _seals(finding.first, finding.last)
    return str(SENTENCES[finding.fault] % {**values, "rows": rows, "seals": seals})


def _rows(first: int, last: int) -> str:
    one, many = _("row %(first)s"), _("rows %(first)s to %(last)s")
    return (one if first == last else many) % {"first": first, "last": last}


def _seals(first: int, last: int) -> str:
    one, many = _("seal %(first)s"), _("seals %(first)s to %(last)s")
    return (one if first == last else many) % {"first": first, "last": last}
