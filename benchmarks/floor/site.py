"""The one view of the floor."""

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path

from benchmarks.floor.models import Visit


class VisitForm(forms.ModelForm):
    class Meta:
        model = Visit
        fields = ["visited_on", "note"]


@login_required
def submit(request: HttpRequest) -> HttpResponse:
    """Session, user, form check, one insert, redirect."""
    form = VisitForm(request.POST or None)
    if not form.is_valid():
        return HttpResponse(status=422)
    visit = form.save(commit=False)
    visit.household_id = int(request.POST["household"])
    visit.save()
    return HttpResponseRedirect("/")


urlpatterns = [path("visit", submit)]
