"""``manage.py load_defaults``: the lists a county begins with, where it has none yet."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from ledger.actions.audit import SYSTEM
from ledger.actions.defaults import load_defaults
from ledger.models import County
from ledger.rules.cleaning import storable


class Command(BaseCommand):
    help = "Fill the empty lists of every county (or one): categories, types, topics, organisations. Changes no row."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--county", help="the code of one county (6 digits)")

    def handle(self, *args: Any, county: str | None, **options: Any) -> None:
        counties = County.objects.filter(code=storable(county)) if county else County.objects.all()
        if not counties:
            raise CommandError(_("There is no such county. Load the divisions first, or run bootstrap."))
        for one in counties:
            filled = load_defaults(by=SYSTEM, county=one)
            said = _(
                "%(county)s: %(categories)s categories, %(household_types)s household types, %(topics)s topics, "
                "%(organisations)s organisations and %(village_committees)s village committees added."
            )
            self.stdout.write(said % {"county": one.name, **filled.__dict__})
