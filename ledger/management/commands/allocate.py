"""``manage.py allocate --village CODE | --township CODE | --county CODE [--apply] [--anew] [--json]``."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils.translation import gettext as _

from ledger.actions.allocation import StaleProposal, apply, begin, fill
from ledger.actions.audit import SYSTEM
from ledger.management.arguments import SHOWN
from ledger.models import County, Township, Village
from ledger.queries.allocation import Drawn, draw, grounds_at
from ledger.rules.allocation_figures import Figures, total
from ledger.rules.allocation_words import on_average
from ledger.rules.cleaning import storable


class Command(BaseCommand):
    help = (
        "Propose who looks after which household: those living here or away, without approved exclusions. "
        "Writes nothing without --apply."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        places = parser.add_mutually_exclusive_group(required=True)
        places.add_argument("--village", metavar="CODE", help="one village, by its 12 digits")
        places.add_argument("--township", metavar="CODE", help="all villages of a township, by its 9 digits")
        places.add_argument("--county", metavar="CODE", help="all villages of a county, by its 6 digits")
        parser.add_argument("--apply", action="store_true", help="make it so, in one transaction; can be taken back")
        parser.add_argument("--anew", action="store_true", help="draw the lists without regard to who has what now")
        parser.add_argument("--json", action="store_true", help="the figures as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        place = _place(options)
        anew = True if options["anew"] else None
        changed = None
        if options["apply"]:
            drawn, changed = _apply(place, anew)
        else:
            drawn = list(draw(grounds_at(place), anew=anew))
        report = report_of(place, drawn)
        if options["json"]:
            report["applied"] = changed is not None
            self.stdout.write(json.dumps(report, ensure_ascii=False, indent=1))
            return
        for line in _lines(place, drawn):
            self.stdout.write(line)
        if changed is not None:
            self.stdout.write(_("Applied: %(n)s households changed hands.") % {"n": f"{changed:,}"})


def _place(options: dict[str, Any]) -> County | Township | Village:
    for name, model in (("village", Village), ("township", Township), ("county", County)):
        code = options[name]
        if code is None:
            continue
        related = {"village": ["township__county"], "township": ["county"], "county": []}[name]
        rows: Any = model._base_manager.select_related(*related) if related else model._base_manager.all()
        found: County | Township | Village | None = rows.filter(code=storable(code).strip()).first()
        if found is None:
            raise CommandError(_("There is no place with the code %(code)s.") % {"code": storable(code)[:SHOWN]})
        return found
    raise CommandError(_("Name a village, a township or a county."))


@transaction.atomic
def _apply(place: County | Township | Village, anew: bool | None) -> tuple[list[Drawn], int]:
    allocation = begin(by=SYSTEM, place=place, anew=anew)
    drawn = fill(allocation)
    try:
        return drawn, apply(by=SYSTEM, allocation=allocation)
    except StaleProposal as stale:
        raise CommandError(_("Households changed meanwhile; nothing was written. Run it again.")) from stale
    except ValidationError as refused:
        raise CommandError(" ".join(refused.messages)) from refused


def report_of(place: County | Township | Village, drawn: list[Drawn]) -> dict[str, Any]:
    """The figures of all and of each village, for ``--json``."""
    totals = total(each.figures for each in drawn)
    villages = [
        {
            "code": each.ground.village.code, "name": each.ground.village.name, **each.figures.as_json(),
            "best": each.proposal.is_best, "why": each.why,
        }
        for each in drawn
    ]  # fmt: skip
    return {
        "place": {"code": place.code, "name": place.name}, "band": _band(drawn), "totals": totals.as_json(),
        "average": on_average(totals.households, totals.cadres), "villages": villages,
    }  # fmt: skip


def _band(drawn: list[Drawn]) -> list[int]:
    return [drawn[0].ground.band.low, drawn[0].ground.band.high] if drawn else []


def _lines(place: County | Township | Village, drawn: list[Drawn]) -> list[str]:
    said = _(
        "%(name)s: %(households)s households, %(cadres)s cadres, %(uncovered)s without a cadre; lists: %(in_band)s in "
        "the band, %(below)s below, %(above)s above, %(cut_groups)s across groups; %(changed)s change hands."
    )

    def line(name: str, figures: Figures) -> str:
        return said % {"name": name, **figures.as_json()}

    lines = [line(each.ground.village.name, each.figures) + (f" {each.why}" if each.why else "") for each in drawn]
    totals = total(each.figures for each in drawn)
    average = on_average(totals.households, totals.cadres)
    return [*lines, line(place.name, totals) + (f" {average}" if average else "")]
