"""反映的问题: the issues raised in the form of a visit, each in its own block (``issue-0-title`` …)."""

import re
from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from ledger.forms.fields import LineField, NameField, TextField
from ledger.forms.issues import CategoryField
from ledger.forms.picks import number_of
from ledger.forms.widgets import Chips
from ledger.models import Category
from ledger.queries.categories import words_in_use
from ledger.queries.visit_words import word_table, words_of
from ledger.rules.early_signs import Colour
from ledger.rules.guessing import Word, guess
from ledger.rules.issues import IssueKind

MOST_ISSUES = 5
"""Blocks on the page; whoever heard more registers the rest from the visit's page."""
KINDS = [choice for choice in IssueKind.choices if choice[0] != IssueKind.COMPLAINT]
"""A complaint has a page of its own: it must say whom it is about, so that it passes by that desk."""
NOTHING_NAMED: Mapping[str, Category] = {}
_TITLE = re.compile(r"issue-(\d)-(?:title|text|category)")


class NamedCategoryField(CategoryField):
    """Finds the choice among the categories that the blocks name, which ``VisitIssues`` reads once for all of them."""

    named: Mapping[str, Category] = NOTHING_NAMED

    def to_python(self, value: Any) -> Category | None:
        if value in self.empty_values:
            return None
        if str(value) not in self.named:
            raise ValidationError(self.error_messages["invalid_choice"], code="invalid_choice", params={"value": value})
        return self.named[str(value)]


class VisitIssueForm(forms.Form):
    """One issue: what in a few words, which kind, which category."""

    # An empty block is not sent; a browser must not insist on filling it.
    use_required_attribute = False

    title = LineField(label=_("What it is about, in a few words"), max_length=80)
    kind = forms.ChoiceField(label=_("kind"), choices=KINDS, initial="request", widget=Chips(shown=4))
    category = NamedCategoryField(
        label=_("category"), queryset=Category.objects.none(), empty_label=_("Choose a category"),
        error_messages={"required": _("Choose a category.")},
    )  # fmt: skip
    other_party = NameField(label=_("The other party"), max_length=50, required=False)
    colour = forms.ChoiceField(
        label=_("Colour"), choices=Colour.choices, widget=Chips, required=False, initial=Colour.YELLOW
    )
    text = TextField(label=_("details"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, user: Any, named: Mapping[str, Category] = NOTHING_NAMED, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["category"].queryset = words_in_use(Category, user).order_by("sort_order", "pk")
        self.fields["category"].named = named


class VisitIssues:
    """All blocks of one form. Blocks in which nothing is written are not there."""

    def __init__(self, data: Any, *, user: Any) -> None:
        self.user = user
        self.data = data
        self._words: list[Word] | None = None
        filled = self._filled()
        named = self._named(filled)
        self.forms = [VisitIssueForm(data, prefix=f"issue-{n}", user=user, named=named) for n in filled]

    def _filled(self) -> list[int]:
        found = {
            int(match[1])
            for name, value in (self.data or {}).items()
            if (match := _TITLE.fullmatch(name)) and isinstance(value, str) and value.strip()
        }
        return sorted(number for number in found if number < MOST_ISSUES)

    def _named(self, filled: list[int]) -> dict[str, Category]:
        """The categories that these blocks name, by what was sent: one query however many blocks there are."""
        sent = {str(self.data.get(f"issue-{number}-category", "")) for number in filled}
        ids = [number_of(value) for value in sent if number_of(value)]
        rows = words_in_use(Category, self.user).filter(pk__in=ids).select_related("parent") if ids else ()
        return {str(category.pk): category for category in rows}

    def _guessed(self, number: int) -> str:
        """The category that the words propose for a block sent without one: shown, and saved only if sent again."""
        written = " ".join(str(self.data.get(f"issue-{number}-{name}", "")) for name in ("title", "text"))
        self._words = self._words if self._words is not None else words_of(self.user)
        return str(guess(written, self._words).category or "")

    def propose(self) -> None:
        """Fill in what the words propose where a category is missing: for a form that goes back to be looked at."""
        proposed = {
            form.add_prefix("category"): found
            for form in self.forms
            if not form.data.get(form.add_prefix("category"))
            and (found := self._guessed(int(form.prefix.removeprefix("issue-"))))
        }
        if proposed:
            sent = {**self.data.dict(), **proposed}
            for form in self.forms:
                form.data = sent

    def is_valid(self) -> bool:
        """Whether every written block can be registered; checks all of them."""
        faults = [form.errors for form in self.forms]
        return not any(faults)

    @property
    def has_errors(self) -> bool:
        """Whether a block must be looked at again."""
        return any(form.errors for form in self.forms)

    def values(self) -> list[dict[str, Any]]:
        """What ``log_visit`` wants."""
        return [form.cleaned_data for form in self.forms]

    def refuse(self, index: int, error: Any) -> None:
        """Put the sentence of a refused registration at its block."""
        form = self.forms[index]
        for name, errors in error.error_dict.items() if hasattr(error, "error_dict") else [("", error)]:
            form.add_error(name if name in form.fields else None, errors)

    def blocks(self) -> list[VisitIssueForm]:
        """The written blocks, then empty ones up to the most; categories are read once for all."""
        used = {form.prefix for form in self.forms}
        free = [f"issue-{n}" for n in range(MOST_ISSUES) if f"issue-{n}" not in used]
        empty = [VisitIssueForm(prefix=prefix, user=self.user) for prefix in free]
        self.propose()
        shown = [*self.forms, *empty]
        choices = shown[0].fields["category"].grouped()
        for form in shown:
            form.fields["category"].choices = choices
        return shown

    def table(self) -> dict[str, Any]:
        """The words that propose and the help of each category, for the page."""
        return word_table(self.user, list(words_in_use(Category, self.user)))
