"""Random changes in places where somebody does not serve: through the app by the people there, and in the tables."""

import random
import uuid
from collections.abc import Callable
from typing import Any

from django.apps import apps
from django.db import DatabaseError, models, transaction
from django.utils import timezone

from ledger.actions.audit import record
from ledger.models import Category, Household, Posting, Visit
from ledger.rules.days import local_today
from ledger.rules.permissions import Role
from tests.access.site import Asking
from tests.access.world import PLACES
from tests.canary.circle import NEEDED_BY_HANDLERS, Reader
from tests.canary.readers import read_tables
from tests.canary.tagging import MACHINE, NUMBERS, PUBLIC, without_triggers
from tests.world import World, make_cadre, make_household, make_issue, make_visit, post

Change = Callable[["Elsewhere"], str]


class Elsewhere:
    """Where one person does not serve, and what may happen there."""

    def __init__(self, world: World, reader: Reader, seed: str) -> None:
        self.world, self.reader, self.random = world, reader, random.Random(seed)
        self.serial = 5000
        villages = {place: world.villages[name].pk for place, name in PLACES.items()}
        mine = reader.villages | {Household.objects.get(pk=pk).village_id for pk in reader.households}
        self.places = [PLACES[place] for place, pk in villages.items() if pk not in mine]
        self.rows = read_tables()

    def change(self, count: int) -> list[str]:
        """So many of them; what the database or the ledger refuses, after what came before, is tried otherwise."""
        done: list[str] = []
        while len(done) < count:
            try:
                with transaction.atomic():
                    said = self.random.choice(CHANGES)(self)
            except DatabaseError:
                continue
            if said:
                done.append(said)
        return done

    @property
    def place(self) -> str:
        return self.random.choice(self.places)

    @property
    def household(self) -> Any:
        return self.random.choice(
            list(Household.objects.filter(village=self.world.villages[self.place]).order_by("pk"))
        )

    def next(self) -> int:
        self.serial += 1
        return self.serial


def a_visit_is_logged(there: Elsewhere) -> str:
    place = there.place
    household = there.world.households[place][there.random.randrange(2)]
    sent = {
        "kind": "household", "result": "met", "people_met": "2", "occurred_on": local_today().isoformat(),
        "content": f"{place}新话{there.next()}", "client_id": str(uuid.UUID(int=there.random.getrandbits(128))),
    }  # fmt: skip
    return _sent(there, f"household_cadre@{place}", f"/visits/new/?household={household.pk}", sent)


def an_issue_is_registered(there: Elsewhere) -> str:
    place = there.place
    village = there.world.villages[place]
    category = Category.objects.filter(county=village.township.county_id).order_by("pk")[0].pk
    sent = {
        "kind": "request", "category": str(category), "title": f"{place}新事{there.next()}", "urgency": "normal",
        "source": "visit", "client_id": str(uuid.UUID(int=there.random.getrandbits(128))),
    }  # fmt: skip
    household = there.world.households[place][0]
    return _sent(there, f"village_cadre@{place}", f"/issues/new/?household={household.pk}", sent)


def _sent(there: Elsewhere, who: str, url: str, data: dict[str, str]) -> str:
    answer = Asking(there.world.users[who]).ask("POST", url, data, keeps=True)
    return f"{who} POST {url}" if answer.status == 302 else ""


def a_household_moves_in(there: Elsewhere) -> str:
    made = make_household(there.world.villages[there.place], there.next())
    return f"household {made.pk}"


def a_visit_is_taken_out(there: Elsewhere) -> str:
    visit = make_visit(there.household, there.world.cadre(f"household_cadre@{there.place}"))
    Visit.objects.filter(pk=visit.pk).delete()
    return f"visit {visit.pk} came and went"


def a_secret_comes_up(there: Elsewhere) -> str:
    place = there.place
    made = make_issue(
        there.world.households[place][0], there.world.cadre(f"village_official@{place}"), there.next(),
        kind="early_sign", is_sensitive=True,
    )  # fmt: skip
    record(verb="issue.register", by="system", obj=made, label=made.number)
    return f"sensitive issue {made.pk}"


def somebody_is_appointed(there: Elsewhere) -> str:
    """In another county: colleagues of the own township are known by name."""
    cadre = make_cadre(there.world.far_township, f"新人{there.next()}", there.world.other_county)
    post(cadre, there.random.choice([Role.TOWNSHIP_DESK, Role.TOWNSHIP_LEADER]), township=there.world.far_township)
    Posting.objects.filter(cadre__township=there.world.far_township, role=Role.VISITOR).update(end_on=local_today())
    return f"cadre {cadre.pk}"


def a_cell_says_something_else(there: Elsewhere) -> str:
    """Any text, number, moment or mark of any row that the oracle says is not theirs."""
    model = there.random.choice([m for m in apps.get_models() if m._meta.db_table in there.rows.tables])
    table = model._meta.db_table
    pks = [
        pk for pk in sorted(there.rows.tables[table])
        if there.rows.home(table, pk).county and not _reads_any(there, table, pk)
    ]  # fmt: skip
    public = PUBLIC.get(table, ())
    fields = [f for f in model._meta.concrete_fields if _may_change(f) and f.name not in public]
    if not pks or not fields:
        return ""
    pk, field = there.random.choice(pks), there.random.choice(fields)
    with without_triggers():
        model._base_manager.filter(pk=pk).update(**{field.name: _something(there, field)})
    return f"{table} {pk} {field.name}"


def _reads_any(there: Elsewhere, table: str, pk: int) -> bool:
    """Whether one of its columns is theirs to read: the others may be needed beside it."""
    columns = ("*", *NEEDED_BY_HANDLERS.get(table, ()))
    return any(there.reader.may_read(there.rows, table, pk, column) for column in columns)


OWNING = frozenset({"code", "number", "is_sensitive", "is_handed_in"})


def _may_change(field: Any) -> bool:
    """Not what says whose a row is: a matter no longer sensitive, or an entry handed in, would be theirs to read."""
    kinds = (models.CharField, models.TextField, models.IntegerField, models.BooleanField, models.DateTimeField)
    plain = isinstance(field, kinds) and not isinstance(field, models.JSONField) and not field.choices
    return plain and not field.primary_key and field.name not in MACHINE | NUMBERS | OWNING


def _something(there: Elsewhere, field: Any) -> Any:
    if isinstance(field, models.BooleanField):
        return there.random.random() < 0.5
    if isinstance(field, models.DateTimeField):
        return timezone.now()
    if isinstance(field, models.IntegerField):
        return there.random.randrange(1, 3000)
    return f"变{there.next()}"[: field.max_length or 100]


CHANGES: list[Change] = [
    a_visit_is_logged, an_issue_is_registered, a_household_moves_in, a_visit_is_taken_out, a_secret_comes_up,
    somebody_is_appointed, a_cell_says_something_else, a_cell_says_something_else, a_cell_says_something_else,
]  # fmt: skip
