"""Sign-in: number and password, then the code where there is a second factor; and sign-out."""

from allauth.account import views as allauth_views
from allauth.account.internal.flows.logout import logout
from allauth.account.internal.stagekit import clear_login
from allauth.account.stages import LoginStageController
from allauth.mfa.stages import AuthenticateStage
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.crypto import constant_time_compare
from django.views.decorators.debug import sensitive_post_parameters

from accounts.adapter import KNEW_PASSWORD_OF
from accounts.contract import public
from accounts.forms import CodeForm, SignInForm
from accounts.models import User


class SignInView(allauth_views.LoginView):  # type: ignore[misc]
    form_class = SignInForm

    def form_invalid(self, form: SignInForm) -> HttpResponse:
        response = super().form_invalid(form)
        if form.has_error("__all__", "too_many_login_attempts"):
            response.status_code = 429
        return response


sign_in = public(("GET", "POST"))(SignInView.as_view(extra_context={"languages": User.Language.choices}))


@public(("GET", "POST"))
@sensitive_post_parameters("code")
def sign_in_code(request: HttpRequest) -> HttpResponse:
    """The second step, for who has just given the right password (in this session, at most 15 minutes ago)."""
    stage = None if request.user.is_authenticated else LoginStageController.enter(request, AuthenticateStage.key)
    if stage is None or not _still_known(request, stage.login.user):
        clear_login(request)
        return redirect("account_login")
    form = CodeForm(request.POST if request.method == "POST" else None, request=request, user=stage.login.user)
    if form.is_valid():
        finished: HttpResponse = stage.exit()
        return finished
    locked = form.has_error("code", "too_many_login_attempts")
    context = {"form": form, "languages": User.Language.choices}
    return render(request, "account/login_code.html", context, status=429 if locked else 200)


def _still_known(request: HttpRequest, user: User) -> bool:
    """Whether the account is as it was when the password was typed: not closed, no other password since."""
    known = request.session.get(KNEW_PASSWORD_OF, "")
    return user.is_active and constant_time_compare(known, user.get_session_auth_hash())


@public(("POST",))
def sign_out(request: HttpRequest) -> HttpResponse:
    logout(request, show_message=False)
    return redirect(settings.ACCOUNT_LOGOUT_REDIRECT_URL)
