"""Fills the server's database (``python -m tests.serving.build``) and says on one line what is in it."""

import json
import sys

import django


def main() -> None:
    django.setup()
    from ledger.models import Cadre, Household, Resident, Visit
    from tests.world import PASSWORD, build

    world = build()
    people = {key: user.username for key, user in world.users.items()}
    secrets = {PASSWORD}
    for row in Resident.objects.all():
        secrets |= {row.name, row.id_no, row.phone}
    for household in Household.objects.all():
        secrets |= {household.head_name, household.address, household.code}
    for cadre in Cadre.objects.all():
        secrets |= {cadre.name, cadre.phone, cadre.cadre_no}
    secrets |= set(Visit.objects.values_list("content", flat=True))
    sys.stdout.write(json.dumps({"people": people, "secrets": sorted(secrets - {""}), "password": PASSWORD}))


if __name__ == "__main__":
    main()
