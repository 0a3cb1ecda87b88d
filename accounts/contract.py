"""What a view lets in, declared on the view, enforced here and read by the guards over all routes."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import wraps

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponseBase, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache

View = Callable[..., HttpResponseBase]


@dataclass(frozen=True)
class Contract:
    """Who may call a view and how: ``permission`` None means that being signed in is enough; GET brings HEAD along."""

    permission: str | None
    public: bool
    methods: frozenset[str]


def public(methods: Iterable[str] = ("GET",)) -> Callable[[View], View]:
    """A view for everybody, also before sign-in."""
    return _declare(Contract(permission=None, public=True, methods=_with_head(methods)))


def signed_in(methods: Iterable[str] = ("GET",)) -> Callable[[View], View]:
    """A view for whoever is signed in; anybody else is sent to the sign-in page and back."""
    return _declare(Contract(permission=None, public=False, methods=_with_head(methods)))


def _with_head(methods: Iterable[str]) -> frozenset[str]:
    named = frozenset(methods)
    return named | {"HEAD"} if "GET" in named else named


def _declare(contract: Contract) -> Callable[[View], View]:
    def decorator(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
            if request.method not in contract.methods:
                return HttpResponseNotAllowed(sorted(contract.methods))
            if not contract.public and not request.user.is_authenticated:
                comes_back = "GET" in contract.methods
                return redirect_to_login(request.get_full_path()) if comes_back else redirect(settings.LOGIN_URL)
            return view(request, *args, **kwargs)

        guarded = never_cache(guarded)
        guarded.contract = contract  # type: ignore[attr-defined]
        return guarded

    return decorator
