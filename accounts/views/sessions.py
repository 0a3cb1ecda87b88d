"""Ending one's own sessions on other devices."""

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _

from accounts.contract import signed_in
from accounts.events import Event, report
from accounts.models import Session
from accounts.sessions import current, end_sessions


@signed_in(("POST",))
@transaction.atomic
def session_end(request: HttpRequest) -> HttpResponse:
    wanted = Session.objects.filter(user=request.user).exclude(pk=current(request))
    session = get_object_or_404(wanted, pk=request.POST.get("session", "")[:64])
    session.delete()
    _say(request, _("%(device)s has been signed out.") % {"device": session.name})
    return redirect("me")


@signed_in(("POST",))
@transaction.atomic
def session_end_others(request: HttpRequest) -> HttpResponse:
    if end_sessions(request.user, but=current(request)):
        _say(request, _("All your other devices have been signed out."))
    return redirect("me")


def _say(request: HttpRequest, sentence: str) -> None:
    report(Event.SESSIONS_ENDED, user=request.user, username=request.user.username, request=request)
    messages.success(request, sentence)
