"""The same form twice is one record; the same id with another body is a conflict; the stored digest tells nothing."""

import hashlib
import json
import uuid
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from ledger.actions import submissions
from ledger.actions.submissions import SubmissionConflict, body_hash, submit
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


def test_the_digest_is_keyed(world: World) -> None:
    """ID numbers have few possibilities: a plain digest would give them away."""
    send(world, uuid.uuid4())
    stored = Submission.objects.get().body_hash
    text = json.dumps(BODY, sort_keys=True, ensure_ascii=False)
    assert stored not in hashlib.sha256(text.encode()).hexdigest()
    assert stored == keyring.blind_index("submission.body", text)


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
    assert body_hash({"to": cadre}) != body_hash({"to": household})
    assert body_hash({"to": cadre}) == body_hash({"to": Cadre(pk=5, name="other")})
    assert body_hash({"s": {"b", "a", "c"}}) == body_hash({"s": {"c", "b", "a"}})


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
