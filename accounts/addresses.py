"""Where a request comes from, as far as it can be believed."""

from allauth.core.internal.httpkit import clean_client_ip, get_client_ip
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest


def client_ip(request: HttpRequest) -> str:
    """The caller's address; X-Forwarded-For counts only for the proxies named by TRUSTED_PROXY_COUNT.

    ``local`` where there is none, as behind a Unix socket.
    """
    try:
        address = get_client_ip(request)
    except ImproperlyConfigured:  # fewer hops than trusted proxies: somebody called past the proxy
        address = clean_client_ip(request.META.get("REMOTE_ADDR", ""))
    return address or "local"
