"""Which rows of a table something names that stays, whatever table that lies in."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import CASCADE, Model

CHUNK = 5_000


def still_named(
    model: type[Model], keys: Iterable[int], going: Mapping[type[Model], set[int]], *, but: Iterable[type[Model]] = ()
) -> set[int]:
    """The keys that a row names which does not go itself.

    ``going`` has the keys of rows that go, by model; what cannot stand without one of them goes with it. Every table
    with a foreign key to ``model`` is asked (``but`` apart), so one that is added later is asked too.
    """
    wanted, found = sorted(keys), set[int]()
    if not wanted:
        return found
    for relation in model._meta.get_fields(include_hidden=True):
        if not relation.auto_created or not (relation.one_to_many or relation.one_to_one):
            continue
        other: Any = relation.related_model
        if other not in but:
            found |= _named_by(other, relation.field, wanted, going)  # type: ignore[union-attr]
    return found


def _named_by(other: Any, field: Any, wanted: list[int], going: Mapping[type[Model], set[int]]) -> set[int]:
    parents = [
        one for one in other._meta.concrete_fields
        if one is not field and one.is_relation and one.remote_field.on_delete is CASCADE and one.related_model in going
    ]  # fmt: skip
    above = [going[one.related_model] for one in parents]
    mine, found = going.get(other, set[int]()), set[int]()
    columns = (field.attname, "pk", *(one.attname for one in parents))
    for at in range(0, len(wanted), CHUNK):
        rows = other._base_manager.filter(**{f"{field.attname}__in": wanted[at : at + CHUNK]}).values_list(*columns)
        for key, pk, *over in rows:
            if pk not in mine and not any(one in gone for one, gone in zip(over, above, strict=True)):
                found.add(key)
    return found
