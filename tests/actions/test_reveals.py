"""A full number is shown one at a time and counted: also of tries at the same moment, and whatever fails afterwards."""

import datetime
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from ledger.actions import reveals
from ledger.actions.reveals import MOST_AN_HOUR, TooManyReveals, reveal
from ledger.models import AuditRow
from tests.world import World

SignIn = Callable[[str], Client]


def rows(world: World, key: str, verb: str, count: int, ago: datetime.timedelta) -> None:
    """Readings on the trail from some time ago."""
    at = timezone.now() - ago
    user = world.users[key]
    AuditRow.objects.bulk_create(
        AuditRow(at=at, user_id=user.pk, actor=user.name, verb=verb, signature="1:x") for _n in range(count)
    )


def test_what_is_older_than_an_hour_or_somebody_elses_does_not_count(world: World) -> None:
    long_ago = reveals.HOUR + datetime.timedelta(seconds=1)
    rows(world, "township_admin", "resident.revealed", MOST_AN_HOUR, long_ago)
    rows(world, "township_admin@前楼", "resident.revealed", MOST_AN_HOUR, datetime.timedelta())
    rows(world, "township_admin", "resident.called", MOST_AN_HOUR, datetime.timedelta())
    resident = world.households["城垵"][0].residents.get()
    number = reveal(by=world.user("township_admin"), resident=resident, field="phone", reason="核对")
    assert number == resident.phone


def test_the_last_of_the_hour_is_shown_and_the_next_is_not(world: World) -> None:
    resident = world.households["城垵"][0].residents.get()
    rows(world, "township_admin", "resident.revealed", MOST_AN_HOUR - 1, datetime.timedelta(minutes=59))
    assert reveal(by=world.user("township_admin"), resident=resident, field="phone", reason="核对") == resident.phone
    with pytest.raises(TooManyReveals):
        reveal(by=world.user("township_admin"), resident=resident, field="phone", reason="核对")
    assert AuditRow.objects.filter(verb="resident.revealed").count() == MOST_AN_HOUR


def test_the_row_stands_when_the_page_fails_afterwards(
    world: World, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever saw half a page saw the number: the row was committed before."""
    resident = world.households["城垵"][0].residents.get()

    def broken(*_args: Any, **_kwargs: Any) -> Any:
        raise RuntimeError

    monkeypatch.setattr("ledger.views.residents.render", broken)
    address = reverse("resident_reveal", args=[resident.pk])
    assert sign_in("township_admin").post(address, {"field": "id_no", "reason": "核对"}).status_code == 500
    assert AuditRow.objects.filter(verb="resident.revealed", object_id=resident.pk).count() == 1


@pytest.mark.parametrize(
    ("data", "status"),
    [
        ({"field": "id_no"}, 400),
        ({"field": "id_no", "reason": " \u3000\t"}, 400),
        ({"reason": "核对材料"}, 400),
        ({"field": "id_no phone", "reason": "核对材料"}, 400),
        ({"field": ["id_no", "both"], "reason": "核对材料"}, 400),
        ({"field": "id_index", "reason": "核对材料"}, 400),
        ({"field": ["id_no", "phone"], "reason": "核对材料"}, 200),
    ],
)
def test_a_reason_and_one_value(world: World, sign_in: SignIn, data: dict[str, Any], status: int) -> None:
    resident = world.households["城垵"][0].residents.get()
    answer = sign_in("township_admin").post(reverse("resident_reveal", args=[resident.pk]), data)
    text = answer.content.decode()
    assert answer.status_code == status
    assert [number in text for number in (resident.id_no, resident.phone)] == [False, status == 200]
    assert AuditRow.objects.filter(verb="resident.revealed").count() == (status == 200)


def test_nothing_but_a_post_reveals(world: World, sign_in: SignIn) -> None:
    resident, client = world.households["城垵"][0].residents.get(), sign_in("township_admin")
    address = reverse("resident_reveal", args=[resident.pk])
    for method in ("get", "head", "put", "patch", "delete", "options"):
        answer = getattr(client, method)(f"{address}?field=id_no&reason=核对材料")
        assert answer.status_code == 405
        assert resident.id_no not in answer.content.decode()
    assert not AuditRow.objects.filter(verb="resident.revealed").exists()
