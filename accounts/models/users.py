"""Who somebody is. Nothing here knows of villages: what a person may do hangs on the ledger's postings."""

import re
import unicodedata
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


def clean_number(text: str) -> str:
    """A cadre number as it is kept: full-width characters made plain, no spaces (``ＬＳ 001`` → ``LS001``)."""
    return "".join(unicodedata.normalize("NFKC", text).split())


def clean_mobile(text: str) -> str:
    """A mobile number as it is kept: digits without spaces, hyphens and the country's +86."""
    digits = re.sub(r"[\s\-‐‑–—()]", "", unicodedata.normalize("NFKC", text))
    return re.sub(r"^(\+|00)86(?=1\d{10}$)", "", digits)


class UserQuerySet(models.QuerySet["User"]):
    def named(self, number: str) -> "UserQuerySet":
        """The account of this cadre number, whatever its case and width; none or one row."""
        return self.alias(number_key=Lower("username")).filter(number_key=clean_number(number).lower())

    def signing_in_as(self, text: str) -> "User | None":
        """Whom a person means who types this at sign-in: a cadre number first, else a mobile number."""
        mobile = clean_mobile(text)
        return self.named(text).first() or (self.filter(mobile=mobile).first() if mobile else None)


class UserManager(BaseUserManager.from_queryset(UserQuerySet)):  # type: ignore[misc]
    def create_user(
        self, username: str, password: str | None = None, *, name: str = "", mobile: str | None = None, **fields: Any
    ) -> "User":
        """Save an account whose password counts as its own choice, unless ``must_change_password=True`` is given.

        Without a password it cannot sign in. Raises IntegrityError for a number or mobile that is taken.
        """
        fields.setdefault("must_change_password", False)
        if not fields["must_change_password"]:
            fields.setdefault("password_changed_at", timezone.now())
        number = clean_number(username)
        user: User = self.model(
            username=number, name=name or number, mobile=clean_mobile(mobile or "") or None, **fields
        )
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> "User":
        user: User = self.get_queryset().named(username or "").get()
        return user


class User(AbstractBaseUser):
    """One person's account. It has no groups and no superuser flag: rights come from postings alone."""

    class Language(models.TextChoices):
        CHINESE = "zh-hans", "中文"
        ENGLISH = "en", "English"

    username = models.CharField(
        _("cadre number"),
        max_length=32,
        unique=True,
        error_messages={"unique": _("An account with this cadre number exists already.")},
    )
    name = models.CharField(_("name"), max_length=64)
    mobile = models.CharField(
        _("mobile number"),
        max_length=20,
        null=True,
        blank=True,
        unique=True,
        error_messages={"unique": _("An account with this mobile number exists already.")},
    )
    is_active = models.BooleanField(_("account is open"), default=True)
    must_change_password = models.BooleanField(_("must choose an own password"), default=True)
    # When the person last chose a password of their own; empty until the first time.
    password_changed_at = models.DateTimeField(_("own password since"), null=True, blank=True)
    # Kept in step with allauth's Authenticator by accounts/second_factor.py: each request asks.
    second_factor_at = models.DateTimeField(_("second factor since"), null=True, blank=True)
    language = models.CharField(_("language"), max_length=10, choices=Language.choices, default=Language.CHINESE)
    large_type = models.BooleanField(_("large type"), default=False)
    created_at = models.DateTimeField(_("created at"), default=timezone.now, editable=False)

    PERSONAL = "username name mobile password"
    NOT_PERSONAL = (
        "last_login is_active must_change_password password_changed_at second_factor_at language large_type created_at"
    )

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS = ["name"]

    objects = UserManager()

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        ordering = ["username"]
        constraints = [
            models.UniqueConstraint(
                Lower("username"),
                name="user_number_unique",
                violation_error_message=_("An account with this cadre number exists already."),
            ),
            models.CheckConstraint(condition=~models.Q(username=""), name="user_number_given"),
            models.CheckConstraint(condition=~models.Q(mobile=""), name="user_mobile_null_not_empty"),
            models.CheckConstraint(condition=models.Q(language__in=["zh-hans", "en"]), name="user_language_known"),
            models.CheckConstraint(
                condition=models.Q(must_change_password=True) | models.Q(password_changed_at__isnull=False),
                name="user_own_password_dated",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def renew_password_on(self) -> date | None:
        """The day on which the profile asks for another password; None where passwords do not age."""
        days = settings.SECURITY.rotation_days
        if not days or self.password_changed_at is None:
            return None
        return timezone.localdate(self.password_changed_at) + timedelta(days=days)

    @property
    def password_is_due(self) -> bool:
        """Whether a new password must be chosen before anything else: the first own one, or the profile's rotation."""
        renew_on = self.renew_password_on
        return self.must_change_password or (renew_on is not None and timezone.localdate() >= renew_on)

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name
