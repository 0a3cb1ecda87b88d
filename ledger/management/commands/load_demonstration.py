"""``manage.py load_demonstration``: the invented county, into an empty database."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from ledger.demonstration.load import DemonstrationRefused, load
from ledger.models import County


class Command(BaseCommand):
    help = "Load the demonstration county, once. Production refuses; a database with a county is left alone."

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.DEMONSTRATION_ALLOWED and County.objects.exists():
            self.stdout.write("There is a county already: nothing was loaded.")
            return
        try:
            loaded = load()
        except DemonstrationRefused as refused:
            raise CommandError(str(refused)) from None
        self.stdout.write(
            f"Loaded {loaded.households} households with {loaded.residents} members, {loaded.cadres} cadres, "
            f"{loaded.visits} visits and {loaded.issues} issues."
        )
