"""Assigning several issues at once: one handler, one date or each its own."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from ledger.forms.issue_steps import StepForm
from ledger.models import Issue
from ledger.rules.issue_steps import Step


class BulkAssignForm(StepForm):
    """The form of an assignment for all ticked issues; who is offered follows the first of them."""

    def __init__(self, *args: Any, user: Any, issues: list[Issue], **kwargs: Any) -> None:
        super().__init__(*args, user=user, issue=issues[0], step=Step.ASSIGN, **kwargs)
        for name in ("version", "supporting"):
            del self.fields[name]
        self.fields["due_on"].initial = None
        self.fields["due_on"].help_text = _("Left empty, each gets the date of its own category and urgency.")
