"""Which village a cell means: whole names only, with or without 村, 社区, 村委会 and the places above."""

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass

from ledger.importing.findings import Code
from ledger.importing.values import group_number
from ledger.rules.cleaning import clean_number

_VILLAGE_ENDS = ("村", "村委会", "村民委员会", "村村委会", "村村民委员会", "行政村", "村委")
_COMMUNITY_ENDS = ("社区", "居委会", "社区居委会", "居民委员会", "社区居民委员会", "居")
_ENDS = sorted({*_VILLAGE_ENDS, *_COMMUNITY_ENDS, "社区村委会", "社区村民委员会"}, key=len, reverse=True)
_PLACE_ENDS = ("街道办事处", "街道", "地区", "镇", "乡")
_GLUED = re.compile(r"(.+?)(第?(?:[0-9]{1,3}|[一二三四五六七八九十百]{1,5})(?:村民小组|村民组|小组|组|队|社))")
_TOWNSHIP_BEFORE = re.compile(r"[\u4e00-\u9fff]{1,12}?(?:镇|乡|街道)(.+)")
_TOWNSHIP_AT_END = re.compile(r"[\u4e00-\u9fff]{1,12}(?:街道办事处|街道|(?<![全本我各乡])[镇乡])$")  # not 全镇, 各乡镇


@dataclass(frozen=True)
class Place:
    """A village as the matcher needs it, with the names of the places above it."""

    pk: int
    code: str
    name: str
    township_id: int
    township: str
    official_name: str = ""
    aliases: str = ""
    above: tuple[str, ...] = ()
    """Names of county, city and province, lowest first."""
    in_scope: bool = True


@dataclass(frozen=True)
class Match:
    """The village, or the code that says why there is none; ``group`` was glued to the name (红明村2组)."""

    place: Place | None = None
    code: str = ""
    hint: str = ""
    group: int | None = None


class Villages:
    """The villages of the county, asked by name. Answers are remembered: a roster repeats them."""

    def __init__(self, places: Iterable[Place]) -> None:
        self._by_code: dict[str, Place] = {}
        self._by_name: dict[str, list[Place]] = {}
        self._townships: dict[str, set[int]] = {}
        self._prefixes: set[str] = set()
        self._in_scope: set[int] = set()
        self._known: dict[tuple[str, str], Match] = {}
        for place in places:
            self._add(place)
        self._longest_first = sorted(self._prefixes, key=len, reverse=True)

    def _add(self, place: Place) -> None:
        self._by_code[place.code] = place
        if place.in_scope:
            self._in_scope.add(place.township_id)
        for spelling in _spellings(place):
            named = self._by_name.setdefault(spelling, [])
            if place not in named:
                named.append(place)
        for spelling in _township_spellings(place.township):
            self._townships.setdefault(spelling, set()).add(place.township_id)
            self._prefixes.add(spelling)
        for above in place.above:
            self._prefixes.update(spelling for spelling in (above, _stem(above, ("省", "市", "县", "区"))) if spelling)

    def find(self, text: str, township: str = "") -> Match:
        """The village that ``text`` names, inside the township of its own column if the sheet has one."""
        key = (text, township)
        if key not in self._known:
            self._known[key] = self._find(clean_number(text), clean_number(township))
        return self._known[key]

    def find_in(self, text: str) -> Place | None:
        """The one village in scope whose full name stands in a title or a sheet's name; None if none or several."""
        cleaned = clean_number(text)
        hits = {
            place.pk: place
            for spelling, places in self._by_name.items()
            if len(spelling) > 2 and spelling in cleaned
            for place in places
            if place.in_scope and spelling in (place.name, clean_number(place.official_name))
        }
        longest = [place for place in hits.values() if not any(
            place is not other and place.name in other.name for other in hits.values())]  # fmt: skip
        return longest[0] if len(longest) == 1 and self._may_be_ours(cleaned, longest[0]) else None

    def _may_be_ours(self, text: str, place: Place) -> bool:
        """Whether no other township stands right before the village's name: two have a village of one name."""
        names = {clean_number(place.official_name), place.name} - {""}
        at = min(found for found in map(text.find, names) if found >= 0)
        before = _TOWNSHIP_AT_END.search(text[:at])
        return before is None or any(before[0].endswith(name) for name in _township_spellings(place.township))

    def _find(self, text: str, township: str) -> Match:
        townships: set[int] | None = None
        if township:
            townships = self._township(township)
            if townships is None:
                return Match(code=Code.TOWNSHIP_UNKNOWN)
        if not text:
            return Match(code=Code.VILLAGE_MISSING)
        found = self._named(text, townships)
        if found.code == Code.VILLAGE_UNKNOWN and (glued := _GLUED.fullmatch(text)):
            inner = self._named(glued[1], townships)
            if inner.place is not None:
                return Match(place=inner.place, group=group_number(glued[2]))
        if found.code == Code.VILLAGE_UNKNOWN:
            return Match(code=found.code, hint=self._similar(text))
        return found

    def _named(self, text: str, townships: set[int] | None) -> Match:
        if text in self._by_code:
            return _choose([self._by_code[text]], townships)
        if text in self._by_name:
            return _choose(self._by_name[text], townships)
        rest, inside = self._without_places(text)
        if rest in self._by_name and rest != text:
            return _choose(self._by_name[rest], inside if inside is not None else townships)
        strange = _TOWNSHIP_BEFORE.fullmatch(rest)
        if strange and strange[1] in self._by_name:
            return Match(code=Code.TOWNSHIP_UNKNOWN)
        return Match(code=Code.VILLAGE_UNKNOWN)

    def _without_places(self, text: str) -> tuple[str, set[int] | None]:
        """The text without province, city, county and township in front, and the townships it named."""
        townships: set[int] | None = None
        changed = True
        while changed:
            changed = False
            for prefix in self._longest_first:
                if text.startswith(prefix) and len(text) > len(prefix):
                    if prefix in self._townships:
                        if text in self._by_name:
                            return text, townships
                        townships = self._townships[prefix]
                    text, changed = text[len(prefix) :], True
                    break
        return text, townships

    def _township(self, text: str) -> set[int] | None:
        if text in self._townships:
            return self._townships[text]
        rest = text
        for prefix in self._longest_first:
            if rest.startswith(prefix) and rest != prefix and prefix not in self._townships:
                rest = rest[len(prefix) :]
        return self._townships.get(rest)

    def _similar(self, text: str) -> str:
        """The name in scope that looks most like it, to be asked about: never taken by itself."""
        rest, _townships = self._without_places(text)
        names = sorted({place.name for places in self._by_name.values() for place in places if place.in_scope})
        close = difflib.get_close_matches(rest, names, n=1, cutoff=0.6)
        return close[0] if close else ""


def _choose(places: list[Place], townships: set[int] | None) -> Match:
    inside = [place for place in places if townships is None or place.township_id in townships]
    if not inside:
        return Match(code=Code.VILLAGE_UNKNOWN)
    in_scope = [place for place in inside if place.in_scope]
    if len(in_scope) == 1:
        return Match(place=in_scope[0])
    return Match(code=Code.VILLAGE_AMBIGUOUS if in_scope else Code.VILLAGE_OUT_OF_SCOPE)


def _spellings(place: Place) -> set[str]:
    """All whole names under which a village may be written."""
    found = set()
    for name in (place.name, place.official_name, *re.split(r"[、,，;；/\s]+", place.aliases)):
        name = clean_number(name)
        if not name:
            continue
        stem = _stem(name, _ENDS)
        ends = _COMMUNITY_ENDS if name.endswith(("社区", "居委会", "居民委员会")) else _VILLAGE_ENDS
        found |= {name, stem, *(stem + end for end in ends)}
        if name.endswith(("村村委会", "村")):
            found |= {f"{_stem(name, ('村委会', '村'))}{end}" for end in _VILLAGE_ENDS}
    found.discard("")
    return found


def _township_spellings(name: str) -> set[str]:
    name = clean_number(name)
    stem = _stem(name, _PLACE_ENDS)
    found = {name}
    if len(stem) > 1:
        found.add(stem)
    if name.endswith("街道"):
        found.add(f"{name}办事处")
    elif stem != name:
        found.add(f"{name}人民政府")
    return found


def _stem(name: str, ends: Iterable[str]) -> str:
    """The name without its longest ending of that list; the whole name where nothing would be left."""
    for end in sorted(ends, key=len, reverse=True):
        if name.endswith(end) and len(name) > len(end):
            return name[: -len(end)]
    return name
