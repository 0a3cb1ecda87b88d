"""``manage.py load_cadres FILE``: cadres and the organisations they work in."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from ledger.actions.audit import SYSTEM
from ledger.actions.cadres import load_cadres
from ledger.importing.cadres import read_cadres
from ledger.rules.cleaning import storable
from ledger.rules.lists import ListRefused


class Command(BaseCommand):
    help = "Load cadres (one a line) and the organisations they name; a file loaded again changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="a .csv (UTF-8 or GB18030) or a workbook")

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        try:
            plan = load_cadres(by=SYSTEM, lines=read_cadres(file.read_bytes()), file_name=storable(file.name))
        except OSError as error:
            raise CommandError(f"{file}: {error.strerror}") from error
        except ListRefused as refusal:
            raise CommandError("\n".join([_("Nothing was loaded."), *refusal.sentences()])) from refusal
        said = _("Cadres: %(new)s new, %(changed)s changed, %(unchanged)s unchanged; organisations: %(units)s new.")
        self.stdout.write(
            said
            % {
                "new": len(plan.new), "changed": len(plan.changed), "unchanged": plan.unchanged,
                "units": len(plan.organisations),
            }
        )  # fmt: skip
