"""Ending one's own sessions on other devices: with the password, unless it was typed a moment ago (ASVS 5, 7.5.2)."""

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters

from accounts.contract import signed_in
from accounts.events import Event, report
from accounts.models import Session
from accounts.sessions import current, end_sessions
from accounts.views.confirming import unconfirmed


@signed_in(("POST",))
@sensitive_post_parameters()
@transaction.atomic
def session_end(request: HttpRequest) -> HttpResponse:
    wanted = Session.objects.filter(user=request.user).exclude(pk=current(request))
    session = get_object_or_404(wanted, pk=_key(request.POST.get("session", "")))
    page = unconfirmed(
        request, title=_("Sign a device out"), button=_("Sign out"), back="me", asks_first=False,
        what=_("%(device)s is signed out at once and needs the password again.") % {"device": session.name},
        keeps=(("session", session.pk),),
    )  # fmt: skip
    if page is not None:
        return page
    session.delete()
    _say(request, _("%(device)s has been signed out.") % {"device": session.name})
    return redirect("me")


@signed_in(("POST",))
@sensitive_post_parameters()
@transaction.atomic
def session_end_others(request: HttpRequest) -> HttpResponse:
    page = unconfirmed(
        request, title=_("Sign all other devices out"), button=_("Sign out"), back="me", asks_first=False,
        what=_("Everything but this device is signed out at once and needs the password again."),
    )  # fmt: skip
    if page is not None:
        return page
    if end_sessions(request.user, but=current(request)):
        _say(request, _("All your other devices have been signed out."))
    return redirect("me")


def _say(request: HttpRequest, sentence: str) -> None:
    report(Event.SESSIONS_ENDED, user=request.user, username=request.user.username, request=request)
    messages.success(request, sentence)


def _key(typed: str) -> str:
    """The id of a session; empty, which none has, for what is no such id (a NUL is a fault to PostgreSQL)."""
    return typed if len(typed) <= 64 and typed.isascii() and typed.isprintable() else ""
