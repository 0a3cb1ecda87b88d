"""A cadre as a list names one, and the ranks there are."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ledger.rules.lists import LineFault
from ledger.rules.phones import PhoneFault, phone_fault

NUMBER_LENGTH, NAME_LENGTH, UNIT_LENGTH, TITLE_LENGTH, PHONE_LENGTH = 20, 50, 60, 40, 30


class Rank(TextChoices):
    """Where a cadre stands in the office; says nothing of what they may do here (that is a posting's)."""

    LEADER = "leader", gettext_lazy("Member of the leadership")
    DEPARTMENT_HEAD = "dept_head", gettext_lazy("Head of a department")
    MEMBER = "member", gettext_lazy("Staff member")


@dataclass(frozen=True)
class CadreLine:
    """One cadre of the list; number and phone are normalised. Empty ``unit``, ``title`` and ``phone`` say nothing."""

    line: int
    township_code: str
    cadre_no: str
    name: str
    unit: str = ""
    phone: str = ""
    title: str = ""


def cadre_faults(line: CadreLine) -> list[LineFault]:
    """What one line gets wrong by itself."""
    found: list[str] = []
    if not line.cadre_no:
        found.append(_("The cadre number is missing."))
    if not line.name:
        found.append(_("The cadre's name is missing."))
    if not line.township_code:
        found.append(_("The township's code is missing."))
    if line.phone and phone_fault(line.phone) is not None:
        found.append(f"{PhoneFault.INVALID.label} “{line.phone[:20]}”")
    for text, limit in (
        (line.cadre_no, NUMBER_LENGTH), (line.name, NAME_LENGTH), (line.unit, UNIT_LENGTH), (line.title, TITLE_LENGTH),
        (line.phone, PHONE_LENGTH),
    ):  # fmt: skip
        if len(text) > limit:
            found.append(_("“%(text)s…” is longer than %(limit)s characters.") % {"text": text[:20], "limit": limit})
    return [LineFault(line.line, text) for text in found]


def repeated(lines: Iterable[CadreLine]) -> list[LineFault]:
    """A cadre number that stands in the list twice (numbers are compared without regard to case)."""
    faults: list[LineFault] = []
    first: dict[str, int] = {}
    for line in lines:
        earlier = first.setdefault(line.cadre_no.lower(), line.line)
        if earlier != line.line:
            text = _("The cadre number %(number)s stands in line %(first)s already.")
            faults.append(LineFault(line.line, text % {"number": line.cadre_no, "first": earlier}))
    return faults
