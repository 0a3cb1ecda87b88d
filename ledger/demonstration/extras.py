"""The smaller facts: approved exclusions and corrections that wait for a decision."""

import datetime
import json
import random

from ledger.demonstration.homes import Home
from ledger.demonstration.places import Town
from ledger.demonstration.staff import Staff
from ledger.models import Correction, County, Exclusion, Organisation
from ledger.rules.days import local_day
from ledger.rules.households import HouseholdStatus

EXCLUDED = (
    "全家在外省定居五年以上，户口未迁，已连续三次电话核实",
    "房屋已拆迁，本人在县城过渡，待安置后恢复",
    "本人长期在县福利院集中供养",
)


def exclude_some(rng: random.Random, town: Town, homes: list[Home], staff: Staff, now: datetime.datetime) -> None:
    """Three households left out of coverage, each with its reason and the leader who approved it."""
    leader = staff.leaders[town.township.pk][0]
    away = [h for h in homes if h.row.status == HouseholdStatus.AWAY and h.place in town.places]
    chosen = rng.sample(away, min(len(away), len(EXCLUDED)))
    Exclusion.objects.bulk_create(
        Exclusion(
            household=home.row, reason=reason, start_on=local_day(now - datetime.timedelta(days=days)),
            approved_by=leader.user, approved_at=now - datetime.timedelta(days=days),
        )
        for home, reason, days in zip(chosen, EXCLUDED, (150, 96, 41), strict=False)
    )  # fmt: skip


def propose_corrections(rng: random.Random, town: Town, homes: list[Home], now: datetime.datetime) -> None:
    """What cadres found to be otherwise than the roster says; nobody has decided yet."""
    there = [h for h in homes if h.is_there and h.cadre and h.place in town.places and h.residents[0].phone]
    chosen = rng.sample(there, min(len(there), 5))
    proposals = (
        ({"phone": f"163{rng.randrange(10**8):08d}"}, "户主换了手机号，当面核对", True, 5),
        ({"address": "{address}后排"}, "新房建好已搬入，老屋做仓库", False, 29),
        ({"population": "{more}"}, "儿媳户口迁入，户口簿已看", False, 52),
        ({"status": "away"}, "全家去浙江务工，春节前回来", False, 75),
        ({"phone": f"163{rng.randrange(10**8):08d}"}, "原号码停机，新号码由本人提供", True, 120),
    )  # fmt: skip
    rows = Correction.objects.bulk_create(
        Correction(
            household=home.row, resident=home.residents[0] if of_head else None, reason=reason, proposed_by=home.cadre,
            proposed=json.dumps(_filled(values, home), ensure_ascii=False),
        )
        for home, (values, reason, of_head, _hours) in zip(chosen, proposals, strict=False)
    )  # fmt: skip
    for row, (_values, _reason, _head, hours) in zip(rows, proposals, strict=False):
        Correction.objects.filter(pk=row.pk).update(proposed_at=now - datetime.timedelta(hours=hours))


def _filled(values: dict[str, str], home: Home) -> dict[str, str | int]:
    people = (home.row.population or 0) + 1
    return {
        name: people if name == "population" else text.replace("{address}", home.row.address)
        for name, text in values.items()
    }


def organisations(county: County) -> int:
    """Organisations of the county, village committees apart."""
    return Organisation.objects.filter(county=county, village__isnull=True).count()
