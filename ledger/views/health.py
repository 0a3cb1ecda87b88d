"""For the load balancer: is the process up, is the database there."""

from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse

from ledger.views.contract import contract


@contract(public=True)
def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return HttpResponse("ok", content_type="text/plain")


@contract(public=True)
def readyz(request: HttpRequest) -> HttpResponse:
    """The database answers too; 503 when it doesn't."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return HttpResponse("database away", status=503, content_type="text/plain")
    return HttpResponse("ready", content_type="text/plain")
