"""Procedure guides: editions, and what was given with a reply stays as it read then."""

import uuid

import pytest
from django.core.exceptions import ValidationError

from ledger.actions.defaults import load_defaults
from ledger.actions.guides import change_guide, create_guide
from ledger.actions.records import Overtaken, fingerprint
from ledger.models import AuditRow, County, GivenGuide, Guide
from ledger.queries.guides import fitting, found, given, offered
from ledger.rules.days import local_today
from ledger.rules.guides import kept_sheet, lines_of
from ledger.rules.issue_steps import Step
from ledger.rules.issues import Outcome
from tests.issue_chain import advance, category_of, raise_issue, take
from tests.world import START, World


def make(world: World, title: str = "办证", **fields: object) -> Guide:
    given = {"county": world.county, "steps": "申请\n领证", "updated_on": START, **fields}
    guide: Guide = Guide.objects.create(title=title, **given)
    return guide


def test_a_change_is_a_new_edition_and_nothing_changed_is_none(world: World) -> None:
    admin, guide = world.user("county_admin"), make(world)
    road = category_of(world)
    values = {"title": "办证", "steps": "申请\n审核\n领证"}
    seen = fingerprint(guide, values)
    saved = change_guide(by=admin, guide=guide, values=values, categories=[road], seen=seen)
    assert (saved.edition, saved.updated_on, list(saved.categories.all())) == (2, local_today(), [road])
    again = change_guide(by=admin, guide=guide, values=values, categories=[road], seen=fingerprint(saved, values))
    assert again.edition == 2
    assert set(AuditRow.objects.filter(verb__startswith="guide.").values_list("verb", flat=True)) == {
        "guide.changed", "guide.categories",
    }  # fmt: skip
    with pytest.raises(Overtaken):
        change_guide(by=admin, guide=guide, values={**values, "title": "别的"}, categories=[], seen=seen)
    guide.refresh_from_db()
    assert (guide.title, list(guide.categories.all())) == ("办证", [road])


def test_a_title_stands_once_and_a_form_sent_twice_is_one_guide(world: World) -> None:
    admin, client_id = world.user("county_admin"), uuid.uuid4()

    def create(client_id: uuid.UUID) -> Guide:
        row = Guide(county=world.county, title="办证", steps="申请")
        return create_guide(by=admin, guide=row, categories=[], client_id=client_id, body={"title": "办证"})

    assert create(client_id).pk == create(client_id).pk
    with pytest.raises(ValidationError):
        create(uuid.uuid4())
    assert Guide.objects.count() == 1


def test_what_was_given_stays_as_it_read_then(world: World) -> None:
    guide = make(world)
    issue = advance(world, "in_progress")
    said = {"outcomes": [Outcome.EXPLAINED], "text": "已告知", "explained": "当面解释", "guides": [guide]}
    take(world, "department_handler", issue, Step.RESOLVE, **said)
    values = {"steps": "全改了"}
    change_guide(
        by=world.user("county_admin"), guide=guide, values=values, categories=[], seen=fingerprint(guide, values)
    )
    kept = GivenGuide.objects.get()
    assert (kept.issue_id, kept.step.step, kept.title, kept.given_by) == (
        issue.pk, Step.RESOLVE, "办证", world.users["department_handler"],
    )  # fmt: skip
    sheet = kept_sheet(kept.sheet)
    assert (sheet.steps, sheet.edition) == (("申请", "领证"), 1)
    assert given(issue) == [kept]
    with pytest.raises(TypeError):
        kept.save()


def test_what_is_offered_for_an_issue(world: World) -> None:
    issue = raise_issue(world)
    mine, other = make(world), make(world, "镇里的", township=world.township)
    make(world, "停用的", is_active=False)
    make(world, "别镇的", township=world.other_township)
    make(world, "外县的", county=world.other_county)
    assert set(offered(issue)) == {mine, other}
    assert list(fitting(issue)) == []
    other.categories.add(issue.category.parent)
    assert list(fitting(issue)) == [other]
    assert list(offered(issue)) == [other, mine], "those of the category come first"


def test_a_word_finds_title_material_step_and_category(world: World) -> None:
    user = world.user("household_cadre")
    one, other = make(world, materials="户口簿"), make(world, "低保")
    make(world, "户口簿外县", county=world.other_county)
    make(world, "户口簿停用", is_active=False)
    other.categories.add(category_of(world))
    assert list(found(user, "户口簿")) == [one]
    assert list(found(user, "村道")) == [other]
    assert list(found(user, "领证")) == [one, other]
    assert list(found(user, "没有的")) == []
    assert list(found(user, "\x00")) == []
    assert list(found(world.user("nobody"), "")) == []


def test_a_county_begins_with_examples_marked_as_such(world: World) -> None:
    county = County.objects.create(code="350999", name="新县")
    filled = load_defaults(by=world.user("county_admin"), county=county)
    assert filled.guides == Guide.objects.filter(county=county, is_example=True).count() == 8
    assert {link.name for link in Guide.objects.get(county=county, title__contains="低保").categories.all()} == {
        "低保救助"
    }
    assert not Guide.objects.filter(county=county, categories=None).exists()
    assert load_defaults(by=world.user("county_admin"), county=county).guides == 0


def test_lines_lose_their_numbers() -> None:
    assert lines_of("1. 身份证\n\n 2、户口簿\n（3）照片") == ("身份证", "户口簿", "（3）照片")
