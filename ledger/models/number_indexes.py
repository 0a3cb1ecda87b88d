"""Blind indexes of ID numbers and phones: what to write and what to look for, also while the keys are rotated.

A resident has two columns for each index. At rest the first holds it and the next is empty. A rotation goes through
three stages, each of which leaves one column complete under one key, so that uniqueness and matching never lapse:

=====  ==================  ==========  =================================
stage  writers write       complete    meanwhile
=====  ==================  ==========  =================================
rest   (current, "")       the first
fill   (current, next)     the first   the next column is filled
move   (next, next)        the next    the first column takes it over
clear  (next, "")          the first   the next column is emptied
=====  ==================  ==========  =================================

Writers of different stages can't meet: who writes reads the stage in the transaction, and a change of the stage waits
until those have ended (a lock on PostgreSQL; SQLite has one writer).
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from django.db import connection
from django.db.models import Q

from ledger.models.fields import ID_LABEL, PHONE_LABEL
from ledger.models.key_rotation import KeyRotation, Stage
from ledger.rules import keyring

_NEXT = "_next"


@dataclass(frozen=True)
class IndexKeys:
    """The keys that writers use for both columns now (``second`` empty: so is the column), and which one is complete.

    The complete column always has the key of ``first``.
    """

    first: str
    second: str = ""
    complete: str = ""
    """The suffix of the complete columns' names."""

    @property
    def id_column(self) -> str:
        """The column that holds the index of every ID number."""
        return f"id_index{self.complete}"

    @property
    def phone_column(self) -> str:
        """The column that holds the index of every phone."""
        return f"phone_index{self.complete}"

    @cached_property
    def id_index(self) -> Callable[[str], str]:
        """Gives what ``id_column`` holds for a number; empty for none."""
        return keyring.indexer(ID_LABEL, self.first)

    @cached_property
    def phone_index(self) -> Callable[[str], str]:
        """Gives what ``phone_column`` holds for a number; empty for none."""
        return keyring.indexer(PHONE_LABEL, self.first)

    def id_pair(self, number: str, known: str = "") -> tuple[str, str]:
        """What to write for an ID number: ``id_index``, ``id_index_next``; ``known`` is its ``id_index()`` if made."""
        return self._pair(ID_LABEL, number, known)

    def phone_pair(self, number: str, known: str = "") -> tuple[str, str]:
        """What to write for a phone: ``phone_index``, ``phone_index_next``."""
        return self._pair(PHONE_LABEL, number, known)

    def columns(self, *, id_no: str, phone: str) -> dict[str, str]:
        """The four columns of a resident with these numbers."""
        names = ("id_index", "id_index_next", "phone_index", "phone_index_next")
        return dict(zip(names, (*self.id_pair(id_no), *self.phone_pair(phone)), strict=True))

    def _pair(self, label: str, number: str, known: str) -> tuple[str, str]:
        if known and not self.second:  # at rest, and nearly always
            return known, ""
        first = known or self._index(label, number, self.first)
        return first, first if self.second == self.first else self._index(label, number, self.second)

    @staticmethod
    def _index(label: str, number: str, key_id: str) -> str:
        return keyring.blind_index(label, number, key_id) if number and key_id else ""


def index_keys() -> IndexKeys:
    """What writers write now. Inside a transaction it stays so until the end; ask before the first index is made."""
    table, lock = KeyRotation._meta.db_table, " FOR SHARE" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT stage, current_key, next_key FROM {table} WHERE id = 1{lock}")  # noqa: S608
        row = cursor.fetchone()
    stage, current, following = row or (Stage.REST, keyring.current_key_id("index"), "")
    if stage == Stage.FILL:
        return IndexKeys(current, following)
    if stage == Stage.MOVE:
        return IndexKeys(following, following, _NEXT)
    return IndexKeys(following if stage == Stage.CLEAR else current)


def id_number_q(number: str) -> Q:
    """Residents with this ID number, whichever key their columns were written with; nobody for an empty one."""
    return _in(("id_index",), tokens(ID_LABEL, number))


def tokens(label: str, number: str) -> frozenset[str]:
    """All that may stand for a number: its index under every key of the ring."""
    return keyring.blind_indexes(label, number) if number else frozenset()


def residents_with(found: frozenset[str]) -> Q:
    """Residents with one of these in one of their index columns."""
    return _in(("id_index", "phone_index"), found)


def _in(columns: tuple[str, ...], found: frozenset[str]) -> Q:
    condition = Q(pk__in=())
    for column in columns if found else ():
        condition |= Q(**{f"{column}__in": found}) | Q(**{f"{column}{_NEXT}__in": found})
    return condition
