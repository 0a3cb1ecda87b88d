"""The kept counts say what the tables say, whatever people, imports and undos do, with and without a fold."""

import datetime
import random
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from ledger.actions import assignments, count_triggers, counts
from ledger.actions.households import change_status
from ledger.actions.issues import StepRefused, transition
from ledger.actions.visits import correct_visit, log_visit, void_visit
from ledger.models import (
    ContactChange,
    CountLine,
    Exclusion,
    Household,
    HouseholdChange,
    Issue,
    Village,
    Visit,
    VisitChange,
)  # fmt: skip
from ledger.queries.count_check import differences
from ledger.queries.counts import Areas, Ask, Left, Sum, Window, read
from ledger.queries.issues import allowed_steps
from ledger.rules.counting import AreaLevel, Sort
from ledger.rules.days import local_today
from ledger.rules.households import COUNTED_STATUSES, HouseholdStatus
from ledger.rules.visits import CONTACT_KINDS, VisitKind, VisitResult
from tests.actions.test_issue_walks import PEOPLE, said
from tests.drill import times
from tests.importing.test_undo import applied, everything_at_once, undone
from tests.issue_chain import raise_issue
from tests.world import World

ACTS = times(ci=300, drill=10_000)


def summed(sort: Sort, areas: Areas, **how: Any) -> list[Sum]:
    return read(areas, [Ask(sort, **how)])[0]


def a_day(chance: random.Random) -> datetime.date:
    return local_today() - datetime.timedelta(days=chance.choice([0, 0, 1, 5, 30, 31, 89, 90, 91, 200]))


def a_household(chance: random.Random) -> Household:
    pks = Household.objects.order_by("pk").values_list("pk", flat=True)
    return Household.objects.select_related("village__township").get(pk=chance.choice(list(pks)))


def log(world: World, chance: random.Random) -> None:
    household = a_household(chance)
    data = {
        "kind": chance.choice([VisitKind.HOUSEHOLD, VisitKind.HOUSEHOLD, VisitKind.NIGHT, VisitKind.PHONE]),
        "result": chance.choice(["met", "met", "absent"]), "occurred_on": a_day(chance), "content": "聊了收成",
        "people_met": chance.randrange(4), "opinions_heard": chance.randrange(3),
    }  # fmt: skip
    log_visit(by=world.user("village_cadre"), data={"household": household, **data})


def a_visit(chance: random.Random) -> Visit | None:
    pks = list(Visit.objects.filter(voided_at=None).order_by("pk").values_list("pk", flat=True))
    return Visit.objects.get(pk=chance.choice(pks)) if pks else None


def correct(world: World, chance: random.Random) -> None:
    visit = a_visit(chance)
    if visit is not None:
        data = {"result": chance.choice(["met", "absent"]), "occurred_on": a_day(chance)}
        correct_visit(by=world.user("village_cadre"), visit=visit, version=visit.version, data=data, reason="记错")


def void(world: World, chance: random.Random) -> None:
    visit = a_visit(chance)
    if visit is not None:
        void_visit(by=world.user("village_cadre"), visit=visit, version=visit.version, reason="误登")


def give_status(world: World, chance: random.Random) -> None:
    household, status = a_household(chance), chance.choice(list(HouseholdStatus))
    try:
        change_status(
            by=world.user("township_admin"), household=household, version=household.version, status=status,
            on=local_today(), reason="",
        )  # fmt: skip
    except ValidationError:
        return


def give_cadre(world: World, chance: random.Random) -> None:
    cadre = world.cadre(chance.choice(["household_cadre", "village_cadre"]))
    try:
        assignments.assign(by=world.user("township_admin"), household=a_household(chance), cadre=cadre)
    except ValidationError:
        return


def move(world: World, chance: random.Random) -> None:
    """A household goes to another village with all its past; the old village keeps the visits."""
    village = chance.choice(list(Village.objects.order_by("pk")))
    Household.objects.filter(pk=a_household(chance).pk).update(village=village, code=f"迁{chance.random()}")


def register(world: World, chance: random.Random) -> None:
    raise_issue(world, "village_cadre", village=world.villages["城垵"])


def step(world: World, chance: random.Random) -> None:
    pks = list(Issue.objects.filter(village__in=[v.pk for v in world.villages.values()]).values_list("pk", flat=True))
    issue = Issue.objects.select_related("village__township", "category__parent", "household").get(
        pk=chance.choice(pks)
    )
    user = world.user(chance.choice(PEOPLE))
    offered = sorted(str(rule.step) for rule in allowed_steps(user, issue))
    if not offered:
        return
    try:
        facts = said(world, Drawn(chance), issue)
        transition(by=user, issue=issue, step=chance.choice(offered), version=issue.version, data=facts)
    except (StepRefused, ValidationError):
        return


def exclude(world: World, chance: random.Random) -> None:
    household = a_household(chance)
    if not Exclusion.objects.open().filter(household=household).exists():
        Exclusion.objects.create(
            household=household, start_on=a_day(chance), reason="长期外出", approved_at=timezone.now(),
            approved_by=world.users["township_leader"],
        )  # fmt: skip


def fold(world: World, chance: random.Random) -> None:
    counts.fold()


WHAT: list[Callable[[World, random.Random], None]] = [
    log, log, log, log, correct, correct, void, give_status, give_cadre, move, register, step, step, step, exclude,
    fold,
]  # fmt: skip


class Drawn:
    """``said`` asks hypothesis for strategies; here a seed answers."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance

    def __call__(self, strategy: Any) -> Any:
        elements = getattr(strategy, "elements", None)
        if elements is not None:
            return self.chance.choice(list(elements))
        strategy = getattr(strategy, "wrapped_strategy", strategy)
        elements = getattr(strategy, "elements", None)
        if elements is not None:
            return self.chance.choice(list(elements))
        return self.chance.randint(strategy.start, strategy.end)


def contact_days(household: Household) -> set[datetime.date]:
    met = Visit.objects.filter(household=household, kind__in=CONTACT_KINDS, result=VisitResult.MET, voided_at=None)
    return set(met.values_list("occurred_on", flat=True))


def figures_agree(world: World) -> None:
    """Sums by village, township and county against a count of every row."""
    today = local_today()
    excluded = set(Exclusion.objects.open_on(today).values_list("household_id", flat=True))
    households = [h for h in Household.objects.filter(status__in=COUNTED_STATUSES) if h.pk not in excluded]
    days = {h.pk: contact_days(h) for h in households}
    left = Left(excluded_on=today)
    for since, until in ((90, 0), (30, 0), (200, 31), (91, 90), (0, 0)):
        first, last = today - datetime.timedelta(days=since), today - datetime.timedelta(days=until)
        covered: dict[int, int] = {}
        for each in households:
            if any(first <= day <= last for day in days[each.pk]):
                covered[each.village_id] = covered.get(each.village_id, 0) + 1
        areas = Areas(AreaLevel.VILLAGE, list(Village.objects.values_list("pk", flat=True)))
        found = summed(Sort.CONTACT, areas, window=Window(first, last, other_before=first), left=left)
        assert {s.area: s.n for s in found if s.key == "1"} == covered, (first, last)
    townships = Areas(AreaLevel.TOWNSHIP, [world.township.pk, world.other_township.pk])
    never = summed(Sort.HOUSEHOLD, townships, window=Window(until=datetime.date(1, 1, 1)), by=(), left=left)
    here = [h for h in Household.objects.select_related("village") if h.pk not in excluded and h.last_met_on is None]
    assert {s.area: s.n for s in never} == {
        pk: n for pk in townships.ids if (n := sum(h.village.township_id == pk for h in here))
    }
    county = Areas(AreaLevel.COUNTY, [world.county.pk])
    visits = Visit.objects.filter(village__township__county=world.county, voided_at=None)
    found_people = sum(s.people for s in summed(Sort.VISIT, county, by=("month",)))
    assert found_people == sum(visits.values_list("people_met", flat=True))


@pytest.mark.drill
def test_random_acts_leave_no_difference(world: World) -> None:
    chance = random.Random(20261130)
    assert list(differences()) == []
    for number in range(1, ACTS + 1):
        chance.choice(WHAT)(world, chance)
        if number % 50 == 0:
            assert list(differences()) == [], number
    assert len(set(Issue.objects.values_list("state", flat=True))) > 3
    figures_agree(world)
    counts.fold()
    assert not VisitChange.objects.exists()
    assert list(differences()) == []
    figures_agree(world)
    folded = set(CountLine.objects.exclude(n=0, people=0, opinions=0).values_list())
    counts.rebuild()
    assert set(CountLine.objects.values_list()) == folded


def test_an_import_and_its_undo_are_counted(world: World) -> None:
    batch = applied(world, everything_at_once(world))
    assert list(differences()) == []
    assert HouseholdChange.objects.exists()
    counts.fold()
    undone(world, batch)
    assert list(differences()) == []


def test_many_visits_in_one_statement_are_counted(world: World) -> None:
    """As an import, its undo and a merge of households write them: neighbouring days, doubles and gaps at once."""
    chance, pair = random.Random(27), list(Household.objects.order_by("pk")[:2])

    def some(most: int) -> Any:
        pks = list(Visit.objects.filter(household__in=pair).order_by("pk").values_list("pk", flat=True))
        return Visit.objects.filter(pk__in=chance.sample(pks, min(len(pks), most)))

    def bring() -> Any:
        Visit.objects.bulk_create(
            Visit(household=home, village_id=home.village_id, lead=world.cadre("village_cadre"), result=result,
                  kind=VisitKind.HOUSEHOLD, occurred_on=local_today() - datetime.timedelta(days=chance.randrange(12)))
            for home, result in ((chance.choice(pair), chance.choice(["met", "met", "absent"])) for _n in range(6))
        )  # fmt: skip

    for _round in range(20):
        for act in (
            bring,
            lambda: some(4).update(household=chance.choice(pair)),
            lambda: some(4).update(occurred_on=local_today() - datetime.timedelta(days=chance.randrange(12))),
            lambda: some(3).update(result=chance.choice(["met", "absent"])),
            lambda: some(4).delete(),
        ):
            act()
            assert list(differences()) == []
    assert ContactChange.objects.exists()


def test_a_figure_does_not_change_by_a_fold(world: World) -> None:
    areas = Areas(AreaLevel.TOWNSHIP, [world.township.pk, world.far_township.pk])
    log(world, random.Random(1))

    def read() -> list[Any]:
        return [sorted(map(repr, summed(sort, areas, by=("key", "day")))) for sort in Sort]

    before = read()
    assert counts.fold() > 0
    assert (read(), counts.fold()) == (before, 0)


def test_sensitive_issues_enter_no_count(world: World) -> None:
    sensitive = [issue for issue in Issue.objects.all() if issue.is_sensitive]
    assert sensitive
    counts.rebuild()
    areas = Areas(AreaLevel.COUNTY, [world.county.pk, world.other_county.pk])
    counted = sum(s.n for s in summed(Sort.ISSUE, areas))
    assert counted == Issue.objects.filter(is_sensitive=False).count()


def test_an_issue_about_oneself_is_left_out(world: World) -> None:
    about = world.cadre("village_cadre")
    issue = Issue.objects.filter(is_sensitive=False, village=world.villages["城垵"]).first()
    Issue.objects.filter(pk=issue.pk).update(about_cadre=about)
    areas = Areas(AreaLevel.VILLAGE, [world.villages["城垵"].pk])
    everybody = sum(s.n for s in summed(Sort.ISSUE, areas))
    mine = sum(s.n for s in summed(Sort.ISSUE, areas, left=Left(about_cadre=about.pk)))
    assert mine == everybody - 1


@pytest.fixture
def broken(world: World) -> Iterator[None]:
    """A trigger is gone, and something happens."""
    name = "ledger_count_visit_insert"
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER {name}" + (" ON ledger_visit" if connection.vendor == "postgresql" else ""))
    log(world, random.Random(2))
    yield
    count_triggers.install()


def test_check_and_rebuild(broken: None, capsys: pytest.CaptureFixture[str]) -> None:
    assert count_triggers.missing() == ["ledger_count_visit_insert"]
    with pytest.raises(SystemExit):
        call_command("check_counts")
    assert [each.sort for each in differences()] == [Sort.VISIT]
    call_command("rebuild_counts")
    call_command("check_counts")
    assert (count_triggers.missing(), list(differences())) == ([], [])


def test_migrate_puts_the_triggers_back(world: World) -> None:
    count_triggers.remove()
    call_command("migrate", verbosity=0)
    assert count_triggers.missing() == []
