"""The oracle: who may ever read a text, told from the rows alone. Imports nothing of the app; a test holds that.

The database is read as plain tables. Each row has a home (household, village, township, county, people concerned),
found by following its foreign keys; ``Reader.may_read`` compares it to where somebody serves.
"""

from dataclasses import dataclass, field
from typing import Any

Row = dict[str, Any]
Tables = dict[str, dict[int, Row]]

WAY_HOME: dict[str, tuple[str, ...]] = {
    "ledger_household": ("village",), "ledger_resident": ("household",), "ledger_householdcode": ("household",),
    "ledger_statusperiod": ("household",), "ledger_assignment": ("household",), "ledger_correction": ("household",),
    "ledger_exclusion": ("household",), "ledger_householdbenefit": ("household",),
    "ledger_householdevent": ("household",),
    "ledger_visit": ("household", "village"), "ledger_enterprise": ("village",),
    "ledger_visitquestion": ("visit",), "ledger_visitcorrection": ("visit",), "ledger_issue": ("household", "village"),
    "ledger_issuestep": ("issue",), "ledger_issueround": ("issue",),
    "ledger_extension": ("issue",), "ledger_evidence": ("issue", "visit", "entry"), "ledger_group": ("village",),
    "ledger_village": ("township",), "ledger_district": ("township",), "ledger_township": ("county",),
    "ledger_organisation": ("village", "township", "county"), "ledger_cadre": ("township", "county"),
    "ledger_category": ("county",), "ledger_topic": ("county",), "ledger_householdtype": ("county",),
    "ledger_calendarday": ("county",), "ledger_importrow": ("batch",), "ledger_importbatch": (), "ledger_county": (),
    "ledger_posting": ("cadre",), "ledger_villagelink": ("village",), "accounts_user": (),
    "ledger_auditrow": ("household", "township", "county"),
    "ledger_keptentry": ("household", "village", "township", "county"),
    "ledger_guide": ("county",), "ledger_givenguide": ("issue",),
    "ledger_issuebatch": ("township", "county"), "ledger_issuebatchrow": ("issue",),
    "ledger_issueresult": ("issue",),
    "ledger_notice": ("issue",), "ledger_noticechoice": ("cadre",),
    "ledger_callbacksample": (), "ledger_sampledissue": ("issue",),
    "ledger_samplereview": ("sample",),
    "ledger_export": (), "ledger_savedfilter": (),
    "ledger_heldrow": ("township",),
    "ledger_campaign": ("township", "county"), "ledger_campaignpoint": ("campaign",),
    "ledger_campaignvillage": ("village",), "ledger_campaigntick": ("visit",),
    "ledger_rotation": ("organisation",), "ledger_rotationstop": ("rotation",),
    "ledger_substitution": ("absent",), "ledger_handover": ("township", "county"), "ledger_handoverrow": ("handover",),
    "ledger_papertemplate": ("county",), "ledger_statisticssnapshot": ("township", "county"),
    "ledger_fillinform": ("township", "county"),
    "ledger_coveringdocument": ("issue",),
    "ledger_disputeparty": ("issue",), "ledger_disputesettlement": ("issue",),
    "ledger_followup": ("issue",), "ledger_earlysign": ("issue",), "ledger_signreview": ("issue",),
    "ledger_wishclaim": ("issue",), "ledger_publishedwish": ("issue",),
    "ledger_cadreshare": ("cadre",), "ledger_householdtie": ("household",),
    "ledger_allocation": ("village", "township", "county"), "ledger_allocationlist": ("village",),
    "ledger_allocationrow": ("household",),
    "ledger_benefitkind": ("county",), "ledger_phrase": ("county",), "ledger_keyword": ("county",),
    "ledger_contactcard": ("household",), "ledger_badge": ("cadre",), "ledger_printrun": (),
    "ledger_meetingdraft": ("village",), "ledger_visitnote": ("visit",),
}  # fmt: skip
"""Table → the columns that lead home, the nearest first."""
STEMS = {"household": "ledger_household", "village": "ledger_village", "township": "ledger_township",
         "county": "ledger_county", "visit": "ledger_visit", "issue": "ledger_issue", "batch": "ledger_importbatch",
         "cadre": "ledger_cadre", "sample": "ledger_callbacksample", "handover": "ledger_handover",
         "absent": "ledger_cadre", "entry": "ledger_keptentry",
         "campaign": "ledger_campaign",
         "organisation": "ledger_organisation", "rotation": "ledger_rotation"}  # fmt: skip
COLLEAGUES = frozenset(
    {"ledger_cadre", "accounts_user", "ledger_organisation", "ledger_district", "ledger_posting", "ledger_township",
     "ledger_county", "ledger_village", "ledger_villagelink"}
)  # fmt: skip
"""People, units and places of work: known in the own township, and those of the county in the whole county."""
LISTS = frozenset(
    {"ledger_category", "ledger_topic", "ledger_householdtype", "ledger_calendarday", "ledger_guide",
     "ledger_phrase", "ledger_keyword", "ledger_benefitkind",
     "ledger_papertemplate"}
)  # fmt: skip
"""The county's lists: known in the county."""
OF_THE_VILLAGE = frozenset({"ledger_enterprise", "ledger_campaign", "ledger_campaignpoint"})
"""Whoever looks after households of a village visits its enterprises, too, and reads what campaigns ask there."""
NEEDED_BY_HANDLERS = {"ledger_household": {"head_name", "address", "code"}, "ledger_group": {"name"}}
"""Named exception: of the household a handler sees what the matter needs, place and name (design.md 3)."""


@dataclass(frozen=True)
class Home:
    """Where a row belongs; 0 for none."""

    household: int = 0
    village: int = 0
    township: int = 0
    county: int = 0
    issue: int = 0
    visit: int = 0


class World:
    """All rows, and the home of each."""

    def __init__(self, tables: Tables, batch_townships: dict[int, set[int]]) -> None:
        self.tables, self.batch_townships = tables, batch_townships
        users = {row["user_id"]: pk for pk, row in tables["ledger_cadre"].items() if row["user_id"]}
        self.cadre_of_user: dict[int, int] = users

    def home(self, table: str, pk: int) -> Home:
        """Raises KeyError for a table that ``WAY_HOME`` does not know: say there where its rows belong."""
        row = self.tables[table].get(pk)
        if row is None:
            return Home()
        if table == "accounts_user":
            cadre = self.cadre_of_user.get(pk)
            return self.home("ledger_cadre", cadre) if cadre else Home()
        if table in {"ledger_county", "ledger_township"}:
            county = pk if table == "ledger_county" else row["county_id"]
            return Home(township=pk if table == "ledger_township" else 0, county=county)
        if table == "ledger_village":
            above = self.home("ledger_township", row["township_id"])
            return Home(village=pk, township=above.township, county=above.county)
        if table == "ledger_campaign":  # of its villages; the world's have one each
            there = next(each for each in self.tables["ledger_campaignvillage"].values() if each["campaign_id"] == pk)
            return self.home("ledger_village", there["village_id"])
        if table == "ledger_callbacksample":  # of the desks over its matters
            drawn = next(each for each in self.tables["ledger_sampledissue"].values() if each["sample_id"] == pk)
            return self.home("ledger_issue", drawn["issue_id"])
        for stem in WAY_HOME[table]:
            if row.get(f"{stem}_id"):
                found = self.home(STEMS[stem], row[f"{stem}_id"])
                break
        else:
            found = Home()
        household = pk if table == "ledger_household" else found.household
        issue = pk if table == "ledger_issue" else row.get("issue_id") or found.issue
        if table == "ledger_auditrow" and row["object_type"] == "issue":
            issue = row["object_id"]
        visit = pk if table == "ledger_visit" else row.get("visit_id") or found.visit
        return Home(household, found.village, found.township, found.county, issue or 0, visit or 0)


@dataclass(frozen=True)
class Reader:
    """Somebody by where they serve: ids of places, and what is theirs alone."""

    cadre: int
    county: int
    township: int = 0
    """0 for who works for the county itself."""
    villages: frozenset[int] = frozenset()
    households: frozenset[int] = frozenset()
    """Beyond the villages: those assigned to them."""
    issues: frozenset[int] = frozenset()
    """Given to them or to their unit."""
    secret_villages: frozenset[int] = frozenset()
    """Whose sensitive matters they are in the circle of."""
    audits_townships: frozenset[int] = frozenset()
    audits_county: bool = False
    imports_townships: frozenset[int] = frozenset()
    pools: frozenset[int] = frozenset()
    """Townships whose pool of wishes they read."""
    serves: bool = True
    """False without posting and assignment: nothing but oneself."""

    def may_read(self, world: World, table: str, pk: int, column: str) -> bool:
        home = world.home(table, pk)
        if table in {"ledger_importbatch", "ledger_importrow", "ledger_heldrow"}:
            row = world.tables[table][pk]
            row = world.tables["ledger_importrow"][row["row_id"]] if table == "ledger_heldrow" else row
            batch = pk if table == "ledger_importbatch" else row["batch_id"]
            return bool(self.imports_townships) and world.batch_townships[batch] <= self.imports_townships
        if table in COLLEAGUES:
            return self._knows_colleague(world, table, pk, home)
        if table in {"ledger_keptentry", "ledger_savedfilter", "ledger_export"}:  # one's own: it may speak of anything
            row = world.tables[table][pk]
            mine = world.cadre_of_user.get(row.get("user_id") or row.get("requested_by_id")) == self.cadre
            # What is of a household that moved away, or was handed in, is decided by the desk of where it is now.
            lies_here = bool(row.get("household_id") or row.get("is_handed_in")) and home.village in self.villages
            return mine or lies_here
        if table == "ledger_evidence" and (entry := world.tables[table][pk]["entry_id"]):
            return self.may_read(world, "ledger_keptentry", entry, column)
        if table == "ledger_meetingdraft":  # its recorder's alone
            return world.tables[table][pk]["cadre_id"] == self.cadre
        if table in {"ledger_issuebatch", "ledger_issuebatchrow"}:  # who did it: the filter may name anybody
            batch = pk if table == "ledger_issuebatch" else world.tables[table][pk]["batch_id"]
            return world.cadre_of_user.get(world.tables["ledger_issuebatch"][batch]["made_by_id"]) == self.cadre
        if table == "ledger_substitution" and self.cadre in {
            world.tables[table][pk]["absent_id"], world.tables[table][pk]["substitute_id"]
        }:  # fmt: skip
            return True
        if table in {"ledger_handover", "ledger_handoverrow", "ledger_substitution"}:  # of who sees to the cadres there
            return home.township in self.audits_townships or (self.audits_county and home.county == self.county)
        if table in {"ledger_statisticssnapshot", "ledger_fillinform"}:
            return self._serves_all_of(world, world.tables[table][pk])
        if table in LISTS:
            return self.serves and home.county == self.county
        if table == "ledger_visitcorrection" and column == "old_note":  # what the note of that visit said before
            visit = world.tables[table][pk]["visit_id"]
            notes = (key for key, row in world.tables["ledger_visitnote"].items() if row["visit_id"] == visit)
            return all(self.may_read(world, "ledger_visitnote", note, column) for note in notes)
        if table == "ledger_visitnote":
            return self._may_know_of(world, pk, home) and self._lives(world, table, home, column)
        if home.issue and world.tables["ledger_issue"][home.issue]["is_sensitive"]:
            return self._in_circle(world.tables["ledger_issue"][home.issue])
        if table == "ledger_publishedwish" and not world.tables[table][pk]["ended_at"] and home.township in self.pools:
            return True
        if table == "ledger_auditrow":
            return home.township in self.audits_townships or (self.audits_county and home.county == self.county)
        return self._lives(world, table, home, column)

    def _may_know_of(self, world: World, note: int, home: Home) -> bool:
        """Health and pupils: of that profession, or the household's cadre."""
        profession = world.tables["ledger_visitnote"][note]["profession"]
        posted = {row["cadre_id"] for row in world.tables["ledger_posting"].values() if row["role"] == "visitor"}
        same = self.cadre in posted and world.tables["ledger_cadre"][self.cadre]["profession"] == profession
        own = home.household and world.tables["ledger_household"][home.household]["cadre_id"] == self.cadre
        return profession == "agri_technician" or same or bool(own)

    def _serves_all_of(self, world: World, row: Row) -> bool:
        """Whether they serve in each village of the area that a report is of: the lowest that the row names."""
        stem = next(stem for stem in ("village", "district", "township", "county") if row.get(f"{stem}_id"))
        townships = {
            pk for pk, each in world.tables["ledger_township"].items() if each["county_id"] == row["county_id"]
        }
        villages = world.tables["ledger_village"]
        of = {
            "village": lambda pk: pk == row["village_id"], "district": lambda pk: (
                villages[pk]["district_id"] == row["district_id"]), "township": lambda pk: (
                villages[pk]["township_id"] == row["township_id"]), "county": lambda pk: (
                villages[pk]["township_id"] in townships),
        }[stem]  # fmt: skip
        return {pk for pk in villages if of(pk)} <= self.villages

    def _knows_colleague(self, world: World, table: str, pk: int, home: Home) -> bool:
        is_self = (table, pk) == ("ledger_cadre", self.cadre) or (
            table == "accounts_user" and world.cadre_of_user.get(pk) == self.cadre
        )
        if is_self:
            return True
        if not self.serves or home.county != self.county:
            return False
        return home.township in {0, self.township} or not self.township

    def _in_circle(self, issue: Row) -> bool:
        mine = issue["registered_by_id"] == self.cadre
        return mine or issue["village_id"] in self.secret_villages or issue["id"] in self.issues

    def _lives(self, world: World, table: str, home: Home, column: str) -> bool:
        if home.village in self.villages or (home.household and home.household in self.households):
            return True
        if home.issue and home.issue in self.issues:
            return True
        if home.visit and not home.issue and world.tables["ledger_visit"][home.visit]["lead_id"] == self.cadre:
            return True  # one's own visit, wherever it was
        concerned = {world.tables["ledger_issue"][pk]["household_id"] for pk in self.issues}
        if home.household in concerned and column in NEEDED_BY_HANDLERS.get(table, ()):
            return True
        mine = {world.tables["ledger_household"][pk]["village_id"] for pk in self.households}
        if table in OF_THE_VILLAGE and home.village in mine:
            return True
        groups = {world.tables["ledger_household"][pk]["group_id"] for pk in concerned | self.households if pk}
        return (
            table == "ledger_group"
            and column == "name"
            and any(world.tables["ledger_group"][g]["village_id"] == home.village for g in groups if g)
        )


@dataclass
class Findings:
    """What a sweep found."""

    leaks: list[str] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)
    """Tags that were read, rightly: a sweep that sees nothing proves nothing."""
