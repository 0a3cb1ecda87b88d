"""A form that arrives by another way than from its page (kept entries, the outbox) is answered by its page's view."""

from django.http import HttpRequest, HttpResponseBase, QueryDict
from django.urls import Resolver404, ResolverMatch, resolve


def form_at(address: str) -> ResolverMatch | None:
    """The page of an address on this site, None where there is none."""
    try:
        return resolve(address.partition("?")[0])
    except Resolver404:
        return None


def answer_at(request: HttpRequest, address: str) -> HttpResponseBase:
    """What the page at ``address`` says to this request: all that its form asks is asked, and who may is asked anew.

    Raises what the view raises, Resolver404 where there is no page.
    """
    path, _mark, query = address.partition("?")
    request.path, request.GET = path, QueryDict(query)  # type: ignore[assignment]
    request.META["QUERY_STRING"] = query
    view, args, kwargs = resolve(path)
    answer: HttpResponseBase = view(request, *args, **kwargs)
    return answer
