"""The ledger that the sweep fills: made in a process of its own; says in JSON who may come in and what is there."""

import json
import sys
from typing import Any

import django

django.setup()

from django.conf import settings  # noqa: E402 - Django comes first
from django.test import Client  # noqa: E402

from ledger.models import Category, Household, Resident  # noqa: E402
from tests.world import build  # noqa: E402

KEYS = ("township_admin", "household_cadre", "village_cadre", "township_desk", "county_admin", "department_handler",
        "inspector", "township_leader", "district_secretary", "visitor", "village_official")  # fmt: skip


def main() -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # nobody signs in with one
    world = build()
    cookies: dict[str, Any] = {}
    for key in KEYS:
        browser = Client()
        browser.force_login(world.users[key])
        cookies[key] = {name: morsel.value for name, morsel in browser.cookies.items()}
    households = Household.objects.filter(village__township=world.township).order_by("pk")
    said = {
        "cookies": cookies,
        "village": world.villages["城垵"].pk, "village_name": world.villages["城垵"].name,
        "township": world.township.pk,
        "households": list(households.values_list("pk", flat=True)),
        "mine": list(households.filter(cadre=world.cadre("household_cadre")).values_list("pk", flat=True)),
        "residents": list(Resident.objects.filter(household__in=households).values_list("pk", flat=True)),
        "category": Category.objects.get(county=world.county, name="村道破损").pk,
    }  # fmt: skip
    sys.stdout.write(json.dumps(said) + "\n")


if __name__ == "__main__":
    main()
