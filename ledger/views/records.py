"""What the pages of setting up share: a filled form, and the permission over the row that a page is about."""

from typing import Any

from django.http import Http404, HttpRequest

from ledger.models import County
from ledger.models.scope import may
from ledger.rules.permissions import Permission


def sent(request: HttpRequest) -> Any:
    """What was posted, or None for a form opened anew."""
    return request.POST if request.method == "POST" else None


def county_of(request: HttpRequest, permission: Permission) -> County:
    """The county whose lists are shown: ``?county=`` for who runs several, else the one."""
    rows = County.objects.visible_to(request.user, permission)
    asked = request.GET.get("county", "")
    if asked.isascii() and asked.isdigit():
        rows = rows.filter(code=asked)
    county: County | None = rows.first()
    if county is None:
        raise Http404
    return county


def allowed(user: Any, **permissions: Permission) -> dict[str, bool]:
    """Which of the named things the user may do anywhere: for the links of a page."""
    return {name: may(user, permission) for name, permission in permissions.items()}
