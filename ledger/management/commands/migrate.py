"""``manage.py migrate``: Django's own, with the kept counts put in order around it (``actions/count_triggers``)."""

from typing import Any

from django.core.management.commands import migrate
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from ledger.actions import count_triggers, counts
from ledger.models import CountLine


class Command(migrate.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        """Tables made anew lose their triggers on SQLite; what a migration changes is counted afterwards."""
        if options["check_unapplied"] or options["plan"]:
            super().handle(*args, **options)
            return
        before = self._applied()
        count_triggers.remove()
        try:
            super().handle(*args, **options)
        finally:
            self._put_in_order(has_changed=before != self._applied())

    def _put_in_order(self, *, has_changed: bool) -> None:
        if "ledger_countline" not in connection.introspection.table_names():
            return  # the database is older than the counts
        if has_changed or not CountLine.objects.exists():
            counts.begin()
        else:
            counts.install_again()

    def _applied(self) -> set[tuple[str, str]]:
        return set(MigrationRecorder(connection).applied_migrations())
