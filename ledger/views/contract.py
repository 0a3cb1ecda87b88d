"""What every view says of itself: the permission it needs and the methods it takes."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase, HttpResponseNotAllowed

from accounts.contract import Contract
from ledger.models.scope import may
from ledger.rules.permissions import Permission

View = Callable[..., HttpResponseBase]


def contract(
    *permissions: Permission, methods: tuple[str, ...] = ("GET",), public: bool = False
) -> Callable[[View], View]:
    """Declare a view: refused (403) unless a posting gives one of ``permissions`` somewhere; other methods 405.

    No permission means any signed-in person. That no page is kept by a browser is the work of ``middleware.py``.
    The view itself still asks for its objects through ``visible_to`` (404) and ``require`` (403).
    """
    allowed = frozenset({*methods, "HEAD"} if "GET" in methods else methods)

    def decorate(view: View) -> View:
        @wraps(view)
        def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if request.method not in allowed:
                return HttpResponseNotAllowed(sorted(allowed))
            if permissions and not any(may(request.user, p) for p in permissions):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        wrapped.contract = Contract(  # type: ignore[attr-defined]
            permission="|".join(permissions) or None, public=public, methods=allowed
        )
        return wrapped

    return decorate


def require(user: Any, permission: Permission, obj: Any = None) -> None:
    """403 unless a posting that gives the permission covers the object: for an object already in scope."""
    if not may(user, permission, obj):
        raise PermissionDenied
