"""``manage.py tidy_imports``: delete the files of old imports and exports; a timer runs it once a day."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from ledger.exporting.exports import tidy_exports
from ledger.importing.tidying import tidy_imports


class Command(BaseCommand):
    help = "End imports nobody applied within seven days, delete the files of older ones and of old exports. Daily."

    def handle(self, *args: Any, **options: Any) -> None:
        done, exports = tidy_imports(), tidy_exports()
        self.stdout.write(
            _("%(ended)s imports ended, %(files)s files deleted, %(questions)s rows without a decision ended.")
            % {"ended": done.ended, "files": done.files + exports, "questions": done.questions}
        )
