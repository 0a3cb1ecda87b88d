"""A signed-in device. The cookie's value is in no table: a thief of the database signs in with none of it."""

import hashlib
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


def fingerprint(cookie: str | None) -> str:
    """Under which a session is kept: of 165 random bits, so that a plain hash is enough."""
    return hashlib.sha256((cookie or "").encode()).hexdigest()


class Device(models.TextChoices):
    """What can be said of a device from its browser's own words; never more exact, nobody is to be recognised by it."""

    ANDROID = "android", _("Android phone")
    HARMONY = "harmony", _("HarmonyOS phone")
    IPHONE = "iphone", _("iPhone")
    TABLET = "tablet", _("Tablet")
    WINDOWS = "windows", _("Windows computer")
    MAC = "mac", _("Mac")
    LINUX = "linux", _("Linux computer")
    UNKNOWN = "", _("Unknown device")


class Session(AbstractBaseSession):
    """One session; ``seen_at`` is written now and then, not with each request (``STEP``).

    Ended by hand, by a new password or by closing the account, its row is deleted.
    """

    session_key = models.CharField(max_length=64, primary_key=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="sessions")
    device = models.CharField(max_length=10, choices=Device.choices, blank=True)
    browser = models.CharField(max_length=20, blank=True)
    address = models.CharField(max_length=45, blank=True)
    remembered = models.BooleanField(default=False)
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField()

    PERSONAL = "session_data device browser address"
    NOT_PERSONAL = "session_key expire_date user remembered started_at seen_at"

    class Meta:
        ordering = ["-seen_at"]

    @classmethod
    def get_session_store_class(cls) -> type:
        from accounts.session_store import SessionStore

        return SessionStore

    @property
    def idle_limit(self) -> timedelta:
        rules = settings.SECURITY
        return timedelta(minutes=rules.remembered_idle if self.remembered else rules.idle)

    @property
    def step(self) -> timedelta:
        """How exactly ``seen_at`` is kept: a session may end by so much sooner than the idle limit, never later."""
        return min(timedelta(minutes=5), self.idle_limit / 10)

    def is_live(self, now: datetime) -> bool:
        """Whether it holds at that moment, by the limits of today's profile."""
        ends = min(self.seen_at + self.idle_limit, self.started_at + timedelta(minutes=settings.SECURITY.absolute))
        return now < min(ends, self.expire_date)

    @property
    def name(self) -> str | Promise:
        """The device in words: 'Android phone · WeChat'."""
        device = self.get_device_display()
        return f"{device} · {self.browser}" if self.browser else device

    def save(self, *args: Any, **kwargs: Any) -> None:
        raise TypeError("Sessions are written by accounts.session_store.")
