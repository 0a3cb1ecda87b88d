"""Which rows of a sheet say what the ledger says already: seen column by column, for all of them at once.

Only a short cut: what it passes over is matched and compared field by field (``plan``), with the same result.
"""

from operator import attrgetter
from typing import Any

from ledger.importing.ledger_now import LedgerNow, Stored
from ledger.importing.responsible import NOBODY, CadreMatch, Cadres
from ledger.importing.row import Columns

COMPARED = {
    "head": "head", "group": "group", "address": "address", "remark": "remark", "population": "population",
    "since": "since", "hh_no": "code",
}  # fmt: skip
"""Field of a row → attribute of the stored household that it is compared with as it is."""


_CADRE = frozenset({"cadre_no", "cadre_name"})


class TypeSets(dict[tuple[str, ...], frozenset[str]]):
    """The types of a row as a set, made once for all rows that have the same."""

    def __missing__(self, types: tuple[str, ...]) -> frozenset[str]:
        made = self[types] = frozenset(types)
        return made


class _Matches(dict[tuple[str, str, str, int], CadreMatch]):
    """Whom the columns of a cadre mean, by number, name, phone and township."""

    def __init__(self, cadres: Cadres) -> None:
        super().__init__()
        self.cadres = cadres

    def __missing__(self, key: tuple[str, str, str, int]) -> CadreMatch:
        made = self[key] = self.cadres.find(*key)
        return made


class Glance:
    """What is seen of the rows of one sheet, each by its place in the columns.

    ``same``: the household that has this code, head and ID number, when the row brings nothing new; None for a row
    that wants a closer look, and for a row without an ID number.
    """

    def __init__(self, columns: Columns, now: LedgerNow) -> None:
        self.columns, self.count = columns, len(columns["village"])
        self.matches = self._matches(now.cadres)
        self.ids = list(map(now.keys.id_index, self._column("id_no")))
        self.phones = list(map(now.keys.phone_index, self._column("phone")))
        self.same = self._same(now)
        self._name_cadres()

    def _column(self, name: str, lacking: Any = "") -> list[Any]:
        return self.columns.get(name) or [lacking] * self.count

    def _matches(self, cadres: Cadres) -> list[CadreMatch]:
        """Whom each row names as its cadre."""
        if not _CADRE & self.columns.keys():
            return [NOBODY] * self.count
        towns = [0 if place is None else place.township_id for place in self.columns["village"]]
        names = ("cadre_no", "cadre_name", "cadre_phone")
        return list(map(_Matches(cadres).__getitem__, zip(*map(self._column, names), towns, strict=True)))

    def _same(self, now: LedgerNow) -> list[Stored | None]:
        columns, sets = self.columns, TypeSets()
        if "hh_no" not in columns or "id_no" not in columns:
            return [None] * self.count
        codes = zip([0 if place is None else place.pk for place in columns["village"]], columns["hh_no"], strict=True)
        stored = map(now.by_code.get, codes)
        names = ["hh_no", "head", *sorted(columns.keys() & COMPARED.keys() - {"hh_no", "head"})]
        known = attrgetter(*(COMPARED[name] for name in names))
        said = zip(*(columns[name] for name in names), strict=True)
        types = self._column("hh_type", ())
        return [
            home if home is not None and number and number == home.id_index and row == known(home)
            and (not kinds or sets[kinds] == home.types) and phone in ("", home.phone_index)
            and not match.code and (match.cadre is None or match.cadre.pk == home.cadre) else None
            for home, number, phone, row, kinds, match in zip(
                stored, self.ids, self.phones, said, types, self.matches, strict=True
            )
        ]  # fmt: skip

    def _name_cadres(self) -> None:
        """The cadre of a row that was seen through stands in its columns, as in the fields of any other row."""
        if not _CADRE & self.columns.keys():
            return
        found = [match.cadre for match in self.matches]
        self.columns["cadre"] = found
        for name, of_cadre in (("cadre_no", attrgetter("number")), ("cadre_name", attrgetter("name"))):
            seen = zip(self._column(name), found, self.same, strict=True)
            self.columns[name] = [
                said if same is None or cadre is None else of_cadre(cadre) for said, cadre, same in seen
            ]
