"""Points the settings at throwaway files and databases before Django reads them (loaded by ``-p`` in pyproject.toml).

Nothing of a developer's own environment reaches the tests: not ``.env``, not ``DATABASE_URL``, not ``var/``.
``TEST_DATABASE_URL`` chooses another database (``scripts/test.py`` sets it for PostgreSQL); without it each xdist
worker has an SQLite *file*, since threads that share one in-memory connection prove nothing about locking.
"""

import atexit
import gc
import json
import os
import secrets
import shutil
import tempfile
from pathlib import Path

import pytest
from _pytest import runner


def _roomy_memory_folder() -> str | None:
    """The memory file system when it has a gigabyte to spare; None means the usual temporary folder."""
    try:
        state = os.statvfs("/dev/shm")  # noqa: S108 - only a private folder is made in it
    except OSError:
        return None
    roomy = state.f_bavail * state.f_frsize > 1_000_000_000 and os.access("/dev/shm", os.W_OK)  # noqa: S108
    return "/dev/shm" if roomy else None  # noqa: S108


def _claim_folder() -> Path:
    """One folder for a run: made by the first process, named to the xdist workers by the environment."""
    if "LEDGER_TEST_DIR" not in os.environ:
        folder = tempfile.mkdtemp(prefix="ledger-tests-", dir=_roomy_memory_folder())
        os.environ["LEDGER_TEST_DIR"] = folder
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(os.environ["LEDGER_TEST_DIR"])


def _write_keyring(path: Path) -> None:
    rings = ("encrypt", "index", "audit")
    keyring = {ring: {"current": "1", "keys": {"1": secrets.token_hex(32)}} for ring in rings}
    path.write_text(json.dumps(keyring), encoding="utf-8")


FOLDER = _claim_folder()
if not (FOLDER / "keyring.json").exists():
    _write_keyring(FOLDER / "keyring.json")

os.environ.update(
    LEDGER_PRODUCTION="0",
    DEBUG="0",
    SECRET_KEY="only-for-tests",
    KEYRING_FILE=str(FOLDER / "keyring.json"),
    # Each worker's own, as its database is: files are named by the ids of rows.
    MEDIA_ROOT=str(FOLDER / f"media-{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}"),
    DATABASE_URL=os.environ.get("TEST_DATABASE_URL") or f"sqlite:///{FOLDER / 'unused.sqlite3'}",
    CACHE_URL="locmemcache://",
    TASKS_BACKEND="django_tasks.backends.immediate.ImmediateBackend",
    # Playwright keeps an event loop in the thread of the test, which then also asks the database.
    DJANGO_ALLOW_ASYNC_UNSAFE="true",
)


def pytest_configure() -> None:
    from django.conf import settings

    # Signing in is not what most tests are about: the real hashers cost 100 ms a user by design.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    _watch_repeated_queries()
    _look_for_static_files_once()
    database = settings.DATABASES["default"]
    if database["ENGINE"].endswith("sqlite3"):
        database.setdefault("TEST", {})["NAME"] = str(FOLDER / "test.sqlite3")
        options = database["OPTIONS"]
        options["init_command"] += "PRAGMA synchronous=OFF;"


def pytest_collection_finish() -> None:
    """What was imported stays; looking through it for rubbish again and again is a sixth of a run's time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> bool:
    """As pytest's own, with the room of config/frames.py: memory taken and given back is a sixth of a guard's time."""
    from config.frames import in_one_block

    return in_one_block(runner.pytest_runtest_protocol, item, nextitem)


def _look_for_static_files_once() -> None:
    """Every browser of the tests starts a server of its own: WhiteNoise would look at all static files each time."""
    from whitenoise.middleware import WhiteNoiseMiddleware

    look, found = WhiteNoiseMiddleware.add_files_from_finders, {}

    def look_once(server: WhiteNoiseMiddleware) -> None:
        if not found:
            kept, server.files = server.files, found
            look(server)
            server.files = kept
        server.files = server.files | found

    WhiteNoiseMiddleware.add_files_from_finders = look_once


def _watch_repeated_queries() -> None:
    """A page that asks the database once per row fails its test (django-zeal, within requests only)."""
    from django.conf import settings
    from zeal.constants import initialize_app_registry
    from zeal.patch import patch

    # Reading a row before and after changing it is no loop; three times is.
    settings.ZEAL_NPLUSONE_THRESHOLD = 3
    initialize_app_registry()  # what its AppConfig would do; the apps are already set up here
    patch()
    settings.MIDDLEWARE = ["zeal.middleware.zeal_middleware", *settings.MIDDLEWARE]


@pytest.fixture(autouse=True)
def _empty_cache() -> None:
    """Lock-outs counted by one test must not meet the next."""
    from django.core.cache import cache

    cache.clear()
