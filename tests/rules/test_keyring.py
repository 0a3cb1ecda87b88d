"""Sealed values open only with their key and field; indexes and signatures survive a rotation."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.rules import keyring

OLD, NEW = "11" * 32, "22" * 32
RINGS = ("encrypt", "index", "audit")


def ring(current="1", **keys):
    return {"current": current, "keys": {key_id.removeprefix("k"): key for key_id, key in keys.items()}}


@pytest.fixture
def keys(settings, tmp_path):
    """Install the rings given; the file is read again each time."""

    def install(**rings):
        path = tmp_path / "keyring.json"
        path.write_text(json.dumps({name: ring(k1=OLD) for name in RINGS} | rings), encoding="utf-8")
        settings.KEYRING_FILE = path
        keyring.forget()
        return path

    yield install
    keyring.forget()


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_what_was_sealed_opens(value):
    assert keyring.decrypt("resident.phone", keyring.encrypt("resident.phone", value)) == value


def test_token_hides_the_value_and_differs_each_time(keys):
    keys()
    tokens = {keyring.encrypt("a", "11010519491231002X") for _ in range(20)}
    assert len(tokens) == 20
    assert not any("110105" in token for token in tokens)
    assert {keyring.encryption_key_id(token) for token in tokens} == {"1"}


@given(st.lists(st.text(max_size=40), max_size=6))
def test_many_sealed_at_one_go_open_one_by_one_and_nothing_stays_nothing(values):
    tokens = keyring.encrypt_all("resident.id_no", [*values, "", "same", "same"])
    assert [keyring.decrypt("resident.id_no", token) if token else "" for token in tokens] == [
        *values,
        "",
        "same",
        "same",
    ]
    assert len(set(filter(None, tokens))) == len([value for value in values if value]) + 2


def test_token_does_not_open_in_another_field_with_another_key_or_altered(keys):
    keys()
    token = keyring.encrypt("resident.id_no", "x")
    last = "A" if token[-5] != "A" else "B"
    for label, wrong in [
        ("resident.phone", token),
        ("resident.id_no", token[:-5] + last + token[-4:]),
        ("resident.id_no", token[:-1] + "!"),
        ("resident.id_no", "v1.1."),
        ("resident.id_no", "v1.1.AAAA"),
        ("resident.id_no", "11010519491231002X"),
        ("resident.id_no", ""),
    ]:
        with pytest.raises(keyring.WrongKeyError):
            keyring.decrypt(label, wrong)
    keys(encrypt=ring(k1=NEW))
    with pytest.raises(keyring.WrongKeyError):
        keyring.decrypt("resident.id_no", token)


def test_rotation_writes_with_the_new_key_and_reads_with_both(keys):
    keys()
    token, index, signature = keyring.encrypt("a", "v"), keyring.blind_index("a", "v"), keyring.sign(b"row")
    keys(**{name: ring("2", k1=OLD, k2=NEW) for name in RINGS})
    assert keyring.decrypt("a", token) == "v"
    assert keyring.encryption_key_id(keyring.encrypt("a", "v")) == "2"
    assert keyring.key_ids("index") == ["2", "1"]
    assert keyring.blind_index("a", "v", key_id="1") == index != keyring.blind_index("a", "v")
    assert keyring.signature_holds(b"row", signature)
    assert keyring.sign(b"row").startswith("2:")
    keys(**{name: ring("2", k2=NEW) for name in RINGS})
    with pytest.raises(keyring.KeyringError, match="no key '1'"):
        keyring.decrypt("a", token)
    assert not keyring.signature_holds(b"row", signature)


def test_blind_index_is_bound_to_its_field_and_key(keys):
    keys()
    index = keyring.blind_index("a", "13800001234")
    assert len(index) == keyring.INDEX_LENGTH
    assert index == keyring.blind_index("a", "13800001234")
    others = {keyring.blind_index("b", "13800001234"), keyring.blind_index("a", "13800001235")}
    keys(index=ring(k1=NEW))
    assert index not in others | {keyring.blind_index("a", "13800001234")}


def test_a_key_that_is_retired_while_all_are_used_is_no_fault(keys, monkeypatch):
    both = {name: ring("2", k1=OLD, k2=NEW) for name in RINGS}
    keys(**both)
    one_by_one = {keyring.blind_index("a", "v", key_id) for key_id in ("1", "2")}
    derived = [(key_id, keyring.derived_key("a", b"s", key_id)) for key_id in ("2", "1")]

    def retired_meanwhile(name):
        """The ring as the file was; the next look finds the file without the old key."""
        found = look(name)
        keys(**{each: ring("2", k2=NEW) for each in RINGS})
        return found

    look = keyring._ring
    monkeypatch.setattr(keyring, "_ring", retired_meanwhile)
    assert keyring.blind_indexes("a", "v") == one_by_one
    keys(**both)
    assert list(keyring.derived_keys("a", b"s").items()) == derived


def test_an_indexer_of_many_values_gives_what_blind_index_gives(keys):
    keys()
    index = keyring.indexer("a", keyring.current_key_id("index"))
    for value in ("13800001234", "11010519491231002X", "县" * 40):
        assert index(value) == keyring.blind_index("a", value)
    assert index("") == ""


def test_signature_fails_for_another_message_or_a_made_up_one(keys):
    keys()
    signature = keyring.sign(b"row")
    assert keyring.signature_holds(b"row", signature)
    assert not keyring.signature_holds(b"other", signature)
    assert not any(
        keyring.signature_holds(b"row", text) for text in ("", "1:", "1:é", signature[2:], f"9{signature[1:]}")
    )


@pytest.mark.parametrize(
    "broken",
    [
        {"encrypt": {}},
        {"encrypt": ring("2", k1=OLD)},
        {"encrypt": ring(k1="zz" * 32)},
        {"encrypt": ring(k1="11" * 16)},
        {"encrypt": {"current": "a.b", "keys": {"a.b": OLD}}},
        {"encrypt": None},
        {"encrypt": {"current": "1", "keys": [OLD]}},
    ],
)
def test_malformed_keyring_is_named_without_its_keys(keys, broken):
    path = keys(**broken)
    with pytest.raises(keyring.KeyringError) as caught:
        keyring.encrypt("a", "v")
    assert str(path) in str(caught.value)
    assert OLD not in str(caught.value)


def test_unreadable_file_is_named(settings, tmp_path):
    keyring.forget()
    for name, content in {"none.json": None, "text.json": b"{", "bytes.json": b"\xff", "list.json": b"[]"}.items():
        settings.KEYRING_FILE = tmp_path / name
        if content is not None:
            settings.KEYRING_FILE.write_bytes(content)
        with pytest.raises(keyring.KeyringError, match=name):
            keyring.sign(b"")
    keyring.forget()


def test_keys_stay_out_of_repr(keys):
    keys()
    assert OLD not in repr(keyring._ring("encrypt"))
    assert "1111" not in repr(keyring._ring("encrypt"))
