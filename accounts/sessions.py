"""Where somebody is signed in, and ending it. What is ended here is gone at the next request of that device."""

from datetime import timedelta

from django.http import HttpRequest
from django.utils import timezone

from accounts.models import Session, User
from accounts.models.sessions import fingerprint

FRESH_SIGN_IN = timedelta(minutes=15)


def current(request: HttpRequest) -> str:
    """The key of the session that asks."""
    return fingerprint(request.session.session_key)


def live_sessions(user: User) -> list[Session]:
    """The devices on which somebody is signed in, the one used last first."""
    now = timezone.now()
    return [session for session in user.sessions.defer("session_data") if session.is_live(now)]


def end_sessions(user: User, *, but: str = "") -> int:
    """End all sessions of somebody, or all but one; returns how many were in use."""
    ended = [session.pk for session in live_sessions(user) if session.pk != but]
    user.sessions.exclude(pk=but).delete()
    return len(ended)


def is_fresh(request: HttpRequest) -> bool:
    """Whether the password was typed in this very session a moment ago, so that it need not be asked for again."""
    row = getattr(request.session, "row", None)
    return row is not None and timezone.now() - row.started_at < FRESH_SIGN_IN


def clear_expired() -> None:
    """Rows of sessions that ended by themselves; called at each sign-in, so that no one has to see to it."""
    Session.objects.filter(expire_date__lt=timezone.now()).delete()
