"""Which cadre a roster's columns mean: by number, else by a name that only one cadre of the area has."""

from collections.abc import Iterable
from dataclasses import dataclass

from ledger.importing.findings import Code


@dataclass(frozen=True, slots=True)
class KnownCadre:
    """A cadre as the matcher needs it."""

    pk: int
    number: str
    name: str
    phone: str
    township: int | None
    county: int
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class CadreMatch:
    """The cadre, or the code that says why there is none; both empty where the roster names nobody."""

    cadre: KnownCadre | None = None
    code: str = ""
    field: str = "cadre_no"


NOBODY = CadreMatch()


class Cadres:
    """The cadres of the county, asked by number and name. Answers are remembered: a roster repeats them."""

    def __init__(self, cadres: Iterable[KnownCadre], townships: set[int]) -> None:
        self._by_number: dict[str, KnownCadre] = {}
        self._by_name: dict[str, list[KnownCadre]] = {}
        self._known: dict[tuple[str, str, str, int], CadreMatch] = {}
        for cadre in cadres:
            if cadre.township is not None and cadre.township not in townships:
                continue
            self._by_number[cadre.number.upper()] = cadre
            self._by_name.setdefault(cadre.name, []).append(cadre)

    def find(self, number: str, name: str, phone: str, township: int) -> CadreMatch:
        """Who is meant for a household of this township: a cadre of another township can't be responsible there."""
        if not number and not name:
            return NOBODY
        key = (number, name, phone, township)
        found = self._known.get(key)
        if found is None:
            if not number and name.upper() in self._by_number:  # a number in the column of names
                number, name = name.upper(), ""
            found = self._by(number, name, township) if number else self._named(name, phone, township)
            self._known[key] = found
        return found

    def _by(self, number: str, name: str, township: int) -> CadreMatch:
        cadre = self._by_number.get(number)
        if cadre is None or cadre.township not in (None, township):
            return CadreMatch(code=Code.CADRE_UNKNOWN)
        if name and name != cadre.name:
            return CadreMatch(code=Code.CADRE_MISMATCH)
        return CadreMatch(cadre)

    def _named(self, name: str, phone: str, township: int) -> CadreMatch:
        named = [cadre for cadre in self._by_name.get(name, ()) if cadre.township in (None, township)]
        if len(named) > 1 and phone:
            named = [cadre for cadre in named if cadre.phone == phone] or named
        if len(named) == 1:
            return CadreMatch(named[0], field="cadre_name")
        return CadreMatch(code=Code.CADRE_AMBIGUOUS if named else Code.CADRE_UNKNOWN, field="cadre_name")
