"""The demonstration accounts: one for each role, all with the same password."""

from dataclasses import dataclass

from django.utils import translation

from ledger.demonstration.places import COUNTY_CODE
from ledger.models import Cadre
from ledger.rules.permissions import Role

PASSWORD = "qingshan-2026"  # noqa: S105 - a demonstration's, refused in production
NUMBERS: dict[str, str] = {
    Role.HOUSEHOLD_CADRE: "QS301", Role.VILLAGE_CADRE: "QS201", Role.DISTRICT_SECRETARY: "QS101",
    Role.TOWNSHIP_LEADER: "QS001", Role.TOWNSHIP_DESK: "QS021", Role.TOWNSHIP_ADMIN: "QS022",
    Role.DEPARTMENT_HANDLER: "QS031", Role.VILLAGE_OFFICIAL: "QS401", Role.VISITOR: "QS501",
    Role.COUNTY_ADMIN: "YX001", Role.COUNTY_DESK: "YX002", Role.COUNTY_LEADER: "YX003", Role.INSPECTOR: "YX004",
}  # fmt: skip
"""Role → the cadre number of its account: what ``staff.py`` gives and one signs in with."""

HOUSEHOLDS = 24
"""How many the household cadre among them looks after."""


@dataclass(frozen=True)
class Account:
    """One line of the table."""

    number: str
    role: str
    name: str
    place: str


def accounts() -> list[Account]:
    """The accounts that are in this database, in the order of ``NUMBERS``; none when it holds another county."""
    cadres = Cadre.objects.filter(
        county__code=COUNTY_CODE, cadre_no__in=NUMBERS.values(), user__is_active=True
    ).prefetch_related("postings__county", "postings__township", "postings__district", "postings__village",
                       "postings__organisation")  # fmt: skip
    found = {cadre.cadre_no: cadre for cadre in cadres}
    with translation.override("zh-hans"):
        return [
            Account(number, str(Role(role).label), found[number].name, _place(found[number], role))
            for role, number in NUMBERS.items()
            if number in found
        ]


def _place(cadre: Cadre, role: str) -> str:
    return "、".join(str(posting.territory) for posting in cadre.postings.all() if posting.role == role)
