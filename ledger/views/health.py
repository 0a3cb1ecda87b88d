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
            # A table, not just a number: where its file is gone SQLite opens an empty one and would answer.
            cursor.execute("SELECT 1 FROM django_migrations LIMIT 1")
    except DatabaseError:
        return HttpResponse("database away", status=503, content_type="text/plain")
    return HttpResponse("ready", content_type="text/plain")
