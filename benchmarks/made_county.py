"""A made county of any size: one township, its villages, its cadres with accounts, households, visits and issues.

    python -m benchmarks.made_county HOUSEHOLDS [VISITS [ISSUES]]    into the database of DATABASE_URL
    python -m benchmarks.made_county own                              the households of ``walker`` in it, as JSON

The same call makes the same rows; days are counted back from today. Only what the measured pages read is made.
"""

import datetime
import json
import random
import sys
from typing import Any

from django.utils import timezone

PASSWORD = "bench-village-ledger"
VILLAGES = 25
PER_CADRE = 22
START = datetime.date(2025, 1, 1)
SURNAMES, GIVEN = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗", "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰红梅"


def make_county(households: int, visits: int, issues: int) -> None:
    """Everything at once; ``leader``, ``desk``, ``admin``, ``cadre`` and ``walker`` can sign in with ``PASSWORD``.

    ``cadre`` has the usual number of households, ``walker`` half of all: who posts a thousand visits in a few seconds
    must not come to the same house twice.
    """
    from django.db import transaction

    from ledger.actions import planner

    chance = random.Random(7)
    with transaction.atomic():
        villages = make_villages()
        cadres = make_cadres(villages, max(2, households // PER_CADRE // 2))
        rows = make_households(chance, villages, cadres, households)
        made = make_visits(chance, rows, visits)
        make_issues(chance, rows, made, issues)
        planner.after_bulk_write()


def make_villages() -> list[Any]:
    from ledger.actions.defaults import load_defaults
    from ledger.models import County, District, Group, Township, Village

    county = County.objects.create(code="350626", name="东山县")
    town = Township.objects.create(county=county, code="350626102", name="康美镇", short_name="康美")
    load_defaults(county=county, by="system")
    districts = [District.objects.create(township=town, name=f"第{n}管区", sort_order=n) for n in range(1, 5)]
    villages = Village.objects.bulk_create(
        Village(
            township=town, district=districts[n % 4], code=f"{town.code}{n + 201}", name=f"{GIVEN[n]}村", sort_order=n
        )
        for n in range(VILLAGES)
    )
    Group.objects.bulk_create(Group(village=v, number=n) for v in villages for n in range(1, 9))
    return villages


def cadre_of(cadres: list[Any], n: int) -> Any:
    """Whose household the n-th is: every second one ``walker``'s, the others in turn."""
    return cadres[1] if n % 2 else cadres[n // 2 % len(cadres)]


def make_cadres(villages: list[Any], count: int) -> list[Any]:
    """The four whose pages are measured, and further household cadres without an account."""
    from accounts.models import User
    from ledger.models import Cadre, Posting
    from ledger.rules.permissions import Role

    town = villages[0].township
    for name, role in (
        ("leader", Role.TOWNSHIP_LEADER), ("desk", Role.TOWNSHIP_DESK), ("admin", Role.TOWNSHIP_ADMIN),
    ):  # fmt: skip
        user = User.objects.create_user(name, PASSWORD, name=name)
        person = Cadre.objects.create(county=town.county, township=town, user=user, cadre_no=name, name=name)
        Posting.objects.bulk_create([Posting(cadre=person, role=role, start_on=START, township=town)])
    cadres = Cadre.objects.bulk_create(
        Cadre(county=town.county, township=town, cadre_no=f"G{n:05d}", name=f"干部{n}", phone=f"137{n:08d}")
        for n in range(count)
    )
    for name, person in zip(("cadre", "walker"), cadres, strict=False):
        Cadre.objects.filter(pk=person.pk).update(user=User.objects.create_user(name, PASSWORD, name=name))
    Posting.objects.bulk_create(
        Posting(cadre=c, role=Role.HOUSEHOLD_CADRE, start_on=START, village=villages[n % VILLAGES])
        for n, c in enumerate(cadres)
    )
    return cadres


def make_households(chance: random.Random, villages: list[Any], cadres: list[Any], count: int) -> list[Any]:
    from ledger.models import Assignment, Group, Household, HouseholdCode, Resident, StatusPeriod
    from ledger.models.fields import id_index, phone_index
    from ledger.rules.households import Relation
    from ledger.rules.identity import make_id_number

    groups: dict[int, list[int]] = {}
    for pk, village in Group.objects.values_list("pk", "village_id"):
        groups.setdefault(village, []).append(pk)
    rows = []
    for n in range(count):
        village = villages[n % VILLAGES]
        name = chance.choice(SURNAMES) + "".join(chance.choices(GIVEN, k=2))
        rows.append(
            Household(
                village=village, group_id=chance.choice(groups[village.pk]), code=f"{village.code}{n:05d}",
                head_name=name, pinyin=f"huzhu{n:05d}", initials="hz", address=f"{village.name}{n}号",
                population=1 + n % 6, cadre=cadre_of(cadres, n), status="active" if n % 20 else "away",
            )
        )  # fmt: skip
    rows = Household.objects.bulk_create(rows, batch_size=500)
    heads = []
    for n, h in enumerate(rows):
        number = make_id_number("350626", datetime.date(1950, 1, 1) + datetime.timedelta(days=n), n % 1000)
        phone = f"139{n:08d}"
        heads.append(
            Resident(household=h, township=h.village.township, name=h.head_name, relation=Relation.HEAD, id_no=number,
                     id_index=id_index(number), phone=phone, phone_index=phone_index(phone))
        )  # fmt: skip
    Resident.objects.bulk_create(heads, batch_size=500)
    HouseholdCode.objects.bulk_create(HouseholdCode(household=h, code=h.code, start_on=START) for h in rows)
    StatusPeriod.objects.bulk_create(StatusPeriod(household=h, status=h.status, start_on=START) for h in rows)
    Assignment.objects.bulk_create(Assignment(household=h, cadre=h.cadre, start_on=START) for h in rows)
    return rows


def make_visits(chance: random.Random, households: list[Any], count: int) -> list[Any]:
    """Spread over a year; one household in ten was never visited, unless there is only one."""
    from ledger.models import Household, Visit
    from ledger.rules.days import local_today

    today, rows = local_today(), []
    visited = households[: max(1, len(households) * 9 // 10)]
    for n in range(count):
        h = visited[n % len(visited)]
        day, met = today - datetime.timedelta(days=chance.randrange(365)), n % 4 != 0 or n < len(visited)
        rows.append(
            Visit(household=h, village=h.village, group_id=h.group_id, lead_id=h.cadre_id, occurred_on=day,
                  result="met" if met else "absent", people_met=2, content="入户走访，了解近况")
        )  # fmt: skip
        h.last_visit_on = max(day, h.last_visit_on or day)
        h.last_met_on = max(day, h.last_met_on or day) if met else h.last_met_on
    made = Visit.objects.bulk_create(rows, batch_size=500)
    Household.objects.bulk_update(visited, ["last_visit_on", "last_met_on"], batch_size=200)
    return made


def make_issues(chance: random.Random, households: list[Any], visits: list[Any], count: int) -> None:
    """Half of them closed, the others in every open state, some late, one in fifteen sensitive."""
    from ledger.models import Category, Household, Issue, IssueStep, NumberCounter
    from ledger.rules.issues import OPEN_STATES, State

    now, category = timezone.now(), Category.objects.order_by("-pk")[0]
    states = [
        State.REGISTERED,
        State.CLOSED,
        State.ASSIGNED,
        State.CLOSED,
        State.IN_PROGRESS,
        State.CLOSED,
        State.RESOLVED,
    ]
    rows = []
    for n in range(count):
        h, state = households[n * 7 % len(households)], states[n % len(states)]
        closed = state == State.CLOSED
        at = now - datetime.timedelta(days=chance.randrange(120))
        rows.append(
            Issue(
                township=h.village.township, year=now.year, serial=n + 1, number=f"康美-{now.year}-{n + 1:05d}",
                category=category, title=f"{h.head_name}反映路灯不亮", village=h.village, household=h, registered_at=at,
                registered_by_id=h.cadre_id, visit=visits[n % len(visits)], state=state, is_sensitive=n % 15 == 14,
                handler_id=None if state == State.REGISTERED else h.cadre_id,
                due_on=None if state == State.REGISTERED else (at + datetime.timedelta(days=20)).date(),
                resolved_at=at if closed or state == State.RESOLVED else None, closed_at=at if closed else None,
                close_basis="called_back" if closed else "",
            )
        )  # fmt: skip
        h.open_issues += state in OPEN_STATES
    rows = Issue.objects.bulk_create(rows, batch_size=200)
    IssueStep.objects.bulk_create(
        IssueStep(issue=i, step="register", to_state=State.REGISTERED, by_id=i.registered_by_id, at=i.registered_at)
        for i in rows
    )
    Household.objects.bulk_update(households, ["open_issues"], batch_size=200)
    NumberCounter.objects.create(township=households[0].village.township, year=now.year, last=count)


def own_households() -> list[str]:
    """The ids of the households of ``walker``."""
    from ledger.models import Household

    return [str(pk) for pk in Household.objects.filter(cadre__user__username="walker").values_list("pk", flat=True)]


if __name__ == "__main__":
    import django

    django.setup()
    if sys.argv[1:] == ["own"]:
        print(json.dumps(own_households()))
    else:
        make_county(*([int(word) for word in sys.argv[1:]] + [1, 1])[:3])
