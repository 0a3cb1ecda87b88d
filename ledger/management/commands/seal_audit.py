"""``manage.py seal_audit``: chain the audit rows that were committed since the last time.

The same minute folds what waits to be counted (``actions/counts``): both are done behind the backs of those who write.
"""

import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, close_old_connections
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ledger.actions.audit_seals import Sealed, seal_waiting
from ledger.actions.counts import fold


class Command(BaseCommand):
    help = (
        "Seal the audit rows that wait for it, and fold the kept counts. Run it every minute by a timer, or let it "
        "stay with --every."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--every", type=int, metavar="SECONDS", help="stay, and seal again after so many seconds")

    def handle(self, *args: Any, every: int | None, **options: Any) -> None:
        if every is None:
            self._say(seal_waiting(), always=options["verbosity"] > 0)
            fold()
            return
        if every < 1:
            raise CommandError(_("--every takes a number of seconds from 1 on."), returncode=2)
        while True:
            self._once(always=options["verbosity"] > 1)
            time.sleep(every)

    def _once(self, *, always: bool) -> None:
        """One round; a database that is away for a while is tried again at the next."""
        close_old_connections()
        try:
            self._say(seal_waiting(), always=always)
            fold()
        except DatabaseError as error:
            said = _("The database does not answer; nothing was sealed: %(why)s")
            self.stderr.write(said % {"why": str(error).strip().partition("\n")[0]})

    def _say(self, sealed: Sealed, *, always: bool) -> None:
        if always:
            self.stdout.write(
                ngettext("%(n)s audit row sealed.", "%(n)s audit rows sealed.", sealed.rows) % {"n": sealed.rows}
            )
