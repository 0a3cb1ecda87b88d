"""Official divisions as a list names them: codes of 6, 9 and 12 digits, each beginning with its parent's."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from ledger.rules.lists import LineFault

CODE_LENGTHS = {"county_code": 6, "township_code": 9, "village_code": 12}
NAME_LENGTH = 60
OFFICIAL_NAME_LENGTH = 80
ALIASES_LENGTH = 200
VILLAGE, COMMUNITY = "village", "community"

_KINDS = {
    "村": VILLAGE, "行政村": VILLAGE, "建制村": VILLAGE, "村委会": VILLAGE, "village": VILLAGE,
    "社区": COMMUNITY, "居委会": COMMUNITY, "居民委员会": COMMUNITY, "community": COMMUNITY,
}  # fmt: skip
_TOWNSHIP_ENDINGS = ("街道办事处", "民族乡", "街道", "镇", "乡")
_BETWEEN_ALIASES = re.compile(r"[、,，;；/|\s]+")


@dataclass(frozen=True)
class DivisionLine:
    """One village of the list, with the township and county it lies in; texts are cleaned, ``aliases`` split."""

    line: int
    county_code: str
    county: str
    township_code: str
    township: str
    village_code: str
    village: str
    province: str = ""
    city: str = ""
    official_name: str = ""
    kind: str = VILLAGE
    aliases: tuple[str, ...] = ()


def village_kind(text: str, name: str) -> str | None:
    """``village`` or ``community``; from the name where the list says nothing, None for a word that is neither."""
    if not text:
        return COMMUNITY if name.endswith(("社区", "居委会")) else VILLAGE
    return _KINDS.get(text.lower())


def split_aliases(text: str) -> tuple[str, ...]:
    """The other names of a village, each once, in their order."""
    return tuple(dict.fromkeys(name for name in _BETWEEN_ALIASES.split(text) if name))


def joined_aliases(names: Iterable[str]) -> str:
    """As they are kept: 、 between them, and no more than the field holds."""
    kept = ""
    for name in dict.fromkeys(names):
        longer = f"{kept}、{name}" if kept else name
        if len(longer) > ALIASES_LENGTH:
            break
        kept = longer
    return kept


def short_township_name(name: str) -> str:
    """What leads a ledger number: 康美镇 → 康美; a name of nothing but its ending stays."""
    for ending in _TOWNSHIP_ENDINGS:
        if name.endswith(ending) and len(name) > len(ending):
            return name.removesuffix(ending)
    return name


def division_faults(line: DivisionLine) -> list[LineFault]:
    """What one line gets wrong by itself: codes, names, lengths."""
    found: list[str] = []
    for field, digits in CODE_LENGTHS.items():
        code: str = getattr(line, field)
        if len(code) != digits or not code.isascii() or not code.isdigit():
            found.append(
                _("%(column)s must have exactly %(digits)s digits, not “%(code)s”.")
                % {"column": field, "digits": digits, "code": code}
            )
    if not found:
        if not line.township_code.startswith(line.county_code):
            found.append(_("The township's code does not begin with the county's code."))
        if not line.village_code.startswith(line.township_code):
            found.append(_("The village's code does not begin with the township's code."))
    for name, limit in (
        (line.county, NAME_LENGTH), (line.township, NAME_LENGTH), (line.village, NAME_LENGTH),
    ):  # fmt: skip
        if not name:
            found.append(_("The names of county, township and village are all needed."))
            break
        if len(name) > limit:
            found.append(
                _("A name has at most %(limit)s characters: “%(name)s…”.") % {"limit": limit, "name": name[:20]}
            )
    if (
        len(line.official_name) > OFFICIAL_NAME_LENGTH
        or len(line.province) > NAME_LENGTH
        or len(line.city) > NAME_LENGTH
    ):
        found.append(_("The official name, the province or the city is too long."))
    return [LineFault(line.line, text) for text in found]


def clashes(lines: Iterable[DivisionLine]) -> list[LineFault]:
    """Lines that contradict an earlier one: a village twice, a township or county under two names."""
    faults: list[LineFault] = []
    names: dict[str, tuple[str, int]] = {}
    for line in lines:
        for code, name in ((line.county_code, line.county), (line.township_code, line.township)):
            known, first = names.setdefault(code, (name, line.line))
            if known != name:
                text = _("%(code)s is called “%(name)s” here and “%(known)s” in line %(first)s.")
                faults.append(LineFault(line.line, text % {"code": code, "name": name, "known": known, "first": first}))
        earlier = names.get(line.village_code)
        if earlier is not None:
            text = _("The village %(code)s stands in line %(first)s already.")
            faults.append(LineFault(line.line, text % {"code": line.village_code, "first": earlier[1]}))
        names.setdefault(line.village_code, (line.village, line.line))
    return faults
