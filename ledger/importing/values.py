"""From a cell to the value that is stored, or to the code that says why not. Nothing is made up."""

import datetime
import re
from collections.abc import Callable
from typing import Any

from ledger.importing.findings import Code
from ledger.importing.reading import Cell
from ledger.rules.cleaning import clean_line, clean_name, clean_number, clean_text, is_storable
from ledger.rules.days import local_today
from ledger.rules.identity import fault_finder, id_fault, normalise_id
from ledger.rules.masking import holds_number
from ledger.rules.phones import is_mobile, normalise_phone, phone_fault

Value = tuple[Any, str]
"""(the value, the code or an empty string)"""

MAX_NAME, MAX_ADDRESS, MAX_CODE, MAX_REMARK, MAX_SHORT = 50, 200, 30, 5_000, 60
MAX_POPULATION = 30
_PLAIN_CODE = frozenset(range(5, MAX_CODE + 1)) - {11, 18}
"""Lengths at which letters and digits alone are a household's code: no 3E17, no mobile, no ID number."""
_ID_LENGTH = 18
_EXACT_DIGITS = 10**15
"""Excel keeps 15 digits of a number; a longer one has lost its end, whatever it shows."""
_NOTHING = frozenset(
    {
        "无", "没有", "暂无", "不详", "未知", "待补", "待补充", "待定", "待查", "缺", "空", "无身份证", "未提供",
        "不清楚", "无号码", "-", "--", "—", "——", "/", "\\", "0", "None", "null", "NULL", "N/A",
    }
)  # fmt: skip
"""What people write into a cell to say that there is nothing to write."""
_SCIENTIFIC = re.compile(r"[0-9](\.[0-9]+)?[eE]\+?[0-9]{1,2}")
_GROUP = re.compile(
    r"第?([0-9]{1,3}|[零〇一二两三四五六七八九十百]{1,5})(?:村民小组|居民小组|村民组|居民组|生产队|小组|组|队|社|网格)?"
)
_PEOPLE = re.compile(r"([0-9]{1,4})(?:\.0+)?(?:人|口|口人|个人)?")
_DIGITS = {sign: number for number, sign in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_DATE = re.compile(
    r"((?:19|20)[0-9]{2})[-./年]([0-9]{1,2})(?:[-./月]([0-9]{1,2})[日号]?|月)?"
    r"(?:T?[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.0+)?)?)?"
)
_COMPACT_DATE = re.compile(r"((?:19|20)[0-9]{2})([0-9]{2})([0-9]{2})")
_SERIAL_ORIGIN = datetime.date(1899, 12, 30)
_SERIALS = range(18_264, 73_051)
"""Serial numbers of 1950-01-01 to 2099-12-31: a bare year such as 2019 is none of them."""
_SPLIT = re.compile(r"[、,，;；/／|\n]+|\s{2,}|(?<=户)[\s和及]+")
_LOST = re.compile("[\ufffd\ue000-\uf8ff\U000f0000-\U0010ffff]")
_MARKUP = re.compile(r"^[=+@]|[<>{}]|^-|^\d+(\.\d+)?$")
_SEVERAL = re.compile(r"[/、,，;；|()（）:：\u4e00-\u9fff]|\s+")
_CALLED = re.compile(r"(?:(?:居民|公民)?身份证?(?:件)?(?:号码?)?|ID)[:：]?(?=[0-9])", re.IGNORECASE)
"""What some write in front of an ID number: 身份证号：, ID:."""


def text_of(cell: Cell) -> str:
    """The cell as it reads: a whole number without ``.0``."""
    if isinstance(cell, str):
        return cell
    if cell is None:
        return ""
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 10**18 else repr(cell)
    return str(cell)


def is_blank(cell: Cell) -> bool:
    return cell is None or cell == "" or (isinstance(cell, str) and not cell.strip(" \t\r\n\u3000\u00a0\u200b\ufeff"))


def is_rounded(cell: Cell) -> bool:
    """Whether a long number lost digits: kept as a floating number, or as text like 3.2E+17."""
    if isinstance(cell, str):
        return bool(_SCIENTIFIC.fullmatch(clean_number(cell)))
    return not isinstance(cell, bool) and isinstance(cell, (int, float)) and abs(cell) >= _EXACT_DIGITS


# Of whole columns: whether reading each cell would give back the cell and nothing to tell, as most rosters are written.


def all_ids(cells: list[Any], today: datetime.date) -> bool:
    """Whether all are valid ID numbers as they stand."""
    return (
        _all(str.isalnum, cells) and set(map(len, cells)) == {_ID_LENGTH} and not any(map(fault_finder(today), cells))
    )


def all_mobiles(cells: list[Any]) -> bool:
    """Whether all are mobiles as they stand."""
    return _all(str.isdigit, cells) and all(map(is_mobile, cells))


def all_codes(cells: list[Any]) -> bool:
    """Whether all are household codes as they stand."""
    are_plain = _all(str.isalnum, cells) and _all(str.isascii, cells)
    return are_plain and set(map(len, cells)) <= _PLAIN_CODE and _NOTHING.isdisjoint(cells)


def all_names(cells: list[Any]) -> bool:
    """Whether all are people's names as they stand."""
    return _all(str.isalpha, cells) and max(map(len, cells)) <= MAX_NAME


def all_addresses(cells: list[Any]) -> bool:
    """Whether all are addresses as they stand."""
    return _all(str.isalnum, cells) and max(map(len, cells)) <= MAX_ADDRESS


def _all(rule: Callable[[str], bool], cells: list[Any]) -> bool:
    """Whether there are cells, all of them texts that the rule is true of."""
    try:
        return bool(cells) and all(map(rule, cells))
    except TypeError:  # a number, a day
        return False


def id_reader(today: datetime.date) -> Callable[[Cell], Value]:
    """A reader of ID numbers; birth dates after ``today`` are refused."""
    fault_of = fault_finder(today)

    def read(cell: Cell) -> Value:
        if isinstance(cell, str):
            if len(cell) == _ID_LENGTH and fault_of(cell) is None:  # nothing to take away, and nearly every one is
                return cell, ""
        else:
            if is_blank(cell):
                return "", Code.ID_MISSING
            if is_rounded(cell):
                return "", Code.ID_PRECISION_LOST
        number = _CALLED.sub("", normalise_id(text_of(cell)), count=1)
        if number in _NOTHING or not number:
            return "", Code.ID_MISSING
        fault = fault_of(number)
        return (number, "") if fault is None else ("", fault.value)

    return read


def household_code(cell: Cell) -> Value:
    """户编号; a 16-digit one kept as a number is left empty, not invented."""
    if (
        isinstance(cell, str)
        and len(cell) in _PLAIN_CODE
        and cell.isascii()
        and cell.isalnum()
        and cell not in _NOTHING
    ):
        return cell, ""
    if is_blank(cell):
        return "", ""
    if is_rounded(cell):
        return "", Code.HH_NO_PRECISION_LOST
    code = clean_number(text_of(cell))
    if code in _NOTHING:
        return "", ""
    if len(code) > MAX_CODE or not is_storable(code):
        return "", Code.TEXT_TOO_LONG
    is_personal = is_mobile(code) or (len(code) == 18 and id_fault(code, local_today()) is None)
    return ("", Code.HH_NO_IS_PERSONAL) if is_personal else (code, "")


def phone(cell: Cell) -> Value:
    """The household's phone; of two in a cell the first valid one, and that is told."""
    if isinstance(cell, str) and is_mobile(cell):
        return cell, ""
    if is_blank(cell):
        return "", ""
    text = text_of(cell)
    number = normalise_phone(text)
    if phone_fault(number) is None:
        return number, ""
    for part in _SEVERAL.split(text):
        number = normalise_phone(part)
        if part and phone_fault(number) is None:
            return number, Code.PHONE_INVALID
    return "", Code.PHONE_INVALID


def name(cell: Cell) -> Value:
    """A person's name; a number or too long is refused, markup and lost characters are told."""
    if isinstance(cell, str) and cell.isalpha() and len(cell) <= MAX_NAME:
        return cell, ""
    cleaned = clean_name(text_of(cell))
    if not cleaned or not is_storable(cleaned):
        return "", Code.NAME_MISSING
    if len(cleaned) > MAX_NAME:
        return "", Code.NAME_TOO_LONG
    if holds_number(cleaned):
        return "", Code.NAME_IS_NUMBER
    if _LOST.search(cleaned) or "?" in cleaned:
        return cleaned, Code.ENCODING_LOSS
    return cleaned, Code.NAME_INVALID if _MARKUP.search(cleaned) else ""


def _line(limit: int) -> Callable[[Cell], Value]:
    def read(cell: Cell) -> Value:
        if isinstance(cell, str) and cell.isalnum() and len(cell) <= limit:
            return cell, ""
        cleaned = clean_line(text_of(cell))
        if not is_storable(cleaned):
            return "", Code.ENCODING_LOSS
        if len(cleaned) > limit:
            return "", Code.TEXT_TOO_LONG
        return cleaned, Code.ENCODING_LOSS if _LOST.search(cleaned) else ""

    return read


address = _line(MAX_ADDRESS)
short_text = _line(MAX_SHORT)


def remark(cell: Cell) -> Value:
    """The remark, with its line breaks."""
    cleaned = clean_text(text_of(cell))
    if not is_storable(cleaned):
        return "", Code.ENCODING_LOSS
    if len(cleaned) > MAX_REMARK:
        return "", Code.TEXT_TOO_LONG
    return cleaned, Code.ENCODING_LOSS if _LOST.search(cleaned) else ""


def cadre_number(cell: Cell) -> Value:
    """工号: half-width, in capitals."""
    number = clean_number(text_of(cell)).upper()
    return ("" if number in _NOTHING else number[:40]), ""


def cadre_name(cell: Cell) -> Value:
    """The cadre's name as it is looked up."""
    cleaned = clean_name(text_of(cell))
    return ("" if cleaned in _NOTHING else cleaned[:MAX_NAME]), ""


def cadre_phone(cell: Cell) -> Value:
    """The cadre's work phone as written; only the cadre list itself says what it is."""
    return clean_number(text_of(cell))[:MAX_SHORT], ""


def population(cell: Cell) -> Value:
    """A whole number of people from 1 to 30."""
    if is_blank(cell):
        return None, ""
    match = _PEOPLE.fullmatch(clean_number(text_of(cell)))
    number = int(match[1]) if match else _chinese(clean_number(text_of(cell)).rstrip("口人"))
    return (number, "") if number is not None and 1 <= number <= MAX_POPULATION else (None, Code.POPULATION_INVALID)


def group(cell: Cell) -> Value:
    """第三村民小组 → 3; a named group keeps its name; nothing → None."""
    cleaned = clean_number(text_of(cell))
    if cleaned in _NOTHING or not cleaned:
        return None, ""
    number = group_number(cleaned)
    if number is not None:
        return number, ""
    return (cleaned, "") if len(cleaned) <= MAX_SHORT else (None, Code.TEXT_TOO_LONG)


def group_number(cleaned: str) -> int | None:
    """The number in a group's name, or None for a group with a name of its own."""
    match = _GROUP.fullmatch(cleaned.removesuffix(".0"))
    if not match:
        return None
    number = int(match[1]) if match[1].isdigit() else _chinese(match[1])
    return number if number and 0 < number < 1000 else None


def _chinese(text: str) -> int | None:
    """一 … 九百九十九 as a number; None for anything else."""
    total = last = 0
    for sign in text:
        if sign in _DIGITS and not last:
            last = _DIGITS[sign]
        elif sign in "十百":
            total, last = total + (last or 1) * (10 if sign == "十" else 100), 0
        else:
            return None
    return (total + last) or None


def date(cell: Cell) -> Value:
    """ISO date out of a date cell, a serial number or one of many spellings; a month counts from its first day."""
    if is_blank(cell):
        return "", ""
    if isinstance(cell, datetime.date):
        return cell.isoformat(), ""
    if not isinstance(cell, str):
        whole = int(cell or 0)
        if whole in _SERIALS:
            return (_SERIAL_ORIGIN + datetime.timedelta(days=whole)).isoformat(), ""
        if whole != cell:
            return "", Code.DATE_INVALID
        cell = str(whole)
    written = clean_number(cell.strip().replace(" ", "T", 1) if ":" in cell else cell)
    match = _DATE.fullmatch(written) or _COMPACT_DATE.fullmatch(written)
    if match is None:
        return "", Code.DATE_INVALID
    try:
        return datetime.date(int(match[1]), int(match[2]), int(match[3] or 1)).isoformat(), ""
    except ValueError:
        return "", Code.DATE_INVALID


def type_reader(known: frozenset[str]) -> Callable[[Cell], Value]:
    """A reader of household types: several may stand in a cell; the known ones are kept, an unknown one is told."""

    def read(cell: Cell) -> Value:
        text = clean_line(text_of(cell))
        if not text or text in _NOTHING:
            return (), ""
        found, code = [], ""
        for part in _SPLIT.split(text):
            word = clean_number(part)
            if not word:
                continue
            word = word if word in known else f"{word}户"
            if word in known:
                found.append(word)
            else:
                code = Code.TYPE_UNKNOWN
        return tuple(dict.fromkeys(found)), code

    return read


def gender(cell: Cell) -> Value:
    """男 or 女; anything else is not recorded."""
    return {"男": "male", "女": "female", "男性": "male", "女性": "female"}.get(clean_number(text_of(cell)), ""), ""
