"""``manage.py import_history DIR|WORKBOOK --scope CODE[,CODE…]``: an office's past into the ledger, with its report."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from ledger.actions.audit import SYSTEM
from ledger.importing.files import FileError, FileRefused
from ledger.importing.history import HistoryPlan
from ledger.importing.history_batches import import_history_at_once
from ledger.importing.report import refused_report, report_of
from ledger.management.arguments import check_place, file_bytes, townships_of, unreadable, write_report
from ledger.rules.cleaning import storable
from ledger.rules.history import Table

SUFFIXES = frozenset({".csv", ".txt", ".xlsx", ".xlsm", ".xls", ".ods"})
"""Files of a folder that may be tables; others are passed over."""
MAX_FILES = 50
_HERE = "."


class Command(BaseCommand):
    help = (
        "Import earlier visits and issues, with the villages, units, cadres, enterprises and households they name, "
        "from the files of a folder or the sheets of one workbook. Exit code 0: it was read; 2: it was refused as a "
        "whole."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("source", type=Path, help="a folder with one file a table, or one workbook")
        parser.add_argument("--scope", required=True, help="codes of the townships it may touch, separated by commas")
        parser.add_argument("--dry-run", action="store_true", help="say what it would do and write nothing")
        parser.add_argument("--report", type=Path, help="where to write the report, as JSON")

    def handle(self, *args: Any, source: Path, **options: Any) -> None:
        townships = townships_of(options["scope"])
        check_place(options["report"])
        try:
            plan = import_history_at_once(
                by=SYSTEM, townships=townships, name=storable(source.name) or _HERE,
                files=_files(source), dry_run=options["dry_run"],
            )  # fmt: skip
        except FileRefused as refusal:
            write_report(options["report"], refused_report(refusal))
            self.stderr.write(_("Nothing was imported. %(reason)s") % {"reason": refusal.message})
            raise SystemExit(2) from refusal
        write_report(options["report"], report_of(plan))
        for sentence in _summary(plan, dry_run=options["dry_run"]):
            self.stdout.write(sentence)


def _files(source: Path) -> list[tuple[str, bytes]]:
    """The workbook, or the folder's tables by name; raises FileRefused for a folder without any."""
    try:
        if not source.is_dir():
            return [(storable(source.name), file_bytes(source))]
        found = sorted(
            p for p in source.iterdir() if p.suffix.lower() in SUFFIXES and not p.name.startswith((".", "~"))
        )
    except (OSError, ValueError) as error:
        raise CommandError(unreadable(source, error)) from error
    found = [path for path in found if path.is_file()]
    if not found or len(found) > MAX_FILES:
        raise FileRefused(
            FileError.NO_HEADER, _("The folder %(folder)s holds no tables.") % {"folder": storable(source.name)}
        )
    return [(storable(path.name), file_bytes(path)) for path in found]


def _summary(plan: HistoryPlan, *, dry_run: bool) -> list[str]:
    """A line for each table, then all together."""
    words = _("%(created)s new, %(updated)s changed, %(unchanged)s unchanged, %(refused)s refused.")
    nothing = dict.fromkeys(("created", "updated", "unchanged", "refused"), 0)
    tables = plan.counts["tables"]
    said = [f"{table}: {words % (nothing | tables[table])}" for table in map(str, Table) if table in tables]
    total = words % plan.counts
    return [*said, f"{total} {_('Nothing was written.')}" if dry_run else total]
