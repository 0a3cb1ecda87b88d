"""The words of the audit trail: every verb that is recorded, and what of its detail people read.

A verb is ``noun.act``; the noun groups it in the filter. A guard test holds this table against the code.
"""

from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ledger.rules.households import HouseholdStatus
from ledger.rules.issue_steps import Step
from ledger.rules.issues import State
from ledger.rules.permissions import Role

Word = Promise | str

GROUPS: dict[str, Word] = {
    "account": _("Accounts and sign-in"),
    "household": _("Households and members"),
    "visit": _("Visits"),
    "issue": _("Issues"),
    "import": _("Imports"),
    "export": _("Exports and papers"),
    "setup": _("Setting up"),
    "kept": _("Forms sent twice"),
    "audit": _("The audit trail"),
}
_NOUNS_OF = {
    "account": "account",
    "household": "household resident correction assignment exclusion allocation",
    "visit": "visit enterprise campaign",
    "issue": "issue evidence notice sample dispute sign wish",
    "import": "import",
    "export": "export paper contact_card badge snapshot form",
    "setup": (
        "county township village division district defaults demonstration organisation cadre posting village_link "
        "handover substitution rotation category household_type topic benefit_kind phrase keyword calendar guide "
        "backup keys"
    ),
    "kept": "kept_entry",
    "audit": "audit",
}
NOUNS: dict[str, str] = {noun: group for group, nouns in _NOUNS_OF.items() for noun in nouns.split()}

VERBS: dict[str, Word] = {
    "account.opened": _("opened an account"),
    "account.password_reset": _("gave a new one-time password"),
    "account.closed": _("closed an account"),
    "account.reopened": _("opened an account again"),
    "account.signed_in": _("signed in"),
    "account.sign_in_failed": _("failed to sign in"),
    "account.signed_out": _("signed out"),
    "account.password_changed": _("chose an own password"),
    "account.locked_out": _("was locked out after failed sign-ins"),
    "account.unlocked": _("lifted a lock-out"),
    "account.sessions_ended": _("signed devices out"),
    "account.second_factor_on": _("turned the second factor on"),
    "account.second_factor_off": _("turned the second factor off"),
    "account.second_factor_reset": _("took a second factor away"),
    "account.recovery_codes_renewed": _("made new recovery codes"),
    "household.created": _("added a household"),
    "household.changed": _("changed a household"),
    "household.status_changed": _("changed the status of a household"),
    "household.split": _("split a household"),
    "household.merged": _("merged a household into another"),
    "household.moved": _("moved a household to another village"),
    "household.event_reversed": _("reversed a wrong entry about a household"),
    "exclusion.approved": _("approved to leave a household out of coverage"),
    "exclusion.ended": _("counts a household in coverage again"),
    "resident.added": _("added a member"),
    "resident.changed": _("changed a member"),
    "resident.left": _("noted that a member left"),
    "resident.revealed": _("read a number in full"),
    "resident.called": _("called a household"),
    "household.searched": _("looked up a full number"),
    "household.taken_along": _("took the own households along on a phone"),
    "correction.proposed": _("proposed a correction"),
    "correction.accepted": _("accepted a correction"),
    "correction.refused": _("refused a correction"),
    "assignment.changed": _("gave a household to a cadre"),
    "assignment.changed_many": _("gave households to cadres"),
    "assignment.ended": _("ended an assignment"),
    "allocation.applied": _("allocated households to cadres"),
    "allocation.exported": _("took a proposal out as a workbook"),
    "allocation.taken_back": _("took an allocation back"),
    "allocation.people_changed": _("changed who takes part in an allocation"),
    "allocation.tied": _("noted with whom a household stays or must not be"),
    "allocation.untied": _("took back a wish about a household"),
    "visit.logged": _("logged a visit"),
    "visit.corrected": _("corrected a visit"),
    "visit.voided": _("voided a visit"),
    "campaign.begun": _("began a campaign"),
    "campaign.changed": _("changed a campaign"),
    "campaign.ended": _("ended a campaign early"),
    "campaign.removed": _("removed a campaign"),
    "enterprise.created": _("added an enterprise"),
    "enterprise.changed": _("changed an enterprise"),
    "issue.read": _("opened a sensitive issue"),
    "issue.phone_read": _("read the phone of who raised an issue"),
    "sample.drawn": _("drew a sample to call back"),
    "sample.reviewed": _("looked into a dissatisfied answer"),
    "sample.closed": _("struck off by a sample"),
    "issue.bulk": _("acted on many issues at once"),
    "issue.taken_back": _("took back an issue of an earlier ledger with its import"),
    "dispute.changed": _("noted the parties or the agreement of a dispute"),
    "dispute.follow_up_planned": _("planned a follow-up visit"),
    "dispute.follow_up_made": _("made a follow-up visit"),
    "sign.reviewed": _("looked at an early sign again"),
    "wish.published": _("published a wish into the pool of its township"),
    "wish.withdrawn": _("withdrew a wish from the pool"),
    "evidence.added": _("added evidence"),
    "evidence.read": _("opened evidence"),
    "notice.chosen": _("chose which notices to get"),
    "notice.raised": _("raised the day's notices"),
    "notice.removed": _("removed notices read long ago"),
    "kept_entry.kept": _("sent a form a second time with different words"),
    "kept_entry.discarded": _("discarded what was sent a second time"),
    "kept_entry.handed_in": _("handed in an entry that could not be saved"),
    "kept_entry.moved": _("sent a visit to a household that had moved away"),
    "kept_entry.taken_over": _("took over a kept visit"),
    "backup.made": _("made a backup"),
    "backup.restored": _("restored a backup"),
    "import.uploaded": _("handed in a roster"),
    "import.columns_chosen": _("chose the columns of a roster"),
    "import.columns_forgotten": _("forgot the columns kept for a layout"),
    "import.confirmed": _("confirmed an import"),
    "import.applied": _("imported a roster"),
    "import.failed": _("had an import end without any change"),
    "import.taken_back": _("started an import again"),
    "import.cancelled": _("cancelled an import"),
    "import.expired": _("ended an import that nobody applied"),
    "import.row_decided": _("decided what becomes of a held row"),
    "import.undo_confirmed": _("asked for an import to be undone"),
    "import.undone": _("undid an import"),
    "import.undo_failed": _("had the undoing of an import end without any change"),
    "import.returned": _("took out a roster with what became of its rows"),
    "import.report_in_full": _("took out an import report with full numbers"),
    "export.requested": _("asked for a list as a workbook"),
    "export.made": _("took a list out as a workbook"),
    "export.downloaded": _("downloaded a workbook"),
    "export.cancelled": _("cancelled an export"),
    "export.expired": _("deleted an old export"),
    "form.taken": _("handed in a form to fill in"),
    "form.bound": _("chose what fills a cell of a form"),
    "form.removed": _("took a form off the list"),
    "snapshot.frozen": _("froze a statistics table as it was reported"),
    "paper.printed": _("printed a paper of an issue"),
    "paper.made": _("made a paper of a period"),
    "contact_card.printed": _("printed contact cards"),
    "badge.printed": _("printed badges"),
    "paper.template_taken": _("handed in a template of a paper"),
    "paper.template_restored": _("restored the default template of a paper"),
    "county.bootstrapped": _("made the first administrator"),
    "county.changed": _("changed the county's settings"),
    "township.changed": _("changed a township"),
    "village.changed": _("changed a village"),
    "division.loaded": _("loaded divisions"),
    "district.created": _("added a district"),
    "district.changed": _("changed a district"),
    "district.villages_changed": _("changed the villages of a district"),
    "district.removed": _("removed a district"),
    "demonstration.loaded": _("loaded the demonstration"),
    "defaults.loaded": _("filled the default lists"),
    "organisation.created": _("added an organisation"),
    "organisation.changed": _("changed an organisation"),
    "cadre.loaded": _("loaded cadres"),
    "cadre.created": _("added a cadre"),
    "cadre.changed": _("changed a cadre"),
    "posting.granted": _("gave a posting"),
    "posting.ended": _("ended a posting"),
    "rotation.planned": _("planned how a unit goes from group to group"),
    "rotation.stopped": _("stopped a unit's plan"),
    "substitution.appointed": _("appointed a substitute"),
    "substitution.ended": _("ended a substitution"),
    "handover.made": _("handed over what a cadre had in hand"),
    "handover.printed": _("printed a hand-over list"),
    "village_link.made": _("tied somebody to a village"),
    "village_link.ended": _("ended a tie to a village"),
    "category.created": _("added a category"),
    "category.changed": _("changed a category"),
    "household_type.created": _("added a household type"),
    "household_type.changed": _("changed a household type"),
    "benefit_kind.created": _("added a benefit to the list"),
    "benefit_kind.changed": _("changed a benefit of the list"),
    "topic.created": _("added a topic"),
    "topic.changed": _("changed a topic"),
    "phrase.created": _("added a phrase"),
    "phrase.changed": _("changed a phrase"),
    "keyword.created": _("added a word that proposes"),
    "keyword.changed": _("changed a word that proposes"),
    "guide.created": _("added a procedure guide"),
    "guide.changed": _("changed a procedure guide"),
    "guide.categories": _("changed the categories of a procedure guide"),
    "calendar.set": _("noted a calendar day"),
    "calendar.cleared": _("removed a calendar day"),
    "calendar.year_set": _("took in a year's calendar"),
    "calendar.year_dropped": _("gave a year's calendar back to the built-in one"),
    "keys.rotation_begun": _("began to rotate the data keys"),
    "keys.rotated": _("rotated the data keys"),
    "keys.retired": _("took the old data keys out"),
    "audit.read": _("read the audit trail"),
}  # fmt: skip

READS = frozenset(
    {
        "resident.revealed", "resident.called", "household.searched", "household.taken_along", "issue.read",
        "issue.phone_read", "evidence.read",
        "import.report_in_full", "import.returned", "export.made", "export.downloaded", "paper.printed", "audit.read",
        "handover.printed", "allocation.exported",
        "contact_card.printed", "badge.printed", "paper.made",
    }
)  # fmt: skip
"""Who looked at something that not everybody in the area is shown. Masked pages are read daily and are not recorded."""
SIGN_IN_FAILURES = ("account.sign_in_failed", "account.locked_out")
"""About an account, by whoever was at the keyboard."""

# Steps of an issue are called what their buttons are called.
STEP_PREFIX = "issue."

DETAILS: dict[str, Word] = {
    "step": _("Step"),
    "file": _("File"),
    "new": _("new"),
    "changed": _("changed"),
    "unchanged": _("unchanged"),
    "organisations": _("organisations"),
    "villages": _("Villages"),
    "role": _("Role"),
    "place": _("Held over"),
    "start_on": _("From"),
    "end_on": _("Until"),
    "reason": _("Reason"),
    "address": _("Address of the device"),
    "name": _("Name"),
    "day": _("Day"),
    "households": _("Households"),
    "issues": _("Matters"),
    "cadres": _("Cadres"),
    "on": _("On"),
    "from": _("was"),
    "to": _("is now"),
    "created": _("new"),
    "updated": _("changed"),
    "refused": _("not taken"),
    "found": _("Households found"),
    "field": _("Field"),
    "paper": _("Paper"),
    "number": _("Number"),
    "list": _("List"),
    "filter": _("Filter"),
    "rows": _("Rows"),
}
"""Keys of a row's detail that people read, in this order; what is not named here stays in the database."""


CODES: dict[str, dict[Any, Word]] = {
    "role": {role.value: role.label for role in Role},
    "step": {step.value: step.label for step in Step},
    "from": {status.value: status.label for status in HouseholdStatus},
    "to": {status.value: status.label for status in HouseholdStatus},
    "field": {"phone": _("phone"), "id_no": _("ID number")},
    "reason": {"call": _("to call")},
    "paper": {
        "covering": _("Covering document"),
        "reply": _("Reply letter"),
        "diary": _("Diary of a cadre"),
        "digest": _("Monthly digest"),
        "quarterly": _("Quarterly report"),
        "yearly": _("Year-end summary"),
    },
    "list": {
        "issues": _("Ledger of issues to strike off"),
        "households": _("Register of households"),
        "villages": _("Register of villages"),
        "visits": _("Visits"),
        "wishes": _("Small wishes"),
        "corrections": _("Corrections"),
        "cadres": _("Cadres and postings"),
        "organisations": _("Organisations"),
        "guides": _("Procedure guides"),
        "audit": _("Audit trail"),
        "campaigns": _("Campaigns"),
        "campaign_progress": _("Progress of a campaign"),
        "campaign_homes": _("Households of a campaign"),
        "notices": _("Notices"),
        "imports": _("Imports"),
        "kept_entries": _("Entries to review"),
        "signs": _("Early signs"),
        "follow_ups": _("Follow-up visits"),
        "for_samples": _("Waiting for a sample"),
        "samples": _("Samples"),
        "exclusions": _("Left out of coverage"),
        "enterprises": _("Enterprises"),
        "handovers": _("Hand-overs"),
        "substitutions": _("Leave and substitutes"),
        "gaps": _("Gaps"),
    },
}
"""Codes that a detail keeps, as words; what is not in the list is said as it is, but for ``ALWAYS_CODED``."""
STATE_KEYS = frozenset({"from", "to"})
ALWAYS_CODED = frozenset({"role", "field", "list", "step", "paper"})

FIELDS: dict[str, Word] = {
    "name": _("Name"), "cadre_no": _("Cadre number"), "phone": _("Work phone"), "title": _("Title"),
    "left_on": _("Left the service on"), "short_name": _("Short name"), "duty_phone": _("Duty phone"),
    "supervision_phone": _("Supervision phone"), "aliases": _("Other names"), "name_en": _("English name"),
    "days": _("Working days"), "unit_name": _("Usual unit"), "is_restricted": _("Restricted"),
    "is_public_works": _("Public works"),
    "is_active": _("In use"), "is_discipline": _("Receives complaints"), "coverage_days": _("Coverage window"),
    "near_due_days": _("Near due"), "escalate_days": _("Days until the next desk is told"),
    "quiet_from": _("Quiet from"), "quiet_until": _("Quiet until"),
    "sample_percent": _("Sampled call-backs in per cent"),
    "sample_least": _("Sampled call-backs at least"),
    "list_least": _("Households of a cadre at least"), "list_most": _("Households of a cadre at most"),
    "card_phones": _("Phones on the contact card"),
    "card_address": _("Address of the QR code"),
}  # fmt: skip
"""Fields of plain records whose change is told with what was there before. None of them is personal."""
YES_NO: dict[bool, Word] = {True: _("yes"), False: _("no")}


def verb_label(verb: str) -> Word:
    """The sentence part for a verb: 'loaded divisions', the name of an issue's step, or plain 'did something else'."""
    known = VERBS.get(verb)
    if known is not None:
        return known
    step = verb.removeprefix(STEP_PREFIX)
    if verb.startswith(STEP_PREFIX) and step in Step.values:
        return Step(step).label
    return _("did something else")


def verbs_of(group: str) -> list[str]:
    """The nouns of a group, for the filter of the trail."""
    return [noun for noun, its in NOUNS.items() if its == group]


def detail_lines(detail: dict[str, Any], verb: str = "") -> list[tuple[Word, str]]:
    """What of a detail is shown: label and text, in the order of ``DETAILS``. Never a raw key or code."""
    lines = []
    for key, label in DETAILS.items():
        value = detail.get(key)
        if key in STATE_KEYS and verb.startswith(STEP_PREFIX) and value in State.values:
            text = str(State(value).label)  # "closed" is a state of issues and a status of households
        else:
            text = _text(key, value)
        if text:
            lines.append((label, text))
    return lines


def _text(key: str, value: Any) -> str:
    if isinstance(value, dict):
        return _changes(value) if key == "changed" else ""
    if value is None or value == "" or isinstance(value, bool):
        return ""
    if key in CODES:
        return (
            str(CODES[key].get(value, "" if key in ALWAYS_CODED else value))
            if isinstance(value, str)
            else _names(value)
        )
    return _names(value)


def _names(value: Any) -> str:
    """A list is [id, name] of a person, or names; anything else is said as it is."""
    if isinstance(value, list):
        return "、".join(item for item in value if isinstance(item, str))
    return str(value)


def _changes(changed: dict[str, Any]) -> str:
    """``{field: [before, after]}`` of a plain record, for the fields that have a word."""
    said = []
    for name, pair in changed.items():
        if name in FIELDS and isinstance(pair, list) and len(pair) == 2:
            before, after = (YES_NO.get(value, value) if isinstance(value, bool) else value for value in pair)
            said.append(f"{FIELDS[name]} {before} → {after}")
    return "；".join(said)
