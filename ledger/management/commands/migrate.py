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
        before, was_off = self._applied(), bool(self._is_counting() and count_triggers.missing())
        count_triggers.remove()
        try:
            super().handle(*args, **options)
        except BaseException:
            if self._is_counting() and before == self._applied():
                counts.install_again()  # else the next run, which finds them gone, counts everything
            raise
        if self._is_counting():
            self._put_in_order(has_changed=was_off or before != self._applied())

    def _put_in_order(self, *, has_changed: bool) -> None:
        if has_changed or not CountLine.objects.exists():
            counts.begin()
        else:
            counts.install_again()

    def _is_counting(self) -> bool:
        """Whether the database is as young as the counts."""
        return "ledger_countline" in connection.introspection.table_names()

    def _applied(self) -> set[tuple[str, str]]:
        return set(MigrationRecorder(connection).applied_migrations())
