"""``manage.py bootstrap``: a clean start with a county, its default lists and the first administrator."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ledger.actions.bootstrap import FirstAdmin, bootstrap
from ledger.rules.cleaning import is_storable

QUESTIONS: dict[str, Promise | str] = {
    "county_code": gettext_lazy("Code of the county (6 digits)"),
    "county_name": gettext_lazy("Name of the county"),
    "cadre_no": gettext_lazy("The administrator's cadre number"),
    "name": gettext_lazy("The administrator's name"),
    "mobile": gettext_lazy("The administrator's mobile number (may be left empty)"),
}


class Command(BaseCommand):
    help = "Make the first county administrator; asks for what the options leave open."

    def add_arguments(self, parser: ArgumentParser) -> None:
        for name in QUESTIONS:
            parser.add_argument(f"--{name.replace('_', '-')}")

    def handle(self, *args: Any, **options: Any) -> None:
        answers = {name: self._answer(question, options[name]) for name, question in QUESTIONS.items()}
        for name, answer in answers.items():
            if not is_storable(answer):
                raise CommandError(
                    _("%(question)s: this holds characters that no text has.") % {"question": QUESTIONS[name]}
                )
        try:
            slip = bootstrap(first=FirstAdmin(**answers))
        except ValidationError as error:
            raise CommandError("\n".join(_sentences(error))) from error
        self.stdout.write(_("%(name)s may sign in now and set everything else up.") % {"name": slip.cadre.name})
        self.stdout.write(_("Cadre number: %(number)s") % {"number": slip.username})
        self.stdout.write(_("One-time password: %(password)s") % {"password": slip.password})
        self.stdout.write(_("It is shown this once and must be changed at the first sign-in."))

    def _answer(self, question: Promise | str, given: str | None) -> str:
        if given is not None:
            return given
        if not sys.stdin.isatty():
            return ""
        return input(f"{question}: ")


def _sentences(error: ValidationError) -> list[str]:
    if not hasattr(error, "error_dict"):
        return list(error.messages)
    asked = {"code": "county_code", "phone": "mobile", "username": "cadre_no"}
    return [
        f"{QUESTIONS.get(asked.get(field, field), field)}: {' '.join(texts)}"
        for field, texts in error.message_dict.items()
    ]
