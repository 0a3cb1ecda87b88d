"""``manage.py backup DIR``: database and files into a sealed folder below DIR, while people work."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from ledger.backup.archive import BackupFault, make


class Command(BaseCommand):
    help = "Back up the database and the files into a new folder below DIR, encrypted with the keyring's key."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, metavar="DIR")
        parser.add_argument(
            "--keep", type=int, default=0, metavar="N", help="delete all but the N newest backups of DIR afterwards"
        )

    def handle(self, *args: Any, folder: Path, keep: int, **options: Any) -> None:
        if keep < 0:
            raise CommandError(_("--keep takes a number from 0."))
        try:
            made = make(folder=folder, keep=keep, say=self.stdout.write)
        except BackupFault as fault:
            raise CommandError(str(fault)) from fault
        self.stdout.write(_("Backed up to %(folder)s. Keep the keyring file apart from it.") % {"folder": made})
