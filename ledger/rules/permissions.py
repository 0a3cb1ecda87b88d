"""Who may do what: one enum of permissions, one table of roles (design.md 3).

A role belongs to a posting, and a permission belongs to the posting that gives it: a leader in one
township who logs visits in another leads only in the first.
"""

from dataclasses import dataclass
from enum import StrEnum

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Role(TextChoices):
    """The role keys of design.md 3; stored on a posting."""

    COUNTY_ADMIN = "county_admin", _("County administrator")
    COUNTY_DESK = "county_desk", _("County desk")
    COUNTY_LEADER = "county_leader", _("County leader")
    INSPECTOR = "inspector", _("Inspector")
    TOWNSHIP_LEADER = "township_leader", _("Township leader")
    TOWNSHIP_DESK = "township_desk", _("Township desk")
    TOWNSHIP_ADMIN = "township_admin", _("Township administrator")
    DISTRICT_SECRETARY = "district_secretary", _("District secretary")
    VILLAGE_CADRE = "village_cadre", _("Village-contact cadre")
    VILLAGE_OFFICIAL = "village_official", _("Village official")
    HOUSEHOLD_CADRE = "household_cadre", _("Household cadre")
    DEPARTMENT_HANDLER = "department_handler", _("Department handler")
    VISITOR = "visitor", _("Visiting professional")


class Level(TextChoices):
    """Where a desk stands, lowest first; also what a posting's territory is called."""

    VILLAGE = "village", _("Village")
    DISTRICT = "district", _("District")
    TOWNSHIP = "township", _("Township")
    COUNTY = "county", _("County")


LEVEL_RANK = {Level.VILLAGE: 0, Level.DISTRICT: 1, Level.TOWNSHIP: 2, Level.COUNTY: 3}


class Permission(StrEnum):
    """Everything a view may ask for. Stored nowhere, so names may change."""

    VIEW = "view"  # read the households, visits and issues of the territory
    LOG_VISIT = "log_visit"
    RAISE_ISSUE = "raise_issue"
    HANDLE_ISSUE = "handle_issue"  # accept, return, report progress, resolve what one is given
    DESK = "desk"  # assign, triage, call back, close at the posting's level
    LEAD = "lead"  # instruct, supervise, close after "dissatisfied"
    SEE_SENSITIVE = "see_sensitive"
    SEE_DASHBOARD = "see_dashboard"
    EXPORT = "export"  # take lists and papers out of the system, as they are shown to oneself
    REPORT = "report"  # freeze tables as they are reported, keep superiors' forms and bind their cells
    CALL_OWN = "call_own"  # one tap from the household's page, logged
    REVEAL = "reveal"  # one full number at a time, with a reason, logged
    PROPOSE_CORRECTION = "propose_correction"
    EDIT_HOUSEHOLD = "edit_household"
    IMPORT_HOUSEHOLDS = "import_households"
    ASSIGN_HOUSEHOLDS = "assign_households"
    APPROVE_EXCLUSION = "approve_exclusion"
    MANAGE_DIVISIONS = "manage_divisions"
    MANAGE_DISTRICTS = "manage_districts"
    MANAGE_ORGANISATIONS = "manage_organisations"
    MANAGE_CADRES = "manage_cadres"
    MANAGE_POSTINGS = "manage_postings"
    MANAGE_ACCOUNTS = "manage_accounts"
    MANAGE_DEFAULTS = "manage_defaults"  # categories, household types, topics, calendar
    MANAGE_GUIDES = "manage_guides"  # procedure guides: the county's, or those of the own township
    RUN_CAMPAIGNS = "run_campaigns"  # the own area's: begin, change, end
    INSPECT = "inspect"
    SEE_AUDIT = "see_audit"


P = Permission
_FIELD_WORK = {P.VIEW, P.LOG_VISIT, P.RAISE_ISSUE, P.HANDLE_ISSUE, P.EXPORT, P.CALL_OWN, P.PROPOSE_CORRECTION}
_SET_UP = {
    P.MANAGE_DISTRICTS, P.MANAGE_ORGANISATIONS, P.MANAGE_CADRES, P.MANAGE_POSTINGS, P.MANAGE_ACCOUNTS, P.MANAGE_GUIDES,
}  # fmt: skip


@dataclass(frozen=True)
class RoleRule:
    """What a role means: its sentence, the territories it is held over, and what it may do there."""

    sentence: Promise | str
    territories: tuple[str, ...]
    permissions: frozenset[Permission]
    own_only: bool = False
    """Whether it reaches only the households assigned to oneself, not the whole territory."""


def _rule(
    sentence: Promise | str, territories: str, *permissions: Permission | set[Permission], own_only: bool = False
) -> RoleRule:
    flat: set[Permission] = set()
    for item in permissions:
        flat |= item if isinstance(item, set) else {item}
    return RoleRule(sentence, tuple(territories.split()), frozenset(flat), own_only)


ROLES: dict[str, RoleRule] = {
    Role.COUNTY_ADMIN: _rule(
        _("Sets up townships, accounts, categories and the calendar; imports rosters; sees who did what."),
        "county",
        P.VIEW, P.SEE_DASHBOARD, P.EXPORT, P.REPORT, P.EDIT_HOUSEHOLD, P.IMPORT_HOUSEHOLDS, P.ASSIGN_HOUSEHOLDS,
        P.MANAGE_DIVISIONS, P.MANAGE_DEFAULTS, P.SEE_AUDIT, P.REVEAL, _SET_UP,
    ),
    Role.COUNTY_DESK: _rule(
        _("The county's desk: takes escalated issues, assigns, chases, calls back and closes them."),
        "county",
        P.VIEW, P.SEE_DASHBOARD, P.EXPORT, P.REPORT, P.RAISE_ISSUE, P.DESK, P.SEE_SENSITIVE, P.REVEAL, P.RUN_CAMPAIGNS,
    ),
    Role.COUNTY_LEADER: _rule(
        _("Reads everything in the county, instructs and supervises."),
        "county",
        P.VIEW, P.SEE_DASHBOARD, P.EXPORT, P.REPORT, P.LEAD, P.SEE_SENSITIVE,
    ),
    Role.INSPECTOR: _rule(
        _("Reads visits and closures in the territory and changes nothing but inspections."),
        "county township",
        P.VIEW, P.SEE_DASHBOARD, P.EXPORT, P.INSPECT,
    ),
    Role.TOWNSHIP_LEADER: _rule(
        _("Reads everything in the township, instructs, supervises and closes supervised issues."),
        "township",
        P.VIEW, P.SEE_DASHBOARD, P.EXPORT, P.REPORT, P.LOG_VISIT, P.RAISE_ISSUE, P.HANDLE_ISSUE, P.DESK, P.LEAD,
        P.SEE_SENSITIVE, P.APPROVE_EXCLUSION, P.RUN_CAMPAIGNS,
    ),
    Role.TOWNSHIP_DESK: _rule(
        _("The township's desk: registers, assigns, chases, calls back and closes issues."),
        "township",
        P.VIEW, P.SEE_DASHBOARD, P.EXPORT, P.REPORT, P.LOG_VISIT, P.RAISE_ISSUE, P.HANDLE_ISSUE, P.DESK,
        P.SEE_SENSITIVE, P.REVEAL, P.RUN_CAMPAIGNS,
    ),
    Role.TOWNSHIP_ADMIN: _rule(
        _("Imports rosters and manages accounts, cadres and assignments of the township."),
        "township",
        P.VIEW, P.SEE_DASHBOARD, P.EXPORT, P.REPORT, P.EDIT_HOUSEHOLD, P.IMPORT_HOUSEHOLDS, P.ASSIGN_HOUSEHOLDS,
        P.REVEAL, P.SEE_AUDIT, _SET_UP,
    ),
    Role.DISTRICT_SECRETARY: _rule(
        _("Dispatches issues to any cadre of the district, calls back and closes them."),
        "district",
        P.VIEW, P.SEE_DASHBOARD, P.REPORT, P.DESK, P.SEE_SENSITIVE, P.REVEAL, _FIELD_WORK,
    ),
    Role.VILLAGE_CADRE: _rule(
        _("The village's desk: logs visits, raises issues, assigns inside the village and calls back."),
        "village",
        P.VIEW, P.SEE_DASHBOARD, P.REPORT, P.DESK, P.SEE_SENSITIVE, P.REVEAL, _FIELD_WORK,
    ),
    Role.VILLAGE_OFFICIAL: _rule(
        _("Registers and handles what the village settles itself."),
        "village",
        P.VIEW, P.LOG_VISIT, P.RAISE_ISSUE, P.HANDLE_ISSUE, P.EXPORT, P.PROPOSE_CORRECTION,
    ),
    Role.HOUSEHOLD_CADRE: _rule(
        _("Visits the own households, raises their issues and follows them."),
        "village",
        _FIELD_WORK,
        own_only=True,
    ),
    Role.DEPARTMENT_HANDLER: _rule(
        _("Accepts, returns, reports on and resolves the issues given to the organisation."),
        "organisation",
        P.HANDLE_ISSUE, P.EXPORT,
    ),
    Role.VISITOR: _rule(
        _("Logs the visits of a profession (doctor, agri-technician, teacher) in the village."),
        "village",
        P.VIEW, P.LOG_VISIT, P.RAISE_ISSUE,
    ),
}  # fmt: skip

DESK_ROLES: dict[str, frozenset[str]] = {
    Level.VILLAGE: frozenset({Role.VILLAGE_CADRE}),
    Level.DISTRICT: frozenset({Role.DISTRICT_SECRETARY}),
    Level.TOWNSHIP: frozenset({Role.TOWNSHIP_DESK, Role.TOWNSHIP_LEADER}),
    Level.COUNTY: frozenset({Role.COUNTY_DESK}),
}

# Nobody grants a role above their own: who appoints whom. A township's leaders stand above its administrator, who
# by a new password could otherwise act as one of them; the county appoints them.
GRANTABLE: dict[str, frozenset[str]] = {
    Role.COUNTY_ADMIN: frozenset(Role.values),
    Role.TOWNSHIP_ADMIN: frozenset(
        {
            Role.TOWNSHIP_DESK,
            Role.TOWNSHIP_ADMIN,
            Role.DISTRICT_SECRETARY,
            Role.VILLAGE_CADRE,
            Role.VILLAGE_OFFICIAL,
            Role.HOUSEHOLD_CADRE,
            Role.DEPARTMENT_HANDLER,
            Role.VISITOR,
        }
    ),
}


OWN_HOUSEHOLD_PERMISSIONS = frozenset(_FIELD_WORK - {P.HANDLE_ISSUE})
"""What an assignment itself gives over a household, whatever the postings say (design.md 3)."""

OWN_ONLY_PERMISSIONS = frozenset({P.CALL_OWN})
"""Permissions that never reach beyond the own households, whichever role gives them."""


def roles_with(permission: Permission) -> frozenset[str]:
    """The roles whose postings give this permission."""
    return frozenset(role for role, rule in ROLES.items() if permission in rule.permissions)
