"""专题 in 批量补记: one answer for all that were met, another at one household; no other place's point or day."""

import datetime
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from ledger.actions.visits_together import Walked, log_together
from ledger.models import Campaign, CampaignTick, Household, Submission, Visit
from ledger.rules.days import local_today
from tests.actions.test_campaigns import begun, ticked
from tests.world import World, make_household

SignIn = Callable[[str], Client]
URL = "/visits/together/"
TODAY = local_today()
DAY = datetime.timedelta(days=1)


@pytest.fixture
def homes(world: World) -> list[Household]:
    """Five households of the household cadre."""
    return [make_household(world.villages["城垵"], n, world.cadre("household_cadre")) for n in range(10, 15)]


def filled(homes: list[Household], **more: Any) -> dict[str, Any]:
    return {
        "kind": "household", "content": "无新情况。", "occurred_on": TODAY.isoformat(), "client_id": str(uuid.uuid4()),
        "households": [home.pk for home in homes], **more,
    }  # fmt: skip


def ticks() -> set[tuple[int, str, str]]:
    return set(CampaignTick.objects.values_list("household_id", "point__text", "answer"))


def test_one_answer_for_all_that_were_met_and_another_at_one(
    world: World, sign_in: SignIn, homes: list[Household]
) -> None:
    runs = begun(world, "城垵")
    first, second = runs.points.all()
    met, otherwise, not_yet, absent, alone = homes
    client = sign_in("household_cadre")
    page = client.get(URL).content.decode()
    assert f'name="point-all-{first.pk}"' in page
    assert f'name="point-{met.pk}-{second.pk}"' in page
    sent = filled(
        [met, otherwise, not_yet, absent], **{
            f"point-all-{first.pk}": "done", f"point-{otherwise.pk}-{first.pk}": "na",
            f"point-{not_yet.pk}-{first.pk}": "no", f"result-{absent.pk}": "absent",
            f"point-{absent.pk}-{second.pk}": "na", f"point-{alone.pk}-{second.pk}": "done",
        },
    )  # fmt: skip
    assert client.post(URL, sent).status_code == 302
    assert client.post(URL, sent).status_code == 302
    assert ticks() == {
        (met.pk, "核对参保人数", "done"), (otherwise.pk, "核对参保人数", "na"), (absent.pk, "发明白卡", "na"),
    }  # fmt: skip
    assert Visit.objects.filter(household__in=homes).count() == 4


def test_what_is_no_point_there_or_not_of_that_day_is_refused_and_kept_on_the_page(
    world: World, sign_in: SignIn, homes: list[Household]
) -> None:
    runs = begun(world, "城垵", start_on=TODAY)
    first = runs.points.all()[0]
    foreign = begun(world, "马銮").points.all()[0]
    client, mine = sign_in("household_cadre"), f"point-all-{first.pk}"
    for wrong in (
        {f"point-all-{foreign.pk}": "done"}, {f"point-{homes[0].pk}-{foreign.pk}": "done"}, {mine: "maybe"},
        {mine: "done", "occurred_on": (TODAY - DAY).isoformat()},
        {f"point-{homes[0].pk}-{first.pk}": "done", "occurred_on": (TODAY - DAY).isoformat()},
    ):  # fmt: skip
        answer = client.post(URL, filled(homes[:2], **wrong))
        assert (answer.status_code, answer.context["form"].is_valid()) == (200, False), wrong
        assert ("invalid-feedback d-block" in answer.content.decode()) is True, wrong
    assert (ticks(), Visit.objects.filter(household__in=homes).count()) == (set(), 0)


def test_a_household_left_out_says_nothing_and_late_ones_still_answer(
    world: World, sign_in: SignIn, homes: list[Household]
) -> None:
    runs = begun(world, "城垵")
    Campaign.objects.filter(pk=runs.pk).update(last_on=TODAY - DAY)
    first = runs.points.all()[0]
    ticked(world, homes[0], runs, occurred_on=TODAY - DAY)
    day = (TODAY - DAY).isoformat()
    sent = filled(homes[:2], occurred_on=day, doubles="leave", **{f"point-all-{first.pk}": "done"})
    assert sign_in("household_cadre").post(URL, sent).status_code == 302
    assert ticks() == {(homes[1].pk, first.text, "done")}


def test_a_walk_that_waited_on_a_phone_since_before_is_still_the_same(world: World, homes: list[Household]) -> None:
    """The digest of a walk without points is the one it always was: a repeated sending is a replay, not a conflict."""
    sent = {
        "by": world.user("household_cadre"), "walked": [Walked(homes[0])], "client_id": uuid.uuid4(),
        "data": {"kind": "household", "occurred_on": TODAY, "content": ""},
    }  # fmt: skip
    assert log_together(**sent).is_new
    assert not log_together(**sent).is_new
    assert Submission.objects.get(form="visits").object_id == Visit.objects.get(household=homes[0]).pk


@pytest.mark.parametrize("count", [1, 15])
def test_the_same_number_of_queries(world: World, sign_in: SignIn, django_assert_num_queries: Any, count: int) -> None:
    begun(world, "城垵")
    for n in range(20, 20 + count):
        make_household(world.villages["城垵"], n, world.cadre("household_cadre"))
    client = sign_in("household_cadre")
    with django_assert_num_queries(12):
        assert client.get(URL).status_code == 200
