"""Sign-in by cadre number or mobile number."""

from allauth.account.auth_backends import AuthenticationBackend
from django.http import HttpRequest

from accounts.models import User


class NumberOrMobileBackend(AuthenticationBackend):
    """Checks a password against the account of a cadre number or mobile number.

    An unknown number costs the same one hash as a wrong password (the base class sees to that). A closed account is
    refused; when its password was right, the base class remembers it for ``ClosedAdapter.authenticate``.
    """

    def _authenticate(self, request: HttpRequest | None, **credentials: str) -> User | None:
        user = User.objects.signing_in_as(credentials.get("username") or "")
        checked: User | None = self._check_password(user, credentials["password"])
        return checked
