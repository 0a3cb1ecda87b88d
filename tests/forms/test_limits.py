"""Whatever is typed has a limit that the form says in words, before a database has to refuse it."""

import importlib
import inspect
from collections.abc import Iterator

import pytest
from django import forms
from django.core.validators import MaxLengthValidator, MaxValueValidator

from ledger.forms.fields import IdNumberField, PhoneField
from tests.guards.sources import ROOT

CHECKED_OTHERWISE = (forms.UUIDField, IdNumberField, PhoneField)
"""Their own check knows every length that is right."""
NOT_STORED = (".version", ".login")
SMALLEST_INTEGER_COLUMN, LARGEST = 32_767, 2_147_483_647


def form_classes() -> Iterator[type[forms.BaseForm]]:
    for folder in ("ledger/forms", "accounts"):
        for path in sorted((ROOT / folder).glob("*.py")):
            module = importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
            for thing in vars(module).values():
                if inspect.isclass(thing) and issubclass(thing, forms.BaseForm) and thing.__module__ == module.__name__:
                    yield thing


def fields() -> list[tuple[str, forms.Field]]:
    found = []
    for form in form_classes():
        found += [(f"{form.__name__}.{name}", field) for name, field in getattr(form, "base_fields", {}).items()]
    return found


def limit(field: forms.Field, kind: type) -> int | None:
    return min((v.limit_value for v in field.validators if isinstance(v, kind)), default=None)


COUNTY_NUMBERS = (
    "coverage_days", "urgent_days", "long_days", "assign_days", "return_days", "near_due_days", "escalate_days",
    "sample_percent", "sample_least", "list_least", "list_most", "visited_days",
)  # fmt: skip


def test_every_text_has_a_longest_length() -> None:
    endless = [
        name for name, field in fields()
        if isinstance(field, forms.CharField) and not isinstance(field, CHECKED_OTHERWISE)
        and not isinstance(field.widget, forms.PasswordInput) and not name.endswith(NOT_STORED)
        and limit(field, MaxLengthValidator) is None
    ]  # fmt: skip
    assert not endless, f"give them max_length: {endless}"
    assert len(fields()) > 100


def test_every_number_has_a_largest_value() -> None:
    versions = [name for name, field in fields() if isinstance(field, forms.IntegerField) and name.endswith(".version")]
    endless = [
        name for name, field in fields()
        if isinstance(field, forms.IntegerField) and not name.endswith((".version", ".sort_order"))
        and (limit(field, MaxValueValidator) or LARGEST) > SMALLEST_INTEGER_COLUMN
    ]  # fmt: skip
    # The forms of these replace the model's own field when they are made.
    assert endless == ["CategoryForm.days", *(f"CountyForm.{name}" for name in COUNTY_NUMBERS)]
    assert versions


@pytest.mark.parametrize("typed", ["100000", "2147483648", "9" * 30, "-1", "1e5", "\uff11\uff12\x00"])
def test_a_place_in_a_list_has_a_last_number(typed: str) -> None:
    from ledger.forms.places import VillageForm
    from ledger.models import Village

    form = VillageForm({"aliases": "", "sort_order": typed, "version": "x"}, instance=Village(pk=1))
    assert list(form.errors) == ["sort_order"]
