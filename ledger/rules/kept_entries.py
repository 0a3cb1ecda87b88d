"""Which form a kept entry came from, in words."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

FORMS: dict[str, Promise] = {
    "visit": _("Visit"),
    "visits": _("Several visits"),
    "issue": _("Issue"),
    "household": _("Household"),
    "resident": _("Member of a household"),
    "correction": _("Correction"),
    "evidence": _("Photos or PDF of an issue"),
    "import": _("Roster"),
    "calendar-day": _("Day of the calendar"),
    "new-cadre": _("Cadre"),
    "new-posting": _("Posting"),
    "new-village-link": _("Tie to a village"),
    "new-district": _("District"),
    "new-organisation": _("Organisation"),
    "new-category": _("Category"),
    "new-householdtype": _("Household type"),
    "new-topic": _("Topic of visits"),
    "new-benefitkind": _("Benefit of the county's list"),
    "campaign": _("Campaign"),
}
"""The names under which ``actions.submissions`` knows the creating forms."""

LONGEST_ANSWER = 200
OF_PHONES = ("visit", "visits")
"""Those that wait on a phone and may be handed in for review."""


def form_name(form: str) -> Promise | str:
    """What people call the form; of one that has gone since, that it was a form."""
    return FORMS.get(form) or _("Form")
