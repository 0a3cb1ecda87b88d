"""Who reads which part of the trail: by territory, and nothing of sensitive issues outside their circle."""

from typing import Any

from ledger.actions.audit import record
from ledger.models import AuditRow, Issue, Posting
from ledger.rules.permissions import Role
from tests.world import World, post


def seen(world: World, key: str) -> set[str]:
    return set(AuditRow.objects.visible_to(world.user(key)).values_list("label", flat=True))


def trail(world: World) -> None:
    """One act in each village and county, one on a sensitive issue of 城垵."""
    for place in ("城垵", "前楼", "六龙"):
        record(verb="household.changed", by="system", obj=world.households[place][0], label=place)
    record(verb="issue.register", by="system", obj=world.issues["城垵"], label="plain")
    record(verb="issue.register", by="system", obj=world.issues["城垵-sensitive"], label="secret")
    record(verb="county.bootstrapped", by="system", obj=world.county, label="county")


def test_the_trail_follows_the_territory(world: World) -> None:
    trail(world)
    assert seen(world, "township_admin") == {"城垵", "plain"}
    assert seen(world, "township_admin@前楼") == {"前楼"}
    assert seen(world, "county_admin") == {"城垵", "前楼", "plain", "county"}
    for key in ("township_leader", "county_leader", "inspector", "village_cadre", "household_cadre", "nobody"):
        assert seen(world, key) == set()


def test_acts_on_sensitive_issues_are_for_who_may_see_the_issue(world: World) -> None:
    trail(world)
    assert "secret" not in seen(world, "township_admin") | seen(world, "county_admin")
    post(world.cadre("township_admin"), Role.TOWNSHIP_LEADER, township=world.township)
    assert "secret" in seen(world, "township_admin")


def test_an_administrator_reads_nothing_of_a_complaint_about_them(world: World) -> None:
    trail(world)
    admin: Any = world.cadre("township_admin")
    post(admin, Role.TOWNSHIP_LEADER, township=world.township)
    Issue.objects.filter(pk=world.issues["城垵-sensitive"].pk).update(kind="complaint", about_cadre=admin)
    assert "secret" not in seen(world, "township_admin")


def test_an_ended_posting_closes_the_trail(world: World) -> None:
    trail(world)
    Posting.objects.filter(cadre=world.cadre("township_admin")).update(end_on="2025-06-01")
    assert seen(world, "township_admin") == set()


def test_a_place_given_by_its_township_is_found_by_the_county(world: World) -> None:
    record(verb="posting.ended", by="system", label="by id", township_id=world.township.pk)
    assert seen(world, "county_admin") == {"by id"}
