"""苗头隐患: what the registration says, and each time somebody looks at it again."""

import datetime
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from ledger.actions.audit import record
from ledger.actions.versions import StaleEdit, update_version
from ledger.models import Cadre, EarlySign, Issue, SignReview
from ledger.models.scope import scope_of
from ledger.queries.early_signs import may_review, possible_reviewers, sign_of
from ledger.rules.days import local_today
from ledger.rules.early_signs import Colour, next_review

LONGEST_AHEAD = datetime.timedelta(days=366)


def begin_sign(issue: Issue, data: dict[str, Any]) -> None:
    """Colour and cause as registered; yellow unless said otherwise."""
    colour = data.get("colour") or Colour.YELLOW
    EarlySign.objects.create(
        issue=issue, colour=colour, cause=str(data.get("cause") or "").strip(),
        review_on=next_review(colour, local_today()),
    )  # fmt: skip


@transaction.atomic
def review_sign(
    *, by: Any, issue: Issue, version: int, colour: str, cause: str, review_on: datetime.date, text: str,
    reviewer: Cadre | None = None,
) -> SignReview:  # fmt: skip
    """Note how it stands, as the form of ``version`` saw it (0: nothing was noted yet).

    Raises PermissionDenied, StaleEdit when somebody noted something in between, ValidationError for a day that lies
    behind or too far ahead, and for somebody outside the circle.
    """
    if not may_review(by, issue) or scope_of(by).cadre_id is None:
        raise PermissionDenied
    if not local_today() < review_on <= local_today() + LONGEST_AHEAD:
        raise ValidationError({"review_on": _("The next review lies between tomorrow and a year from now.")})
    if not text.strip():
        raise ValidationError({"text": _("This field is needed.")})
    if reviewer is not None and not possible_reviewers(issue).filter(pk=reviewer.pk).exists():
        raise ValidationError({"reviewer": _("Choose somebody of its circle.")})
    values = {"colour": colour, "cause": cause.strip(), "review_on": review_on, "reviewer": reviewer}
    if version == 0:
        try:
            with transaction.atomic():
                EarlySign.objects.create(issue=issue, **values)
        except IntegrityError as fault:
            raise StaleEdit(sign_of(issue)) from fault
    else:
        update_version(EarlySign.objects.filter(issue=issue), pk=sign_of(issue).pk, version=version, **values)
    made: SignReview = SignReview.objects.create(
        issue=issue, at=timezone.now(), by=by.cadre, colour=colour, review_on=review_on, text=text.strip()
    )
    detail = {"colour": colour, "day": review_on.isoformat()}
    record(verb="sign.reviewed", by=by, obj=issue, label=issue.number, detail=detail)
    return made
