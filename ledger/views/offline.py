"""The phone without network: what it may keep, how it asks whether it still may, and how it hands work in."""

import html.parser
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse, QueryDict
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.models import User
from ledger.actions.kept_entries import hand_in, has_served, keep_moved, keep_walk, made_of
from ledger.actions.reads import taken_along as record_taken_along
from ledger.forms.conflicts import handed_in_body, sent_body
from ledger.forms.evidence import readable
from ledger.forms.fields import ClientIdField
from ledger.forms.handed_in_walks import each_alone, households_of, without
from ledger.forms.picks import number_of
from ledger.forms.visits import HouseholdVisitForm
from ledger.queries.kept_entries import answers_for_phone
from ledger.queries.offline import taken_along
from ledger.queries.visits_together import walkable
from ledger.rules.days import local_today
from ledger.rules.offline import FORMAT, FORMS, KEPT_DAYS, holder_token, read_holder_token, seals
from ledger.rules.permissions import Permission
from ledger.views.addressed import answer_at, form_at
from ledger.views.contract import contract
from ledger.views.service_worker import shell_version


@contract()
def outbox(request: HttpRequest) -> HttpResponse:
    """待发送: an empty page that the phone fills with what waits on it."""
    return render(request, "ledger/offline/outbox.html")


@contract(public=True)
def offline_state(request: HttpRequest) -> HttpResponse:
    """Who is signed in, with a fresh token for what is sent next; and whether a phone may still keep what it has.

    A signed-out phone shows the token it was given with its copy. ``holder`` is then ``active`` or ``ended``: the
    account was closed or its password changed, and the phone wipes the copy. ``?kept`` asks what desks decided.
    """
    user = request.user
    said: dict[str, Any] = {
        "format": FORMAT, "version": shell_version(), "csrf": get_token(request), "user": None,
        "now": timezone.now().timestamp(), "holder": _holder(request.headers.get("X-Offline-Holder", "")),
    }  # fmt: skip
    if user.is_authenticated:
        token = holder_token(user.pk, user.get_session_auth_hash())
        said |= {"user": user.pk, "token": token, "seals": seals(user.pk), "language": get_language()}
        if "kept" in request.GET:
            said["answers"] = [
                {**one, "url": reverse("visit_detail", args=[one["visit"]]) if one["visit"] else _decided_list()}
                for one in answers_for_phone(user, timezone.now())
            ]
    return JsonResponse(said)


def _decided_list() -> str:
    return f"{reverse('kept_entry_list')}?state=decided"


def _holder(token: str) -> str:
    """Empty for who shows no token of ours."""
    holder = read_holder_token(token) if token else None
    if holder is None:
        return ""
    user = User.objects.filter(pk=holder[0], is_active=True).first()
    same = user is not None and constant_time_compare(user.get_session_auth_hash()[:16], holder[1])
    return "active" if same else "ended"


@contract(Permission.LOG_VISIT)
def offline_data(request: HttpRequest) -> HttpResponse:
    """What a cadre takes along, and which forms; each fetch is on record."""
    said = taken_along(request.user, local_today())
    record_taken_along(by=request.user, households=len(said["households"]))
    create = reverse("visit_create")
    forms = {"place": f"{create}?place=1"}
    if said["households"]:
        forms |= {
            "household": f"{create}?household={said['households'][0]['id']}",
            "together": reverse("visits_together"),
        }
    made = timezone.now().timestamp()
    said |= {"format": FORMAT, "user": request.user.pk, "made": made, "until": made + KEPT_DAYS * 86400, "forms": forms}
    return JsonResponse(said)


@contract(methods=("POST",))
def outbox_send(request: HttpRequest) -> HttpResponseBase:
    """A form that waited on a phone, answered by its own page: ``sent``, or ``refused`` with the sentences to show.

    What the person may no longer do is refused like on the page itself (403, 404): nothing is applied blindly. With
    ``review`` the person hands it in for the desk of its place: ``kept`` with its photos.
    """
    address = request.GET.get("to", "")
    if request.GET.get("review"):
        return _handed_in(request, address)
    page = form_at(address)
    if page is None or page.url_name not in FORMS:
        return _refused(404, [_("There is no such form any more. Copy the text and enter it anew.")])
    apart: list[str] = []
    if page.url_name == "visits_together" and (gone := _gone(request)):
        kept = _walk_apart(request, gone)
        if isinstance(kept, JsonResponse):
            return kept
        apart = kept
    try:
        answer = answer_at(request, address)
    except (PermissionDenied, Http404) as refusal:
        return _kept(request) or _refused_for(refusal)
    if answer.status_code in (301, 302):
        said = {"state": "sent", "url": answer.headers["Location"]}
        return JsonResponse(said | ({"sentences": apart} if apart else {}))
    if answer.status_code >= 500:
        return answer
    return _refused(answer.status_code if answer.status_code >= 400 else 422, _sentences(answer))


def _kept(request: HttpRequest) -> JsonResponse | None:
    """A visit to a household that was the sender's once is kept for its desk to decide; of others nothing is said."""
    values = request.POST.copy()
    household, client_id = number_of(request.GET.get("household", "")), ClientIdField().clean(values.get("client_id"))
    if not household or client_id is None:
        return None
    photos, lost = readable(request.FILES)
    body = sent_body(HouseholdVisitForm(values, user=request.user), request) | {"files": lost}
    kept = keep_moved(by=request.user, household_id=household, client_id=client_id, body=body, photos=photos)
    said = _("The household moved out of your area meanwhile. Your entry is kept: the office of its place decides.")
    return _said_kept(said, lost) if kept is not None else None


def _gone(request: HttpRequest) -> list[int]:
    """Households of a walk that are not the sender's to visit any more."""
    named = households_of(request.POST)
    there = set(walkable(request.user).filter(pk__in=named).order_by().values_list("pk", flat=True))
    return [one for one in named if one not in there]


def _walk_apart(request: HttpRequest, gone: list[int]) -> JsonResponse | list[str]:
    """Keep what a walk says of households that moved away; the rest goes on in ``request.POST``, unless none is left.

    The sentences for the rest's answer. What had been saved before they moved is said to be.
    """
    client_id = ClientIdField().clean(request.POST.get("client_id"))
    if client_id is None:
        return []
    if made_of(request.user, client_id) is not None:
        return JsonResponse({"state": "sent", "url": reverse("visit_list")})
    parts = each_alone(request.POST, gone, request.user)
    kept = keep_walk(by=request.user, client_id=client_id, parts=parts, is_handed_in=False)
    if not kept:
        return []
    names = ", ".join(entry.household.head_name for entry in kept if entry.household is not None)
    said = _("Moved out of your area meanwhile, kept for the office of their place to decide: %(names)s") % {
        "names": names
    }  # fmt: skip
    request.POST = without(request.POST, {entry.household_id for entry in kept if entry.household_id})  # type: ignore[assignment]
    return [said] if households_of(request.POST) else _said_kept(said, [])


def _handed_in(request: HttpRequest, address: str) -> JsonResponse:
    """What the server would not take, kept with the words that the phone showed; unless it was saved before."""
    client_id = ClientIdField().clean(request.POST.get("client_id"))
    page, query = form_at(address), QueryDict(address.partition("?")[2])
    form = "visits" if page is not None and page.url_name == "visits_together" else "visit"
    if client_id is None:
        return _refused(400, [_("There is no such form any more. Copy the text and enter it anew.")])
    if (made := made_of(request.user, client_id)) is not None:
        page_of = {"visit": reverse("visit_detail", args=[made.object_id])}
        return JsonResponse({"state": "sent", "url": page_of.get(made.form, reverse("visit_list"))})
    if not has_served(request.user):
        return _refused_for(PermissionDenied())
    if form == "visits":
        parts = each_alone(request.POST, households_of(request.POST), request.user)
        walk = keep_walk(by=request.user, client_id=client_id, parts=parts, is_handed_in=True)
        rest = without(request.POST, {entry.household_id for entry in walk if entry.household_id})
        if walk and not households_of(rest):
            return _said_kept(_("Handed in: the office of its place reads it and decides."), [])
        request.POST = rest  # type: ignore[assignment]
    photos, lost = readable(request.FILES)
    body = handed_in_body(request.POST, address) | {"files": lost}
    kept = hand_in(
        by=request.user, form=form, client_id=client_id, body=body, photos=photos,
        household_id=number_of(query.get("household", "")), village_id=number_of(request.POST.get("village", "")),
    )  # fmt: skip
    if kept is None:
        return _refused(413, [_("This is more than can be kept. Copy the text and enter it anew.")])
    return _said_kept(_("Handed in: the office of its place reads it and decides."), lost)


def _said_kept(said: str, lost: list[str]) -> JsonResponse:
    """``whole``: the phone may let go of what it holds."""
    sentences = [said]
    if lost:
        more = _("These files could not be kept; save them from this phone before you delete the entry: %(names)s")
        sentences.append(more % {"names": ", ".join(lost)})
    url = reverse("kept_entry_list")
    return JsonResponse({"state": "kept", "url": url, "sentences": sentences, "whole": not lost})


def _refused_for(refusal: Exception) -> JsonResponse:
    if isinstance(refusal, PermissionDenied):
        return _refused(403, [_("You may not do this any more. Nothing was saved.")])
    return _refused(404, [_("This household is not in your area any more. Nothing was saved.")])


def _refused(status: int, sentences: list[str]) -> JsonResponse:
    return JsonResponse({"state": "refused", "sentences": sentences}, status=status)


def _sentences(answer: HttpResponseBase) -> list[str]:
    """What the page says at its fields."""
    reader = _Faults()
    if isinstance(answer, HttpResponse):
        reader.feed(answer.content.decode())
    return list(dict.fromkeys(" ".join(text.split()) for text in reader.found if text.strip()))


class _Faults(html.parser.HTMLParser):
    """The texts of a page's ``.invalid-feedback``."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.inside = ""
        self.depth = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self.inside:
            self.depth += tag == self.inside
        elif "invalid-feedback" in (dict(attrs).get("class") or "").split():
            self.inside, self.depth = tag, 1
            self.found.append("")

    def handle_endtag(self, tag: str) -> None:
        if tag == self.inside:
            self.depth -= 1
            self.inside = self.inside if self.depth else ""

    def handle_data(self, data: str) -> None:
        if self.inside:
            self.found[-1] += data
