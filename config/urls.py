"""Sign-in first, then the ledger's own map."""

from django.urls import include, path

urlpatterns = [
    path("account/", include("accounts.urls")),
    path("", include("ledger.urls")),
]

handler400 = "ledger.views.errors.bad_request"
handler403 = "ledger.views.errors.forbidden"
handler404 = "ledger.views.errors.not_found"
handler500 = "ledger.views.errors.server_error"
