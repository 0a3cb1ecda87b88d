"""Sealed files: a stream cut into pieces, each encrypted and authenticated, in an order that can't be changed.

    {"seal":"ledger-backup-1","key":"1","salt":"…","name":"…"}\\n     the header, in the clear
    1 MiB of plain text → AES-256-GCM                                  … as often as needed
    the rest, marked as the last                                       a file without its end does not open

The key of a file is derived from the keyring's current encryption key and a salt of its own, so the counter is a
safe nonce. Memory stays at a few pieces, whatever the size.
"""

import hashlib
import io
import json
import os
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ledger.rules import keyring

FORMAT = "ledger-backup-1"
PIECE = 1024 * 1024
_TAG = 16
_LONGEST_HEADER = 1000


class Damaged(Exception):
    """The file is not what was written: altered, cut off, exchanged for another, or sealed with another key."""


class Sealer(io.RawIOBase):
    """Writes a sealed file; ``close`` writes the last piece. ``digest`` and ``size`` are those of what was written."""

    def __init__(self, file: BinaryIO, name: str) -> None:
        self._file = file
        self._hash = hashlib.sha256()
        self._waiting = bytearray()
        self._count = 0
        self.size = 0
        salt, key_id = os.urandom(16), keyring.current_key_id("encrypt")
        said = {"seal": FORMAT, "key": key_id, "salt": salt.hex(), "name": name}
        self._header = json.dumps(said).encode() + b"\n"
        self._cipher = AESGCM(keyring.derived_key(f"backup.{name}", salt, key_id))
        self._put(self._header)

    def writable(self) -> bool:
        return True

    def write(self, data: "bytes | bytearray | memoryview") -> int:  # type: ignore[override]
        self._waiting += data
        while len(self._waiting) > PIECE:  # one piece stays back: only ``close`` knows which is the last
            self._seal(bytes(self._waiting[:PIECE]), last=False)
            del self._waiting[:PIECE]
        return len(data)

    def close(self) -> None:
        if not self.closed:
            self._seal(bytes(self._waiting), last=True)
            self._file.flush()
            os.fsync(self._file.fileno())
        super().close()

    @property
    def digest(self) -> str:
        """SHA-256 of the sealed file, as hex."""
        return self._hash.hexdigest()

    def _seal(self, piece: bytes, *, last: bool) -> None:
        self._put(self._cipher.encrypt(_nonce(self._count, last), piece, self._header))
        self._count += 1

    def _put(self, data: bytes) -> None:
        self._file.write(data)
        self._hash.update(data)
        self.size += len(data)


class Unsealer(io.RawIOBase):
    """Reads a sealed file. Raises Damaged at the first piece that is not as it was written."""

    def __init__(self, file: BinaryIO, name: str) -> None:
        self._file = file
        self._header = file.readline(_LONGEST_HEADER)
        self._cipher = _cipher_of(self._header, name)
        self._count = 0
        self._ready = b""
        self._ended = False
        self._next = file.read(PIECE + _TAG)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "bytearray | memoryview") -> int:  # type: ignore[override]
        while not self._ready and not self._ended:
            self._open_piece()
        taken = min(len(buffer), len(self._ready))
        buffer[:taken] = self._ready[:taken]
        self._ready = self._ready[taken:]
        return taken

    def _open_piece(self) -> None:
        piece, self._next = self._next, self._file.read(PIECE + _TAG)
        last = not self._next
        try:
            self._ready = self._cipher.decrypt(_nonce(self._count, last), piece, self._header)
        except InvalidTag:
            raise Damaged from None
        self._count += 1
        self._ended = last


def _cipher_of(header: bytes, name: str) -> AESGCM:
    try:
        said = json.loads(header)
        if said["seal"] != FORMAT or said["name"] != name:
            raise Damaged
        return AESGCM(keyring.derived_key(f"backup.{name}", bytes.fromhex(said["salt"]), str(said["key"])))
    except (ValueError, KeyError, TypeError) as fault:
        raise Damaged from fault


def _nonce(count: int, last: bool) -> bytes:
    return count.to_bytes(11, "big") + bytes([last])
