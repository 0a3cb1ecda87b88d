"""``manage.py demonstration_accounts``: with which numbers one signs in, one for each role."""

import unicodedata
from typing import Any

from django.core.management.base import BaseCommand

from ledger.demonstration.accounts import PASSWORD, accounts

HEADINGS = ("登录账号", "密码", "角色", "姓名", "范围")


class Command(BaseCommand):
    help = "List the demonstration accounts that this database holds."

    def handle(self, *args: Any, **options: Any) -> None:
        found = accounts()
        if not found:
            self.stdout.write("No demonstration accounts in this database.")
            return
        lines = [HEADINGS, *((each.number, PASSWORD, each.role, each.name, each.place) for each in found)]
        widths = [max(_width(line[column]) for line in lines) for column in range(len(HEADINGS))]
        for line in lines:
            cells = (text + " " * (width - _width(text)) for text, width in zip(line, widths, strict=True))
            self.stdout.write("  ".join(cells).rstrip())


def _width(text: str) -> int:
    """Columns on a terminal: a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)
