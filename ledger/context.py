"""What the frame of every page shows: navigation by permission, place, person, language, type size."""

from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise, SimpleLazyObject
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from ledger.models.scope import Absent, Scope, scope_of
from ledger.queries.notices import MOST_COUNTED, rung
from ledger.rules.permissions import Permission

P = Permission


@dataclass(frozen=True)
class Entry:
    """One link of the navigation. ``needs`` names the permissions of which one must be held; none = any."""

    name: str
    label: Promise | str
    icon: str
    needs: tuple[Permission, ...] = ()


RAIL: tuple[tuple[Entry, ...], ...] = (
    (
        Entry("today", _("Today"), "today", (P.LOG_VISIT,)),
        Entry("desk", _("Desk"), "desk", (P.DESK,)),
        Entry("notice_list", _("Notices"), "bell"),
        Entry("issue_list", _("Ledger"), "ledger", (P.VIEW, P.HANDLE_ISSUE)),
        Entry("wish_list", _("Small wishes"), "flag", (P.VIEW, P.HANDLE_ISSUE)),
        Entry("sign_list", _("Early signs"), "warning", (P.SEE_SENSITIVE,)),
        Entry("household_list", _("Households"), "house", (P.VIEW,)),
        Entry("visit_list", _("Visits"), "visit", (P.VIEW, P.LOG_VISIT)),
        Entry("diary", _("Diary"), "edit", (P.LOG_VISIT,)),
        Entry("campaign_list", _("Campaigns"), "flag", (P.VIEW,)),
        Entry("guide_list", _("Procedure guides"), "document", (P.VIEW, P.HANDLE_ISSUE)),
        Entry("dashboard", _("Dashboard"), "board", (P.SEE_DASHBOARD,)),
        Entry("weekly_sheet", _("Weekly sheet"), "document", (P.LEAD,)),
        Entry("statistics_table", _("Statistics"), "stats", (P.SEE_DASHBOARD,)),
        Entry("gap_list", _("Gaps"), "gap", (P.SEE_DASHBOARD,)),
        Entry("rotation_list", _("Three tiers"), "users", (P.SEE_DASHBOARD,)),
    ),
    (
        Entry("papers", _("Papers"), "print", (P.EXPORT,)),
        Entry("export_list", _("Exports"), "download", (P.EXPORT,)),
        Entry("substitution_list", _("Leave and substitutes"), "swap", (P.VIEW, P.HANDLE_ISSUE)),
        Entry("setup", _("Setting up"), "building", (P.MANAGE_CADRES, P.MANAGE_DIVISIONS)),
        Entry("import_list", _("Import rosters"), "import", (P.IMPORT_HOUSEHOLDS,)),
        Entry("allocation_list", _("Allocation"), "users", (P.ASSIGN_HOUSEHOLDS,)),
        Entry("correction_list", _("Corrections"), "edit", (P.EDIT_HOUSEHOLD,)),
        Entry("kept_entry_list", _("Entries to review"), "swap", (P.SEE_AUDIT, P.DESK)),
        Entry("audit_list", _("Audit trail"), "history", (P.SEE_AUDIT,)),
    ),
)
# One short word each in English too: five share 320 px.
FIELD_TABS = (
    Entry("today", _("Today"), "today", (P.LOG_VISIT,)),
    Entry("household_list", pgettext_lazy("tab", "Homes"), "house", (P.VIEW,)),
    Entry("visit_create", pgettext_lazy("tab", "Log visit"), "plus", (P.LOG_VISIT,)),
    Entry("issue_list", _("Issues"), "list", (P.VIEW, P.HANDLE_ISSUE)),
    Entry("me", _("Me"), "person"),
)
OFFICE_TABS = (
    Entry("desk", _("Desk"), "desk", (P.DESK,)),
    Entry("dashboard", pgettext_lazy("tab", "Board"), "board", (P.SEE_DASHBOARD,)),
    Entry("setup", pgettext_lazy("tab", "Set up"), "building", (P.MANAGE_CADRES, P.MANAGE_DIVISIONS)),
    Entry("import_list", pgettext_lazy("tab", "Import"), "import", (P.IMPORT_HOUSEHOLDS,)),
    Entry("household_list", pgettext_lazy("tab", "Homes"), "house", (P.VIEW,)),
    Entry("issue_list", _("Issues"), "list", (P.VIEW, P.HANDLE_ISSUE)),
    Entry("me", _("Me"), "person"),
)

SETTING_UP = (
    "division_", "county_", "township_", "village_", "district_", "organisation_", "cadre_", "posting_", "category_",
    "account_batch", "account_sheet", "word_", "calendar_", "paper_", "handover_",
)  # fmt: skip
"""How the names of the pages begin that the entry for setting up leads to."""
PRINTED = ("contact_card_", "badge_", "register_", "diary_", "digest_", "summary_")
"""Those of the entry for papers."""


@dataclass
class Frame:
    """See templates/base.html for how each part is shown."""

    rail: list[list[dict[str, Any]]] = field(default_factory=list)
    tabs: list[dict[str, Any]] = field(default_factory=list)
    place: str = ""
    person: str = ""
    language: str = ""
    large_type: bool = False
    prints: bool = False
    """Whether there are papers and exports of theirs: on a phone their pages are found from 我的."""
    bell: str = ""
    """How many notices ring; empty for none."""
    absents: tuple[Absent, ...] = ()
    """Whom one stands in for today: said on every page."""
    takes_along: bool = False
    """Whether the phone keeps a copy of the day: for who logs visits."""


def frame(request: HttpRequest) -> dict[str, Any]:
    """The context processor; lazy, so that pages without the frame pay nothing."""
    return {"frame": SimpleLazyObject(lambda: build_frame(request))}


def build_frame(request: HttpRequest) -> Frame:
    """The frame for whoever asks; a signed-out visitor gets language and type size only."""
    user = getattr(request, "user", None)
    built = Frame(language=get_language() or "", large_type=bool(getattr(user, "large_type", False)))
    if user is None or not user.is_authenticated:
        return built
    scope = scope_of(user)
    here = request.resolver_match.url_name if request.resolver_match else None
    built.person = scope.name or user.name
    built.place = _place(scope)
    built.prints = scope.has(Permission.EXPORT)
    built.absents = scope.absents
    built.bell = _bell(rung(user)) if scope.cadre_id is not None else ""
    built.takes_along = scope.has(Permission.LOG_VISIT)
    built.rail = [entries for group in RAIL if (entries := _entries(group, scope, here, built.bell))]
    office = not scope.has(Permission.LOG_VISIT) or scope.holds("township_leader", "township_desk")
    built.tabs = _entries(OFFICE_TABS if office else FIELD_TABS, scope, here)
    built.tabs = [*built.tabs[:-1][:4], built.tabs[-1]]
    return built


def _bell(count: int) -> str:
    """``99+`` beyond what is counted."""
    return f"{MOST_COUNTED}+" if count > MOST_COUNTED else str(count or "")


def _entries(group: tuple[Entry, ...], scope: Scope, here: str | None, bell: str = "") -> list[dict[str, Any]]:
    shown = []
    for entry in group:
        if entry.needs and not any(scope.has(p) for p in entry.needs):
            continue
        try:
            url = reverse(entry.name)
        except NoReverseMatch:
            continue
        one_page = "visit_create" in (here, entry.name)
        active = here is not None and not one_page and _section(here) == entry.name.split("_")[0]
        shown.append(
            {"url": url, "label": entry.label, "icon": entry.icon, "active": active or here == entry.name,
             "plus": entry.name == "visit_create", "count": bell if entry.name == "notice_list" else "",
             "count_state": "late"}
        )  # fmt: skip
    return shown


def _section(name: str) -> str:
    """The entry that a page belongs to, by the beginning of its name; the many pages of setting up have one."""
    if name.startswith(SETTING_UP):
        return "setup"
    if name.startswith(PRINTED):
        return "papers"
    return "household" if name.startswith("resident_") else name.split("_")[0]


def _place(scope: Scope) -> str:
    """The territories of the first two open postings of one's own, oldest first."""
    names = [territory.name for territory in scope.territories if territory.acting_for is None]
    return " · ".join(dict.fromkeys(names[:2]))
