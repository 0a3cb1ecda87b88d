"""One page for all acts on the own account that ask for the password again."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.forms import ConfirmForm


def unconfirmed(
    request: HttpRequest, *, title: str, what: str, button: str, back: str, asks_first: bool = True,
    keeps: tuple[tuple[str, str], ...] = (),
) -> HttpResponse | None:  # fmt: skip
    """The page that asks, or None when the act may go on.

    The password is asked for unless it was typed in this session a moment ago. ``asks_first``: the page is opened by a
    GET, and read before the act is done; otherwise a POST from elsewhere does it where no password is asked for.
    ``keeps`` are fields sent along (name, value); ``back`` is the name of the page to return to.
    """
    form = ConfirmForm(None, request=request)
    if request.method == "POST" and (asks_first or not form.fields or "password" in request.POST):
        form = ConfirmForm(request.POST, request=request)
        if form.is_valid():
            return None
    context = {"form": form, "title": title, "what": what, "button": button, "back": back, "keeps": keeps}
    return render(request, "accounts/confirm.html", context)
