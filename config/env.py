"""What the environment says, and the secrets that development makes for itself.

Production is whatever sets ``LEDGER_PRODUCTION=1``: it must bring its own ``SECRET_KEY`` and
``KEYRING_FILE``. Anything else is development: both are made once under ``var/`` (git-ignored).
"""

import json
import os
import secrets
from collections.abc import Collection
from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = BASE_DIR / "var"

env = environ.Env()
if (BASE_DIR / ".env").exists():
    environ.Env.read_env(BASE_DIR / ".env")

PRODUCTION: bool = env.bool("LEDGER_PRODUCTION", default=False)


def _write_once(path: Path, text: str) -> None:
    """Make a private file unless another process was faster (both then read the same one)."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_text(text, encoding="utf-8")
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def one_of(name: str, value: str, choices: Collection[str]) -> str:
    """The value of a variable that names one of the choices; anything else stops the start."""
    if value not in choices:
        raise ImproperlyConfigured(f"{name} must be one of: {', '.join(choices)}.")
    return value


def secret_key() -> str:
    """The signing key: from SECRET_KEY, or in development from ``var/secret_key``."""
    value: str = env.str("SECRET_KEY", default="")
    if value:
        return value
    if PRODUCTION:
        raise ImproperlyConfigured("Set SECRET_KEY: production does not make its own.")
    path = VAR_DIR / "secret_key"
    if not path.exists():
        _write_once(path, secrets.token_urlsafe(50))
    return path.read_text(encoding="utf-8").strip()


def keyring_file() -> Path:
    """The file of data keys (see ``ledger/rules/keyring.py``): KEYRING_FILE, or a made one in development."""
    value: str = env.str("KEYRING_FILE", default="")
    if value:
        return Path(value)
    if PRODUCTION:
        raise ImproperlyConfigured("Set KEYRING_FILE: production does not make its own keys.")
    path = VAR_DIR / "keyring.json"
    if not path.exists():
        _write_once(path, json.dumps(new_keyring(), indent=1))
    return path


def new_keyring() -> dict[str, dict[str, object]]:
    """Fresh keys: one ring each for encryption, blind indexes and the audit trail (hex, 256 bits)."""
    return {ring: {"current": "1", "keys": {"1": secrets.token_hex(32)}} for ring in ("encrypt", "index", "audit")}
