"""What the pages of setting up share: a filled form, and the permission over the row that a page is about."""

from typing import Any

from django.http import HttpRequest

from ledger.models.scope import may
from ledger.rules.permissions import Permission


def sent(request: HttpRequest) -> Any:
    """What was posted, or None for a form opened anew."""
    return request.POST if request.method == "POST" else None


def allowed(user: Any, **permissions: Permission) -> dict[str, bool]:
    """Which of the named things the user may do anywhere: for the links of a page."""
    return {name: may(user, permission) for name, permission in permissions.items()}
