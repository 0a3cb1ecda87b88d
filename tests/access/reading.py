"""Which names of its address and its form a request looked at: what nobody looks at changes no answer.

A guard that sends a page the same name with other values need not do so where the first answer never asked for it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.http import QueryDict

_ONE = ("__getitem__", "__contains__", "get", "getlist")
_ALL = (
    "__iter__", "__reversed__", "__len__", "__eq__", "__ne__", "__or__", "__ror__", "__repr__", "__copy__",
    "__deepcopy__", "keys", "values", "items", "lists", "dict", "copy", "urlencode",
)  # fmt: skip
_MAKING = ("__init__", "appendlist")
_heard: list[set[str]] = []
"""Who listens now; a query that is being put together is heard by nobody."""


@contextmanager
def names_looked_at() -> Iterator[set[str]]:
    """The names that are looked at meanwhile; ``*`` when all of them are, or how many there are."""
    _heard.append(found := set())
    try:
        yield found
    finally:
        _heard.pop()


def _noting(plain: Any, *, is_all: bool) -> Any:
    def look(sent: QueryDict, *rest: Any, **named: Any) -> Any:
        if _heard:
            _heard[-1].add("*" if is_all else str(rest[0]))
        return plain(sent, *rest, **named)

    return look


def _unheard(plain: Any) -> Any:
    def make(sent: QueryDict, *rest: Any, **named: Any) -> Any:
        with names_looked_at():
            return plain(sent, *rest, **named)

    return make


for _name in _ONE:
    setattr(QueryDict, _name, _noting(getattr(QueryDict, _name), is_all=False))
for _name in _ALL:
    setattr(QueryDict, _name, _noting(getattr(QueryDict, _name), is_all=True))
for _name in _MAKING:
    setattr(QueryDict, _name, _unheard(getattr(QueryDict, _name)))
