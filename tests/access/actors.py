"""Who asks, and how far they reach: said here once more, by hand, so that the app is not asked about itself."""

from dataclasses import dataclass, field

from ledger.rules.permissions import ROLES, Permission, Role

COUNTY = frozenset({"own", "sibling", "other district", "other township"})
TOWNSHIP = frozenset({"own", "sibling", "other district"})
DISTRICT = frozenset({"own", "sibling"})
VILLAGE = frozenset({"own"})
NOWHERE: frozenset[str] = frozenset()

LIFE: dict[str, frozenset[str]] = {
    Role.COUNTY_ADMIN: COUNTY, Role.COUNTY_DESK: COUNTY, Role.COUNTY_LEADER: COUNTY,
    Role.INSPECTOR: TOWNSHIP, Role.TOWNSHIP_LEADER: TOWNSHIP, Role.TOWNSHIP_DESK: TOWNSHIP,
    Role.TOWNSHIP_ADMIN: TOWNSHIP, Role.DISTRICT_SECRETARY: DISTRICT, Role.VILLAGE_CADRE: VILLAGE,
    Role.VILLAGE_OFFICIAL: VILLAGE, Role.HOUSEHOLD_CADRE: VILLAGE, Role.VISITOR: VILLAGE,
    Role.DEPARTMENT_HANDLER: NOWHERE,
}  # fmt: skip
"""Whose households, visits and issues a role sees: design.md 3, with the posting that tests/world.py gives."""
SETTING_UP: dict[str, frozenset[str]] = {Role.COUNTY_ADMIN: COUNTY, Role.TOWNSHIP_ADMIN: TOWNSHIP}
"""Whose places, people and lists a role sets up."""
KNOWN = frozenset({"guide"})
"""What everybody who serves in the county may read, wherever in it they serve."""
HANDLED = frozenset({"issue", "evidence", "given guide"})
"""What a handler sees of a matter given to the own unit."""
SENT = frozenset({"kept entry"})
"""What is its sender's alone; the world's are the household cadres', and administrators see that they wait."""
OWN_ALONE = frozenset({"export", "notice", "saved filter", "meeting draft", "card run", "badge run"})
"""What nobody else sees at all; the world's are the household cadres', too."""
POOLED = frozenset({"published wish"})
"""What everybody who takes matters on reads in the whole township, wherever in it they serve."""
READS_ONLY = frozenset({Role.COUNTY_ADMIN, Role.INSPECTOR, Role.TOWNSHIP_ADMIN})
"""Who takes no matter on."""
REPORTED = frozenset({"snapshot", "form"})
"""Of a whole township: seen by who serves in all of it, as everybody does who comes to the other one; the world's are
townships'."""
ACTED = frozenset({"issue batch"})
"""What only who did it sees; the world's are the village cadres'."""
OUTSIDE = {
    Role.COUNTY_ADMIN: "county_admin@elsewhere", Role.COUNTY_DESK: "county_desk@elsewhere",
    Role.COUNTY_LEADER: "county_leader@elsewhere", Role.INSPECTOR: "inspector@前楼",
    Role.TOWNSHIP_LEADER: "township_leader@前楼", Role.TOWNSHIP_DESK: "township_desk@elsewhere",
    Role.TOWNSHIP_ADMIN: "township_admin@前楼", Role.DISTRICT_SECRETARY: "district_secretary@西",
    Role.VILLAGE_CADRE: "village_cadre@马銮", Role.VILLAGE_OFFICIAL: "village_official@六龙",
    Role.HOUSEHOLD_CADRE: "household_cadre@马銮", Role.VISITOR: "visitor@前楼",
    Role.DEPARTMENT_HANDLER: "department_handler@elsewhere",
}  # fmt: skip
"""Who holds the same role somewhere else."""


@dataclass(frozen=True)
class Actor:
    """One class of people. ``key`` names the account of the world; empty for who is not signed in."""

    name: str
    key: str
    roles: tuple[str, ...] = ()
    life: frozenset[str] = NOWHERE
    setting_up: frozenset[str] = NOWHERE
    handled: frozenset[str] = NOWHERE
    sent: frozenset[str] = NOWHERE
    known: frozenset[str] = NOWHERE
    acted: frozenset[str] = NOWHERE
    pooled: frozenset[str] = NOWHERE
    places: tuple[str, ...] = ("own", "sibling", "other district", "other township", "other county")
    signed_in: bool = True
    permissions: frozenset[Permission] = field(default_factory=frozenset)

    def holds(self, contract_permission: str | None) -> bool:
        """Whether the view's own declaration lets them in at all."""
        wanted = (contract_permission or "").split("|") if contract_permission else []
        return not wanted or any(Permission(p) in self.permissions for p in wanted)

    def reaches(self, kind: str, place: str, *, life: frozenset[str]) -> bool:
        """Whether the row of that kind in that place exists for them."""
        if kind in OWN_ALONE:
            return place in self.sent
        if kind in KNOWN:
            return place in self.known
        if kind in ACTED:
            return place in self.acted
        if kind in POOLED:
            return place in self.pooled
        if kind in REPORTED:
            return place in self.life and (self.life >= TOWNSHIP or place == "other township")
        if kind not in life:
            return place in self.setting_up or (kind in SENT and place in self.sent)
        return place in self.life or (kind in HANDLED and place in self.handled)


def _given_by(*roles: str) -> frozenset[Permission]:
    return frozenset(p for role in roles for p in ROLES[role].permissions)


def _inside(role: str) -> Actor:
    handled = VILLAGE if role == Role.DEPARTMENT_HANDLER else NOWHERE
    sent = VILLAGE if role == Role.HOUSEHOLD_CADRE else NOWHERE
    acted = VILLAGE if role == Role.VILLAGE_CADRE else NOWHERE
    pooled = NOWHERE if role in READS_ONLY else COUNTY if role in {Role.COUNTY_DESK, Role.COUNTY_LEADER} else TOWNSHIP
    return Actor(
        role, role, (role,), LIFE[role], SETTING_UP.get(role, NOWHERE), handled, sent, COUNTY, acted, pooled,
        permissions=_given_by(role),
    )  # fmt: skip


def _outside(role: str) -> Actor:
    """Asked only for what lies with the people under test: all of it is elsewhere for them."""
    in_other_county = OUTSIDE[role].endswith("@elsewhere") and role != Role.DEPARTMENT_HANDLER  # who serves 前楼
    known = NOWHERE if in_other_county else COUNTY
    if role == Role.VILLAGE_OFFICIAL:
        known = NOWHERE  # 六龙 lies in the other county
    pooled = TOWNSHIP if OUTSIDE[role].rpartition("@")[2] in {"马銮", "西"} else NOWHERE  # of the same township
    return Actor(
        f"{role} elsewhere", OUTSIDE[role], (role,), known=known, pooled=pooled, places=("own",),
        permissions=_given_by(role),
    )  # fmt: skip


MOVED_ROLES = (Role.TOWNSHIP_ADMIN, Role.TOWNSHIP_DESK)
MOVED = Actor(
    "moved yesterday", "moved", MOVED_ROLES, frozenset({"other township"}), frozenset({"other township"}),
    known=COUNTY, pooled=frozenset({"other township"}),
    permissions=_given_by(*MOVED_ROLES),
)  # fmt: skip
ANONYMOUS = Actor("anonymous", "", signed_in=False)
DISABLED = Actor("disabled", "disabled", signed_in=False)
WITHOUT_POSTING = Actor("without posting", "nobody")
SUBSTITUTE = Actor(
    "substitute of a village cadre", "substitute", (Role.VILLAGE_CADRE,), VILLAGE, known=COUNTY, pooled=TOWNSHIP,
    permissions=_given_by(Role.VILLAGE_CADRE),
)  # fmt: skip
"""Sees and does what the absent one may, without a posting; what is the absent one's alone stays theirs."""
SUBSTITUTE_BEFORE = Actor("substitute until yesterday", "substitute before")
INSIDE = [_inside(str(role)) for role in Role]
ACTORS = [
    ANONYMOUS,
    DISABLED,
    WITHOUT_POSTING,
    MOVED,
    SUBSTITUTE,
    SUBSTITUTE_BEFORE,
    *INSIDE,
    *(_outside(str(role)) for role in Role),
]
