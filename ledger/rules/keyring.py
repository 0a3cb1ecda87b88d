"""The data keys: encryption of personal fields, blind indexes for exact search, signatures of audit rows.

The keyring file (``settings.KEYRING_FILE``, made by ``config.env.new_keyring``) holds three rings::

    {"encrypt": {"current": "1", "keys": {"1": "<64 hex digits>"}}, "index": {…}, "audit": {…}}

New values use the current key of their ring; older keys stay in the file for as long as something
was written with them. A process that runs notices a changed file within a second, and at once when it meets a key
it does not know: nothing has to be restarted. ``manage.py rotate_keys`` changes the file.
"""

import base64
import binascii
import functools
import hashlib
import hmac
import json
import logging
import os
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

RINGS = ("encrypt", "index", "audit")
REREAD_SECONDS = 1.0
"""How old a process's knowledge of the file may be; looking costs microseconds, but an import seals 100,000 values."""
_FORMAT = "v1"
INDEX_LENGTH = 32
"""Hex digits kept of a blind index: 128 bits, far beyond chance collisions in a county."""
_NONCE_BYTES = 12
_KEY_BYTES = 32
_URLSAFE = bytes.maketrans(b"+/", b"-_")
_KEY_ID = re.compile(r"[A-Za-z0-9_-]{1,16}")
_log = logging.getLogger(__name__)


class KeyringError(Exception):
    """The keyring file is missing or malformed, or lacks the key that something was written with."""


class WrongKeyError(KeyringError):
    """A token cannot be opened: another key, another field, or it was altered."""


@dataclass(frozen=True)
class Ring:
    """The keys of one purpose. The key material stays out of ``repr`` and so out of error pages."""

    current: str
    keys: Mapping[str, bytes] = field(repr=False)

    def key(self, key_id: str) -> bytes:
        """The key of that id; raises KeyringError when the file does not hold it."""
        try:
            return self.keys[key_id]
        except KeyError:
            raise KeyringError(f"The keyring holds no key {key_id!r}.") from None


def encrypt(label: str, value: str) -> str:
    """Seal ``value`` for the field ``label`` (such as ``resident.id_number``) as ``v1.<key id>.<base64url>``.

    Two calls give two tokens. The label and the key id are authenticated: a token copied into another
    field does not open.
    """
    ring = _ring("encrypt")
    nonce = os.urandom(_NONCE_BYTES)
    sealed = _cipher(ring.key(ring.current)).encrypt(nonce, value.encode(), _bound(label, ring.current))
    return f"{_FORMAT}.{ring.current}.{base64.urlsafe_b64encode(nonce + sealed).decode().rstrip('=')}"


def encrypt_all(label: str, values: Sequence[str]) -> list[str]:
    """``encrypt`` of many values of one field at one go, each token as if made alone; an empty value stays empty.

    The key is looked up once: give it some thousands at a time, so that a rotation is noticed in between.
    """
    ring = _ring("encrypt")
    seal, bound, start = _cipher(ring.key(ring.current)).encrypt, _bound(label, ring.current), token_start(ring.current)
    drawn, tokens, at = os.urandom(_NONCE_BYTES * len(values)), [], 0
    for value in values:
        nonce, at = drawn[at : at + _NONCE_BYTES], at + _NONCE_BYTES
        if value:
            body = binascii.b2a_base64(nonce + seal(nonce, value.encode(), bound), newline=False)
            tokens.append(start + body.translate(_URLSAFE).rstrip(b"=").decode())
        else:
            tokens.append("")
    return tokens


def decrypt(label: str, token: str) -> str:
    """Open a token of ``encrypt``; raises WrongKeyError, or KeyringError for a key that is not there."""
    version, _, rest = token.partition(".")
    key_id, _, body = rest.partition(".")
    if version != _FORMAT or not body:
        raise WrongKeyError(f"The stored value of {label} is no sealed token.")
    cipher = _cipher(_key("encrypt", key_id))
    try:
        raw = base64.b64decode(body + "=" * (-len(body) % 4), altchars=b"-_", validate=True)
        return cipher.decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], _bound(label, key_id)).decode()
    except (binascii.Error, InvalidTag, ValueError):
        raise WrongKeyError(f"The stored value of {label} does not open with key {key_id!r}.") from None


def encryption_key_id(token: str) -> str:
    """The id of the key that sealed ``token``, without opening it: what key rotation looks at."""
    return token.split(".", 2)[1] if token.startswith(f"{_FORMAT}.") else ""


def token_start(key_id: str) -> str:
    """What every token of that encryption key begins with."""
    return f"{_FORMAT}.{key_id}."


def current_key_id(ring: str) -> str:
    """The id of the key that new values of this ring use (``encrypt``, ``index`` or ``audit``)."""
    return _ring(ring).current


def key_ids(ring: str) -> list[str]:
    """All key ids of a ring, the current one first: where to look a value up during a rotation."""
    keys = _ring(ring)
    return [keys.current, *sorted(set(keys.keys) - {keys.current})]


def blind_index(label: str, value: str, key_id: str | None = None) -> str:
    """Keyed fingerprint of a normalised value, 32 hex digits: equal values of one field have equal ones.

    ``key_id`` names an older key of the index ring; the current one by default.
    """
    return _mac(_key("index", key_id or _ring("index").current), _bound(label, value))[:INDEX_LENGTH]


def blind_indexes(label: str, value: str) -> frozenset[str]:
    """``blind_index`` under every key of the ring, of one reading of the file: a key may be retired meanwhile."""
    message = _bound(label, value)
    return frozenset(_mac(key, message)[:INDEX_LENGTH] for key in _ring("index").keys.values())


def indexer(label: str, key_id: str) -> Callable[[str], str]:
    """``blind_index`` of one field under one key, for many values: key and label are taken in once.

    Empty for an empty value: nobody's number is equal to nobody's.
    """
    begun = HMAC(_key("index", key_id), SHA256())
    begun.update(_bound(label, ""))

    def index(value: str) -> str:
        if not value:
            return ""
        mac = begun.copy()
        mac.update(value.encode())
        return mac.finalize().hex()[:INDEX_LENGTH]

    return index


def derived_key(label: str, salt: bytes, key_id: str) -> bytes:
    """A key of 256 bits for one sealed file, from that encryption key (HKDF with SHA-256)."""
    return _derived(_key("encrypt", key_id), label, salt)


def derived_keys(label: str, salt: bytes) -> dict[str, bytes]:
    """Key id → ``derived_key`` for all keys of one reading of the file, the current one first."""
    ring = _ring("encrypt")
    ids = [ring.current, *sorted(set(ring.keys) - {ring.current})]
    return {key_id: _derived(ring.keys[key_id], label, salt) for key_id in ids}


def _derived(key: bytes, label: str, salt: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=_KEY_BYTES, salt=salt, info=label.encode()).derive(key)


def sign(message: bytes) -> str:
    """HMAC-SHA256 of an audit message as ``<key id>:<64 hex digits>`` (at most 81 characters)."""
    ring = _ring("audit")
    return f"{ring.current}:{_mac(ring.key(ring.current), message)}"


def signature_holds(message: bytes, signature: str) -> bool:
    """Whether ``signature`` is what ``sign`` gave for this message, also with an older key of the ring."""
    key_id, _, digest = signature.partition(":")
    try:
        key = _key("audit", key_id)
    except KeyringError:
        return False
    return hmac.compare_digest(_mac(key, message).encode(), digest.encode())


def forget() -> None:
    """Drop the keys read so far, so that the next use reads the file again."""
    _files.clear()
    _cipher.cache_clear()


def _bound(label: str, text: str) -> bytes:
    """``label`` and ``text`` as one message; NUL parts them, since no label holds one."""
    return f"{label}\0{text}".encode()


def _mac(key: bytes, message: bytes) -> str:
    return hmac.digest(key, message, hashlib.sha256).hex()


def _ring(name: str) -> Ring:
    path = str(settings.KEYRING_FILE)
    kept = _files.get(path)
    if kept is None or time.monotonic() - kept.looked_at > REREAD_SECONDS:
        kept = _look_again(path)
    return kept.rings[name]


def _key(name: str, key_id: str) -> bytes:
    """A key by its id; one that is not known yet may have come into the file a moment ago."""
    ring = _ring(name)
    if key_id not in ring.keys:
        ring = _look_again(str(settings.KEYRING_FILE)).rings[name]
    return ring.key(key_id)


@functools.lru_cache(maxsize=8)
def _cipher(key: bytes) -> AESGCM:
    return AESGCM(key)


@dataclass
class _File:
    """What was read of a keyring file, and when it was last looked at."""

    stamp: tuple[int, int, int] | None
    rings: Mapping[str, Ring] = field(repr=False)
    looked_at: float = 0


_files: dict[str, _File] = {}


def _look_again(path: str) -> _File:
    """The file as it is now, read only when it is another one than before.

    A process that has keys goes on with them while the file is away or broken, and says so in its log.
    """
    kept, looked_at = _files.get(path), time.monotonic()
    try:
        state = os.stat(path)
        stamp = (state.st_mtime_ns, state.st_ino, state.st_size)
    except OSError:
        stamp = None
    if kept is None or kept.stamp != stamp:
        try:
            kept = _File(stamp, _read(path))
        except KeyringError as fault:
            if kept is None:
                raise
            _log.error("%s The keys read before stay in use.", fault)
            kept = _File(stamp, kept.rings)
        _files[path] = kept
    kept.looked_at = looked_at
    return kept


def _read(path: str) -> Mapping[str, Ring]:
    try:
        stored = json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise KeyringError(f"The keyring file {path} cannot be read: {type(error).__name__}.") from None
    except json.JSONDecodeError:
        raise KeyringError(f"The keyring file {path} is not JSON.") from None
    return {name: _parse(path, name, stored) for name in RINGS}


def _parse(path: str, name: str, stored: object) -> Ring:
    """One ring out of the file's JSON; the error says what is wrong without quoting any key."""
    try:
        ring = stored[name]  # type: ignore[index]  # any wrong shape ends in the except below
        keys = {str(key_id): bytes.fromhex(text) for key_id, text in ring["keys"].items()}
        current = str(ring["current"])
    except (KeyError, TypeError, ValueError, AttributeError, IndexError):
        raise KeyringError(f"The keyring file {path} has no well-formed ring {name!r}.") from None
    if current not in keys:
        raise KeyringError(f"The keyring file {path}: ring {name!r} lacks its current key.")
    if not all(len(key) == _KEY_BYTES and _KEY_ID.fullmatch(key_id) for key_id, key in keys.items()):
        raise KeyringError(f"The keyring file {path}: a key of ring {name!r} is not 256 bits or has no plain id.")
    return Ring(current, keys)
