"""New keys while everybody works: nothing is lost, nobody is in twice, everybody is found, and old keys go last."""

import datetime
import json
import os
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction

from accounts import second_factor
from ledger.actions import key_rotation
from ledger.actions.key_rotation import GRACE, RotationStopped, prepare, retire, rotate, standing
from ledger.actions.residents import add_resident, edit_resident
from ledger.actions.submissions import SubmissionConflict, replayed, submit
from ledger.importing.batches import keep_file
from ledger.importing.roster import plan_roster, read_roster
from ledger.models import (
    AuditRow,
    Correction,
    Household,
    ImportBatch,
    ImportRow,
    Issue,
    KeyRotation,
    Resident,
    Submission,
)
from ledger.models.key_rotation import Stage
from ledger.models.number_indexes import index_keys
from ledger.queries.household_search import number_token, search_q, token_q
from ledger.queries.sealed_values import sealed_files
from ledger.rules import keyring, keyring_file
from ledger.rules.identity import make_id_number
from tests.importing.workbooks import roster
from tests.world import World

OLD, NEW = "1", "2"
CLIENT_ID = uuid.UUID(int=7)
BODY = {"name": "张三", "id_no": "350626197001011234"}


@pytest.fixture
def keys(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A keyring and a media folder of one's own; nobody else has to notice a changed file."""
    settings.MEDIA_ROOT = tmp_path / "media"
    path = tmp_path / "keyring.json"
    path.write_text(json.dumps({ring: {"current": OLD, "keys": {OLD: os.urandom(32).hex()}} for ring in keyring.RINGS}))
    settings.KEYRING_FILE = path
    monkeypatch.setattr(key_rotation, "GRACE", 0)
    keyring.forget()
    yield path
    keyring.forget()


@pytest.fixture
def ledger(keys: Path, db: None) -> World:
    """A world whose every kind of sealed value is in use."""
    from tests.world import build

    world = build()
    household, cadre = world.households["城垵"][0], world.cadre("household_cadre")
    Correction.objects.create(household=household, proposed=json.dumps({"phone": "13900000077"}), proposed_by=cadre)
    Issue.objects.filter(pk=world.issues["城垵"].pk).update(raised_by_phone="13900000088")
    batch = ImportBatch.objects.create(file_name="名册.xlsx", stored_as=keep_file(b"the roster"))
    ImportRow.objects.create(batch=batch, row=1, outcome="updated", values='{"a": 1}', before='{"a": 2}')
    submit(user=world.users["household_cadre"], form="test", client_id=CLIENT_ID, body=BODY, write=lambda: 7)
    return world


def everything(world: World) -> dict[str, Any]:
    """All that is sealed, opened."""
    return {
        "residents": list(Resident.objects.order_by("pk").values_list("pk", "id_no", "phone")),
        "corrections": list(Correction.objects.values_list("proposed", flat=True)),
        "issues": list(Issue.objects.order_by("pk").values_list("raised_by_phone", flat=True)),
        "rows": list(ImportRow.objects.values_list("values", "before")),
        "submissions": list(Submission.objects.values_list("digest", flat=True)),
    }


def columns() -> list[tuple[str, ...]]:
    """The index columns of all residents."""
    names = ("id_no", "phone", "id_index", "id_index_next", "phone_index", "phone_index_next")
    return list(Resident.objects.order_by("pk").values_list(*names))


def under(key_id: str) -> list[tuple[str, ...]]:
    """What the index columns hold at rest under a key."""
    return [
        (number, phone, _index("resident.id_no", number, key_id), "", _index("resident.phone", phone, key_id), "")
        for number, phone in Resident.objects.order_by("pk").values_list("id_no", "phone")
    ]


def _index(label: str, value: str, key_id: str) -> str:
    return keyring.blind_index(label, value, key_id) if value else ""


def test_everything_is_under_the_new_keys_and_the_old_ones_go(ledger: World, keys: Path) -> None:
    before = everything(ledger)
    signed = keyring.sign(b"row")
    call_command("rotate_keys")
    assert everything(ledger) == before
    assert columns() == under(NEW)
    assert {key_id for _path, key_id in sealed_files()} == {NEW}
    assert standing().left == {}
    assert standing().old == {"encrypt": [OLD], "index": [OLD]}
    assert keyring.sign(b"row").startswith(f"{NEW}:")
    call_command("rotate_keys", "--retire")
    stored = json.loads(keys.read_text())
    assert {name: sorted(ring["keys"]) for name, ring in stored.items()} == {
        "encrypt": [NEW], "index": [NEW], "audit": [OLD, NEW],
    }  # fmt: skip
    assert everything(ledger) == before
    assert keyring.signature_holds(b"row", signed)
    user = ledger.users["household_cadre"]
    assert replayed(user=user, form="test", client_id=CLIENT_ID, body=BODY) == 7
    with pytest.raises(SubmissionConflict):
        replayed(user=user, form="test", client_id=CLIENT_ID, body=BODY | {"name": "李四"})
    verbs = AuditRow.objects.filter(verb__startswith="keys.").order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == ["keys.rotation_begun", "keys.rotated", "keys.retired"]


def test_run_again_it_does_nothing_until_the_old_keys_are_retired(ledger: World, keys: Path) -> None:
    call_command("rotate_keys")
    rotated = keys.read_text(), everything(ledger)
    call_command("rotate_keys")
    assert (keys.read_text(), everything(ledger)) == rotated
    call_command("rotate_keys", "--retire")
    call_command("rotate_keys", "--retire")
    call_command("rotate_keys")
    assert keyring.current_key_id("encrypt") == "3"
    assert columns() == under("3")


def test_prepared_keys_are_in_the_file_and_unused(ledger: World, keys: Path) -> None:
    call_command("rotate_keys", "--prepare")
    call_command("rotate_keys", "--prepare")
    assert keyring_file.key_ids_of(keys)["index"] == keyring_file.KeyIds(OLD, NEW, ())
    assert keyring.key_ids("index") == [OLD, NEW]
    assert keyring.encryption_key_id(keyring.encrypt("a", "v")) == OLD
    assert columns() == under(OLD)


def interrupted(after: int) -> int:
    """A rotation that ends after so many steps, as if it were killed between two transactions; steps made."""
    made = 0
    for _step in rotate(1):
        made += 1
        if made == after:
            break
    keyring.forget()
    return made


def test_it_goes_on_wherever_it_was_stopped(ledger: World) -> None:
    before, stages = everything(ledger), set()
    prepare()
    rounds = 0
    while interrupted(7) == 7:
        rounds += 1
        stages.add(KeyRotation.objects.get().stage)
        assert everything(ledger) == before
    assert rounds > 5
    assert stages == {Stage.FILL, Stage.MOVE, Stage.CLEAR}
    assert columns() == under(NEW)
    assert not standing().is_under_way
    assert AuditRow.objects.filter(verb__in=["keys.rotation_begun", "keys.rotated"]).count() == 2


def at_every_step(check: Callable[[int], None]) -> None:
    """Run ``check`` before, between all steps, and after."""
    prepare()
    check(0)
    for number, _step in enumerate(rotate(3), 1):
        check(number)
    check(-1)


def test_an_id_number_is_unique_at_every_moment(ledger: World) -> None:
    """Checked by the action and, without it, by the database; in both directions of who came first."""
    first, second = ledger.households["马銮"][:2]
    known, admin = first.residents.get().id_no, ledger.users["township_admin"]
    fresh = iter(range(500, 900))

    def check(_step: int) -> None:
        person = {"name": "某人", "relation": "other", "phone": ""}
        with pytest.raises(ValidationError):
            add_resident(by=admin, household=second, data=person | {"id_no": known})
        mine = make_id_number("350626", datetime.date(1980, 1, 1), next(fresh))
        made = add_resident(by=admin, household=second, data=person | {"id_no": mine})
        for number in (known, mine):
            values = {"id_no": number, "phone": "", **index_keys().columns(id_no=number, phone="")}
            with pytest.raises(IntegrityError), transaction.atomic():
                Resident.objects.create(household=first, township=ledger.township, name="双", **values)
        other = make_id_number("350626", datetime.date(1981, 1, 1), next(fresh))
        edit_resident(by=admin, resident=made, version=made.version, data={"id_no": other, "phone": "13811112222"})

    at_every_step(check)
    assert columns() == under(NEW)


def test_search_finds_at_every_moment(ledger: World) -> None:
    """Typed anew, and by an address from before the rotation and from each step since."""
    household = ledger.households["东沈"][1]
    resident = household.residents.get()
    addresses: set[str] = set()

    def check(_step: int) -> None:
        addresses.update((number_token(resident.id_no), number_token(resident.phone)))
        for condition in (search_q(resident.id_no), search_q(resident.phone), *map(token_q, addresses)):
            assert list(Household.objects.filter(condition)) == [household]

    at_every_step(check)


def test_a_roster_meets_the_same_households_at_every_moment(ledger: World) -> None:
    """By the ID number alone: nobody comes in twice, and what is unchanged stays unchanged."""
    at = ledger.households["东沈"][0]
    head, village = at.residents.get(), ledger.villages["东沈"]
    headings = ["村", "户主姓名", "身份证号", "手机号"]
    read = read_roster(roster([village.name, head.name, head.id_no, head.phone], headings=headings))

    def check(_step: int) -> None:
        with transaction.atomic():
            plan = plan_roster(read, [ledger.township])
        assert [planned.outcome.value for planned in plan.households] == ["unchanged"]

    at_every_step(check)


def test_what_somebody_saves_between_reading_and_writing_stays(ledger: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The rotation reads a row, somebody saves it, the rotation writes: only the token it read would be replaced."""
    resident, admin = ledger.households["城垵"][0].residents.get(), ledger.users["township_admin"]
    prepare()
    decrypt, typed = keyring.decrypt, iter(f"1370000{n:04d}" for n in range(10_000))
    said: list[str] = []

    def saved_meanwhile(label: str, token: str) -> str:
        plain = decrypt(label, token)
        if label == "resident.phone" and plain in {resident.phone, *said} and len(said) < 3:
            monkeypatch.setattr(keyring, "decrypt", decrypt)
            said.append(next(typed))
            now = Resident.objects.get(pk=resident.pk)
            edit_resident(by=admin, resident=now, version=now.version, data={"phone": said[-1]})
            monkeypatch.setattr(keyring, "decrypt", saved_meanwhile)
        return plain

    monkeypatch.setattr(keyring, "decrypt", saved_meanwhile)
    list(rotate(5))
    monkeypatch.undo()
    assert Resident.objects.get(pk=resident.pk).phone == said[-1]


def test_old_keys_stay_while_anything_needs_them(ledger: World, keys: Path, tmp_path: Path) -> None:
    token = keyring.encrypt("resident.phone", "13912345678")
    call_command("rotate_keys")
    kept = keys.read_text()
    resident = ledger.households["城垵"][0].residents.get()

    def refused(place: str) -> None:
        with pytest.raises(CommandError, match=place):
            call_command("rotate_keys", "--retire")
        assert keys.read_text() == kept

    with connection.cursor() as cursor:
        cursor.execute("UPDATE ledger_resident SET phone = %s WHERE id = %s", [token, resident.pk])
    refused("ledger_resident.phone")
    call_command("rotate_keys")
    file = tmp_path / "media" / "imports" / "late.sealed"
    file.write_text(keyring.encrypt("import.file", "eA==").replace(f"v1.{NEW}.", f"v1.{OLD}."))
    refused("media")
    file.unlink()
    Household.objects.filter(pk=resident.household_id).update(remark=f"v1.{OLD}. and what follows")
    Issue.objects.filter(pk=ledger.issues["城垵"].pk).update(text=f"kept by a library: {token}")
    refused("ledger_issue.text")
    Issue.objects.filter(pk=ledger.issues["城垵"].pk).update(text="")
    call_command("rotate_keys", "--retire")
    assert keyring.key_ids("encrypt") == [NEW]


def test_a_restored_backup_of_before_is_brought_up_to_the_keyring(ledger: World, keys: Path) -> None:
    """Its rows are under the old keys, and its row of the rotation says so; nobody is in twice meanwhile."""
    before = everything(ledger)
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, id_no, phone, id_index, phone_index FROM ledger_resident")
        saved = cursor.fetchall()
    call_command("rotate_keys")
    with connection.cursor() as cursor:
        for pk, *values in saved:
            cursor.execute(
                "UPDATE ledger_resident SET id_no = %s, phone = %s, id_index = %s, phone_index = %s WHERE id = %s",
                [*values, pk],
            )
    KeyRotation.objects.update(current_key=OLD)
    assert columns() == under(OLD)
    known = ledger.households["马銮"][0].residents.get().id_no
    with pytest.raises(ValidationError):
        add_resident(
            by=ledger.users["township_admin"], household=ledger.households["马銮"][1],
            data={"name": "某人", "relation": "other", "id_no": known},
        )  # fmt: skip
    call_command("rotate_keys")
    assert columns() == under(NEW)
    assert everything(ledger) == before


def test_what_does_not_open_keeps_its_key(ledger: World, keys: Path) -> None:
    other = ledger.households["城垵"][1].residents.get()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE ledger_resident SET id_no = 'v1.1.AAAA' WHERE id = %s", [other.pk])
    with pytest.raises(CommandError):
        call_command("rotate_keys")
    with pytest.raises(CommandError):
        call_command("rotate_keys", "--retire")
    assert KeyRotation.objects.get().stage == Stage.FILL
    assert keyring.key_ids("encrypt") == [NEW, OLD]


def test_two_rotations_do_not_meet(ledger: World, keys: Path) -> None:
    with keyring_file.alone(keys), pytest.raises(CommandError):
        call_command("rotate_keys")
    assert columns() == under(OLD)


def test_retiring_asks_for_a_complete_rotation(ledger: World, keys: Path) -> None:
    prepare()
    with pytest.raises(RotationStopped):
        retire(standing())
    assert keyring.key_ids("index") == [OLD, NEW]
    assert GRACE > keyring.REREAD_SECONDS


def test_second_factors_get_the_new_key_too(ledger: World) -> None:
    user = ledger.users["village_cadre"]
    second_factor.turn_on(user, "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", counter=0)
    prepare()
    list(rotate(100))
    assert second_factor.sealed_otherwise(keyring.token_start(NEW)) == []
    retire(standing())
    assert second_factor.sealed_otherwise(keyring.token_start(OLD)) != []
    row = Authenticator.objects.get(type="totp")
    assert second_factor.unseal(second_factor.LABEL, row.data["secret"]) == "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
