"""Sign-in by cadre number or mobile number."""

from contextvars import ContextVar
from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.http import HttpRequest

from accounts.models import User

brought: ContextVar[User | None] = ContextVar("brought", default=None)
"""The account that came with the row of the session which is being looked at."""


class NumberOrMobileBackend(AuthenticationBackend):
    """Checks a password against the account of a cadre number or mobile number.

    An unknown number costs the same one hash as a wrong password (the base class sees to that). A closed account is
    refused; when its password was right, the base class remembers it for ``ClosedAdapter.authenticate``.
    """

    def _authenticate(self, request: HttpRequest | None, **credentials: str) -> User | None:
        user = User.objects.signing_in_as(credentials.get("username") or "")
        checked: User | None = self._check_password(user, credentials["password"])
        return checked

    def get_user(self, user_id: Any) -> User | None:
        """Whose session it is; None for a closed account. Asks only where the account did not come with the session."""
        user = brought.get()
        if user is not None and str(user.pk) == str(user_id):
            return user if self.user_can_authenticate(user) else None
        found: User | None = super().get_user(user_id)
        return found
