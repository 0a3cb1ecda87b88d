"""``manage.py rotate_keys``: new data keys, while everybody goes on working (docs/deployment.md, section 9)."""

from argparse import ArgumentParser
from collections import Counter
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from ledger.actions import key_rotation
from ledger.actions.key_rotation import RotationStopped, Standing
from ledger.rules import keyring_file
from ledger.rules.keyring import KeyringError

TELL_EVERY = 10_000
"""Values between two lines of progress."""


class Command(BaseCommand):
    help = "Put residents' numbers under new keys; run again it goes on where it was stopped. Then: --retire."

    def add_arguments(self, parser: ArgumentParser) -> None:
        what = parser.add_mutually_exclusive_group()
        what.add_argument("--status", action="store_true", help="say where the rotation stands")
        what.add_argument(
            "--prepare", action="store_true", help="only put the next keys into the keyring, to be copied elsewhere"
        )
        what.add_argument("--retire", action="store_true", help="take the old keys out once nothing uses them")
        parser.add_argument("--batch", type=int, default=500, help="rows a step (500)")

    def handle(self, *args: Any, status: bool, prepare: bool, retire: bool, batch: int, **options: Any) -> None:
        if batch < 1:
            raise CommandError(_("A step takes one row or more."))
        try:
            with keyring_file.alone(Path(settings.KEYRING_FILE)):
                now = key_rotation.standing()
                if status:
                    self._tell(now)
                elif retire:
                    self._retire(now)
                elif prepare:
                    self._prepare(now)
                else:
                    self._rotate(now, batch)
        except RotationStopped as stopped:
            raise CommandError("\n  ".join(stopped.reasons)) from stopped
        except KeyringError as fault:
            raise CommandError(str(fault)) from fault

    def _rotate(self, now: Standing, batch: int) -> None:
        if not now.is_under_way:
            if now.old:
                self._tell(now)
                return
            key_rotation.prepare()
            now = key_rotation.standing()
        while now.is_under_way:
            self._go_on(batch)
            now = key_rotation.standing()
        self._tell(now)

    def _go_on(self, batch: int) -> None:
        done: Counter[str] = Counter()
        told = 0
        for step in key_rotation.rotate(batch):
            done[step.what] += step.done
            if done.total() >= told + TELL_EVERY:
                told = done.total()
                self._say_done(done)
        self._say_done(done)

    def _say_done(self, done: Counter[str]) -> None:
        self.stdout.write(", ".join(f"{what}: {count}" for what, count in done.items() if count))
        self.stdout.flush()

    def _prepare(self, now: Standing) -> None:
        if not now.is_under_way and not now.old:
            key_rotation.prepare()
        self._tell(key_rotation.standing())

    def _retire(self, now: Standing) -> None:
        if now.old or now.is_under_way:
            key_rotation.retire(now)
        self._tell(key_rotation.standing())

    def _tell(self, now: Standing) -> None:
        for name, ids in now.rings.items():
            self.stdout.write(f"{name}: {', '.join([ids.current, *ids.others])}{f' → {ids.next}' if ids.next else ''}")
        self.stdout.write(self._sentence(now))

    def _sentence(self, now: Standing) -> str:
        if now.is_prepared and not now.row.stage:
            return _("The next keys are in the keyring. Copy it to every other machine, then run rotate_keys.")
        if now.is_under_way:
            return _("The rotation is under way: run rotate_keys to go on.")
        if now.old:
            return _("Everything is under the current keys. The old ones can go: rotate_keys --retire.")
        return _("Everything is under the current keys, and no old one is kept but those of the audit trail.")
