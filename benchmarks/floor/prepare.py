"""Fill the database of a floor (our own, or ``../shared/bench``'s) and print a session key and a CSRF token as JSON."""

import json

import django
from django.apps import apps
from django.core.management import call_command

HOUSEHOLDS = 500


def main() -> None:
    django.setup()
    call_command("migrate", run_syncdb=True, verbosity=0)
    from django.contrib.auth import get_user_model
    from django.middleware.csrf import _get_new_csrf_string
    from django.test import Client

    if apps.is_installed("benchsite"):
        fill_shared()
    else:
        model = apps.get_model("floor.Household")
        model.objects.bulk_create(model(head_name=f"户主{n}") for n in range(HOUSEHOLDS))
    client = Client()
    client.force_login(get_user_model().objects.create_user("bench"))
    print(json.dumps([client.cookies["sessionid"].value, _get_new_csrf_string()]))


def fill_shared() -> None:
    """The rows that the shared floor's visit points at."""
    from benchsite.models import Cadre, Group, Household, Village

    village = Village.objects.create(township="康美镇", name="城垵村")
    group = Group.objects.create(village=village, name="1组")
    cadre = Cadre.objects.create(code="G1", name="干部", village=village)
    Household.objects.bulk_create(
        Household(village=village, group=group, cadre=cadre, number=f"H{n}", head_name=f"户主{n}", population=3)
        for n in range(HOUSEHOLDS)
    )


if __name__ == "__main__":
    main()
