"""``manage.py second_factor_off NUMBER``: the way back in for an administrator whom no other administrator can help."""

from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from ledger.actions.accounts import reset_second_factor
from ledger.actions.audit import SYSTEM
from ledger.models import Cadre
from ledger.rules.cleaning import storable


class Command(BaseCommand):
    help = "Take the second factor of one account away; its sessions end. Recorded on the audit trail."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("number", help="the cadre number with which the person signs in")

    def handle(self, *args: Any, **options: Any) -> None:
        number = storable(options["number"]).strip()
        cadre = Cadre.objects.filter(user__username__iexact=number).first()
        if cadre is None:
            raise CommandError(_("Nobody signs in with this cadre number."))
        try:
            reset_second_factor(by=SYSTEM, cadre=cadre)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        self.stdout.write(
            _("%(name)s signs in by the password alone, and can set the second factor up anew.") % {"name": cadre.name}
        )
