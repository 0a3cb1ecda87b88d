"""The sessions of ``SESSION_ENGINE``: as Django's in the database, with whose, where from and since when.

Whether a session has outlived its limits is seen in the row that every request reads anyway.
"""

from datetime import datetime
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.base import CreateError, UpdateError
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.db import DatabaseError, IntegrityError, transaction
from django.http import HttpRequest
from django.utils import timezone

from accounts.devices import coarse, device_of
from accounts.models.sessions import Session, fingerprint


class SessionStore(DatabaseStore):
    """``row`` is what the request began with; ``request`` tells of a new session where it comes from."""

    row: Session | None = None
    request: HttpRequest | None = None

    @classmethod
    def get_model_class(cls) -> type[Session]:
        return Session

    def _get_session_from_db(self) -> Session | None:
        rows = Session.objects.defer("device", "browser", "address")  # each request reads this
        try:
            found = rows.get(session_key=fingerprint(self.session_key))
        except Session.DoesNotExist:
            found = None
        if found is None or not found.is_live(timezone.now()):
            self._session_key = None
            return None
        self.row = found
        return found

    def exists(self, session_key: str) -> bool:
        return Session.objects.filter(session_key=fingerprint(session_key)).exists()

    def save(self, must_create: bool = False) -> None:
        """Write what the session holds; when it began and where stay as they were."""
        if self.session_key is None:
            self.create()
            return
        data: dict[str, Any] = self._get_session(no_load=must_create)
        key = fingerprint(self._get_or_create_session_key())
        values = {
            "session_data": self.encode(data),
            "expire_date": self.get_expiry_date(),
            "remembered": not self.get_expire_at_browser_close(),
            "user_id": data.get(SESSION_KEY),
        }
        if must_create:
            self._insert(key, values)
        elif Session.objects.filter(session_key=key).update(**values) != 1:
            raise UpdateError

    def _insert(self, key: str, values: dict[str, Any]) -> None:
        now = timezone.now()
        where = {}
        if self.request is not None:
            device, browser = device_of(self.request)
            where = {"device": device, "browser": browser, "address": coarse(self.request)}
        row = Session(session_key=key, started_at=now, seen_at=now, **where, **values)
        try:
            with transaction.atomic():
                row.save_base(force_insert=True)
        except IntegrityError as error:
            raise CreateError from error

    def delete(self, session_key: str | None = None) -> None:
        if session_key is None:
            session_key = self.session_key
        if session_key is not None:
            Session.objects.filter(session_key=fingerprint(session_key)).delete()

    def touch(self, now: datetime) -> None:
        """Note that the session is in use, where the last note is old; a lost note costs nobody an answer."""
        row = self.row
        if row is None or row.user_id is None or now - row.seen_at < row.step:
            return
        try:
            Session.objects.filter(pk=row.pk).update(seen_at=now)
        except DatabaseError:
            return
