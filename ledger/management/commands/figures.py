"""``manage.py figures --scope CODE[,CODE…] [--from DAY] [--as-of DAY] [--json]``: an area's figures, each by its one
definition (``ledger/queries/figures.py``)."""

import datetime
import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from ledger.management.arguments import SHOWN, villages_of
from ledger.management.figure_lines import lines_of
from ledger.queries.figures_report import report
from ledger.queries.figures_window import Window
from ledger.rules.cleaning import storable
from ledger.rules.days import local_today

EARLIEST = datetime.date(1990, 1, 1)


class Command(BaseCommand):
    help = (
        "The figures of some counties, townships or villages: visits, coverage, matters and people of a period, as "
        "everything stood on its last day. Sensitive matters are counted apart."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--scope", required=True, help="codes of counties, townships or villages, by commas")
        parser.add_argument("--from", dest="first", help="first day, as 2026-01-31; without it the first of the year")
        parser.add_argument("--as-of", dest="last", help="last day; without it today")
        parser.add_argument("--json", action="store_true", help="print one JSON document")

    def handle(self, *args: Any, **options: Any) -> None:
        villages = villages_of(options["scope"])
        window = _window(options["first"], options["last"])
        found = report(villages, window)
        if options["json"]:
            self.stdout.write(json.dumps(found, ensure_ascii=False, indent=1))
        else:
            self.stdout.write("\n".join(lines_of(found)))


def _window(first: str | None, last: str | None) -> Window:
    until = _day(last) if last is not None else local_today()
    since = _day(first) if first is not None else until.replace(month=1, day=1)
    if until > local_today():
        raise CommandError(_("%(day)s is still to come: figures end today at the latest.") % {"day": until})
    if since < EARLIEST:
        raise CommandError(_("There are no figures of days before %(day)s.") % {"day": EARLIEST})
    if since > until:
        raise CommandError(
            _("The first day, %(first)s, is after the last, %(last)s.") % {"first": since, "last": until}
        )
    return Window(since, until)


def _day(text: str) -> datetime.date:
    try:
        return datetime.date.fromisoformat(text)
    except ValueError as error:
        said = _("“%(text)s” is no day; write it as 2026-01-31.")
        raise CommandError(said % {"text": storable(text)[:SHOWN]}) from error
