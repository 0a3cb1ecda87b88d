"""How a campaign stands on a day, as a badge."""

import datetime
from typing import Any

from django import template
from django.utils.translation import gettext as _

from ledger.models import Campaign

register = template.Library()
SOON = 4
"""Days left of which the badge warns."""


@register.inclusion_tag("components/_badge.html")
def campaign_badge(campaign: Campaign, day: datetime.date) -> dict[str, Any]:
    """Ahead, running (with how many days are left), over."""
    if campaign.ended_at is not None:
        return {"label": _("Ended"), "state": "plain"}
    if campaign.last_on < day:
        return {"label": _("Over"), "state": "plain"}
    if campaign.start_on > day:
        return {"label": _("Not begun"), "state": "calm"}
    left = (campaign.last_on - day).days
    label = _("%(n)s days left") % {"n": left} if left else _("The last day")
    return {"label": label, "state": "due" if left < SOON else "calm"}
