"""One step for many issues at once: what is said holds for all of them."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from ledger.forms.fields import ClientIdField
from ledger.forms.issue_steps import StepForm
from ledger.forms.picks import number_of
from ledger.models import Issue
from ledger.rules.issue_steps import Step


class ChosenField(forms.CharField):
    """``12:3 15:1``: the rows with the version in which each was seen."""

    widget = forms.HiddenInput

    def __init__(self, *, most: int, **kwargs: Any) -> None:
        super().__init__(max_length=40 * most, **kwargs)
        self.most = most

    def to_python(self, value: Any) -> list[tuple[int, int]]:
        return chosen_of(super().to_python(value), self.most)

    def validate(self, value: list[tuple[int, int]]) -> None:
        if not value:
            raise ValidationError(_("Choose the rows on the desk again."), code="required")


def chosen_of(text: str, most: int) -> list[tuple[int, int]]:
    """The pairs of issue id and version; what is no such pair is left out."""
    pairs = (part.partition(":") for part in text[: 40 * most].split()[:most])
    found = {number_of(issue): number_of(version) for issue, _colon, version in pairs}
    return [(issue, version) for issue, version in found.items() if issue and version]


LEFT_OUT: dict[str, tuple[str, ...]] = {Step.DEFER: ("text", "deferred_until")}
"""What stays each matter's own."""


class BulkStepForm(StepForm):
    """The form of a step for all chosen issues; who is offered follows the first of them."""

    chosen: Any

    def __init__(self, *args: Any, user: Any, issues: list[Issue], step: str, most: int, **kwargs: Any) -> None:
        super().__init__(*args, user=user, issue=issues[0], step=step, **kwargs)
        for name in ("version", "supporting", "files", *LEFT_OUT.get(step, ())):
            self.fields.pop(name, None)
        self.fields["chosen"] = ChosenField(most=most)
        self.fields["client_id"] = ClientIdField()
        if step == Step.DEFER:
            self.fields["review_on"].initial = None
        if step == Step.ASSIGN:
            self.fields["due_on"].initial = None
            self.fields["due_on"].help_text = _("Left empty, each gets the date of its own category and urgency.")

    @property
    def said(self) -> dict[str, Any]:
        """What each step is told."""
        return {name: value for name, value in super().said.items() if name not in {"chosen", "client_id"}}
