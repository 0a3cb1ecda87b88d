"""``manage.py run_daily``: the day's notices and digests, and the daily tidying; a timer runs it every morning."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from ledger.actions.campaigns import tell_of_the_day
from ledger.actions.counts import fold
from ledger.actions.daily import Day, run_day
from ledger.actions.gaps import tell_gaps
from ledger.actions.issue_bulk_background import go_on_with_forgotten
from ledger.exporting.exports import tidy_exports
from ledger.importing.tidying import tidy_imports
from ledger.models import County
from ledger.rules.notices import Sort


class Command(BaseCommand):
    help = (
        "Raise the notices of the day (near, due, overdue, to be reviewed), the digests, tell the next desk of what is "
        "long overdue and the townships of gaps, delete notices read long ago and files of old imports, "
        "go on with bulk acts that were interrupted. Run it every morning; twice is no harm."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        done, gaps = Day(), 0
        for county in County.objects.order_by("pk"):
            done += run_day(county)
            gaps += tell_gaps(county)
            tell_of_the_day(county)
        fold()
        go_on_with_forgotten(settings.LANGUAGE_CODE)
        tidied, exports = tidy_imports(), tidy_exports()
        said = _(
            "%(notices)s notices, %(escalated)s of them to the next desk up, %(digests)s digests; %(removed)s old "
            "notices and %(files)s files of old imports and exports deleted, %(ended)s imports ended; %(gaps)s gaps."
        )
        figures = {
            "notices": done.raised.total(), "escalated": done.raised[Sort.OVERDUE_BELOW], "digests": done.digests,
            "removed": done.removed, "files": tidied.files + exports, "ended": tidied.ended, "gaps": gaps,
        }  # fmt: skip
        self.stdout.write(said % figures)
