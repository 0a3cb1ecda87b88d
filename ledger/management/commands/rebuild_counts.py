"""``manage.py rebuild_counts``: count everything again from the tables."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from ledger.actions.counts import begin
from ledger.models import CountLine


class Command(BaseCommand):
    help = "Make the kept counts of visits, households and issues anew. No figure should change by it."

    def handle(self, *args: Any, **options: Any) -> None:
        begin()
        self.stdout.write(_("The counts were made anew: %(n)s lines.") % {"n": CountLine.objects.count()})
