"""Every account page there is. allauth's own list is left out: no sign-up, no reset by e-mail."""

from django.urls import path

from accounts import views

urlpatterns = [
    path("login/", views.sign_in, name="account_login"),
    path("logout/", views.sign_out, name="account_logout"),
    path("password/", views.change_password, name="account_change_password"),
    path("language/", views.language, name="language"),
    path("large-type/", views.large_type, name="large_type"),
    path("me/", views.me, name="me"),
]
