"""Who acts: the cadre behind a signed-in person."""

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from ledger.models.scope import scope_of


def acting_cadre_id(by: Any) -> int:
    """The id of the person's cadre. Raises ValidationError for an account that stands for nobody on duty."""
    cadre_id = scope_of(by).cadre_id
    if cadre_id is None:
        raise ValidationError(_("Only a cadre on duty can enter this."), code="no_cadre")
    return cadre_id
