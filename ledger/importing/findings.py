"""What can be wrong with a row: the codes of the contract, which of them keep a row out, and their sentences."""

from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _


class Code(StrEnum):
    """Why a row was refused, or what is told about a row that came in."""

    VILLAGE_MISSING = "village_missing"
    VILLAGE_UNKNOWN = "village_unknown"
    VILLAGE_AMBIGUOUS = "village_ambiguous"
    VILLAGE_OUT_OF_SCOPE = "village_out_of_scope"
    TOWNSHIP_UNKNOWN = "township_unknown"
    NAME_MISSING = "name_missing"
    NAME_TOO_LONG = "name_too_long"
    NAME_INVALID = "name_invalid"
    ID_MISSING = "id_missing"
    ID_LENGTH = "id_length"
    ID_OLD_15 = "id_old_15"
    ID_CHARSET = "id_charset"
    ID_BIRTHDATE = "id_birthdate"
    ID_CHECK_DIGIT = "id_check_digit"
    ID_PRECISION_LOST = "id_precision_lost"
    ID_DUPLICATE_IN_FILE = "id_duplicate_in_file"
    HH_NO_DUPLICATE = "hh_no_duplicate"
    HH_NO_PRECISION_LOST = "hh_no_precision_lost"
    CADRE_UNKNOWN = "cadre_unknown"
    CADRE_AMBIGUOUS = "cadre_ambiguous"
    CADRE_MISMATCH = "cadre_mismatch"
    PHONE_INVALID = "phone_invalid"
    POPULATION_INVALID = "population_invalid"
    DATE_INVALID = "date_invalid"
    TYPE_UNKNOWN = "type_unknown"
    TEXT_TOO_LONG = "text_too_long"
    FORMULA_NO_VALUE = "formula_no_value"
    FORMULA_ERROR = "formula_error"
    HEAD_CHANGED = "head_changed"
    HIDDEN_ROW = "hidden_row"
    HOUSEHOLD_UNKNOWN = "household_unknown"
    BIRTH_MISMATCH = "birth_mismatch"
    ENCODING_LOSS = "encoding_loss"
    # Beyond the contract: what only the ledger itself can know.
    ID_ELSEWHERE = "id_elsewhere"
    POSSIBLE_DUPLICATE = "possible_duplicate"
    CODE_CONFLICT = "code_conflict"
    HEAD_DIFFERS = "head_differs"
    HH_NO_GENERATED = "hh_no_generated"
    NAME_IS_NUMBER = "name_is_number"
    HH_NO_IS_PERSONAL = "hh_no_is_personal"
    # Of the tables of the past.
    NUMBER_MISSING = "number_missing"
    NUMBER_DUPLICATE = "number_duplicate"
    NUMBER_TAKEN = "number_taken"
    LEDGER_KEPT = "ledger_kept"
    WORD_UNKNOWN = "word_unknown"
    DATE_NEEDED = "date_needed"
    DATE_AHEAD = "date_ahead"
    DATES_REVERSED = "dates_reversed"
    COUNT_INVALID = "count_invalid"
    TITLE_INVALID = "title_invalid"
    VISITOR_UNKNOWN = "visitor_unknown"
    COMPANION_UNKNOWN = "companion_unknown"
    REGISTRANT_UNKNOWN = "registrant_unknown"
    CADRE_TAKEN = "cadre_taken"
    UNIT_UNKNOWN = "unit_unknown"
    UNIT_MISSING = "unit_missing"
    ENTERPRISE_UNKNOWN = "enterprise_unknown"
    EVENT_UNKNOWN = "event_unknown"
    CATEGORY_ADDED = "category_added"
    TOWNSHIP_OPEN = "township_open"


SOFT = frozenset(
    {
        Code.NAME_INVALID, Code.ID_MISSING, Code.HH_NO_PRECISION_LOST, Code.CADRE_UNKNOWN, Code.CADRE_AMBIGUOUS,
        Code.CADRE_MISMATCH, Code.PHONE_INVALID, Code.POPULATION_INVALID, Code.DATE_INVALID, Code.TYPE_UNKNOWN,
        Code.TEXT_TOO_LONG, Code.HEAD_CHANGED, Code.HIDDEN_ROW, Code.BIRTH_MISMATCH, Code.ENCODING_LOSS,
        Code.HH_NO_GENERATED, Code.HH_NO_IS_PERSONAL, Code.LEDGER_KEPT, Code.COMPANION_UNKNOWN,
        Code.REGISTRANT_UNKNOWN, Code.EVENT_UNKNOWN, Code.CATEGORY_ADDED,
    }
)  # fmt: skip
"""Codes that are told but keep no row out: the doubtful field stays empty, or as it was written."""

_SENTENCES: dict[str, Promise | str] = {
    Code.VILLAGE_MISSING: _("The village is empty."),
    Code.VILLAGE_UNKNOWN: _("No village of that name: %(raw)s."),
    Code.VILLAGE_AMBIGUOUS: _(
        "Two villages are called %(raw)s: write which one, with 村 or 社区 or the township before it."
    ),
    Code.VILLAGE_OUT_OF_SCOPE: _("%(raw)s is outside the area you import for."),
    Code.TOWNSHIP_UNKNOWN: _("No township of that name: %(raw)s."),
    Code.NAME_MISSING: _("The name is empty."),
    Code.NAME_TOO_LONG: _("The name is longer than 50 characters."),
    Code.NAME_INVALID: _("The name looks like a formula or markup; it was kept as it is written."),
    Code.ID_MISSING: _("No ID number; add it later on the household's page."),
    Code.ID_LENGTH: _("The ID number does not have 18 characters."),
    Code.ID_OLD_15: _("A 15-digit ID number, no longer valid; take the 18-digit one from the ID card."),
    Code.ID_CHARSET: _("The ID number may hold only digits and a last X."),
    Code.ID_BIRTHDATE: _("The birth date in the ID number does not exist or lies in the future."),
    Code.ID_CHECK_DIGIT: _("The ID number's last character does not fit: a digit is mistyped."),
    Code.ID_PRECISION_LOST: _(
        "Excel kept the ID number as a number, so its last digits are lost. Format the column as text and type it "
        "again."
    ),
    Code.ID_DUPLICATE_IN_FILE: _("The same ID number stands on row %(other)s."),
    Code.HH_NO_DUPLICATE: _("The same household number stands on row %(other)s."),
    Code.HH_NO_PRECISION_LOST: _(
        "Excel kept the household number as a number, so its last digits are lost; left empty."
    ),
    Code.CADRE_UNKNOWN: _("No cadre with this number or name: %(raw)s; the household comes without a cadre."),
    Code.CADRE_AMBIGUOUS: _("Several cadres are called %(raw)s: give the number; the household comes without a cadre."),
    Code.CADRE_MISMATCH: _(
        "The cadre's number and name belong to two people: %(raw)s; the household comes without a cadre."
    ),
    Code.PHONE_INVALID: _("No mobile or landline number, or more than one in a cell; only a valid number is kept."),
    Code.POPULATION_INVALID: _("Not a number of people from 1 to 30: %(raw)s; left empty."),
    Code.DATE_INVALID: _("No such date: %(raw)s; left empty."),
    Code.TYPE_UNKNOWN: _("Unknown household type: %(raw)s; left out."),
    Code.TEXT_TOO_LONG: _("The text is too long for this field; left empty."),
    Code.FORMULA_NO_VALUE: _(
        "The cell holds a formula without a result. Open the file in Excel or WPS, save it and send it again."
    ),
    Code.FORMULA_ERROR: _("The cell shows an error such as #N/A."),
    Code.HEAD_CHANGED: _("This household was known under another head: %(other)s."),
    Code.HIDDEN_ROW: _("The row is hidden in the sheet; it was read all the same."),
    Code.HOUSEHOLD_UNKNOWN: _("No such household in this file or in the ledger."),
    Code.BIRTH_MISMATCH: _("The birth date differs from the one in the ID number; the ID number counts."),
    Code.ENCODING_LOSS: _("A character was lost before the file was sent; check the name or text."),
    Code.ID_ELSEWHERE: _("Somebody in another household of the township has this ID number."),
    Code.POSSIBLE_DUPLICATE: _(
        "A household of the same head is already in this group. Add the ID number or the household number to tell "
        "them apart."
    ),
    Code.CODE_CONFLICT: _("This household number belongs to %(other)s, with another ID number. Check the number."),
    Code.HEAD_DIFFERS: _("The member called head is not the head of the household."),
    Code.HH_NO_GENERATED: _("Household numbers that begin with 自编 are made by the system; left out."),
    Code.NAME_IS_NUMBER: _("The name holds an ID number or a mobile number. Check whether the columns are mixed up."),
    Code.HH_NO_IS_PERSONAL: _("The household number is somebody's ID number or mobile number; left out."),
    Code.NUMBER_MISSING: _("The row has no number of its own. Without one it would come in again with the next file."),
    Code.NUMBER_DUPLICATE: _("The same number stands on row %(other)s."),
    Code.NUMBER_TAKEN: _("The ledger has this number already, for something else: %(other)s."),
    Code.LEDGER_KEPT: _("The ledger says otherwise (%(other)s); it was left as it is."),
    Code.WORD_UNKNOWN: _("Not a word that this column knows: %(raw)s."),
    Code.DATE_NEEDED: _("No such day: %(raw)s. The row can't be placed without one."),
    Code.DATE_AHEAD: _("This day lies ahead: %(raw)s."),
    Code.DATES_REVERSED: _("It was resolved before it was registered: %(raw)s."),
    Code.COUNT_INVALID: _("Not a number of people: %(raw)s."),
    Code.TITLE_INVALID: _("The title is empty or longer than 80 characters."),
    Code.VISITOR_UNKNOWN: _("No cadre with this number: %(raw)s. A visit needs the cadre who made it."),
    Code.COMPANION_UNKNOWN: _("No cadre with this number: %(raw)s; the visit comes without that companion."),
    Code.REGISTRANT_UNKNOWN: _("No cadre with this number: %(raw)s; the matter comes without who registered it."),
    Code.CADRE_TAKEN: _("The cadre number %(raw)s is taken by somebody whom you do not manage."),
    Code.UNIT_UNKNOWN: _("No unit of that name: %(raw)s. Add it to the table of units."),
    Code.UNIT_MISSING: _("Nobody is named who handles it: a matter that was taken on needs its unit."),
    Code.ENTERPRISE_UNKNOWN: _("No such enterprise in the village: %(raw)s."),
    Code.EVENT_UNKNOWN: _("No such visit in this file or in the ledger: %(raw)s; the matter comes without it."),
    Code.CATEGORY_ADDED: _(
        "The county has no category %(raw)s: it is kept for these earlier matters and not offered for new ones."
    ),
    Code.TOWNSHIP_OPEN: _("It is not clear which township this row belongs to: name a village."),
}

_SHORT: dict[str, Promise | str] = {
    Code.VILLAGE_MISSING: _("Village empty"),
    Code.VILLAGE_UNKNOWN: _("Unknown village"),
    Code.VILLAGE_AMBIGUOUS: _("Two villages of one name"),
    Code.VILLAGE_OUT_OF_SCOPE: _("Village outside the area"),
    Code.TOWNSHIP_UNKNOWN: _("Unknown township"),
    Code.NAME_MISSING: _("Name empty"),
    Code.NAME_TOO_LONG: _("Name too long"),
    Code.NAME_INVALID: _("Name looks like a formula"),
    Code.ID_MISSING: _("No ID number"),
    Code.ID_LENGTH: _("ID number of wrong length"),
    Code.ID_OLD_15: _("Old 15-digit ID number"),
    Code.ID_CHARSET: _("Wrong characters in the ID number"),
    Code.ID_BIRTHDATE: _("Impossible birth date in the ID number"),
    Code.ID_CHECK_DIGIT: _("ID number mistyped"),
    Code.ID_PRECISION_LOST: _("ID number lost digits in Excel"),
    Code.ID_DUPLICATE_IN_FILE: _("ID number twice in the file"),
    Code.HH_NO_DUPLICATE: _("Household number twice in the file"),
    Code.HH_NO_PRECISION_LOST: _("Household number lost digits in Excel"),
    Code.CADRE_UNKNOWN: _("Unknown cadre"),
    Code.CADRE_AMBIGUOUS: _("Several cadres of one name"),
    Code.CADRE_MISMATCH: _("Cadre's number and name differ"),
    Code.PHONE_INVALID: _("No valid phone"),
    Code.POPULATION_INVALID: _("Number of people unclear"),
    Code.DATE_INVALID: _("Date unclear"),
    Code.TYPE_UNKNOWN: _("Unknown household type"),
    Code.TEXT_TOO_LONG: _("Text too long"),
    Code.FORMULA_NO_VALUE: _("Formula without result"),
    Code.FORMULA_ERROR: _("Cell with an error"),
    Code.HEAD_CHANGED: _("Head changed"),
    Code.HIDDEN_ROW: _("Hidden row"),
    Code.HOUSEHOLD_UNKNOWN: _("No such household"),
    Code.BIRTH_MISMATCH: _("Birth date differs from the ID number"),
    Code.ENCODING_LOSS: _("Lost character"),
    Code.ID_ELSEWHERE: _("Already in another household"),
    Code.POSSIBLE_DUPLICATE: _("Possibly there already"),
    Code.CODE_CONFLICT: _("Household number belongs to another"),
    Code.HEAD_DIFFERS: _("Another head"),
    Code.HH_NO_GENERATED: _("Household number made by the system"),
    Code.NAME_IS_NUMBER: _("Number in place of a name"),
    Code.HH_NO_IS_PERSONAL: _("Personal number as household number"),
    Code.NUMBER_MISSING: _("No number of its own"),
    Code.NUMBER_DUPLICATE: _("Number twice in the file"),
    Code.NUMBER_TAKEN: _("Number belongs to something else"),
    Code.LEDGER_KEPT: _("Differs from the ledger"),
    Code.WORD_UNKNOWN: _("Unknown word"),
    Code.DATE_NEEDED: _("Day missing or unclear"),
    Code.DATE_AHEAD: _("Day lies ahead"),
    Code.DATES_REVERSED: _("Resolved before registered"),
    Code.COUNT_INVALID: _("Number of people unclear"),
    Code.TITLE_INVALID: _("Title empty or too long"),
    Code.VISITOR_UNKNOWN: _("Unknown visitor"),
    Code.COMPANION_UNKNOWN: _("Unknown companion"),
    Code.REGISTRANT_UNKNOWN: _("Unknown registrant"),
    Code.CADRE_TAKEN: _("Cadre number taken"),
    Code.UNIT_UNKNOWN: _("Unknown unit"),
    Code.UNIT_MISSING: _("No unit named"),
    Code.ENTERPRISE_UNKNOWN: _("Unknown enterprise"),
    Code.EVENT_UNKNOWN: _("Unknown visit"),
    Code.CATEGORY_ADDED: _("Category kept for the past"),
    Code.TOWNSHIP_OPEN: _("Township unclear"),
}


@dataclass(slots=True, frozen=True)
class Finding:
    """One thing told about one row. ``raw`` never holds an ID number or a phone."""

    code: str
    field: str = ""
    column: str = ""
    raw: str = ""
    hint: str = ""
    """What was probably meant (a village's name), or where the other row stands."""

    @property
    def is_soft(self) -> bool:
        return self.code in SOFT

    @property
    def sentence(self) -> str:
        """The finding as a sentence in the reader's language."""
        text = str(_SENTENCES[self.code]) % {"raw": self.raw, "other": self.hint}
        if self.code == Code.VILLAGE_UNKNOWN and self.hint:
            asked = gettext("Did you mean %(name)s?") % {"name": self.hint}
            text = f"{text} {asked}"
        return text


def short(code: str) -> str:
    """The code as a few words, for filters and counts."""
    return str(_SHORT[code])
