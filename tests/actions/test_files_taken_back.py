"""A rollback does not reach the disk: whatever fails after the photos were stored, none of them stays there."""

import io
import uuid
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError
from PIL import Image

from ledger.actions import issues as issue_actions
from ledger.actions import submissions
from ledger.actions import visits as visit_actions
from ledger.actions.submissions import SubmissionRace
from ledger.models import Category, Evidence, Household, Issue, Visit
from ledger.rules.days import local_today
from tests.issue_chain import advance, take
from tests.world import World


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def stored(media: Path) -> list[str]:
    return [path.name for path in media.rglob("*") if path.is_file()]


def photo(colour: str = "green") -> SimpleUploadedFile:
    picture = io.BytesIO()
    Image.new("RGB", (40, 30), colour).save(picture, "JPEG")
    return SimpleUploadedFile("院子.jpg", picture.getvalue())


def log(world: World, **more: Any) -> tuple[int, bool]:
    household = Household.objects.select_related("village__township").get(pk=world.households["城垵"][1].pk)
    data = {"kind": "household", "result": "met", "occurred_on": local_today(), "household": household}
    photos = [photo(), photo("red")]
    return visit_actions.log_visit(by=world.user("household_cadre"), data=data, photos=photos, **more)


def register(world: World, **more: Any) -> Issue:
    category = Category.objects.get(county=world.county, name="村道破损")
    data = {"kind": "request", "category": category, "title": "路", "village": world.villages["城垵"]}
    return issue_actions.register(
        by=world.user("village_cadre"), data=data | {"files": [photo(), photo("red")]}, **more
    )


def broken(*_args: Any, **_kwargs: Any) -> None:
    raise IntegrityError("the disk of the database is full")


def test_a_visit_whose_audit_row_fails_leaves_no_photo(
    world: World, media: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = Visit.objects.count()
    monkeypatch.setattr(visit_actions, "record", broken)
    with pytest.raises(IntegrityError):
        log(world)
    assert (Visit.objects.count(), Evidence.objects.count(), stored(media)) == (before, 0, [])


@pytest.mark.parametrize("write", [log, register])
def test_a_form_that_can_not_be_remembered_leaves_no_photo(
    world: World, media: Path, monkeypatch: pytest.MonkeyPatch, write: Any
) -> None:
    monkeypatch.setattr(submissions, "remember", broken)
    with pytest.raises(IntegrityError):
        write(world, client_id=uuid.uuid4())
    assert (Evidence.objects.count(), stored(media)) == (0, [])


@pytest.mark.parametrize("write", [log, register])
def test_of_two_at_once_only_the_winner_s_photos_stay(
    world: World, media: Path, monkeypatch: pytest.MonkeyPatch, write: Any
) -> None:
    """The loser looked before the winner had written, wrote its photos, and is told of the twin at the end."""
    client_id = uuid.uuid4()
    first = write(world, client_id=client_id)
    kept = sorted(stored(media))
    look, asked_before = submissions.replayed, []

    def too_early(**asked: Any) -> int | None:
        asked_before.append(asked)
        return look(**asked) if len(asked_before) > 1 else None

    def too_late(**_asked: Any) -> None:
        raise SubmissionRace

    monkeypatch.setattr(submissions, "replayed", too_early)
    monkeypatch.setattr(submissions, "remember", too_late)
    second = write(world, client_id=client_id)
    assert second == ((first[0], False) if isinstance(first, tuple) else first)
    assert sorted(stored(media)) == kept
    assert Evidence.objects.count() == 2


def test_the_second_of_two_files_of_a_step_is_bad_and_the_first_goes_too(world: World, media: Path) -> None:
    issue = advance(world, "in_progress")
    bad = SimpleUploadedFile("x.jpg", b"no picture at all")
    with pytest.raises(ValidationError):
        take(world, "department_handler", issue, "progress", text="一半", files=[photo(), bad])
    assert (Evidence.objects.count(), stored(media)) == (0, [])


def test_what_was_kept_is_on_the_disk(world: World, media: Path) -> None:
    pk, is_new = log(world)
    assert is_new
    assert Visit.objects.get(pk=pk).evidence.count() == 2
    assert len(stored(media)) == 4, "each photo with its small copy"
