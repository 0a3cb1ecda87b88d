"""The sessions of ``SESSION_ENGINE``: as Django's in the database, with whose, where from and since when.

Whether a session has outlived its limits is seen in the row that every request reads anyway; whose it is comes with it.
"""

from datetime import datetime
from functools import cache
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.base import CreateError, UpdateError
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.db import DatabaseError, IntegrityError, connection, models, transaction
from django.http import HttpRequest
from django.utils import timezone

from accounts.devices import coarse, device_of
from accounts.models import User
from accounts.models.sessions import Session, fingerprint

UNREAD = frozenset({"device", "browser", "address"})
"""What only the list of one's sessions shows."""


class SessionStore(DatabaseStore):
    """``row`` is what the request began with; ``request`` tells of a new session where it comes from."""

    row: Session | None = None
    request: HttpRequest | None = None

    @classmethod
    def get_model_class(cls) -> type[Session]:
        return Session

    def _get_session_from_db(self) -> Session | None:
        found = _read(fingerprint(self.session_key))
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


def _read(key: str) -> Session | None:
    """The session with its account, ``user``; None where there is none of that key.

    Each request begins with it, so its query is written once: building it anew costs ten times the reading.
    """
    sql, columns = _written_out()
    with connection.cursor() as cursor:
        cursor.execute(sql, [key])
        row = cursor.fetchone()
    if row is None:
        return None
    values = [_value(column, value) for column, value in zip(columns, row, strict=True)]
    own = [column.target.attname for column in columns if column.target.model is Session]
    found: Session = Session.from_db(connection.alias, own, values[: len(own)])
    if found.user_id is not None:
        names = [column.target.attname for column in columns[len(own) :]]
        found.user = User.from_db(connection.alias, names, values[len(own) :])
    return found


@cache
def _written_out() -> tuple[str, list[Any]]:
    """The query, and the column of each value it answers with."""
    name = connection.ops.quote_name
    columns = [
        field.get_col(model._meta.db_table)
        for model in (Session, User)
        for field in model._meta.concrete_fields
        if model is User or field.name not in UNREAD
    ]
    wanted = ", ".join(f"{name(column.alias)}.{name(column.target.column)}" for column in columns)
    session, user = name(Session._meta.db_table), name(User._meta.db_table)
    joined = f"{session} LEFT JOIN {user} ON {user}.{name('id')} = {session}.{name('user_id')}"
    return f"SELECT {wanted} FROM {joined} WHERE {session}.{name('session_key')} = %s", columns  # noqa: S608


def _value(column: Any, value: Any) -> Any:
    """What the database answered, as the model holds it."""
    field: models.Field[Any, Any] = column.target
    for convert in (*connection.ops.get_db_converters(column), *field.get_db_converters(connection)):
        value = convert(value, column, connection)
    return value
