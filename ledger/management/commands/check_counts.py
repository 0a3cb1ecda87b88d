"""``manage.py check_counts``: whether the kept counts say what the tables say. Exit code 1 when they don't."""

import sys
from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from ledger.actions.count_triggers import missing
from ledger.queries.count_check import differences

SHOWN = 20


class Command(BaseCommand):
    help = "Compare the kept counts with the tables and name what differs. Run rebuild_counts to put it right."

    def handle(self, *args: Any, **options: Any) -> None:
        gone = missing()
        for name in gone:
            self.stdout.write(_("The trigger %(name)s is gone: changes are not counted.") % {"name": name})
        found = 0
        for found, each in enumerate(differences(), start=1):
            if found <= SHOWN:
                self.stdout.write(f"{each.level.name} {each.area} {each.sort.name} {each.day} {each.key}: {each.n:+d}")
        self.stdout.write(_("%(n)s differences.") % {"n": found})
        if found or gone:
            sys.exit(1)
