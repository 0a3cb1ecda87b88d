"""``manage.py load_divisions FILE``: counties, townships and villages from the official list."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from ledger.actions.audit import SYSTEM
from ledger.actions.divisions import load_divisions
from ledger.importing.divisions import read_divisions
from ledger.rules.cleaning import storable
from ledger.rules.lists import ListRefused


class Command(BaseCommand):
    help = "Load the official divisions (one village a line); a file loaded again changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="a .csv (UTF-8 or GB18030) or a workbook")

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        try:
            plan = load_divisions(by=SYSTEM, lines=read_divisions(file.read_bytes()), file_name=storable(file.name))
        except OSError as error:
            raise CommandError(f"{file}: {error.strerror}") from error
        except ListRefused as refusal:
            raise CommandError("\n".join([_("Nothing was loaded."), *refusal.sentences()])) from refusal
        said = _("%(new)s new, %(changed)s changed, %(unchanged)s unchanged.")
        self.stdout.write(said % {"new": len(plan.new), "changed": len(plan.changed), "unchanged": plan.unchanged})
