"""The same form twice is one record; the same id with another body is a conflict; the stored digest tells nothing."""

import hashlib
import json
import uuid
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from ledger.actions import submissions
from ledger.actions.submissions import SubmissionConflict, body_digest, submit
from ledger.models import Cadre, Household, Submission
from ledger.rules import keyring
from tests.world import World

BODY = {"name": "张三", "id_no": "350626197001011234", "n": 3}


def send(world: World, client_id: uuid.UUID, body: dict[str, Any] | None = None, made: int = 7) -> tuple[int, bool]:
    return submit(
        user=world.users["household_cadre"], form="test", client_id=client_id, body=body or BODY, write=lambda: made
    )


def test_twice_is_once(world: World) -> None:
    client_id = uuid.uuid4()
    assert send(world, client_id) == (7, True)
    assert send(world, client_id, made=8) == (7, False)
    with pytest.raises(SubmissionConflict) as conflict:
        send(world, client_id, {**BODY, "n": 4})
    assert conflict.value.object_id == 7


def test_the_digest_is_sealed(world: World) -> None:
    """ID numbers have few possibilities: a plain digest would give them away."""
    send(world, uuid.uuid4())
    text = json.dumps(BODY, sort_keys=True, ensure_ascii=False)
    assert Submission.objects.get().digest == hashlib.sha256(text.encode()).hexdigest()
    with connection.cursor() as cursor:
        cursor.execute("SELECT digest, body_hash FROM ledger_submission")
        assert [(row[0].startswith("v1."), row[1]) for row in cursor.fetchall()] == [(True, "")]


def test_what_the_first_release_kept_still_tells_a_replay(world: World) -> None:
    client_id, text = uuid.uuid4(), json.dumps(BODY, sort_keys=True, ensure_ascii=False)
    send(world, client_id)
    Submission.objects.update(digest="", body_hash=keyring.blind_index("submission.body", text))
    assert send(world, client_id, made=8) == (7, False)
    Submission.objects.update(body_hash="")
    with pytest.raises(SubmissionConflict):
        send(world, client_id, made=8)


def test_a_replay_after_the_key_was_rotated_is_still_one(world: World, settings: Any, tmp_path: Any) -> None:
    client_id = uuid.uuid4()
    send(world, client_id)
    rings = json.loads(Path(settings.KEYRING_FILE).read_text(encoding="utf-8"))
    rings["index"]["keys"]["2"], rings["index"]["current"] = "ab" * 32, "2"
    settings.KEYRING_FILE = tmp_path / "keyring.json"
    settings.KEYRING_FILE.write_text(json.dumps(rings), encoding="utf-8")
    assert send(world, client_id, made=8) == (7, False)


def test_records_count_by_kind_and_sets_by_content(world: World) -> None:
    cadre, household = Cadre(pk=5), Household(pk=5)
    assert body_digest({"to": cadre}) != body_digest({"to": household})
    assert body_digest({"to": cadre}) == body_digest({"to": Cadre(pk=5, name="other")})
    assert body_digest({"s": {"b", "a", "c"}}) == body_digest({"s": {"c", "b", "a"}})


def test_what_a_faster_twin_took_is_no_fault_of_the_slower(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The slower one looked before the twin was stored, and then finds the ID number taken."""
    client_id = uuid.uuid4()
    send(world, client_id)
    plain, calls = submissions.replayed, iter([None])
    monkeypatch.setattr(submissions, "replayed", lambda **kwargs: next(calls, plain(**kwargs)))

    def taken() -> int:
        raise ValidationError("taken")

    user = world.users["household_cadre"]
    assert submit(user=user, form="test", client_id=client_id, body=BODY, write=taken) == (7, False)
    with pytest.raises(ValidationError):
        submit(user=user, form="test", client_id=uuid.uuid4(), body=BODY, write=taken)
