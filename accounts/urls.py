"""Every account page there is. allauth's own list is left out: no sign-up, no reset by e-mail."""

from django.urls import path

from accounts.views import own, second_factor, sessions, sign_in

urlpatterns = [
    path("login/", sign_in.sign_in, name="account_login"),
    # The name by which allauth's login stage finds it.
    path("login/code/", sign_in.sign_in_code, name="mfa_authenticate"),
    path("logout/", sign_in.sign_out, name="account_logout"),
    path("password/", own.change_password, name="account_change_password"),
    path("language/", own.language, name="language"),
    path("large-type/", own.large_type, name="large_type"),
    path("me/", own.me, name="me"),
    path("sessions/end/", sessions.session_end, name="session_end"),
    path("sessions/end-others/", sessions.session_end_others, name="session_end_others"),
    path("second-factor/", second_factor.second_factor, name="second_factor"),
    path("second-factor/codes/", second_factor.recovery_codes, name="recovery_codes"),
    path("second-factor/off/", second_factor.second_factor_off, name="second_factor_off"),
]
