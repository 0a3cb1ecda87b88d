"""``manage.py generate_sample``: a made county or province of any size, for yardsticks, into an empty database."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from ledger.demonstration.sample import DAYS, SampleRefused, Size, generate


class Command(BaseCommand):
    help = (
        "Make so many villages, households, visits and issues by set-based SQL; the same call makes the same rows. "
        "Nobody can sign in to it. Production refuses, and so does a database that holds a county."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        for name, size in (("villages", 61), ("households", 33_410), ("visits", 200_000), ("issues", 20_000)):
            parser.add_argument(f"--{name}", type=int, default=size, metavar="N")
        parser.add_argument("--waiting", type=int, metavar="N", help="issues not struck off; by default three of ten")
        parser.add_argument("--days", type=int, default=DAYS, metavar="N", help="how far back visits and issues go")

    def handle(self, *args: Any, **options: Any) -> None:
        names = ("villages", "households", "visits", "issues", "waiting", "days")
        if options["waiting"] is None:
            options["waiting"] = options["issues"] * 3 // 10
        size = Size(*(options[name] for name in names))
        recent = size.issues * min(DAYS, size.days) // max(1, size.days)
        if not 0 < size.villages <= size.households or size.visits < 1 or not 0 <= size.waiting <= recent > 0:
            raise CommandError(
                "Give numbers from 1 on, at least a household for each village, and no more issues that wait than come "
                "in two years."
            )
        try:
            generate(size)
        except SampleRefused as refused:
            raise CommandError(str(refused)) from None
        self.stdout.write(f"Made {size.households} households, {size.visits} visits and {size.issues} issues.")
