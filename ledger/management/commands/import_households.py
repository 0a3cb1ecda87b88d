"""``manage.py import_households FILE --scope CODE[,CODE…]``: a roster into the ledger, with its report."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from ledger.actions.audit import SYSTEM, record
from ledger.importing.batches import import_at_once
from ledger.importing.files import FileRefused
from ledger.importing.report import refused_report, report_of
from ledger.importing.roster import RosterPlan
from ledger.management.arguments import check_place, file_bytes, townships_of, write_report
from ledger.models import Township
from ledger.rules.cleaning import storable


class Command(BaseCommand):
    help = "Import a household roster. Exit code 0: the file was read; 2: it was refused as a whole."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--scope", required=True, help="codes of the townships it may touch, separated by commas")
        parser.add_argument(
            "--map", type=Path, help="JSON with the columns of each sheet, where they aren't recognised"
        )
        parser.add_argument("--dry-run", action="store_true", help="say what it would do and write nothing")
        parser.add_argument("--report", type=Path, help="where to write the report, as JSON")
        parser.add_argument("--fields", action="store_true", help="with the stored values in full (recorded)")

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        townships = townships_of(options["scope"])
        mapping = _mapping(options["map"])
        check_place(options["report"])
        try:
            plan = import_at_once(
                by=SYSTEM, townships=townships, file_name=storable(file.name), data=file_bytes(file), mapping=mapping,
                dry_run=options["dry_run"],
            )  # fmt: skip
        except FileRefused as refusal:
            write_report(options["report"], refused_report(refusal))
            self.stderr.write(_("Nothing was imported. %(reason)s") % {"reason": refusal.message})
            raise SystemExit(2) from refusal
        if options["report"]:
            self._report(plan, townships, options)
        self.stdout.write(_summary(plan, dry_run=options["dry_run"]))
        for sheet in plan.sheets:
            if left_out := ", ".join(f"{letter} {heading}" for letter, heading in sheet["left_out"].items()):
                told = {"sheet": sheet["name"], "columns": storable(left_out)}
                self.stdout.write(_("Columns of “%(sheet)s” that went into no field: %(columns)s.") % told)

    def _report(self, plan: RosterPlan, townships: list[Township], options: dict[str, Any]) -> None:
        write_report(options["report"], report_of(plan, fields=options["fields"]))
        if options["fields"]:
            for township in townships:
                rows = len(plan.rows)
                record(verb="import.report_in_full", by=SYSTEM, obj=township, detail={"rows": rows})


def _mapping(path: Path | None) -> dict[str, Any] | None:
    if path is None:
        return None
    try:
        mapping = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise CommandError(f"{path}: {error}") from error
    if not isinstance(mapping, dict):
        raise CommandError(_("%(file)s holds no column mapping.") % {"file": path})
    return mapping


def _summary(plan: RosterPlan, *, dry_run: bool) -> str:
    said = _("%(created)s new, %(updated)s changed, %(unchanged)s unchanged, %(refused)s refused.") % plan.counts
    if not dry_run:
        return said
    nothing = _("Nothing was written.")
    return f"{said} {nothing}"
