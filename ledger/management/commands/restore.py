"""``manage.py restore DIR``: a backup into an empty database and an empty media folder."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from ledger.backup.archive import BackupFault, restore


class Command(BaseCommand):
    help = "Restore a backup into an empty database and an empty media folder, then check the audit trail."
    requires_system_checks: list[str] = []  # the database is empty, and some checks would ask it

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, metavar="DIR", help="the folder of one backup")

    def handle(self, *args: Any, folder: Path, **options: Any) -> None:
        try:
            manifest = restore(folder=folder, say=self.stdout.write)
        except BackupFault as fault:
            raise CommandError(str(fault)) from fault
        tables, rows = len(manifest["counts"]), sum(manifest["counts"].values())
        self.stdout.write(
            _("Restored: %(rows)d rows in %(tables)d tables, as counted when the backup was made (%(moment)s).")
            % {"rows": rows, "tables": tables, "moment": manifest["made_at"]}
        )
        call_command("verify_audit", stdout=self.stdout, stderr=self.stderr)
        self.stdout.write(_("Everybody signs in anew. Run manage.py migrate if the program is newer than the backup."))
