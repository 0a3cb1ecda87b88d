"""A sealed file gives back exactly what went in, or says that it is damaged."""

import io
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger.backup import sealed
from ledger.backup.sealed import Damaged, Sealer, Unsealer

SMALL = 64
"""Bytes of a piece here, so that a few hundred bytes have many."""


@pytest.fixture(autouse=True)
def _small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealed, "PIECE", SMALL)


def seal(folder: Path, content: bytes, name: str = "media.sealed") -> bytes:
    path = folder / "file"
    with path.open("wb") as file:
        sealer = Sealer(file, name)
        for start in range(0, len(content), 50):
            sealer.write(content[start : start + 50])
        sealer.close()
        assert sealer.size == path.stat().st_size
    return path.read_bytes()


def unseal(data: bytes, name: str = "media.sealed") -> bytes:
    return Unsealer(io.BytesIO(data), name).readall()


@pytest.mark.parametrize("size", [0, 1, SMALL - 1, SMALL, SMALL + 1, 2 * SMALL, 5 * SMALL + 7])
def test_what_went_in_comes_out(tmp_path: Path, size: int):
    content = bytes(n % 251 for n in range(size))
    data = seal(tmp_path, content)
    assert unseal(data) == content
    assert size < SMALL or content[:20] not in data


def test_each_file_has_a_key_of_its_own(tmp_path: Path):
    assert seal(tmp_path, b"the same words").split(b"\n", 1)[1] != seal(tmp_path, b"the same words").split(b"\n", 1)[1]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_one_changed_byte_anywhere_is_noticed(tmp_path: Path, data: st.DataObject):
    whole = seal(tmp_path, bytes(range(200)))
    place = data.draw(st.integers(0, len(whole) - 1))
    change = data.draw(st.integers(1, 255))
    damaged = whole[:place] + bytes([whole[place] ^ change]) + whole[place + 1 :]
    with pytest.raises((Damaged, sealed.keyring.KeyringError)):
        unseal(damaged)


def test_a_cut_swapped_or_longer_file_is_noticed(tmp_path: Path):
    whole = seal(tmp_path, bytes(range(200)))
    head, body = whole.split(b"\n", 1)
    step = SMALL + 16
    pieces = [body[start : start + step] for start in range(0, len(body), step)]
    assert len(pieces) == 4
    cut = [b"".join(pieces[:count]) for count in range(4)]
    swapped = pieces[1] + pieces[0] + pieces[2] + pieces[3]
    for wrong in (*cut, swapped, body + pieces[0], body + b"x", body[:-1]):
        with pytest.raises(Damaged):
            unseal(head + b"\n" + wrong)


def test_a_file_does_not_open_under_another_name(tmp_path: Path):
    whole = seal(tmp_path, b"households", "media.sealed")
    with pytest.raises(Damaged):
        unseal(whole, "database.sealed")
    with pytest.raises(Damaged):
        unseal(whole.replace(b"media.sealed", b"other.sealed"), "other.sealed")
