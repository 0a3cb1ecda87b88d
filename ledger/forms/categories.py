"""Forms of the county's own lists: categories, household types, topics."""

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ledger.forms.records import RecordForm
from ledger.models import BenefitKind, Category, County, HouseholdType, Keyword, Phrase, Topic
from ledger.queries.categories import in_tree_order
from ledger.rules.issues import IssueKind

NAME_LABELS = {
    "name": _("Name in the list"), "name_en": _("English name"), "is_active": _("In use"),
    "sort_order": _("Place in lists (small numbers first)"),
}  # fmt: skip


class WordForm(RecordForm):
    """A word of a list. One that is no longer in use stays where it was used and is not offered any more."""

    def __init__(self, *args: Any, county: County, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.instance.county = county
        if self.instance.pk is None:
            del self.fields["is_active"]


class CategoryForm(WordForm):
    class Meta:
        model = Category
        fields = (
            "parent", "name", "name_en", "days", "unit_name", "start_level", "hint", "is_public_works", "is_restricted",
            "sort_order", "is_active",
        )  # fmt: skip
        labels = NAME_LABELS | {
            "parent": _("Belongs to"), "days": _("Working days to settle it"), "unit_name": _("Usual unit"),
            "start_level": _("Lowest desk it starts at"), "hint": _("Help shown when it is chosen"),
            "is_restricted": _("Restricted: straight to the discipline office"),
            "is_public_works": _("Public works: a check on site may stand for the call-back"),
        }  # fmt: skip
        help_texts = {
            "unit_name": _("Suggested to the desk when it assigns; written as the unit is called in the townships."),
            "days": _("Issues already assigned keep the date they were given."),
            "start_level": _("Nobody holds that desk: the next one above. Parts take it from their upper category."),
            "hint": _("What to ask and write down, in a sentence: which road, how long, since when."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        parent = self.fields["parent"]
        assert isinstance(parent, forms.ModelChoiceField)
        tops = Category.objects.filter(county=self.instance.county_id, parent=None).exclude(pk=self.instance.pk)
        # Two levels: what has children can't become one itself.
        has_children = self.instance.pk is not None and self.instance.children.exists()
        parent.queryset = tops.none() if has_children else tops
        parent.empty_label = str(gettext("Nothing above it"))  # type: ignore[assignment]
        days = self.fields["days"]
        self.fields["days"] = forms.IntegerField(
            label=days.label, min_value=0, max_value=365, help_text=days.help_text
        )  # fmt: skip


class HouseholdTypeForm(WordForm):
    class Meta:
        model = HouseholdType
        fields = ("name", "name_en", "ask", "sort_order", "is_active")
        labels = NAME_LABELS | {"ask": _("What to ask such a household, in a sentence")}


class TopicForm(WordForm):
    class Meta:
        model = Topic
        fields = ("name", "name_en", "sort_order", "is_active")
        labels = NAME_LABELS


class BenefitKindForm(WordForm):
    class Meta:
        model = BenefitKind
        fields = ("name", "name_en", "sort_order", "is_active")
        labels = NAME_LABELS


class PhraseForm(WordForm):
    class Meta:
        model = Phrase
        fields = ("name", "name_en", "sort_order", "is_active")
        labels = NAME_LABELS | {"name": _("Phrase")}


class KeywordForm(WordForm):
    """A word and what it proposes."""

    class Meta:
        model = Keyword
        fields = ("name", "kind", "category", "sort_order", "is_active")
        labels = NAME_LABELS | {"name": _("Word"), "kind": _("Proposed kind"), "category": _("Proposed category")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        category, kind = self.fields["category"], self.fields["kind"]
        assert isinstance(category, forms.ModelChoiceField)
        rows = Category.objects.filter(county=self.instance.county_id).select_related("parent")
        category.queryset = in_tree_order(rows)
        category.empty_label = str(gettext("None"))  # type: ignore[assignment]
        kept = [choice for choice in IssueKind.choices if choice[0] != IssueKind.COMPLAINT]
        kind.choices = [("", gettext("None")), *kept]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if not data.get("kind") and not data.get("category"):
            self.add_error("category", gettext("Choose what the word proposes: a kind, a category, or both."))
        return data


FORMS: dict[str, type[WordForm]] = {
    "category": CategoryForm, "household_type": HouseholdTypeForm, "topic": TopicForm, "phrase": PhraseForm,
    "keyword": KeywordForm, "benefit_kind": BenefitKindForm,
}  # fmt: skip
