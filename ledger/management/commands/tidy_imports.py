"""``manage.py tidy_imports``: delete the files of old imports; a timer runs it once a day."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from ledger.importing.tidying import tidy_imports


class Command(BaseCommand):
    help = "End imports that nobody applied within seven days and delete the files of older ones. Run it daily."

    def handle(self, *args: Any, **options: Any) -> None:
        done = tidy_imports()
        self.stdout.write(
            _("%(ended)s imports ended, %(files)s files deleted.") % {"ended": done.ended, "files": done.files}
        )
