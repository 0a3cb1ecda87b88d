"""The site map on one page: a block a feature, one name through view, URL, template and test."""

from django.urls import path

from ledger.views import dashboard, health, home

urlpatterns = [
    path("", home.home, name="home"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    # Where an area stands
    path("dashboard/", dashboard.dashboard, name="dashboard"),
]
